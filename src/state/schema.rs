//! The schema of a state file: numbered scripts that run forward, each once.

use super::StateError;
use crate::world::{Database, DatabaseError};

/// The scripts for SQLite; script `n` leads to version `n + 1`.
pub const SQLITE: &[&str] = &[
    include_str!("../../schemas/state/sqlite/0001_start.sql"),
    include_str!("../../schemas/state/sqlite/0002_care.sql"),
];

/// Brings a SQLite file to the version of the last script. Before it changes a file that already has
/// one it calls for a copy at `backup` (none for a database in memory). Fails with
/// [`StateError::Newer`] where the file's version is above that.
pub async fn migrate(
    database: &mut dyn Database,
    scripts: &[&str],
    backup: Option<&str>,
) -> Result<(), StateError> {
    let latest = scripts.len() as i64;
    if version(database).await? == latest {
        return Ok(());
    }
    // Two runners may open a new file at once: the version is read again under the write lock.
    database.batch("begin immediate").await.map_err(broken)?;
    let found = version(database).await?;
    let upgraded = if found > latest { Err(newer(found, latest)) } else { Ok(found) };
    if let (Ok(1..), Some(copy)) = (&upgraded, backup) {
        database.batch("rollback").await.map_err(broken)?;
        let sql = format!("vacuum into '{}'", format!("{copy}.v{found}").replace('\'', "''"));
        database.batch(&sql).await.map_err(broken)?;
        database.batch("begin immediate").await.map_err(broken)?;
    }
    let run = match upgraded {
        Ok(found) => apply(database, scripts, found).await,
        Err(error) => Err(error),
    };
    match run {
        Ok(()) => database.batch("commit").await.map_err(broken),
        Err(error) => {
            // What went wrong first is what is told.
            let _ = database.batch("rollback").await;
            Err(error)
        }
    }
}

async fn apply(database: &mut dyn Database, scripts: &[&str], found: i64) -> Result<(), StateError> {
    if version(database).await? != found {
        let message = "another run is changing the state file to a new version; run the command again";
        return Err(StateError::Locked(message.to_owned()));
    }
    for script in scripts.iter().skip(usize::try_from(found).unwrap_or(0)) {
        database.batch(script).await.map_err(broken)?;
    }
    let sql = format!("pragma user_version = {}", scripts.len());
    database.batch(&sql).await.map_err(broken)
}

async fn version(database: &mut dyn Database) -> Result<i64, StateError> {
    let answer = database.query("pragma user_version", &[]).await.map_err(broken)?;
    let text = answer.rows.first().and_then(|row| row.first()).and_then(Option::as_deref);
    Ok(text.and_then(|text| text.parse().ok()).unwrap_or(0))
}

fn newer(found: i64, latest: i64) -> StateError {
    StateError::Newer(format!(
        "the state file has version {found} and this onhand knows versions up to {latest}: a newer onhand \
         wrote it; install that one, or keep this one's state in another file (`state \"sqlite:…\"`)"
    ))
}

/// A database error in the words of state.
pub(super) fn broken(error: DatabaseError) -> StateError {
    match error {
        DatabaseError::Busy(_) => StateError::Locked(
            "the state file is locked by another process; wait for it to end, or stop it".to_owned(),
        ),
        DatabaseError::Gone(text) => StateError::Broken(format!(
            "the state file cannot be opened: {text}; check its path and permissions, or restore a backup"
        )),
        DatabaseError::Denied(text) => StateError::Broken(format!(
            "the state file cannot be written: {text}; the journal must be kept before anything is \
             written to a system"
        )),
        DatabaseError::Constraint(text) | DatabaseError::Other(text) => {
            StateError::Broken(format!("the state file refused a statement: {text}"))
        }
    }
}
