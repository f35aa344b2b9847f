//! `onhand check --fix` and `--diff`: safe fixes put into the topology's files, or shown.

use super::exit::Exit;
use super::folder::join;
use super::topology::{locate, with_inputs};
use super::ui::{Ui, count};
use super::unified::unified;
use crate::compile::Compiled;
use crate::compile::fix::{Changed, Fixed, fix};
use crate::diagnostic::wrap::wrap;
use crate::diagnostic::{Diagnostic, escape};
use crate::world::World;

/// Puts safe fixes into a topology's files, and says how it went; answers its folder and the topology as it
/// is then.
pub fn write(ui: &Ui, world: &World, dir: Option<&str>) -> Result<(String, Compiled), Exit> {
    let (dir, fixed) = mended(ui, world, dir);
    for changed in &fixed.changed {
        put(world, &dir, changed).map_err(|why| {
            ui.error(
                &format!("`{}` cannot be written: {why}", changed.name),
                "It is as it was, and so are the files after it. Run `onhand check --fix` again.",
            );
            Exit::Wrong
        })?;
        ui.talk(&format!("Fixed {}", escape::line(&join(&dir, &changed.name))));
    }
    tell(ui, &fixed, "applied");
    Ok((dir, fixed.compiled))
}

/// Shows what safe fixes would change; answers what is found in the topology as it stands.
pub fn show(ui: &Ui, world: &World, dir: Option<&str>) -> Vec<Diagnostic> {
    let (dir, fixed) = mended(ui, world, dir);
    for changed in &fixed.changed {
        ui.result(&unified(ui, &join(&dir, &changed.name), &changed.before, &changed.after));
    }
    tell(ui, &fixed, "would be applied");
    fixed.before
}

fn mended(ui: &Ui, world: &World, dir: Option<&str>) -> (String, Fixed) {
    let dir = locate(ui, world, dir);
    let fixed = with_inputs(world, &dir, fix);
    (dir, fixed)
}

/// Writes one file, unless somebody changed it meanwhile.
fn put(world: &World, dir: &str, changed: &Changed) -> Result<(), String> {
    let path = world.files.canonical(&join(dir, &changed.name));
    let now = world.files.read(&path).map_err(|error| error.to_string())?;
    if now != changed.before.as_bytes() {
        return Err("it was changed while it was being checked".to_owned());
    }
    world.files.write(&path, changed.after.as_bytes()).map_err(|error| error.to_string())
}

/// How many fixes stay, which were taken back and why, and what is left.
fn tell(ui: &Ui, fixed: &Fixed, applied: &str) {
    for fix in &fixed.withdrawn {
        let (place, title) = (escape::line(&fix.place), escape::line(&fix.title));
        let why = match &fix.worse {
            Some((rule, file)) => format!("with it there is more `{rule}` in {}", escape::line(file)),
            None => "it leads back to where it began".to_owned(),
        };
        let said =
            format!("{place}: the fix of `{}` ({title}) is withdrawn: {why}. Mend it by hand.", fix.rule);
        ui.talk(&wrap(&said, ui.width).join("\n"));
    }
    let files = match fixed.changed.len() {
        0 => String::new(),
        n => format!(" in {}", count(n, "file")),
    };
    let left = fixed.compiled.diagnostics.len();
    let remain = if left == 1 { "remains" } else { "remain" };
    ui.talk(&format!(
        "{} {} {applied}{files}, {} withdrawn; {} {remain}.",
        fixed.applied,
        if fixed.applied == 1 { "fix" } else { "fixes" },
        fixed.withdrawn.len(),
        count(left, "finding"),
    ));
    if fixed.cut {
        ui.talk("There were too many to try them all: run it again for the rest.");
    }
}
