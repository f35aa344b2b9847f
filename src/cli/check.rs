//! `onhand check`: everything that can be known offline.

use super::exit::Exit;
use super::folder::in_repository;
use super::levels::{Judged, Levels};
use super::mend;
use super::topology::compile_dir;
use super::ui::{Ui, count};
use crate::check::pages;
use crate::compile::Compiled;
use crate::diagnostic::Severity;
use crate::diagnostic::render::{self, About, Accepted, Options};
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
    #[command(flatten)]
    levels: Levels,
    /// Put safe fixes into the files first; one after which the check is worse is withdrawn
    #[arg(long)]
    fix: bool,
    /// Show what safe fixes would change, and write nothing
    #[arg(long, conflicts_with = "format")]
    diff: bool,
}

impl Args {
    /// Arguments that check a folder.
    pub fn of(dir: &str) -> Args {
        let levels = Levels::default();
        Args { dir: Some(dir.to_owned()), format: Format::Human, levels, fix: false, diff: false }
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
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of a pull request, for GitHub Actions
    Github,
}

impl Format {
    fn renderer(self) -> render::Format {
        match self {
            Format::Human => render::Format::Human,
            Format::Concise => render::Format::Concise,
            Format::Json => render::Format::Json,
            Format::Sarif => render::Format::Sarif,
            Format::Github => render::Format::Github,
        }
    }
}

/// The topology that is to be judged, after its fixes where they are asked for, and its folder.
fn compiled(args: &Args, ui: &Ui, world: &World) -> Result<(String, Compiled), Exit> {
    match args.fix {
        false => Ok(compile_dir(ui, world, args.dir.as_deref())),
        true => mend::write(ui, world, args.dir.as_deref()),
    }
}

/// Checks a topology.
pub fn run(args: &Args, ui: &Ui, world: &World) -> Exit {
    // Before files are written: a refusal leaves them alone.
    let levels = match args.levels.read(ui) {
        Ok(levels) => levels,
        Err(exit) => return exit,
    };
    if args.diff {
        return difference(&levels.judge(ui, mend::show(ui, world, args.dir.as_deref())));
    }
    let (dir, mut compiled) = match compiled(args, ui, world) {
        Ok(compiled) => compiled,
        Err(exit) => return exit,
    };
    let found = std::mem::take(&mut compiled.diagnostics);
    let judged = levels.judge(ui, found);
    let found = &judged.found;
    let human = args.format == Format::Human;
    if found.is_empty() && human {
        ui.line(&format!("{} No findings.", size(&compiled.model)));
    } else {
        show(args.format, ui, (world, &dir), &compiled, &judged);
    }
    let errors = found.iter().any(|one| one.severity == Severity::Error);
    let denied = judged.no_warnings && !found.is_empty();
    if human && !found.is_empty() && !errors {
        ui.paragraph(match denied {
            true => {
                "No errors, but `--deny warnings` tolerates no warning: mend each, or accept it in its \
                     place with `allow RULE reason=\"…\"`."
            }
            false => {
                "No errors, and warnings stop neither plan nor apply. Mend each warning, or accept it in \
                 its place with `allow RULE reason=\"…\"`; `onhand explain RULE` says what it means."
            }
        });
    }
    if !human && denied && !errors {
        ui.talk("no errors, but `--deny warnings` tolerates no warning");
    }
    if human {
        accepted_line(&compiled, &judged).iter().for_each(|line| ui.line(line));
    }
    if errors || denied { Exit::Wrong } else { Exit::Done }
}

/// Prints the findings.
fn show(format: Format, ui: &Ui, (world, dir): (&World, &str), compiled: &Compiled, judged: &Judged) {
    let text = &compiled.model.allows;
    let in_text = text.iter().zip(&compiled.silenced).map(|(allow, silenced)| Accepted {
        rule: allow.slug,
        place: Some(allow.origin),
        reason: &allow.reason,
        silenced: *silenced,
    });
    let on_line = judged.accepted.iter().map(|(rule, silenced)| Accepted {
        rule,
        place: None,
        reason: "`--allow` on the command line",
        silenced: *silenced,
    });
    let accepted: Vec<Accepted<'_>> = in_text.chain(on_line).collect();
    let sarif = format == Format::Sarif;
    let paths = if sarif { compiled.paths(&judged.found) } else { Vec::new() };
    let folder = if sarif || format == Format::Github { in_repository(world, dir) } else { String::new() };
    let about = About {
        options: Options { width: ui.width, colour: ui.colour, unicode: ui.unicode },
        folder: &folder,
        paths: &paths,
        page: pages::page,
        accepted: &accepted,
    };
    ui.result(&format.renderer().render(&judged.found, &compiled.sources, &about));
}

/// How many warnings were accepted, and where; nothing where none was.
fn accepted_line(compiled: &Compiled, judged: &Judged) -> Option<String> {
    let text: usize = compiled.silenced.iter().sum();
    let line: usize = judged.accepted.iter().map(|(_, silenced)| silenced).sum();
    match (text, line) {
        (0, 0) => None,
        (text, 0) => Some(format!("{} accepted in the text.", count(text, "warning"))),
        (0, line) => Some(format!("{} accepted by `--allow`.", count(line, "warning"))),
        (text, line) => {
            Some(format!("{} accepted in the text, {line} by `--allow`.", count(text, "warning")))
        }
    }
}

/// How a command ends that showed what fixes would change: as the topology is before them.
fn difference(judged: &Judged) -> Exit {
    let wrong = judged.found.iter().any(|one| judged.no_warnings || one.severity == Severity::Error);
    if wrong { Exit::Wrong } else { Exit::Done }
}

/// One sentence on how large the topology is.
fn size(model: &Model) -> String {
    format!(
        "{}, {}, {}, {}, {}.",
        count(model.systems.len(), "system"),
        count(model.locations.len(), "location"),
        count(model.items.len(), "item"),
        count(model.bundles.len(), "bundle"),
        count(model.flows.len() + model.collects.len(), "flow"),
    )
}
