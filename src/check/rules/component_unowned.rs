//! `component-unowned`: a bundle is published where a component has no owner.

use super::owner_gap::{Gap, gaps, gather, needed_themselves};
use crate::check::Facts;
use crate::check::cells::list;
use crate::diagnostic::{Diagnostic, code};
use crate::model::item::Thing;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let themselves = needed_themselves(facts);
    let mut found = Vec::new();
    for (id, flow) in facts.flows() {
        let gaps = gaps(facts, id).into_iter().map(|gap| match themselves.get(&gap.location) {
            Some(items) => Gap { items: gap.items.without(items), ..gap },
            None => gap,
        });
        let (cells, quantities) = gather(gaps);
        let Some((Thing::Item(item), location)) = cells.example() else { continue };
        let names = list(quantities.iter().map(|id| &*facts.model.quantity(*id).name));
        let said = cells.say(facts.model);
        let mut finding = Diagnostic::new(
            code::COMPONENT_UNOWNED,
            flow.origin,
            format!(
                "flow `{}` publishes bundles whose components have no owner of {names}: {said}",
                flow.name
            ),
        )
        .here("publishes the bundle")
        .help(
            "A bundle can be packed only from components that are counted. With one of them unknown its \
             number would be 0 for ever, or a guess that is sold. Let an `owner` node own the component \
             there, or take the bundle out of the flow at that place.",
        );
        if let Some(bundle) = facts.bundles_over(id, item, location).first() {
            let bundle = facts.model.bundle(*bundle);
            let component = &facts.model.item(item).name;
            finding = finding.label(bundle.origin, format!("`{}` takes `{component}`", bundle.name));
        }
        found.push(finding);
    }
    found
}
