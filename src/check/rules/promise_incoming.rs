//! `promise-incoming`: stock that is not here yet is published to a channel.

use crate::check::Facts;
use crate::check::cells::list;
use crate::diagnostic::{Diagnostic, code};
use crate::model::quantity::{BASE, IN_TRANSIT, INCOMING};

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, flow) in facts.flows().filter(|(_, flow)| facts.sells(flow) && facts.can_write(flow)) {
        let quantity = facts.model.quantity(flow.quantity);
        // A base quantity under its own name promises nothing; a sum that contains it does.
        let Some(place) = quantity.origin else { continue };
        let early = |id| [INCOMING, IN_TRANSIT].contains(&id);
        let terms = quantity.terms.iter().filter(|(id, times)| early(*id) && *times > 0);
        let names: Vec<&str> = terms.map(|(id, _)| BASE[id.index()]).collect();
        if names.is_empty() {
            continue;
        }
        let (names, target) = (list(names), &facts.model.system(flow.to).name);
        found.push(
            Diagnostic::new(
                code::PROMISE_INCOMING,
                flow.origin,
                format!("flow `{}` lets `{target}` sell {names}, which is not here yet", flow.name),
            )
            .here(format!("publishes `{}`", quantity.name))
            .label(place, format!("adds {names}"))
            .help(
                "A delivery that is late, short or damaged has then been sold already. Take it out of the \
                 sum, or, where customers are told that they wait, accept it: `allow promise-incoming \
                 reason=\"…\"` in the flow.",
            ),
        );
    }
    found
}
