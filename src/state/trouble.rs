//! What goes wrong with state, in words: what was found, why it matters, what to do.

use super::StateError;
use crate::world::DatabaseError;

/// How to go on with a damaged file.
pub const GO_ON: &str = "stop every runner, move the file away together with those of its name that end \
    in `-wal` and `-shm` (left beside another file they damage it), and copy the last good backup to its \
    place. Without a backup, start with no file. Either way plan anew: the next run reads everything again, \
    and what was paused, acknowledged or sent to a file since the backup is no longer known";

/// A note is what makes an entry worth reading later; `needs` says what for.
pub(super) fn check_note(note: &str, needs: &str) -> Result<(), StateError> {
    if note.trim().is_empty() {
        return Err(StateError::Broken(format!("{needs}; this one is empty")));
    }
    Ok(())
}

/// What a note of a closed entry is for.
pub(super) const SETTLED: &str = "a queue entry is closed with a note that says how it was settled";

/// What a note of an acknowledged entry is for.
pub(super) const KNOWN: &str = "a queue entry is acknowledged with a note that says who sees to it";

/// What a reason of a lock freed by hand is for.
pub(super) const FREED: &str = "a lock is freed by hand with a reason, for whoever looks into it later";

/// What a run is told whose lease is gone.
pub(super) fn lease_lost(run: &str) -> StateError {
    StateError::Locked(format!(
        "run {run} no longer holds the lock of this topology: another run took it over, or it was freed by \
         hand, so this one stops writing; what it had sent is read back by the next"
    ))
}

/// What a plan is told that is kept for a run that is not there, or has one.
pub(super) fn second_plan(run: &str) -> StateError {
    StateError::Broken(format!("run {run} is not known here, or its plan is kept already"))
}

/// What entries are told whose run was never begun.
pub(super) fn no_run(run: &str) -> StateError {
    StateError::Broken(format!("run {run} is not known here, so nothing is written into its journal"))
}

/// A value that no version of this program writes.
pub(super) fn damaged(value: &str) -> StateError {
    StateError::Broken(format!(
        "the state file holds `{value}` where that cannot stand: it is damaged or was edited. To go on, \
         {GO_ON}"
    ))
}

/// A file whose pages do not fit together.
pub(super) fn torn(found: &str) -> StateError {
    StateError::Broken(format!("the state file is damaged ({found}). To go on, {GO_ON}"))
}

/// A database error in the words of state.
pub(super) fn broken(error: DatabaseError) -> StateError {
    match error {
        DatabaseError::Busy(_) => StateError::Locked(
            "the state file is locked by another process; wait for it to end, or stop it".to_owned(),
        ),
        DatabaseError::Gone(text) => StateError::Broken(format!(
            "the state file cannot be opened: {text}; check its path, and that its folder can be written to: \
             two more files are kept beside it while it is open"
        )),
        DatabaseError::Denied(text) => StateError::Broken(format!(
            "the state file cannot be written: {text}; the journal must be kept before anything is \
             written to a system"
        )),
        DatabaseError::Constraint(text) => {
            StateError::Broken(format!("the state file refused a statement: {text}"))
        }
        DatabaseError::Other(text) => other(&text),
    }
}

/// The errors that SQLite knows by its own words only.
fn other(text: &str) -> StateError {
    let full = ["is full", "disk I/O error"];
    let torn_words = ["malformed", "not a database", "file is encrypted"];
    if torn_words.iter().any(|word| text.contains(word)) {
        return torn(text);
    }
    StateError::Broken(match full.iter().any(|word| text.contains(word)) {
        true => format!(
            "the state file cannot grow: {text}; make room on its disk, then run the command again: what is \
             not in the journal was not sent"
        ),
        false => format!("the state file refused a statement: {text}"),
    })
}

/// The path says which of several state files is meant.
pub(super) fn named(error: StateError, path: &str) -> StateError {
    match error {
        StateError::Locked(text) => StateError::Locked(format!("`{path}`: {text}")),
        StateError::Newer(text) => StateError::Newer(format!("`{path}`: {text}")),
        StateError::Broken(text) => StateError::Broken(format!("`{path}`: {text}")),
    }
}

/// A movement that is in the books already.
pub fn booked_twice(key: &crate::ledger::BookedKey) -> StateError {
    StateError::Broken(format!(
        "{} {}/{} of `{}` is in the books already, and is not booked twice; nothing was written",
        key.movement.word(),
        key.document,
        key.line,
        key.system
    ))
}
