//! `orders-unaccounted`: a channel that is published to does not say where its orders go.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};
use crate::model::SystemId;
use crate::model::collect::Collect;
use crate::model::movement::Movement;
use crate::model::system::Role;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (index, system) in facts.model.systems.iter().enumerate() {
        let id = SystemId::at(index);
        let collects = |flow: &Collect| flow.from == id && flow.collects(Movement::Order).is_some();
        if facts.model.collects.iter().any(collects) {
            continue;
        }
        let feeds = facts.flows().find(|(_, flow)| flow.to == id);
        let (Some((_, flow)), Role::Channel, None) = (feeds, system.role, &system.orders) else { continue };
        found.push(
            Diagnostic::new(
                code::ORDERS_UNACCOUNTED,
                system.origin,
                format!("channel `{}` is published to, and its orders go nowhere", system.name),
            )
            .here("sells, and tells nobody")
            .label(flow.publish_origin, format!("flow `{}` publishes here", flow.name))
            .help(
                "What the channel sells stays on the shelf for everybody else until its orders reach the \
                 owner, and is sold again meanwhile. Collect them in a flow: `collect orders cancellations \
                 returns from=CHANNEL`. Or write `orders direct to=OWNER within=\"5m\"` in the \
                 system where the owner takes its orders by itself, or `orders none` where nothing is sold \
                 there.",
            ),
        );
    }
    found
}
