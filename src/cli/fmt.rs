//! `onhand fmt`: the canonical layout of a topology's files.

use super::exit::Exit;
use super::folder::{OnDisk, ROOT, find, join};
use super::ui::Ui;
use super::unified::unified;
use crate::connectors::KINDS;
use crate::diagnostic::{Diagnostic, code, escape, render};
use crate::resolve::include::{self, Loaded};
use crate::source::{Folder, SourceId, Sources};
use crate::syntax::MAX_BYTES;
use crate::syntax::format::{Refusal, format};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

/// What standard input is called.
const STDIN: &str = "<stdin>";

/// What `fmt` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Comments, values and blank lines stay; what the text says is compared before and \
                        after, and a file that would say something else is left as it is.")]
pub struct Args {
    /// A topology's folder, with all that it includes; or single files; or `-`, from standard input to
    /// standard output. By default the topology here, or the nearest above
    #[arg(value_name = "DIR|FILES")]
    paths: Vec<String>,
    /// Write nothing: list the files that would change, and end with status 1 if there are any
    #[arg(long)]
    check: bool,
    /// Write nothing: show what would change
    #[arg(long)]
    diff: bool,
}

/// Lays files out.
pub fn run(args: &Args, ui: &Ui, world: &World) -> Exit {
    if args.paths.iter().any(|path| path == "-") {
        return match args.paths.len() {
            1 => standard_input(args, ui),
            _ => {
                ui.error("`-` stands for standard input and takes no files beside it", "Name one of them.");
                Exit::Wrong
            }
        };
    }
    let (files, mut exits) = targets(args, ui, world);
    let (mut changed, mut right) = (0, 0);
    for (path, shown) in &files {
        match one(args, ui, world, (path, shown)) {
            Ok(true) => changed += 1,
            Ok(false) => right += 1,
            Err(exit) => exits.push(exit),
        }
    }
    if args.check && changed > 0 {
        exits.push(Exit::Wrong);
        if !args.diff {
            ui.talk(&format!("{} would change; `onhand fmt` lays them out", of(changed, files.len())));
        }
    }
    if changed == 0 && right > 0 && exits.is_empty() {
        let all = if right == 1 { "The file is".to_owned() } else { format!("All {right} files are") };
        ui.talk(&format!("{all} laid out already."));
    }
    Exit::worst(&exits)
}

fn of(some: usize, all: usize) -> String {
    if all == 1 { "1 file".to_owned() } else { format!("{some} of {all} files") }
}

/// The files to lay out, each with the name that people know it by, and what went wrong on the way.
fn targets(args: &Args, ui: &Ui, world: &World) -> (Vec<(String, String)>, Vec<Exit>) {
    let (mut files, mut exits) = (Vec::new(), Vec::new());
    if args.paths.is_empty() {
        exits.extend(topology(ui, world, None, &mut files).err());
    }
    for path in &args.paths {
        if world.files.list(path).is_ok() {
            exits.extend(topology(ui, world, Some(path), &mut files).err());
        } else if path.ends_with(".kdl") || world.files.read(path).is_err() {
            files.push(path.clone());
        } else {
            // Most of CSV can be read as KDL, and its spaces would be lost.
            let what = format!("`{path}` is not laid out: its name does not end in `.kdl`");
            ui.error(&what, "Name a topology's folder, or files of KDL.");
            exits.push(Exit::Wrong);
        }
    }
    let mut seen = BTreeSet::new();
    let named = files.into_iter().map(|shown| (world.files.canonical(&shown), shown));
    (named.filter(|(path, _)| seen.insert(path.clone())).collect(), exits)
}

/// Adds all files of a topology. What could not be found is said, and the other files are added all the same.
fn topology(ui: &Ui, world: &World, dir: Option<&str>, files: &mut Vec<String>) -> Result<(), Exit> {
    let Some(dir) = find(world, dir) else {
        let place = world.files.canonical(dir.unwrap_or("."));
        let above = if dir.is_none() { " nor in a folder above it" } else { "" };
        ui.error(
            &format!("there is no `{ROOT}` in {place}{above}"),
            "Name the topology's folder, or the files to lay out.",
        );
        return Err(Exit::Wrong);
    };
    let folder = OnDisk { world, dir: dir.clone() };
    let loaded = load(&folder, ROOT, &|name| world.env.get(name));
    files.extend(loaded.sources.files().map(|(_, file)| join(&dir, file.name())));
    let lost: Vec<Diagnostic> =
        loaded.diagnostics.into_iter().filter(|found| found.rule == code::INCLUDE_MISSING).collect();
    if lost.is_empty() {
        return Ok(());
    }
    show(ui, &lost, &loaded.sources);
    Err(Exit::Wrong)
}

fn load(folder: &dyn Folder, root: &str, env: &dyn Fn(&str) -> Option<String>) -> Loaded {
    include::load(&include::World { folder, kinds: KINDS, env }, root)
}

fn show(ui: &Ui, found: &[Diagnostic], sources: &Sources) {
    let options = render::Options { width: ui.width, colour: ui.colour_err, unicode: ui.unicode };
    ui.talk(render::human(found, sources, options).trim_end());
}

/// Lays out one file, a path with the name that people know it by; whether it changes.
fn one(args: &Args, ui: &Ui, world: &World, (path, shown): (&str, &str)) -> Result<bool, Exit> {
    let bytes = world.files.read(path).map_err(|why| {
        let todo = "Name a topology's folder, or files that are there.";
        ui.error(&format!("`{shown}` cannot be read: {why}"), todo);
        Exit::Wrong
    })?;
    let (before, after) = laid_out(ui, shown, bytes)?;
    if before == after {
        return Ok(false);
    }
    let name = escape::line(shown);
    if args.diff {
        ui.result(&unified(ui, shown, &before, &after));
    } else if args.check {
        ui.line(&name);
    } else {
        world.files.write(path, after.as_bytes()).map_err(|why| {
            ui.error(&format!("`{shown}` cannot be written: {why}"), "It is as it was. Look at its rights.");
            Exit::Wrong
        })?;
        ui.line(&format!("Formatted {name}"));
    }
    Ok(true)
}

/// A file's text before and after; what keeps it from being laid out is said.
fn laid_out(ui: &Ui, shown: &str, bytes: Vec<u8>) -> Result<(String, String), Exit> {
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(wrong) => {
            refused(ui, shown, wrong.into_bytes());
            return Err(Exit::Wrong);
        }
    };
    match format(&text) {
        Ok(after) => Ok((text, after)),
        Err(Refusal::Mistakes(_)) => {
            refused(ui, shown, text.into_bytes());
            Err(Exit::Wrong)
        }
        Err(Refusal::TooLarge) => {
            ui.error(
                &format!("`{shown}` is left as it is: laid out, it would be larger than 64 MiB"),
                "Blocks that nest deep need much room: put parts of the file into files of their own.",
            );
            Err(Exit::Wrong)
        }
        Err(Refusal::WouldChange(what)) => {
            ui.error(
                &format!("`{shown}` is left as it is: {what}, and layout must not change what a text says"),
                "This is a bug in onhand: please report it with the lines around it, secrets removed.",
            );
            Err(Exit::Bug)
        }
    }
}

/// Says which mistakes keep a file from being laid out. It is read anew, so that its secrets are hidden.
fn refused(ui: &Ui, shown: &str, bytes: Vec<u8>) {
    let folder = BTreeMap::from([(shown.to_owned(), bytes)]);
    let mut loaded = load(&folder, shown, &|_| None);
    let own = |found: &Diagnostic| found.rule == code::SYNTAX && found.primary.span.source == SourceId(0);
    loaded.diagnostics.retain(own);
    show(ui, &loaded.diagnostics, &loaded.sources);
    ui.talk(&format!("{} is left as it is: a layout needs text without mistakes", escape::line(shown)));
}

/// From standard input to standard output.
fn standard_input(args: &Args, ui: &Ui) -> Exit {
    let mut bytes = Vec::new();
    if let Err(error) = std::io::stdin().lock().take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes) {
        ui.error(&format!("standard input cannot be read: {error}"), "Nothing was laid out.");
        return Exit::Wrong;
    }
    let (before, after) = match laid_out(ui, STDIN, bytes) {
        Ok(texts) => texts,
        Err(exit) => return exit,
    };
    if args.diff {
        ui.result(&unified(ui, STDIN, &before, &after));
    } else if !args.check {
        ui.result(&after);
    } else if before != after {
        ui.line(STDIN);
    }
    if args.check && before != after { Exit::Wrong } else { Exit::Done }
}
