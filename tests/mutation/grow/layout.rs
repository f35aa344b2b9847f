//! Which nodes stand in which file, and in which order.

use super::{Folder, Part, Plot, maybe, one_of};
use crate::support::chance::Dice;

/// Every part with the files that it may stand in where it has one of its own.
const HOMES: [(Part, &[&str]); 9] = [
    (Part::Units, &["units.kdl"]),
    (Part::Calendars, &["time/calendars.kdl"]),
    (Part::Systems, &["systems/*.kdl"]),
    (Part::Places, &["places.kdl"]),
    (Part::Items, &["items.kdl"]),
    (Part::Bundles, &["bundles.kdl"]),
    (Part::Owners, &["owners.kdl"]),
    (Part::Flows, &["flows/*.kdl"]),
    (Part::Care, &["care/of/it.kdl"]),
];

pub(super) fn finish(mut plot: Plot, dice: &mut Dice) -> Folder {
    let zone = if plot.zoned { "timezone \"Europe/Amsterdam\"" } else { "" };
    let state = one_of(
        dice,
        &["", "", "state \"sqlite:.onhand/state.db\"", "state (env)STATE", "state \"postgres://db/onhand\""],
    );
    let head = [zone, state].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n    ");
    let mut root = vec![match head.is_empty() {
        true => "onhand language=1".to_owned(),
        false => format!("onhand language=1 {{\n    {head}\n}}"),
    }];
    let mut folder = std::mem::take(&mut plot.folder);
    let mut homes: Vec<(Part, &str)> = HOMES.iter().map(|(part, homes)| (*part, homes[0])).collect();
    for at in (1..homes.len()).rev() {
        homes.swap(at, dice.below(at + 1));
    }
    let apart = dice.in_ten(7);
    for (part, home) in homes {
        let mut nodes = plot.text.remove(&part).unwrap_or_default();
        if nodes.is_empty() {
            continue;
        }
        if part != Part::Owners && part != Part::Flows {
            let by = dice.below(nodes.len());
            nodes.rotate_left(by);
        }
        if !apart || dice.in_ten(3) {
            root.extend(nodes);
            continue;
        }
        let at = dice.below(root.len() + 1);
        let include = match home.starts_with("care") {
            true => "include \"**/it.kdl\"".to_owned(),
            false => format!("include \"{home}\""),
        };
        root.insert(at, include + &maybe(dice, 2, "   // beside this file"));
        match home.split_once('*') {
            Some((before, after)) => {
                for (order, node) in nodes.into_iter().enumerate() {
                    folder.insert(format!("{before}{order:02}{after}"), (node + "\n").into_bytes());
                }
            }
            None => {
                folder.insert(home.to_owned(), (nodes.join("\n") + "\n").into_bytes());
            }
        }
    }
    folder.insert("onhand.kdl".to_owned(), (root.join("\n") + "\n").into_bytes());
    folder
}
