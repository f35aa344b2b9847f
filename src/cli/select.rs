//! `--flow`, `--items`, `--at`, `--system`: which cells a plan covers.

use super::exit::Exit;
use super::ui::Ui;
use crate::diagnostic::{escape, nearest};
use crate::model::set::Things;
use crate::model::{FlowId, LocationId, Model, Name, SystemId};
use crate::plan::Selection;
use std::collections::BTreeSet;

/// Which cells are covered; what is not said means all.
#[derive(Debug, Default, clap::Args)]
pub struct Select {
    /// Only these flows
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    flow: Vec<String>,
    /// Only these items and bundles: names, or tag=TAG
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    items: Vec<String>,
    /// Only these locations of targets
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    at: Vec<String>,
    /// Only flows into these systems
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    system: Vec<String>,
}

/// Looks the names up; one that nobody declared ends the command.
pub fn selection(ui: &Ui, model: &Model, select: &Select) -> Result<Selection, Exit> {
    let flows = find(ui, "flow", &select.flow, model.flows.iter().map(|flow| &flow.name))?;
    let at = find(ui, "location", &select.at, model.locations.iter().map(|location| &location.name))?;
    let systems = find(ui, "system", &select.system, model.systems.iter().map(|system| &system.name))?;
    Ok(Selection {
        flows: flows.into_iter().map(FlowId::at).collect(),
        due: false,
        items: items(ui, model, &select.items)?,
        at: at.into_iter().map(LocationId::at).collect(),
        systems: systems.into_iter().map(SystemId::at).collect(),
    })
}

/// So many names are all told where another was meant.
const FEW: usize = 8;

fn find<'m>(
    ui: &Ui,
    what: &str,
    wanted: &[String],
    known: impl Iterator<Item = &'m Name> + Clone,
) -> Result<Vec<usize>, Exit> {
    let place = |name: &String| {
        let found = known.clone().position(|one| **one == **name);
        found.ok_or_else(|| unknown(ui, what, name, known.clone()))
    };
    wanted.iter().map(place).collect()
}

/// Says that a name is not known; answers the exit status.
pub fn unknown<'m>(ui: &Ui, what: &str, name: &str, known: impl Iterator<Item = &'m Name>) -> Exit {
    let known: Vec<&str> = known.map(|one| &**one).collect();
    let hint = match nearest(name, known.iter().copied()) {
        Some(near) => format!("Did you mean `{}`?", escape::line(near)),
        None if known.is_empty() => String::new(),
        None if known.len() <= FEW => format!("It has {}.", escape::line(&known.join(", "))),
        None => {
            let more = known.len() - FEW;
            format!("It has {} and {more} more.", escape::line(&known[..FEW].join(", ")))
        }
    };
    let name: String = name.escape_debug().collect();
    ui.error(&format!("the topology has no {what} `{name}`"), &hint);
    Exit::Wrong
}

fn items(ui: &Ui, model: &Model, wanted: &[String]) -> Result<Option<Things>, Exit> {
    if wanted.is_empty() {
        return Ok(None);
    }
    let mut things = Things::default();
    for name in wanted {
        let tag = name.strip_prefix("tag=");
        let chosen = |own: &Name, tags: &[Name]| match tag {
            Some(tag) => tags.iter().any(|one| **one == *tag),
            None => **own == **name,
        };
        let mut found = false;
        for (at, _) in model.items.iter().enumerate().filter(|(_, one)| chosen(&one.name, one.tags())) {
            things.items.insert(at);
            found = true;
        }
        for (at, _) in model.bundles.iter().enumerate().filter(|(_, one)| chosen(&one.name, &one.tags)) {
            things.bundles.insert(at);
            found = true;
        }
        if let (false, Some(tag)) = (found, tag) {
            let tags = model.items.iter().flat_map(|item| item.tags());
            let tags: BTreeSet<&Name> = tags.chain(model.bundles.iter().flat_map(|b| &b.tags)).collect();
            return Err(unknown(ui, "tag", tag, tags.into_iter()));
        }
        if !found {
            let names = model.items.iter().map(|item| &item.name);
            let names = names.chain(model.bundles.iter().map(|bundle| &bundle.name));
            return Err(unknown(ui, "item or bundle", name, names));
        }
    }
    Ok(Some(things))
}
