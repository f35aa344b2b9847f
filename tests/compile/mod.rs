//! The front half on whole topologies: text in, model and findings out.

mod allow;
mod docs;
mod files;
mod good;
mod large;
mod values;

use onhand::compile::{Compiled, Inputs, compile};
use onhand::connectors::KINDS;
use std::collections::BTreeMap;

/// Compiles files held in memory.
pub fn files(files: &[(&str, &str)]) -> Compiled {
    files_with(files, &|_| None)
}

/// Compiles files held in memory, with an environment.
pub fn files_with(files: &[(&str, &str)], env: &dyn Fn(&str) -> Option<String>) -> Compiled {
    let folder: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())).collect();
    compile(&Inputs { folder: &folder, root: "onhand.kdl", kinds: KINDS, env })
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
