//! One consistent copy of a SQLite file, whole or not there at all, while others write.

use super::StateError;
use super::trouble::{broken, torn};
use crate::world::sqlite::Sqlite;
use crate::world::{Database, DatabaseError};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

/// Copies what `database` holds into a new file. The copy is made beside it under another name, checked,
/// made durable, and only then given its name; what stands at `path` is never replaced.
pub async fn copy(database: &mut dyn Database, path: &str) -> Result<(), StateError> {
    refuse_existing(path)?;
    let part = format!("{path}.{}.part", std::process::id());
    // Left by a process of this number that was cut off.
    let _ = fs::remove_file(&part);
    let outcome = make(database, &part).await.and_then(|()| give_name(&part, path));
    let _ = fs::remove_file(&part);
    outcome
}

/// The first of `path`, `path-2`, `path-3`, … that is not there.
pub fn free_name(path: &str) -> String {
    let names = std::iter::once(path.to_owned()).chain((2..).map(|number| format!("{path}-{number}")));
    names.into_iter().find(|name| fs::symlink_metadata(name).is_err()).unwrap_or_else(|| path.to_owned())
}

fn refuse_existing(path: &str) -> Result<(), StateError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Ok(_) => Err(exists(path)),
        Err(error) => Err(unwritten(path, &error)),
    }
}

async fn make(database: &mut dyn Database, part: &str) -> Result<(), StateError> {
    let sql = format!("vacuum into '{}'", part.replace('\'', "''"));
    database.batch(&sql).await.map_err(|error| told(part, error))?;
    let mut made = Sqlite::open(part, false, Duration::ZERO).map_err(broken)?;
    let answer = made.query("pragma integrity_check", &[]).await.map_err(broken)?;
    drop(made);
    match answer.rows.first().and_then(|row| row.first()).and_then(Option::as_deref) {
        Some("ok") => {}
        found => return Err(torn(found.unwrap_or("its check gave no answer"))),
    }
    fs::File::open(part).and_then(|file| file.sync_all()).map_err(|error| unwritten(part, &error))
}

/// A link fails where the name is taken, which renaming does not.
fn give_name(part: &str, path: &str) -> Result<(), StateError> {
    let given = match fs::hard_link(part, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(exists(path)),
        // Not every disk knows links.
        Err(_) => refuse_existing(path).map(|()| fs::rename(part, path))?,
        Ok(()) => Ok(()),
    };
    given.map_err(|error| unwritten(path, &error))?;
    let folder = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    // Where a folder cannot be opened as a file, its system keeps names by itself.
    let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

fn exists(path: &str) -> StateError {
    StateError::Broken(format!("`{path}` is there already, and a copy never replaces a file: name another"))
}

fn unwritten(path: &str, error: &std::io::Error) -> StateError {
    StateError::Broken(format!("the copy of the state cannot be written to `{path}`: {error}"))
}

fn told(part: &str, error: DatabaseError) -> StateError {
    match error {
        DatabaseError::Gone(text) => StateError::Broken(format!(
            "the copy of the state cannot be written to `{part}`: {text}; its folder must be there and \
             writable"
        )),
        other => broken(other),
    }
}
