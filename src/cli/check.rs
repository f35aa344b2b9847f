//! `onhand check`: everything that can be known offline.

use super::exit::Exit;
use super::topology::compile_dir;
use super::ui::Ui;
use crate::diagnostic::Severity;
use crate::diagnostic::render::{self, Options};
use crate::model::Model;
use crate::world::World;

/// What `check` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The topology's folder; by default this one, or the nearest above it with an onhand.kdl
    dir: Option<String>,
    /// How findings are printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// What is not tolerated beside errors
    #[arg(long, value_name = "WHAT")]
    deny: Option<Deny>,
}

impl Args {
    /// Arguments that check a folder.
    pub fn of(dir: &str) -> Args {
        Args { dir: Some(dir.to_owned()), format: Format::Human, deny: None }
    }
}

/// How findings are printed; the table of renderers knows what each does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Snippets with labels, for people
    Human,
    /// One line a finding, for editors and grep
    Concise,
    /// One JSON object a line, for programs
    Json,
}

/// What may be denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Deny {
    /// Warnings end with status 1 too
    Warnings,
}

/// Checks a topology.
pub fn run(args: &Args, ui: &Ui, world: &World) -> Exit {
    let (_, compiled) = compile_dir(ui, world, args.dir.as_deref());
    let found = &compiled.diagnostics;
    let options = Options { width: ui.width, colour: ui.colour, unicode: ui.unicode };
    let format = match args.format {
        Format::Human => render::Format::Human,
        Format::Concise => render::Format::Concise,
        Format::Json => render::Format::Json,
    };
    if found.is_empty() && args.format == Format::Human {
        ui.line(&format!("{} No findings.", size(&compiled.model)));
    } else {
        ui.result(&format.render(found, &compiled.sources, options));
    }
    let errors = found.iter().any(|one| one.severity == Severity::Error);
    let denied = args.deny == Some(Deny::Warnings) && !found.is_empty();
    if args.format == Format::Human && !found.is_empty() && !errors {
        ui.paragraph(match denied {
            true => {
                "No errors, but `--deny warnings` tolerates no warning: mend each, or accept it in its \
                     place with `allow RULE reason=\"…\"`."
            }
            false => {
                "No errors: plan and apply will work. Mend each warning, or accept it in its place with \
                      `allow RULE reason=\"…\"`; `onhand explain RULE` says what it means."
            }
        });
    }
    if errors || denied { Exit::Wrong } else { Exit::Done }
}

/// One sentence on how large the topology is.
fn size(model: &Model) -> String {
    let count = |n: usize, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
    format!(
        "{}, {}, {}, {}, {}.",
        count(model.systems.len(), "system"),
        count(model.locations.len(), "location"),
        count(model.items.len(), "item"),
        count(model.bundles.len(), "bundle"),
        count(model.flows.len(), "flow"),
    )
}
