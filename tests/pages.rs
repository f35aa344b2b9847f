//! The page of each rule is its test: the broken example fails as it says, the mended one passes.
//!
//! `ONHAND_ACCEPT=1` writes the output that the broken examples give now into the pages.

use crate::compile::files_with;
use crate::support::accept;
use onhand::compile::Compiled;
use onhand::diagnostic::code;
use onhand::diagnostic::render::{Options, human};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A page, taken apart.
struct Page {
    path: PathBuf,
    text: String,
    broken: BTreeMap<String, String>,
    mended: BTreeMap<String, String>,
    /// The expected output, and the bytes of the page where it stands.
    output: String,
    output_at: std::ops::Range<usize>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/check/rules")
}

fn slugs() -> Vec<String> {
    let entries = fs::read_dir(folder()).expect("the folder of the rules can be listed");
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut slugs: Vec<String> =
        names.filter_map(|name| name.strip_suffix(".md").map(str::to_owned)).collect();
    slugs.sort();
    slugs
}

/// Takes a page apart; what is wrong with its form is an error in words.
fn read(slug: &str) -> Result<Page, String> {
    let path = folder().join(format!("{slug}.md"));
    let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
    if !text.starts_with(&format!("# {slug}\n\n")) {
        return Err(format!("the first line is not `# {slug}`"));
    }
    let head = text.split("\n## ").next().unwrap_or("");
    if head.split("\n\n").filter(|part| !part.trim().is_empty()).count() < 3 {
        return Err("the page does not say in two paragraphs what is wrong and why it matters".to_owned());
    }
    let mut page = Page {
        path,
        broken: BTreeMap::new(),
        mended: BTreeMap::new(),
        output: String::new(),
        output_at: 0..0,
        text: text.clone(),
    };
    let mut section = "";
    let mut at = 0;
    let mut open: Option<(&str, usize)> = None;
    for line in text.split_inclusive('\n') {
        let (start, bare) = (at, line.trim_end());
        at += line.len();
        match open {
            None if bare.starts_with("## ") => section = bare.trim_start_matches("## "),
            None => open = bare.strip_prefix("```").map(|info| (info, at)),
            Some((info, from)) if bare == "```" => {
                open = None;
                let inside = &text[from..start];
                match (section, info.split_once(' ')) {
                    ("Broken", None) if info == "text" => {
                        (page.output, page.output_at) = (inside.to_owned(), from..start);
                    }
                    ("Broken", Some((_, name))) => {
                        page.broken.insert(name.to_owned(), inside.to_owned());
                    }
                    ("Mended", Some((_, name))) => {
                        page.mended.insert(name.to_owned(), inside.to_owned());
                    }
                    _ => return Err(format!("a block `{info}` under `{section}` is none that a page has")),
                }
            }
            Some(_) => {}
        }
    }
    if page.output_at.end == 0 || page.broken.is_empty() || page.mended.is_empty() {
        return Err("a page has a broken example, its output as `text`, and a mended example".to_owned());
    }
    Ok(page)
}

fn compiled(files: &BTreeMap<String, String>) -> Compiled {
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    files_with(&files, &|_| None)
}

fn shown(compiled: &Compiled) -> String {
    let options = Options { width: 80, colour: false, unicode: false };
    human(&compiled.diagnostics, &compiled.sources, options)
}

fn judge(slug: &str) -> Result<(), String> {
    let page = read(slug)?;
    let broken = compiled(&page.broken);
    let rules: Vec<&str> = broken.diagnostics.iter().map(|found| found.rule.slug).collect();
    let output = shown(&broken);
    if rules != [slug] {
        return Err(format!("the broken example gives {rules:?}, not [{slug:?}]:\n{output}"));
    }
    let mut files = page.broken.clone();
    files.extend(page.mended.clone());
    let mended = compiled(&files);
    if !mended.diagnostics.is_empty() {
        return Err(format!("the mended example has findings:\n{}", shown(&mended)));
    }
    if output != page.output {
        if accept::accepting() {
            let mut text = page.text;
            text.replace_range(page.output_at, &output);
            return fs::write(&page.path, text).map_err(|error| error.to_string());
        }
        return Err(format!("the broken example gives another output than the page says:\n{output}"));
    }
    Ok(())
}

#[test]
fn each_page_holds_what_it_says() {
    let known: Vec<&str> = code::ALL.iter().map(|rule| rule.slug).collect();
    let mut wrong = Vec::new();
    for slug in slugs() {
        if !known.contains(&slug.as_str()) {
            wrong.push(format!("{slug}: no rule has this name"));
        } else if let Err(why) = judge(&slug) {
            wrong.push(format!("{slug}: {why}"));
        }
    }
    assert!(wrong.is_empty(), "{} pages do not hold:\n\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn each_rule_has_a_page() {
    let pages = slugs();
    let missing: Vec<&str> = code::ALL
        .iter()
        .map(|rule| rule.slug)
        .filter(|slug| !pages.iter().any(|page| page == slug))
        .collect();
    assert!(missing.is_empty(), "rules without a page in src/check/rules: {missing:?}");
}
