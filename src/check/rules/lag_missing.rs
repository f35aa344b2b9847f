//! `lag-missing`: a channel is published to without a lag target.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let flows = facts.flows().map(|(_, flow)| flow).filter(|flow| facts.sells(flow));
    let missing = flows.filter(|flow| flow.lag.as_ref().is_none_or(|lag| lag.target.is_none()));
    missing
        .map(|flow| {
            let target = &facts.model.system(flow.to).name;
            Diagnostic::new(
                code::LAG_MISSING,
                flow.origin,
                format!("flow `{}` does not say how late a count in `{target}` may be", flow.name),
            )
            .here("no `lag`")
            .help(
                "Every sale elsewhere within the lag can be sold again here, and without a target nobody \
                 notices when it grows from minutes to a day. Write for example `lag \"10m\" every=\"5m\"`.",
            )
        })
        .collect()
}
