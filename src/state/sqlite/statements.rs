//! How statements run: one, one for each of many rows, and rows inserted many to a statement.

use super::SqliteStore;
use crate::state::StateError;
use crate::state::row::Reader;
use crate::state::trouble::broken;
use crate::world::{Bind, Database, Rows};

/// How many rows one statement inserts. SQLite takes little more than half as long for 64 at once as one by
/// one, and more gain nothing.
const TOGETHER: usize = 64;

impl SqliteStore {
    pub(super) async fn rows(&mut self, sql: &str, binds: &[Bind]) -> Result<Rows, StateError> {
        self.database.query(sql, binds).await.map_err(broken)
    }

    pub(super) async fn run_sql(&mut self, sql: &str, binds: &[Bind]) -> Result<u64, StateError> {
        self.database.execute(sql, binds).await.map_err(broken)
    }

    pub(super) async fn all<T>(
        &mut self,
        sql: &str,
        binds: &[Bind],
        read: fn(Reader) -> Result<T, StateError>,
    ) -> Result<Vec<T>, StateError> {
        let answer = self.rows(sql, binds).await?;
        answer.rows.into_iter().map(|row| read(Reader::new(row))).collect()
    }

    pub(super) async fn open_transaction(&mut self) -> Result<(), StateError> {
        self.database.batch("begin immediate").await.map_err(broken)
    }

    /// Commits what went well, and undoes what did not.
    pub(super) async fn close<T>(&mut self, outcome: Result<T, StateError>) -> Result<T, StateError> {
        let closed = match &outcome {
            Ok(_) => self.database.batch("commit").await.map_err(broken),
            Err(_) => Err(StateError::Broken(String::new())),
        };
        match closed {
            Ok(()) => outcome,
            Err(error) => {
                // A failed statement may have ended the transaction already: nothing is left to undo.
                let _ = self.database.batch("rollback").await;
                outcome.and(Err(error))
            }
        }
    }

    /// Runs one statement for each set of binds, all or none; answers the sum of rows touched.
    pub(super) async fn many(
        &mut self,
        sql: &str,
        binds: impl Iterator<Item = Vec<Bind>>,
    ) -> Result<u64, StateError> {
        self.open_transaction().await?;
        let mut touched = Ok(0);
        for row in binds {
            match self.run_sql(sql, &row).await {
                Ok(count) => touched = touched.map(|sum| sum + count),
                Err(error) => {
                    touched = Err(error);
                    break;
                }
            }
        }
        self.close(touched).await
    }

    /// Inserts rows in their order, many to a statement; `sql` ends where the values begin. Stands in a
    /// transaction: rows before one that fails stay.
    pub(super) async fn insert<const WIDTH: usize>(
        &mut self,
        sql: &str,
        rows: impl Iterator<Item = Result<[Bind; WIDTH], StateError>>,
    ) -> Result<(), StateError> {
        let row = format!("({})", ["?"; WIDTH].join(", "));
        let mut many = None;
        let mut binds = Vec::with_capacity(WIDTH * TOGETHER.min(rows.size_hint().0));
        for row_binds in rows {
            binds.extend(row_binds?);
            if binds.len() == WIDTH * TOGETHER {
                let many = many
                    .get_or_insert_with(|| format!("{sql} values {}", [row.as_str(); TOGETHER].join(", ")));
                self.run_sql(many, &binds).await?;
                binds.clear();
            }
        }
        let one = format!("{sql} values {row}");
        for row_binds in binds.chunks(WIDTH) {
            self.run_sql(&one, row_binds).await?;
        }
        Ok(())
    }

    /// Inserts rows, all or none.
    pub(super) async fn insert_all<const WIDTH: usize>(
        &mut self,
        sql: &str,
        rows: impl Iterator<Item = [Bind; WIDTH]>,
    ) -> Result<(), StateError> {
        self.open_transaction().await?;
        let outcome = self.insert(sql, rows.map(Ok)).await;
        self.close(outcome).await
    }
}
