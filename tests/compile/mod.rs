//! The front half on whole topologies: text in, model and findings out.

mod allow;
mod docs;
mod files;
mod good;
mod large;
mod once;
mod paths;
mod values;

use onhand::check::Scene;
use onhand::compile::{Compiled, Inputs, compile, compile_with_index};
use onhand::connectors::KINDS;
use onhand::model::time::Moment;
use std::collections::BTreeMap;

/// Looked at on 2026-11-22, on nobody's checkout.
pub fn scene() -> Scene<'static> {
    Scene { now: Moment(1_795_305_600_000), thrown_away: &|_| false }
}

/// Rules that find a node missing which no example needs for what it shows.
pub const CARE: [&str; 3] = ["alert-missing", "review-missing", "rollback-missing"];

/// Compiles one file of which only a part is shown: who looks after it is left out.
pub fn fragment(own: &str) -> Compiled {
    let mut compiled = text(own);
    compiled.diagnostics.retain(|found| !CARE.contains(&found.rule.slug));
    compiled
}

/// Compiles files held in memory.
pub fn files(files: &[(&str, &str)]) -> Compiled {
    files_with(files, &|_| None)
}

/// Compiles files held in memory, with an environment.
pub fn files_with(files: &[(&str, &str)], env: &dyn Fn(&str) -> Option<String>) -> Compiled {
    files_in(files, env, scene())
}

/// Compiles files held in memory, with an environment and a scene.
pub fn files_in(files: &[(&str, &str)], env: &dyn Fn(&str) -> Option<String>, scene: Scene<'_>) -> Compiled {
    let folder = folder(files);
    compile(&Inputs { folder: &folder, root: "onhand.kdl", kinds: KINDS, env, scene })
}

/// The same as an editor asks for it: with all places of names, which one hand notes in their order.
pub fn files_with_index(files: &[(&str, &str)]) -> Compiled {
    let folder = folder(files);
    let (env, scene) = (&|_: &str| None, scene());
    compile_with_index(&Inputs { folder: &folder, root: "onhand.kdl", kinds: KINDS, env, scene })
}

fn folder(files: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
    files.iter().map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())).collect()
}

/// Compiles one file.
pub fn text(text: &str) -> Compiled {
    files(&[("onhand.kdl", text)])
}

/// The rules of all findings, in order.
pub fn rules(compiled: &Compiled) -> Vec<&'static str> {
    compiled.diagnostics.iter().map(|found| found.rule.slug).collect()
}

/// The findings in words, for messages of failed tests.
pub fn told(compiled: &Compiled) -> String {
    onhand::diagnostic::render::concise(&compiled.diagnostics, &compiled.sources, Default::default())
}
