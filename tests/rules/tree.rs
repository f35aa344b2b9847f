//! A copy of the tree, where rules can be taken out, built and tested.

use super::patch::Patch;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A copy of the tree and what is built of it, until it is dropped.
pub struct Tree {
    folder: tempfile::TempDir,
}

impl Tree {
    /// Copies what is built or read by tests.
    pub fn copied() -> Tree {
        let tree = Tree { folder: tempfile::tempdir().expect("a folder can be made") };
        copy(super::root(), &tree.root());
        tree
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("tree")
    }

    /// Changes files for as long as `then` takes.
    pub fn without<T>(&self, patches: &[Patch], then: impl FnOnce() -> T) -> T {
        let mut texts = Vec::new();
        for patch in patches {
            let path = self.root().join(&patch.file);
            let text = fs::read_to_string(&path).expect("the file is there");
            fs::write(&path, patch.apply(&text).expect("it applies")).expect("the copy can be written");
            texts.push((path, text));
        }
        let answer = then();
        // Backwards: a file may have been changed twice.
        for (path, text) in texts.into_iter().rev() {
            fs::write(path, text).expect("the copy can be written");
        }
        answer
    }

    /// Builds, and runs some tests; answers for each of them whether it passed. An error says what does not
    /// build.
    pub fn run(&self, tests: &[&str]) -> Result<BTreeMap<String, bool>, String> {
        let built = self.cargo(&["--no-run"]);
        if !built.status.success() {
            return Err(String::from_utf8_lossy(&built.stderr).into_owned());
        }
        let asked: Vec<&str> = ["--", "--exact"].iter().chain(tests).copied().collect();
        let ran = self.cargo(&asked);
        let told = String::from_utf8_lossy(&ran.stdout);
        let mut ends = BTreeMap::new();
        for line in told.lines().filter_map(|line| line.strip_prefix("test ")) {
            let (name, passed) = match line.split_once(" ... ") {
                Some((name, "ok")) => (name, true),
                Some((name, "FAILED")) => (name, false),
                _ => continue,
            };
            if tests.contains(&name) {
                ends.insert(name.to_owned(), passed);
            }
        }
        let lost = tests.iter().find(|test| !ends.contains_key(**test));
        assert_eq!(lost, None, "it did not run:\n{told}\n{}", String::from_utf8_lossy(&ran.stderr));
        Ok(ends)
    }

    fn cargo(&self, more: &[&str]) -> Output {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(self.root()).args(["test", "--offline", "--locked", "--test", "main"]).args(more);
        // These tests are asked for nothing that the tests around them are.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("ONHAND_") {
                cargo.env_remove(name);
            }
        }
        cargo.env("CARGO_TARGET_DIR", self.folder.path().join("target"));
        // Nobody looks into what is built here, and it is built often.
        cargo.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_PROFILE_DEV_OPT_LEVEL", "0");
        cargo.env("CARGO_TERM_COLOR", "never").env("INSTA_UPDATE", "no").env("RUST_BACKTRACE", "0");
        cargo.output().expect("cargo is there")
    }
}

/// Copies a folder, but for what was built and what git keeps.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("the folder can be listed") {
        let entry = entry.expect("the folder can be listed");
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() && name != "target" && name != ".git" {
            copy(&path, &to.join(name));
        } else if path.is_file() {
            fs::copy(&path, to.join(name)).expect("the copy can be written");
        }
    }
}
