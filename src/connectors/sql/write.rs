//! One batch of writes: a transaction in which every row must touch exactly one row.

use super::Sql;
use super::statement::{Param, Statement};
use crate::connectors::seen::seen;
use crate::connectors::{Cell, Failure, RowAnswer, Seen, WriteRow, differs, may_write, units};
use crate::world::placeholder::Dialect;
use crate::world::{Bind, DatabaseError};

/// What a statement did for one row.
enum Outcome {
    /// The answer stands.
    Answer(RowAnswer),
    /// It touched nothing, or a constraint stood against it, in these words: what the row shows decides.
    Nothing(Option<String>),
}

impl Sql {
    /// Writes rows in one transaction. A row that cannot be written is undone alone; the others stay.
    pub async fn write_batch(&mut self, rows: &[WriteRow]) -> Result<Vec<RowAnswer>, Failure> {
        may_write(&self.context, rows.len())?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        self.connect().await?;
        self.unfinished = true;
        let answers = self.transaction(rows).await;
        let lost = matches!(answers, Err(Failure::Retry { .. } | Failure::Unknown { .. }));
        let ended = match &answers {
            Ok(_) => true,
            Err(_) => self.run("rollback").await.is_ok(),
        };
        let guarded = match self.dialect {
            Dialect::Sqlite => self.run("pragma query_only = on").await.is_ok(),
            Dialect::Postgres => true,
        };
        // What cannot be brought back into order is closed: the server then rolls back by itself.
        if lost || !ended || !guarded {
            self.database = None;
        }
        self.unfinished = false;
        answers
    }

    async fn run(&mut self, sql: &str) -> Result<(), DatabaseError> {
        self.database()?.batch(sql).await
    }

    async fn transaction(&mut self, rows: &[WriteRow]) -> Result<Vec<RowAnswer>, Failure> {
        let begin = match self.dialect {
            // Asking for the lock at once: a transaction that starts by reading may be refused it later.
            Dialect::Sqlite => "pragma query_only = off; begin immediate",
            Dialect::Postgres => "begin read write",
        };
        self.run(begin).await.map_err(|error| self.failure("the transaction", error))?;
        let stands = self.stands(rows).await?;
        let mut outcomes = Vec::with_capacity(rows.len());
        for (row, stands) in rows.iter().zip(stands) {
            outcomes.push(match stands {
                Some(moved) => Outcome::Answer(moved),
                None => self.one(row).await.map_err(|error| self.failure("the write", error))?,
            });
        }
        let answers = self.judge(rows, outcomes).await?;
        if self.context.world.too_late() {
            let name = &self.context.model.system(self.context.system).name;
            let why = "the run's lock ran out before this was written for good, so it is taken back";
            return Err(Failure::Retry { after: None, message: format!("system `{name}`: {why}") });
        }
        match self.run("commit").await {
            Ok(()) => Ok(answers),
            Err(error @ (DatabaseError::Busy(_) | DatabaseError::Constraint(_))) => {
                Err(self.failure("the commit", error))
            }
            Err(error) => Err(Failure::Unknown {
                message: format!("system `{}`: the commit was not answered: {error}", self.system().name),
            }),
        }
    }

    /// A statement compares the count that it writes. Where a row depends on other counts too, they are
    /// read here: the answer for a row whose other counts moved, `None` for a row that may go on.
    async fn stands(&mut self, rows: &[WriteRow]) -> Result<Vec<Option<RowAnswer>>, Failure> {
        let other = |row: &WriteRow| row.before.iter().any(|(column, _)| *column != row.column);
        if !rows.iter().any(other) {
            return Ok(rows.iter().map(|_| None).collect());
        }
        let now = self.look(rows.iter().map(|row| row.cell).collect()).await?;
        let judge = |(row, seen): (&WriteRow, Seen)| {
            let others: Vec<_> = row.before.iter().filter(|(name, _)| *name != row.column).cloned().collect();
            (seen.exists && seen.refused.is_none() && differs(&others, &seen))
                .then_some(RowAnswer::Moved { found: Some(seen) })
        };
        Ok(rows.iter().zip(now).map(judge).collect())
    }

    async fn look(&mut self, cells: Vec<Cell>) -> Result<Vec<Seen>, Failure> {
        let levels = self.read().await?;
        Ok(seen(&self.context.model, &levels, &cells))
    }

    /// Writes one row. `Err` is about the connection or the transaction as a whole.
    async fn one(&mut self, row: &WriteRow) -> Result<Outcome, DatabaseError> {
        let name = if row.create { "create" } else { "set" };
        let refuse =
            |message: String| Ok(Outcome::Answer(RowAnswer::Rejected { field: name.to_owned(), message }));
        let Some(statement) = (if row.create { &self.create } else { &self.set }).clone() else {
            return refuse(format!(
                "the system has no `{name}` statement, so this row cannot be written; add one, or leave \
                 the item out"
            ));
        };
        if let Some((_, why)) = self.distrusted.iter().find(|(known, _)| *known == name) {
            return refuse(format!("`{name}` is not used any more in this run: {why}"));
        }
        let binds = self.binds(&statement, row);
        let database = self.database()?;
        database.batch("savepoint one_row").await?;
        let touched = database.execute(&statement.sql, &binds).await;
        let undo = match &touched {
            Ok(0 | 1) => "release savepoint one_row",
            Err(error @ (DatabaseError::Busy(_) | DatabaseError::Gone(_) | DatabaseError::Denied(_))) => {
                return Err(error.clone());
            }
            _ => "rollback to savepoint one_row; release savepoint one_row",
        };
        database.batch(undo).await?;
        match touched {
            Ok(1) => {
                let compared = row.create || statement.uses(Param::Before);
                Ok(Outcome::Answer(RowAnswer::Written { compared }))
            }
            Ok(0) => Ok(Outcome::Nothing(None)),
            Ok(many) => {
                let why = format!(
                    "it touched {many} rows for `{}` where it may touch one; what it did was undone; make \
                     its conditions name one row",
                    self.context.model.code(row.cell.code).code
                );
                self.distrusted.push((statement.name, why.clone()));
                refuse(format!("`{name}` is refused: {why}"))
            }
            Err(DatabaseError::Constraint(said)) if row.create => Ok(Outcome::Nothing(Some(said))),
            Err(error) => refuse(format!("the database refuses the row: {error}")),
        }
    }

    fn binds(&self, statement: &Statement, row: &WriteRow) -> Vec<Bind> {
        let model = &self.context.model;
        let code = model.code(row.cell.code);
        let location = model.location(row.cell.location).code_in(self.context.system);
        statement.binds(|param| match param {
            Param::Before => {
                let known = row.before.iter().find(|(column, _)| *column == row.column);
                known.map(|(_, value)| *value).into()
            }
            Param::After => row.after.into(),
            Param::Code => (&*code.code).into(),
            Param::Location => location.and_then(|code| code.code.as_deref()).into(),
            Param::Unit => (&*units::word(model, code)).into(),
            Param::Key => row.key.as_str().into(),
        })
    }

    /// Reads the rows again for which nothing happened, still inside the transaction, and says why.
    async fn judge(&mut self, rows: &[WriteRow], outcomes: Vec<Outcome>) -> Result<Vec<RowAnswer>, Failure> {
        let open = rows.iter().zip(&outcomes);
        let open: Vec<Cell> =
            open.filter(|(_, o)| matches!(o, Outcome::Nothing(_))).map(|(row, _)| row.cell).collect();
        let now = if open.is_empty() { Vec::new() } else { self.look(open).await? };
        let mut now = now.into_iter();
        let answer = |(row, outcome): (&WriteRow, Outcome)| match outcome {
            Outcome::Answer(answer) => answer,
            Outcome::Nothing(said) => nothing(row, now.next().unwrap_or_default(), said),
        };
        Ok(rows.iter().zip(outcomes).map(answer).collect())
    }
}

/// Why a statement touched no row.
fn nothing(row: &WriteRow, seen: Seen, said: Option<String>) -> RowAnswer {
    let field = if row.create { "create" } else { "set" };
    let moved = if row.create { seen.exists } else { seen.exists && differs(&row.before, &seen) };
    let message = match (said, seen.exists, &seen.refused) {
        (_, true, Some(why)) if !row.create => format!("the row cannot be used: {why}"),
        _ if moved => return RowAnswer::Moved { found: Some(seen) },
        (Some(said), ..) => format!("the database refuses the row: {said}"),
        (None, false, _) if row.create => {
            "`create` made no row, and `levels` shows none; mend the statement".to_owned()
        }
        (None, false, _) => "the row is gone: `levels` does not show it any more".to_owned(),
        (None, true, _) => "`set` touched no row although the row still shows what was expected; its \
                            conditions do not find the row that `levels` shows"
            .to_owned(),
    };
    RowAnswer::Rejected { field: field.to_owned(), message }
}
