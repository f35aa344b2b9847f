//! `test-not-owner`: a test gives a count to a system that does not own it.

use crate::check::Facts;
use crate::check::cells::Cells;
use crate::diagnostic::{Diagnostic, code};
use crate::graph::Graph;
use crate::model::set::Bits;
use crate::model::test::Given;
use crate::model::{ItemId, OwnerId};

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let given = facts.model.tests.iter().flat_map(|test| &test.given);
    given.filter_map(|given| finding(facts, given)).collect()
}

/// One finding for all that is wrong in one `given`: mostly its system, place or quantity is.
fn finding(facts: &Facts, given: &Given) -> Option<Diagnostic> {
    let model = facts.model;
    let mut items = Bits::default();
    let mut wrong = given.counts.iter().filter(|(item, ..)| in_vain(facts, given, *item));
    let first = wrong.next()?;
    items.insert(first.0.index());
    wrong.for_each(|(item, ..)| items.insert(item.index()));
    let mut cells = Cells::default();
    cells.add(given.location, &items);
    let system = &model.system(given.system).name;
    let place = &model.location(given.location);
    let quantity = &model.quantity(given.quantity).name;
    let whole = items.count() == given.counts.len();
    let found = Diagnostic::new(
        code::TEST_NOT_OWNER,
        if whole { given.origin } else { first.2 },
        format!("a test gives `{system}` {quantity} that it does not own: {}", cells.say(model)),
    )
    .here("counts for nothing");
    let owner = facts.graph.owner_of(first.0, given.location, given.quantity);
    let todo = match owner {
        _ if place.is_pool() => {
            let names: Vec<String> =
                place.pool.iter().map(|member| format!("`{}`", model.location(*member).name)).collect();
            format!("a pool is only added up, so give counts at {}", names.join(", "))
        }
        Some(owner) => format!("give it to `{}`", facts.owner_system(owner).name),
        None => format!("no `owner` node names it, so add {quantity} to one, or take it out of the test"),
    };
    let found = match owner {
        Some(owner) => {
            let text = format!("`{}` owns it", facts.owner_system(owner).name);
            found.label(facts.owner(owner).origin, text)
        }
        None => found,
    };
    Some(found.help(format!(
        "Only its owner's count is believed, so this one changes nothing, and the test shows less than it \
         seems to. Correct the test: {todo}."
    )))
}

/// Whether the count of an item changes nothing, and no other rule says why.
fn in_vain(facts: &Facts, given: &Given, item: ItemId) -> bool {
    let owners = facts.graph.owners();
    let claims = owners.claims(given.location, given.quantity).iter();
    let mut claims = claims.filter(|claim| owners.items(claim.owner).contains(item.index())).peekable();
    match claims.peek() {
        // Where a flow asks for it, that nobody owns it is a finding about the flow.
        None => !asked(facts, given, item),
        Some(_) => claims.all(|claim| claim.system != given.system && sound(facts, claim.owner, given)),
    }
}

/// Whether some flow asks for the count.
fn asked(facts: &Facts, given: &Given, item: ItemId) -> bool {
    facts.flows().any(|(id, _)| {
        let asked = Graph::asked(facts.model, id)[given.quantity.index()] != 0;
        let mut draws = facts.graph.flow(id).draws.iter();
        asked
            && draws.any(|draw| {
                let takes = draw.items.contains(item.index()) || draw.components.contains(item.index());
                draw.location == given.location && takes
            })
    })
}

/// Whether an owner is one that can be believed: what is wrong with it is a finding of its own.
fn sound(facts: &Facts, owner: OwnerId, given: &Given) -> bool {
    let system = facts.owner(owner).system;
    let written = facts.flows().any(|(id, flow)| {
        flow.to == system && facts.graph.flow(id).draws.iter().any(|draw| draw.location == given.location)
    });
    facts.can_show(owner, given.quantity) && facts.has_place(owner, given.location) && !written
}
