//! A shelf that two channels divide, and a plan that knows only half of what has to happen there now.

use super::*;
use crate::count::town::things;
use onhand::model::allocation::Allocation;
use onhand::model::system::Role;

/// The numbers computed now take for granted that all of a shelf falls that has to.
#[test]
fn nothing_rises_beside_what_has_to_fall_and_is_not_in_the_plan() {
    block(async {
        let mut rig = Rig::with(|fixed| {
            let (shirt, sellers) = (fixed.shirt, [fixed.web, fixed.ledger]);
            let nowhere = crate::support::model::nowhere;
            fixed.town.model.systems[fixed.ledger.index()].role = Role::Channel;
            fixed.town.model.flows.iter_mut().for_each(|flow| flow.things = things(&[shirt]));
            fixed.town.model.allocations = vec![Allocation {
                name: "fronts".into(),
                among: sellers.map(|seller| (seller, nowhere())).to_vec(),
                weights: sellers.into_iter().zip([3, 1]).map(|(s, weight)| (s, weight, nowhere())).collect(),
                inside: Vec::new(),
                pooled_above: None,
                origin: nowhere(),
            }];
        });
        rig.has("SHIRT", 40, 0);
        rig.shows("ledger", "SHIRT", Some(25));
        let mut plan = rig.plan().await;
        assert_eq!(changes(&plan), ["SHIRT@paris 4→30", "SHIRT@paris 25→10"]);
        plan.changes.pop();
        let report = rig.apply(&plan).await.expect("it applies");
        assert_eq!(Rig::told(&report), ["web SHIRT held"]);
        assert!(report.rows[0].reason.contains("this run does not write it"), "{report:#?}");
        assert_eq!(rig.shown("web", "SHIRT").as_deref(), Some("4"));
    });
}
