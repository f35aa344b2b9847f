//! SQLite behind the database trait. The only home of rusqlite.

use super::Task;
use super::database::{Bind, Database, DatabaseError, Rows};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::time::Duration;

/// One open SQLite file.
pub struct Sqlite {
    connection: Connection,
    /// Whether it was opened for reading only.
    looks: bool,
}

impl Sqlite {
    /// Opens a file; makes it if `create`. A statement waits at most `patience` for another writer.
    pub fn open(path: &str, create: bool, patience: Duration) -> Result<Sqlite, DatabaseError> {
        let make = if create { OpenFlags::SQLITE_OPEN_CREATE } else { OpenFlags::empty() };
        Sqlite::with(path, OpenFlags::SQLITE_OPEN_READ_WRITE | make, patience)
    }

    /// Opens a file that is there, for reading only: no statement on it changes anything, in this file or
    /// in another.
    pub fn open_to_read(path: &str, patience: Duration) -> Result<Sqlite, DatabaseError> {
        let opened = Sqlite::with(path, OpenFlags::SQLITE_OPEN_READ_ONLY, patience)?;
        Ok(Sqlite { looks: true, ..opened })
    }

    fn with(path: &str, flags: OpenFlags, patience: Duration) -> Result<Sqlite, DatabaseError> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(explain)?;
        connection.busy_timeout(patience).map_err(explain)?;
        Ok(Sqlite { connection, looks: false })
    }

    /// A database in memory, gone with the value.
    pub fn in_memory() -> Result<Sqlite, DatabaseError> {
        Ok(Sqlite { connection: Connection::open_in_memory().map_err(explain)?, looks: false })
    }

    fn rows(&mut self, sql: &str, binds: &[Bind]) -> Result<Rows, DatabaseError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(explain)?;
        // `vacuum into` writes a file that is not this one, so the file's own lock does not stop it.
        if self.looks && !statement.readonly() {
            return Err(only_reads());
        }
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let width = columns.len();
        let mut answer = statement.query(rusqlite::params_from_iter(binds)).map_err(explain)?;
        let mut rows = Vec::new();
        while let Some(row) = answer.next().map_err(explain)? {
            let values: Result<Vec<_>, _> = (0..width).map(|at| row.get_ref(at).map(as_text)).collect();
            rows.push(values.map_err(explain)?);
        }
        Ok(Rows { columns, rows })
    }
}

impl Database for Sqlite {
    fn query<'a>(&'a mut self, sql: &'a str, binds: &'a [Bind]) -> Task<'a, Result<Rows, DatabaseError>> {
        Box::pin(async move { self.rows(sql, binds) })
    }

    fn execute<'a>(&'a mut self, sql: &'a str, binds: &'a [Bind]) -> Task<'a, Result<u64, DatabaseError>> {
        Box::pin(async move {
            if self.looks {
                return Err(only_reads());
            }
            let mut statement = self.connection.prepare_cached(sql).map_err(explain)?;
            let touched = statement.execute(rusqlite::params_from_iter(binds)).map_err(explain)?;
            Ok(touched as u64)
        })
    }

    fn batch<'a>(&'a mut self, sql: &'a str) -> Task<'a, Result<(), DatabaseError>> {
        Box::pin(async move {
            if self.looks {
                return Err(only_reads());
            }
            self.connection.execute_batch(sql).map_err(explain)
        })
    }
}

impl rusqlite::ToSql for Bind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Bind::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Bind::Integer(value) => ToSqlOutput::Borrowed(ValueRef::Integer(*value)),
            Bind::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}

/// A REAL column is shown in its shortest exact form; nothing is computed with it.
fn as_text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}

fn only_reads() -> DatabaseError {
    DatabaseError::Denied("this connection only reads, and the statement would change something".to_owned())
}

fn explain(error: rusqlite::Error) -> DatabaseError {
    let text = error.to_string().replace('\n', " ");
    let extended = error.sqlite_error().map(|error| error.extended_code);
    match error.sqlite_error_code() {
        // Only a connection that may write can clear up what a program that died has left.
        Some(_) if extended == Some(rusqlite::ffi::SQLITE_READONLY_ROLLBACK) => DatabaseError::Busy(
            "a program died while it wrote there, and whoever may write must open the database first"
                .to_owned(),
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => DatabaseError::Busy(text),
        Some(ErrorCode::ConstraintViolation) => DatabaseError::Constraint(text),
        Some(ErrorCode::CannotOpen) => DatabaseError::Gone(text),
        Some(ErrorCode::AuthorizationForStatementDenied | ErrorCode::ReadOnly) => DatabaseError::Denied(text),
        _ => DatabaseError::Other(text),
    }
}
