//! Mistakes, at least one for each rule: each changes a sound topology in one place, and marks that place.

mod care;
mod catalog;
mod flows;
mod form;
mod island;
mod owners;
mod places;
mod text;
mod time;
mod units;

use super::written::Written;
use crate::support::chance::Dice;
use onhand::diagnostic::Rule;
use onhand::model::Model;

/// Plants a mistake, if the topology has a place for it. The model is that of the sound topology.
pub type Plant = fn(&mut Written, &Model, &mut Dice) -> Option<()>;

type Table = &'static [(Rule, &'static str, Plant)];

/// Every planting with the rule that must find it.
pub fn all() -> Vec<(Rule, &'static str, Plant)> {
    let tables: [Table; 9] = [
        text::PLANTS,
        form::PLANTS,
        catalog::PLANTS,
        units::PLANTS,
        places::PLANTS,
        owners::PLANTS,
        flows::PLANTS,
        care::PLANTS,
        time::PLANTS,
    ];
    tables.into_iter().flatten().copied().collect()
}
