//! `double-restock`: a reversal reaches one owner by two roads.

use crate::check::Facts;
use crate::check::cells::list;
use crate::diagnostic::{Diagnostic, code};
use crate::model::collect::Collect;
use crate::model::movement::Movement;
use crate::model::system::Orders;
use crate::model::{Name, SystemId};
use std::collections::BTreeMap;

const REVERSALS: [Movement; 2] = [Movement::Cancellation, Movement::Return];

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut roads: BTreeMap<(SystemId, SystemId), Vec<&Collect>> = BTreeMap::new();
    for flow in &facts.model.collects {
        let Some(to) = flow.post.to else { continue };
        let own = reversals(flow);
        if own.is_empty() {
            continue;
        }
        let earlier = roads.entry((flow.from, to)).or_default();
        let same = |first: &&&Collect| own.iter().any(|movement| first.collects(*movement).is_some());
        let owner = &facts.model.system(to).name;
        let channel = facts.model.system(flow.from);
        if let Some(first) = earlier.iter().find(same) {
            let both = own.iter().filter(|movement| first.collects(**movement).is_some());
            let both = list(both.map(|movement| movement.word()));
            let message = format!(
                "{both} of `{}` reach `{owner}` twice: by `{}` and by `{}`",
                channel.name, first.name, flow.name
            );
            found.push(
                Diagnostic::new(code::DOUBLE_RESTOCK, flow.origin, message)
                    .here("the second road")
                    .label(first.origin, "the first road")
                    .help(format!("{WHY} Leave them to one of the two flows.")),
            );
        } else if let Some((Orders::Direct { to: direct, .. }, origin)) = &channel.orders
            && *direct == to
        {
            found.push(beside_direct(flow, (&channel.name, owner), *origin));
        }
        earlier.push(flow);
    }
    found
}

const WHY: &str = "What comes back once would be put back on the shelf twice, and the second one \
                   would be sold without being there.";

fn beside_direct(
    flow: &Collect,
    (channel, owner): (&Name, &Name),
    origin: crate::source::Span,
) -> Diagnostic {
    let both = list(reversals(flow).into_iter().map(Movement::word));
    let message =
        format!("{both} of `{channel}` reach `{owner}` twice: directly, and by flow `{}`", flow.name);
    Diagnostic::new(code::DOUBLE_RESTOCK, flow.origin, message)
        .here("the second road")
        .label(origin, format!("`{owner}` takes them itself"))
        .help(format!("{WHY} Remove `orders direct`, or this flow."))
}

fn reversals(flow: &Collect) -> Vec<Movement> {
    REVERSALS.into_iter().filter(|movement| flow.collects(*movement).is_some()).collect()
}
