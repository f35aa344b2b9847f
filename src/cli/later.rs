//! Commands that are decided but not built yet: each is refused by name, so that nobody waits for it.

use super::exit::Exit;
use super::ui::Ui;
use crate::diagnostic::nearest;
use std::ffi::OsString;

/// What this version does not have yet, and what serves meanwhile.
pub const LATER: &[(&str, &str)] = &[
    ("import", "write the catalogue as CSV and name it with `items`"),
    ("review", "`onhand queue list` shows what waits"),
    ("ready", "`onhand check` shows what is missing offline"),
    ("serve", ""),
    ("completions", ""),
    ("man", "`onhand help COMMAND` says it all"),
];

/// Refuses a command by name; `built` are the commands that are there.
pub fn run(words: &[OsString], built: &[String], ui: &Ui) -> Exit {
    let name = words.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    match LATER.iter().find(|(later, _)| *later == name) {
        Some((_, "")) => ui.error(&format!("`{name}` is not built yet"), "`onhand help` lists what is."),
        Some((_, instead)) => {
            ui.error(&format!("`{name}` is not built yet"), &format!("Meanwhile: {instead}."))
        }
        None => {
            let known = built.iter().map(String::as_str).chain(LATER.iter().map(|(later, _)| *later));
            let hint =
                nearest(&name, known).map(|near| format!("Did you mean `{near}`? ")).unwrap_or_default();
            let name: String = name.escape_debug().collect();
            ui.error(&format!("there is no command `{name}`"), &format!("{hint}`onhand help` lists all."));
        }
    }
    Exit::Wrong
}
