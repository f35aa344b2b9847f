//! The pages for people name only what exists: files in code marks, and where links lead.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every page of the project, relative to its root.
fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect("a folder can be listed") {
            let entry = entry.expect("a folder can be listed");
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = folder.join(&name);
            if !entry.path().is_dir() {
                pages.extend(name.ends_with(".md").then_some(path));
            } else if !name.starts_with('.') && name != "target" {
                folders.push(path);
            }
        }
    }
    pages.sort();
    pages
}

/// A page without its blocks of code.
fn prose(page: &Path) -> String {
    let text = fs::read_to_string(root().join(page)).expect("the page can be read");
    let outside = text.split("\n```").step_by(2);
    outside.map(|part| part.split_once('\n').map_or("", |(_, rest)| rest)).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = Vec::new();
    for page in pages() {
        let text = prose(&page);
        for part in text.split("](").skip(1) {
            let link = part.split([')', '#']).next().unwrap_or("");
            let outside = link.contains("://") || link.starts_with("mailto:");
            let folder = root().join(&page).parent().expect("a page lies in a folder").to_owned();
            if !link.is_empty() && !outside && !folder.join(link).exists() {
                wrong.push(format!("{}: `{link}`", page.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "links that lead nowhere:\n{}", wrong.join("\n"));
}

/// Whether a file or folder is there; a name in `<…>` stands for any.
fn exists(path: &str) -> bool {
    match path.split_once('<') {
        None => root().join(path).exists(),
        Some((before, _)) => root().join(before).exists(),
    }
}

#[test]
fn every_file_that_the_guides_name_exists() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for page in ["ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = prose(Path::new(page));
        for name in text.split('`').skip(1).step_by(2) {
            let ending = [".rs", ".md", ".toml", ".json", ".yml"].iter().any(|ending| name.ends_with(ending));
            let plain = !name.contains([' ', ':', '(', '*', '|']);
            if !plain || !(name.contains('/') || ending) {
                continue;
            }
            seen += 1;
            // A page speaks of files of a module by their names within it.
            let below =
                ["", "src/", "src/world/", "src/diagnostic/", "src/check/", "src/syntax/", "src/cli/"];
            let below = if page == "ARCHITECTURE.md" { &below[..] } else { &below[..1] };
            if !below.iter().any(|at| exists(&format!("{at}{name}"))) {
                wrong.push(format!("{page}: `{name}`"));
            }
        }
    }
    assert!(seen > 20, "only {seen} names of files were found");
    assert!(wrong.is_empty(), "files that are not there:\n{}", wrong.join("\n"));
}
