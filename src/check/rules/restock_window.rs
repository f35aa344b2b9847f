//! `restock-window`: a channel puts returns back on sale by itself that should be looked at first.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for flow in &facts.model.collects {
        let Some(restock) = flow.restock.filter(|restock| !restock.sellable) else { continue };
        let channel = facts.model.system(flow.from);
        if !channel.kind.restocks_on_cancel {
            continue;
        }
        found.push(
            Diagnostic::new(
                code::RESTOCK_WINDOW,
                restock.origin,
                format!("returns to `{}` are damaged here, and `{0}` puts them back on sale", channel.name),
            )
            .here("counts as damaged")
            .label(channel.origin, format!("kind `{}` restocks by itself", channel.kind.kind))
            .help(
                "Until the next run the channel sells what nobody has looked at yet. Switch the restocking \
                 off in the channel where it can be, or accept the time between: `allow restock-window \
                 reason=\"…\"` in the flow.",
            ),
        );
    }
    found
}
