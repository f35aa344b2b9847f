//! `reversal-missing`: orders are collected, and their cancellations or returns are not.

use crate::check::Facts;
use crate::check::cells::list;
use crate::diagnostic::{Diagnostic, code};
use crate::model::collect::Collect;
use crate::model::movement::Movement;
use crate::source::Span;

const REVERSALS: [Movement; 2] = [Movement::Cancellation, Movement::Return];

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    facts.model.collects.iter().filter_map(|flow| finding(facts, flow)).collect()
}

fn finding(facts: &Facts, flow: &Collect) -> Option<Diagnostic> {
    let orders = flow.collects(Movement::Order)?;
    let channel = facts.model.system(flow.from);
    // What a kind cannot show is not missing here.
    let missing = REVERSALS
        .into_iter()
        .filter(|movement| channel.kind.collects.contains(movement) && flow.collects(*movement).is_none());
    let missing: Vec<&str> = missing.map(Movement::word).collect();
    if missing.is_empty() {
        return None;
    }
    let message = format!(
        "flow `{}` collects orders of `{}` without {}",
        flow.name,
        channel.name,
        list(missing.iter().copied())
    );
    let after = Span { start: orders.end, ..orders };
    Some(
        Diagnostic::new(code::REVERSAL_MISSING, flow.collect_origin, message)
            .here(format!("without {}", list(missing.iter().copied())))
            .help(
                "An order that is off would be subtracted for good, and goods that came back would never \
                 be sold again; collected elsewhere, a reversal could not be matched with its order. \
                 Collect all three in one flow.",
            )
            .fix("collect them too", after, format!(" {}", missing.join(" "))),
    )
}
