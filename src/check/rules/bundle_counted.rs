//! `bundle-counted`: an owner is to count a bundle.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};

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
    found
}
