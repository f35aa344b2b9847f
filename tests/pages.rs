//! The page of each rule is its test: the broken example fails as it says, the mended one passes.
//!
//! A page whose block says `kdl onhand.kdl ci` is compiled as a pipeline sees it: in a checkout that is thrown
//! away after the job. The rules about nodes that every topology should have are left out on the pages of others,
//! whose examples would be longer by the same three lines each.
//!
//! `ONHAND_ACCEPT=1` writes the output that the broken examples give now into the pages, and lays the
//! examples out.

use crate::compile::{CARE, files_in, scene};
use crate::support::accept;
use onhand::check::Scene;
use onhand::compile::Compiled;
use onhand::diagnostic::code;
use onhand::diagnostic::render::{Options, human};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A page, taken apart.
struct Page {
    slug: String,
    /// Whether its examples lie in a checkout of a pipeline.
    ci: bool,
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

/// A page's text, with its examples laid out.
fn laid_out(path: &Path) -> Result<String, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let laid_out = crate::docs::laid_out(&text);
    if text == laid_out {
        return Ok(text);
    }
    if !accept::accepting() {
        return Err("its examples are not laid out as `onhand fmt` does it".to_owned());
    }
    fs::write(path, &laid_out).map_err(|error| error.to_string())?;
    Ok(laid_out)
}

/// Takes a page apart; what is wrong with its form is an error in words.
fn read(slug: &str) -> Result<Page, String> {
    let path = folder().join(format!("{slug}.md"));
    let text = laid_out(&path)?;
    if !text.starts_with(&format!("# {slug}\n\n")) {
        return Err(format!("the first line is not `# {slug}`"));
    }
    let head = text.split("\n## ").next().unwrap_or("");
    if head.split("\n\n").filter(|part| !part.trim().is_empty()).count() < 3 {
        return Err("the page does not say in two paragraphs what is wrong and why it matters".to_owned());
    }
    let mut page = Page {
        slug: slug.to_owned(),
        ci: false,
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
                let info = info.strip_suffix(" ci").inspect(|_| page.ci = true).unwrap_or(info);
                match (section, info.split_once(' ')) {
                    // Recipes stand before the examples.
                    ("", _) => {}
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

fn compiled(page: &Page, files: &BTreeMap<String, String>) -> Compiled {
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    // In a pipeline, what is not elsewhere on the disk lies in the checkout.
    let thrown_away = |path: &str| page.ci && !path.starts_with('/');
    let mut compiled = files_in(&files, &|_| None, Scene { thrown_away: &thrown_away, ..scene() });
    let other = |slug: &str| slug != page.slug && CARE.contains(&slug);
    compiled.diagnostics.retain(|found| !other(found.rule.slug));
    compiled
}

/// The broken example of every page, compiled, with the slug of its rule.
pub fn broken() -> Vec<(String, Compiled)> {
    let page = |slug: String| {
        let page = read(&slug).unwrap_or_else(|why| panic!("{slug}: {why}"));
        let compiled = compiled(&page, &page.broken);
        (slug, compiled)
    };
    slugs().into_iter().map(page).collect()
}

fn shown(compiled: &Compiled) -> String {
    let options = Options { width: 80, colour: false, unicode: false };
    human(&compiled.diagnostics, &compiled.sources, options)
}

fn judge(slug: &str) -> Result<(), String> {
    let page = read(slug)?;
    let broken = compiled(&page, &page.broken);
    let rules: Vec<&str> = broken.diagnostics.iter().map(|found| found.rule.slug).collect();
    let output = shown(&broken);
    if rules != [slug] {
        return Err(format!("the broken example gives {rules:?}, not [{slug:?}]:\n{output}"));
    }
    let mut files = page.broken.clone();
    files.extend(page.mended.clone());
    let mended = compiled(&page, &files);
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
