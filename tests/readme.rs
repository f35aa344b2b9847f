//! The README's tour is run as a reader would, and every line of output compared.

use regex::Regex;
use std::path::Path;
use std::process::Command;

/// A block of the README that shows a command and what it prints.
struct Shown {
    /// Bytes of the block's text in the README.
    range: std::ops::Range<usize>,
    command: String,
    output: String,
}

/// The blocks marked `console`, in order: `$ onhand …`, then its output.
fn shown(readme: &str) -> Vec<Shown> {
    let mut blocks = Vec::new();
    let mut from = 0;
    while let Some(at) = readme[from..].find("```console\n") {
        let start = from + at + "```console\n".len();
        let end = start + readme[start..].find("```").expect("a fence is closed");
        let (first, output) = readme[start..end].split_once('\n').expect("a command has a line of its own");
        let command = first.strip_prefix("$ ").expect("a console block begins with its command");
        blocks.push(Shown { range: start..end, command: command.to_owned(), output: output.to_owned() });
        from = end + 3;
    }
    blocks
}

/// Ids and moments differ from run to run: each becomes a word.
fn steady(text: &str) -> String {
    let moment = Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z").unwrap();
    let id = Regex::new(r"\b([0-9a-f]{16}|[0-9a-f]{12})\b").unwrap();
    id.replace_all(&moment.replace_all(text, "MOMENT"), "ID").into_owned()
}

#[test]
fn the_tour_prints_what_the_readme_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    crate::support::example::copy("direct", folder.path());
    let blocks = shown(&readme);
    assert!(blocks.len() >= 5, "the tour has at least five steps, found {}", blocks.len());
    let mut fresh = readme.clone();
    let mut wrong = Vec::new();
    for block in &blocks {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onhand"));
        command.args(block.command.split(' ').skip(1)).current_dir(folder.path());
        command.env_remove("CI").env("COLUMNS", "80").env("NO_COLOR", "1").env("LC_ALL", "C.UTF-8");
        let done = command.output().unwrap();
        let out = String::from_utf8(done.stdout).unwrap() + &String::from_utf8(done.stderr).unwrap();
        if steady(&out) != steady(&block.output) {
            wrong.push(format!("$ {}\n--- README\n{}--- now\n{out}", block.command, block.output));
            let whole = format!("$ {}\n{out}", block.command);
            let at = fresh.find(&readme[block.range.clone()]).expect("the block stands in the README");
            fresh.replace_range(at..at + block.range.len(), &whole);
        }
    }
    if crate::support::accept::accepting() {
        std::fs::write(root.join("README.md"), fresh).unwrap();
        return;
    }
    assert!(wrong.is_empty(), "ONHAND_ACCEPT=1 writes these anew:\n{}", wrong.join("\n"));
}
