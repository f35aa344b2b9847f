//! Commands that are decided but not built yet: each is refused by name, so that nobody waits for it.

use super::exit::Exit;
use super::ui::Ui;
use crate::diagnostic::nearest;
use std::ffi::OsString;

/// What this version does not have yet, and what serves meanwhile.
const LATER: &[(&str, &str)] = &[
    ("init", "copy `examples/direct` (or run `onhand demo`) and change its files"),
    ("fmt", "layout is yours for now; nothing depends on it"),
    ("test", "`onhand plan` shows every number with its sum"),
    ("import", "write the catalogue as CSV and name it with `items`"),
    ("snapshot", "`onhand plan --out FILE` keeps what was read and decided"),
    ("diff", "plan both revisions and compare the files"),
    ("rollback", "the plan file holds every number before the change"),
    ("status", "`onhand plan` and `onhand queue list` say how things stand"),
    ("review", "`onhand queue list` shows what waits"),
    ("ready", "`onhand check` shows what is missing offline"),
    ("history", "the state file keeps the journal of every run"),
    ("pause", "take the flow out of the pipeline"),
    ("resume", "put the flow back into the pipeline"),
    ("state", "the state is one SQLite file; copy it while nothing runs"),
    ("simulate", ""),
    ("serve", ""),
    ("lsp", ""),
    ("completions", ""),
    ("man", "`onhand help COMMAND` says it all"),
];

const BUILT: [&str; 7] = ["check", "plan", "apply", "queue", "explain", "graph", "demo"];

/// Refuses a command by name.
pub fn run(words: &[OsString], ui: &Ui) -> Exit {
    let name = words.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    match LATER.iter().find(|(later, _)| *later == name) {
        Some((_, "")) => ui.error(&format!("`{name}` is not built yet"), "`onhand help` lists what is."),
        Some((_, instead)) => {
            ui.error(&format!("`{name}` is not built yet"), &format!("Meanwhile: {instead}."))
        }
        None => {
            let known = BUILT.into_iter().chain(LATER.iter().map(|(later, _)| *later));
            let hint =
                nearest(&name, known).map(|near| format!("Did you mean `{near}`? ")).unwrap_or_default();
            let name: String = name.escape_debug().collect();
            ui.error(&format!("there is no command `{name}`"), &format!("{hint}`onhand help` lists all."));
        }
    }
    Exit::Wrong
}
