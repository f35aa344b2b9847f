//! A topology's folder on disk: finding it, and showing it to the compiler.

use crate::source::path::folder_of;
use crate::source::{Entry, Folder};
use crate::world::{FileError, World};
use std::iter::successors;

/// The name of a topology's root file.
pub const ROOT: &str = "onhand.kdl";

/// A topology's folder, as the compiler sees it.
pub struct OnDisk<'w> {
    /// The way to files.
    pub world: &'w World,
    /// The folder.
    pub dir: String,
}

impl OnDisk<'_> {
    fn path(&self, relative: &str) -> String {
        join(&self.dir, relative)
    }
}

/// A path in a folder; an absolute one stays as it is.
pub fn join(dir: &str, relative: &str) -> String {
    match (dir, relative) {
        (_, "") => dir.to_owned(),
        ("" | ".", _) => relative.to_owned(),
        _ if relative.starts_with('/') => relative.to_owned(),
        _ => format!("{}/{relative}", dir.trim_end_matches('/')),
    }
}

impl Folder for OnDisk<'_> {
    fn list(&self, dir: &str) -> Vec<Entry> {
        let entries = self.world.files.list(&self.path(dir)).unwrap_or_default();
        entries.into_iter().map(|entry| Entry { name: entry.name, is_dir: entry.is_dir }).collect()
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.world.files.read(&self.path(path)).map_err(|error| error.to_string())
    }

    fn canonical(&self, path: &str) -> String {
        self.world.files.canonical(&self.path(path))
    }
}

/// The folder that holds the topology: `dir` and no other where it is named, else the current one or the
/// nearest parent with an `onhand.kdl`. `None` where there is none.
pub fn find(world: &World, dir: Option<&str>) -> Option<String> {
    let start = dir.unwrap_or(".");
    let has_root = |folder: &str| match world.files.read(&join(folder, ROOT)) {
        Ok(_) => true,
        // Unreadable is there: the compiler says what is wrong with it.
        Err(FileError::Other(_)) => true,
        Err(FileError::Missing) => false,
    };
    if has_root(start) {
        return Some(start.to_owned());
    }
    // A name that is spelt wrong must not plan the topology around it.
    if dir.is_some() {
        return None;
    }
    let whole = world.files.canonical(start);
    successors(folder_of(&whole), |folder| folder_of(folder))
        .find(|folder| has_root(folder))
        .map(str::to_owned)
}

/// The nearest folder with a `.git`, from this one upwards; links are followed beforehand.
pub fn repository<'f>(world: &World, folder: &'f str) -> Option<&'f str> {
    // In a second worktree it is a file.
    let has_git = |folder: &&str| {
        world.files.list(folder).is_ok_and(|entries| entries.iter().any(|entry| entry.name == ".git"))
    };
    successors(Some(folder), |folder| folder_of(folder)).find(has_git)
}

/// Where a folder lies in its repository, seen from the root of it. Empty for the root itself, and where
/// there is no repository.
pub fn in_repository(world: &World, dir: &str) -> String {
    let whole = world.files.canonical(dir);
    let root = repository(world, &whole).unwrap_or(&whole);
    whole[root.len()..].trim_matches('/').to_owned()
}
