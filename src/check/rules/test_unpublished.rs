//! `test-unpublished`: a test expects a count that no flow publishes.

use super::target_cannot_take::obstacle;
use crate::check::Facts;
use crate::check::cells::Cells;
use crate::diagnostic::{Diagnostic, code};
use crate::graph::{Meant, Published};
use crate::model::flow::Flow;
use crate::model::item::Thing;
use crate::model::set::Things;
use crate::model::test::{Expect, Expected};

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    if facts.model.tests.is_empty() {
        return Vec::new();
    }
    let published = Published::of(facts.model, facts.graph);
    let expects = facts.model.tests.iter().flat_map(|test| &test.expect);
    expects.filter_map(|expect| finding(facts, &published, expect)).collect()
}

/// One finding for all that is wrong in one `expect`: mostly its system, place or quantity is.
fn finding(facts: &Facts, published: &Published, expect: &Expect) -> Option<Diagnostic> {
    if excused(facts, expect) {
        return None;
    }
    let model = facts.model;
    let wrong =
        |one: &&Expected| published.meant(expect, one) == Meant::Nothing && !homeless(facts, one.thing);
    let wrong: Vec<&Expected> = expect.counts.iter().filter(wrong).collect();
    let first = *wrong.first()?;
    let mut things = Things::default();
    for one in &wrong {
        match one.thing {
            Thing::Item(item) => things.items.insert(item.index()),
            Thing::Bundle(bundle) => things.bundles.insert(bundle.index()),
        }
    }
    let mut cells = Cells::default();
    cells.add_things(expect.location, &things);
    let (system, place) = (&model.system(expect.system).name, &model.location(expect.location).name);
    let quantity = &model.quantity(expect.quantity).name;
    let whole = wrong.len() == expect.counts.len();
    let found = Diagnostic::new(
        code::TEST_UNPUBLISHED,
        if whole { expect.origin } else { first.origin },
        format!("no flow publishes {quantity} to `{system}` for {}", cells.say(model)),
    )
    .here("nothing ever comes out here");
    let other = published.flows(expect, first).map(|flow| model.flow(flow));
    let other = other.filter(|flow| flow.quantity != expect.quantity).last();
    let no_code = model.codes_of_thing(expect.system, first.thing).is_empty();
    let todo = match other {
        Some(flow) => format!("expect {}, which is what comes out", model.quantity(flow.quantity).name),
        None if model.location(expect.location).code_in(expect.system).is_none() => {
            format!("give `{place}` an `in {system}`, or name a place that `{system}` has")
        }
        None if no_code => format!("give it an `in {system}` code, or name something that `{system}` has"),
        None => "name what a flow publishes there, or widen the flow's `at` and `items`".to_owned(),
    };
    let found = match other {
        Some(flow) => {
            let other = &model.quantity(flow.quantity).name;
            found.label(flow.publish_origin, format!("`{}` publishes {other} there", flow.name))
        }
        None => found,
    };
    Some(found.help(format!(
        "A test that asks for what nobody publishes can only fail, and says nothing about what is published. \
         Correct the test: {todo}."
    )))
}

/// Whether another rule says why nothing comes out: a flow that names a place which the target does not
/// have, a flow that is empty, or one whose target cannot take it, since its system or its count is wrong.
fn excused(facts: &Facts, expect: &Expect) -> bool {
    let meant = |flow: &Flow| flow.to == expect.system || flow.quantity == expect.quantity;
    let refused = |flow: &Flow| flow.write.is_none() || obstacle(facts.model, flow).is_some();
    if facts.flows().any(|(_, flow)| meant(flow) && refused(flow)) {
        return true;
    }
    let mapped = facts.model.location(expect.location).code_in(expect.system).is_some();
    facts.flows().filter(|(_, flow)| flow.to == expect.system).any(|(id, flow)| {
        let named = flow.at.iter().any(|(location, _)| *location == expect.location);
        let shown = &facts.graph.flow(id).shown;
        (!mapped && named) || shown.iter().all(|shown| shown.things.is_empty())
    })
}

/// Whether a thing is mapped in no system, which is a finding of its own.
fn homeless(facts: &Facts, thing: Thing) -> bool {
    let Thing::Item(_) = thing else { return false };
    let systems = (0..facts.model.systems.len()).map(crate::model::SystemId::at);
    systems.into_iter().all(|system| facts.model.codes_of_thing(system, thing).is_empty())
}
