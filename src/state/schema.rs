//! The schema of a state file: numbered scripts that run forward, each once.

use super::StateError;
use super::copy::{copy, free_name};
use super::trouble::broken;
use crate::world::Database;

/// The scripts for SQLite; script `n` leads to version `n + 1`.
pub const SQLITE: &[&str] = &[
    include_str!("../../schemas/state/sqlite/0001_start.sql"),
    include_str!("../../schemas/state/sqlite/0002_care.sql"),
    include_str!("../../schemas/state/sqlite/0003_books.sql"),
    include_str!("../../schemas/state/sqlite/0004_cadence.sql"),
    include_str!("../../schemas/state/sqlite/0005_turns.sql"),
    include_str!("../../schemas/state/sqlite/0006_parked.sql"),
    include_str!("../../schemas/state/sqlite/0007_one_index.sql"),
    include_str!("../../schemas/state/sqlite/0008_places.sql"),
];

/// Refuses a file that is none of ours, or of a newer version, before anything in it is touched.
pub async fn look(database: &mut dyn Database, scripts: &[&str]) -> Result<(), StateError> {
    // One statement sees one moment: another process may be making the tables right now.
    let sql = "select user_version, (select name from sqlite_schema order by name limit 1) \
               from pragma_user_version";
    let answer = database.query(sql, &[]).await.map_err(broken)?;
    let mut row = answer.rows.into_iter().next().unwrap_or_default().into_iter();
    let found = row.next().flatten().and_then(|text| text.parse().ok()).unwrap_or(0);
    let (table, latest) = (row.next().flatten(), scripts.len() as i64);
    match table {
        _ if found > latest => Err(newer(found, latest)),
        Some(table) if found == 0 => Err(StateError::Broken(format!(
            "this is a database of something else (it holds `{table}`), and no state is kept in it: name \
             another file"
        ))),
        _ => Ok(()),
    }
}

/// Brings a SQLite file to the version of the last script. Before it changes a file that already has
/// one it makes a copy beside it, `backup` and its version: `state.db.v1` (none for a database in memory).
/// Fails with [`StateError::Newer`] where the file's version is above that.
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
    if found == latest {
        return database.batch("rollback").await.map_err(broken);
    }
    let upgraded = if found > latest { Err(newer(found, latest)) } else { Ok(found) };
    if let (Ok(1..), Some(path)) = (&upgraded, backup) {
        // No copy can be made inside a transaction. Under the lock again it is looked at once more.
        database.batch("rollback").await.map_err(broken)?;
        copy(database, &free_name(&format!("{path}.v{found}"))).await?;
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
