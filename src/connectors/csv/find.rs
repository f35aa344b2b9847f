//! The files that a glob names: `*` and `?` inside a name, `**` for any number of folders.

use crate::world::{FileError, Files};

/// A file that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name as the glob writes it.
    pub name: String,
    /// When it last changed, in milliseconds since 1970.
    pub modified_ms: i64,
    /// Its size in bytes.
    pub size: u64,
}

/// Folders within folders that `**` goes down at most: deeper is a loop of links.
const DEEPEST: usize = 32;

/// The files that match, sorted by name. `place` turns a name into a path of the operating system. A folder
/// that is not there has no files; any other trouble is an error in words.
pub fn find(files: &dyn Files, glob: &str, place: &dyn Fn(&str) -> String) -> Result<Vec<Found>, String> {
    let (root, rest) = match glob.strip_prefix('/') {
        Some(rest) => ("/", rest),
        None => ("", glob),
    };
    let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let mut search = Search { files, place, found: Vec::new() };
    search.down(root.to_owned(), &parts, DEEPEST)?;
    search.found.sort_by(|a, b| a.name.cmp(&b.name));
    search.found.dedup();
    Ok(search.found)
}

struct Search<'a> {
    files: &'a dyn Files,
    place: &'a dyn Fn(&str) -> String,
    found: Vec<Found>,
}

impl Search<'_> {
    fn down(&mut self, folder: String, parts: &[&str], depth: usize) -> Result<(), String> {
        let Some((first, rest)) = parts.split_first() else { return Ok(()) };
        let join = |name: &str| match folder.as_str() {
            "" | "/" => format!("{folder}{name}"),
            _ => format!("{folder}/{name}"),
        };
        if !rest.is_empty() && !first.contains(['*', '?']) {
            return self.down(join(first), rest, depth);
        }
        let entries = match self.files.list(&(self.place)(&folder)) {
            Ok(entries) => entries,
            Err(FileError::Missing) => return Ok(()),
            Err(error) => return Err(format!("folder `{folder}`: {error}")),
        };
        if *first == "**" {
            self.down(folder.clone(), rest, depth)?;
            for entry in entries.iter().filter(|entry| entry.is_dir && depth > 0) {
                self.down(join(&entry.name), parts, depth - 1)?;
            }
            return Ok(());
        }
        for entry in entries.iter().filter(|entry| matches(first, &entry.name)) {
            match (entry.is_dir, rest.is_empty()) {
                (false, true) => self.found.push(Found {
                    name: join(&entry.name),
                    modified_ms: entry.modified_ms,
                    size: entry.size,
                }),
                (true, false) => self.down(join(&entry.name), rest, depth)?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// Whether a name fits one part of a glob. A name that begins with a dot is hidden from a leading wildcard:
/// half-written files have such names.
fn matches(part: &str, name: &str) -> bool {
    if name.starts_with('.') && !part.starts_with('.') {
        return false;
    }
    let (part, name): (Vec<char>, Vec<char>) = (part.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // Where to go on if the rest does not fit: behind the last `*`, one character further.
    let mut again: Option<(usize, usize)> = None;
    while n < name.len() {
        match part.get(p) {
            Some('*') => {
                again = Some((p + 1, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => (p, n) = (p + 1, n + 1),
            _ => match again {
                Some((behind, start)) => {
                    again = Some((behind, start + 1));
                    (p, n) = (behind, start + 1);
                }
                None => return false,
            },
        }
    }
    part[p..].iter().all(|c| *c == '*')
}
