//! SQL databases as one small trait, whatever stands behind it.

use super::Task;

/// A connection to a database.
pub trait Database {
    /// Runs one statement and reads all of its rows.
    fn query<'a>(&'a mut self, sql: &'a str, binds: &'a [Bind]) -> Task<'a, Result<Rows, DatabaseError>>;

    /// Runs one statement and says how many rows it touched.
    fn execute<'a>(&'a mut self, sql: &'a str, binds: &'a [Bind]) -> Task<'a, Result<u64, DatabaseError>>;

    /// Runs statements without binds, several at once: schema, `begin`, `commit`, `rollback`.
    fn batch<'a>(&'a mut self, sql: &'a str) -> Task<'a, Result<(), DatabaseError>>;
}

/// A bound parameter. Placeholders are written `?1`, `?2`, … and mean the same in every database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bind {
    /// No value.
    Null,
    /// A whole number.
    Integer(i64),
    /// Text.
    Text(String),
}

impl From<i64> for Bind {
    fn from(value: i64) -> Bind {
        Bind::Integer(value)
    }
}

impl From<&str> for Bind {
    fn from(value: &str) -> Bind {
        Bind::Text(value.to_owned())
    }
}

impl From<String> for Bind {
    fn from(value: String) -> Bind {
        Bind::Text(value)
    }
}

impl<T: Into<Bind>> From<Option<T>> for Bind {
    fn from(value: Option<T>) -> Bind {
        value.map_or(Bind::Null, Into::into)
    }
}

/// The answer to a query. Every value comes as text, numbers in their shortest exact form, so that no
/// count ever passes through floating point; `None` is SQL's null.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rows {
    /// Column names.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<Option<String>>>,
}

/// Why a statement failed. Messages are the database's own, in one line, without bound values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseError {
    /// Somebody else holds it: asking again later helps.
    Busy(String),
    /// A uniqueness or other constraint refused the row.
    Constraint(String),
    /// The connection is gone, or was never made.
    Gone(String),
    /// The credentials were refused.
    Denied(String),
    /// The statement is wrong, or anything else.
    Other(String),
}

impl std::fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (DatabaseError::Busy(text)
        | DatabaseError::Constraint(text)
        | DatabaseError::Gone(text)
        | DatabaseError::Denied(text)
        | DatabaseError::Other(text)) = self;
        f.write_str(text)
    }
}
