//! `bundle-counted`: an owner is to count a bundle, or a test gives a count of one.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};
use crate::model::item::Thing;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, owner) in facts.owners() {
        for (bundle, place) in &owner.bundles {
            let bundle = facts.model.bundle(*bundle);
            let system = &facts.model.system(owner.system).name;
            found.push(
                Diagnostic::new(
                    code::BUNDLE_COUNTED,
                    *place,
                    format!("`{system}` is to own a count of `{}`, which is a bundle", bundle.name),
                )
                .here("a bundle has no shelf")
                .label(bundle.origin, "declared as a bundle")
                .help(
                    "A bundle's number follows from its components. Counted beside them it would sell the \
                     same pieces twice. Name the components here; or, where boxes are packed ahead \
                     and stand on a shelf of their own, declare an `item` instead of a `bundle`.",
                ),
            );
        }
    }
    let given = facts.model.tests.iter().flat_map(|test| &test.given);
    for (given, (bundle, place)) in given.flat_map(|given| given.bundles.iter().map(move |one| (given, one)))
    {
        let Thing::Bundle(bundle) = bundle else { continue };
        let bundle = facts.model.bundle(*bundle);
        let system = &facts.model.system(given.system).name;
        let message = format!("a test gives `{system}` a count of `{}`, which is a bundle", bundle.name);
        found.push(
            Diagnostic::new(code::BUNDLE_COUNTED, *place, message)
                .here("a bundle has no shelf")
                .label(bundle.origin, "declared as a bundle")
                .help(
                    "A bundle's number follows from its components, and no system is asked for it. Give \
                     counts of its components; or, where boxes are packed ahead and stand on a shelf of \
                     their own, declare an `item` instead of a `bundle`.",
                ),
        );
    }
    found
}
