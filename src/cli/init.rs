//! `onhand init`: a first topology from a few answers, or from a shipped example.

mod allowed;
mod ask;
mod draft;
mod template;

use super::demo;
use super::exit::Exit;
use super::folder::join;
use super::ui::Ui;
use crate::world::World;
use draft::{Draft, Refused};
use std::io::IsTerminal;

/// What `init` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder to write into, made if it is not there; by default this one
    dir: Option<String>,
    /// A system: what you call it, its kind, its part (erp, warehouse, channel, reporting)
    #[arg(long = "system", value_name = "NAME:KIND:ROLE")]
    systems: Vec<String>,
    /// The system that counts the stock, where a location names no other
    #[arg(long, value_name = "SYSTEM")]
    owner: Option<String>,
    /// A place where stock stands, and the system that counts it there
    #[arg(long = "location", value_name = "NAME[:SYSTEM]")]
    locations: Vec<String>,
    /// The time zone of the places, such as Europe/Paris; UTC without it
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// Who looks each day at what did not work: a mail address
    #[arg(long, value_name = "MAIL")]
    reviewer: Option<String>,
    /// Copy a shipped example instead: direct, erp, hub or custom
    #[arg(
        long,
        value_name = "EXAMPLE",
        conflicts_with_all = ["systems", "owner", "locations", "timezone", "reviewer", "ask"],
    )]
    from: Option<String>,
    /// Ask for what is missing, even where the input is no terminal
    #[arg(long)]
    ask: bool,
}

/// Files to write: their paths in the folder, and their texts. The topology's root is the last, so that
/// there is no topology before all of it is there.
type Files = Vec<(String, String)>;

/// Writes a topology.
pub async fn run(args: &Args, ui: &Ui, world: &World) -> Exit {
    let dir = args.dir.as_deref().unwrap_or(".");
    let done = match &args.from {
        Some(name) => copy(name, world, dir).await,
        None => make(args, ui, world, dir),
    };
    match done {
        Ok(made) => {
            told(ui, dir, &made);
            Exit::Done
        }
        Err(refused) => {
            ui.error(&refused.what, &refused.todo);
            Exit::Wrong
        }
    }
}

/// What was written, and what it needs.
struct Made {
    files: Vec<String>,
    /// The variables that must be set before a plan.
    variables: Vec<String>,
    /// What to do before anything else.
    first: &'static str,
    /// Whether plan and apply work on it as it stands.
    runs: bool,
}

/// Copies a shipped example.
async fn copy(name: &str, world: &World, dir: &str) -> Result<Made, Refused> {
    let example = demo::example(name).map_err(|what| Refused::new(what, demo::THERE_ARE))?;
    let mut files: Files = example.files().map(|(path, text)| (path.to_owned(), text.to_owned())).collect();
    files.push((".gitignore".to_owned(), template::IGNORED.to_owned()));
    files.sort_by_key(|(path, _)| path == "onhand.kdl");
    let database: Vec<String> = example.database().map(str::to_owned).into_iter().collect();
    untouched(world, dir, &database)?;
    let files = write(world, dir, &files)?;
    let failed = |why| Refused::new(format!("its database cannot be made: {why}"), "The files are written.");
    example.make_database(dir).await.map_err(failed)?;
    let variables = example.needs().map(str::to_owned).collect();
    Ok(Made {
        files: files.into_iter().chain(database).collect(),
        variables,
        first: "",
        runs: example.runs(),
    })
}

/// Makes a topology from flags and answers. Nothing is written before the last is known.
fn make(args: &Args, ui: &Ui, world: &World, dir: &str) -> Result<Made, Refused> {
    // Whoever has a topology there should not answer ten questions first.
    untouched(world, dir, &["onhand.kdl".to_owned()])?;
    let mut draft = Draft::default();
    draft.take(args)?;
    if args.ask || std::io::stdin().is_terminal() {
        ask::complete(&mut draft, ui)?;
    }
    draft.finish()?;
    let files = write(world, dir, &template::files(&draft))?;
    let first = "Look through them first: codes, columns and statements in them are examples.";
    Ok(Made { files, variables: template::variables(&draft), first, runs: true })
}

/// Refuses if one of these files is there. A `.gitignore` may be: it is left as it is.
fn untouched(world: &World, dir: &str, paths: &[String]) -> Result<(), Refused> {
    let there =
        |path: &&String| !matches!(world.files.read(&join(dir, path)), Err(crate::world::FileError::Missing));
    let taken: Vec<String> =
        paths.iter().filter(there).map(|path| format!("`{}`", join(dir, path))).collect();
    if taken.is_empty() {
        return Ok(());
    }
    let (be, them) = if taken.len() == 1 { ("is", "it") } else { ("are", "them") };
    let what = format!("{} {be} there already, and nothing was written", taken.join(", "));
    Err(Refused::new(what, &format!("Name another folder, or move {them} away first.")))
}

/// Writes the files; answers which, the last first.
fn write(world: &World, dir: &str, files: &Files) -> Result<Vec<String>, Refused> {
    let has_ignored = world.files.read(&join(dir, ".gitignore")).is_ok();
    let ours = files.iter().filter(|(path, _)| path != ".gitignore" || !has_ignored);
    let ours: Vec<&(String, String)> = ours.collect();
    let paths: Vec<String> = ours.iter().map(|(path, _)| path.clone()).collect();
    untouched(world, dir, &paths)?;
    for (path, text) in ours {
        let path = join(dir, path);
        world.files.write(&path, text.as_bytes()).map_err(|error| {
            let what = format!("`{path}` cannot be written: {error}");
            Refused::new(what, "Name a folder that can be written to.")
        })?;
    }
    Ok(paths.into_iter().rev().collect())
}

/// Says what was written and what comes next.
fn told(ui: &Ui, dir: &str, made: &Made) {
    ui.paragraph(&format!("Written to {dir}: {}.", made.files.join(", ")));
    ui.line("");
    if !made.first.is_empty() {
        ui.paragraph(made.first);
    }
    ui.paragraph("Keep `.onhand/` out of version control: what is kept between runs stands there.");
    if !made.runs {
        ui.paragraph(
            "It shows all of the language. Checks, tests and graphs need none of its systems; a plan reads \
             them, so put your own in their place.",
        );
    } else if !made.variables.is_empty() {
        let variables = made.variables.join(", ");
        ui.paragraph(&format!("A plan reads the systems, and needs these variables: {variables}."));
    }
    let word = shell(dir);
    let inside = if dir == "." { String::new() } else { format!(" {word}") };
    let beside = if dir == "." { String::new() } else { format!(" --dir {word}") };
    ui.line("\nThen:");
    ui.line(&format!("  onhand check{inside}"));
    if !made.runs {
        ui.line(&format!("  onhand test{inside}"));
        ui.line(&format!("  onhand graph{inside} --lag"));
        return;
    }
    ui.line(&format!("  onhand plan{inside} --out plan.jsonl"));
    ui.line(&format!("  onhand apply plan.jsonl{beside}"));
}

/// A word as a shell takes it, so that a command can be copied.
fn shell(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+,@%:".contains(c);
    match word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}
