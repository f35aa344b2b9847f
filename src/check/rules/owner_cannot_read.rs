//! `owner-cannot-read`: an owner whose kind or `levels` does not show the count.

use crate::check::Facts;
use crate::check::cells::list;
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (id, owner) in facts.owners() {
        let system = facts.owner_system(id);
        // A generic system without `levels` shows nothing, and that is said where it stands.
        if system.kind.generic && system.levels.is_none() {
            continue;
        }
        for (quantity, place) in owner.quantities.iter().filter(|(id_of, _)| !facts.can_show(id, *id_of)) {
            let name = &facts.model.quantity(*quantity).name;
            let shown = list(system.shows.iter().map(|shows| &*facts.model.quantity(shows.quantity).name));
            let why = match system.kind.generic {
                true => format!("its `levels` shows {shown}"),
                false => format!("kind `{}` shows {shown}", system.kind.kind),
            };
            let source = system.levels.as_ref().map_or(system.origin, |levels| levels.origin);
            found.push(
                Diagnostic::new(
                    code::OWNER_CANNOT_READ,
                    *place,
                    format!("`{}` cannot own `{name}`: it does not show that count", system.name),
                )
                .here("nothing to read")
                .label(source, why)
                .help(
                    "A count that cannot be read is never known, and every number that needs it stays held. \
                     Name its column in `levels` if the source has one; else take the quantity out of this \
                     `owner` node, and let a system own it that shows it.",
                ),
            );
        }
    }
    found
}
