//! `two-flows-one-cell`: two flows write one cell.

use crate::check::Facts;
use crate::check::cells::{Cells, overlaps};
use crate::diagnostic::{Diagnostic, code};
use crate::model::set::Things;
use crate::model::{FlowId, LocationId, SystemId};
use std::collections::BTreeMap;

/// A column of one system, at one of its locations.
type Column<'m> = (SystemId, &'m str, LocationId);

/// Pairs of flows, the earlier one first, with the cells that both write.
pub(super) fn pairs(facts: &Facts) -> BTreeMap<(FlowId, FlowId), Cells> {
    let mut writers: BTreeMap<Column, Vec<(FlowId, &Things)>> = BTreeMap::new();
    for (id, flow) in facts.flows() {
        let Some(write) = &flow.write else { continue };
        for shown in &facts.graph.flow(id).shown {
            let column = (flow.to, &*write.column, shown.location);
            writers.entry(column).or_default().push((id, &shown.things));
        }
    }
    let mut pairs: BTreeMap<(FlowId, FlowId), Cells> = BTreeMap::new();
    for ((_, _, location), flows) in writers {
        for (first, second, items) in overlaps(flows.iter().map(|(id, things)| (*id, &things.items))) {
            pairs.entry((first, second)).or_default().add(location, &items);
        }
        for (first, second, bundles) in overlaps(flows.iter().map(|(id, things)| (*id, &things.bundles))) {
            let things = Things { bundles, ..Things::default() };
            pairs.entry((first, second)).or_default().add_things(location, &things);
        }
    }
    pairs
}

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let pairs = pairs(facts);
    let found = pairs.iter().map(|((first, second), cells)| {
        let (first, second) = (facts.model.flow(*first), facts.model.flow(*second));
        let target = &facts.model.system(second.to).name;
        Diagnostic::new(
            code::TWO_FLOWS_ONE_CELL,
            second.origin,
            format!(
                "flows `{}` and `{}` both write to `{target}`: {}",
                first.name,
                second.name,
                cells.say(facts.model)
            ),
        )
        .here(format!("`{}` writes it too", second.name))
        .label(first.origin, format!("`{}` writes it", first.name))
        .help(
            "Each would undo the other's number, run after run, and customers see whichever came last. Give \
             each cell to one flow: narrow one of the two with `at`, `items` or `except`.",
        )
    });
    found.collect()
}
