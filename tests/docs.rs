//! The pages for people name only what exists, and their examples are laid out as `fmt` does it.

use crate::support::accept;
use onhand::syntax::format::format as lay_out;
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

/// The anchor that a page gets for a heading: small letters, no marks, `-` for each space.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn every_link_into_a_page_finds_its_heading() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for page in pages() {
        for part in prose(&page).split("](").skip(1) {
            let link = part.split(')').next().unwrap_or("");
            let Some((file, place)) = link.split_once('#').filter(|_| !link.contains("://")) else {
                continue;
            };
            let target = match file {
                "" => page.clone(),
                file => page.parent().expect("a page lies in a folder").join(file),
            };
            let text = format!("\n{}", prose(&target));
            let mut headings = text.lines().filter(|line| line.starts_with('#'));
            count += 1;
            if !headings.any(|line| anchor(line.trim_start_matches('#').trim()) == place) {
                wrong.push(format!("{}: `{link}`", page.display()));
            }
        }
    }
    assert!(count > 100, "only {count} links were found");
    assert!(wrong.is_empty(), "links to headings that are not there:\n{}", wrong.join("\n"));
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

/// How a block of KDL begins.
const KDL: &str = "```kdl";

/// A page with every block of KDL laid out. What is no KDL is there to show a mistake, and stays.
pub fn laid_out(page: &str) -> String {
    let mut out = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(KDL) {
        // Behind it the name of a file may stand.
        let (name, after) = after.split_once('\n').expect("a block of code begins with a line of its own");
        let (block, after) = after.split_once("```").expect("a block of code is closed");
        let block = lay_out(block).unwrap_or_else(|_| block.to_owned());
        out += &format!("{before}{KDL}{name}\n{block}```");
        rest = after;
    }
    out + rest
}

#[test]
fn every_example_is_laid_out_as_fmt_does() {
    // The pages of the rules are read by a test of their own.
    let shown = |page: &PathBuf| page.starts_with("docs") || page.starts_with("README.md");
    let files: Vec<PathBuf> = pages().into_iter().filter(shown).collect();
    let mut blocks = 0;
    for page in files {
        let text = fs::read_to_string(root().join(&page)).expect("the page can be read");
        blocks += text.matches(KDL).count();
        // Other tests write some of these files too: what is right is let be.
        let laid_out = laid_out(&text);
        if text != laid_out {
            accept::same(&page.to_string_lossy(), &laid_out);
        }
    }
    assert!(blocks > 8, "only {blocks} blocks of KDL were found");
    let mut folders = vec![PathBuf::from("examples")];
    let mut topologies = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect("a folder can be listed") {
            let path = folder.join(entry.expect("a folder can be listed").file_name());
            if root().join(&path).is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "kdl") {
                let text = fs::read_to_string(root().join(&path)).expect("the topology can be read");
                let laid_out = lay_out(&text).unwrap_or_else(|refusal| panic!("{path:?}: {refusal:?}"));
                accept::same(&path.to_string_lossy(), &laid_out);
                topologies += 1;
            }
        }
    }
    assert!(topologies >= 2, "only {topologies} topologies were found");
}
