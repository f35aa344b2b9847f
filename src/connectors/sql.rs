//! Kind `sql`: counts in a SQLite or PostgreSQL database, by the topology's own statements.

mod statement;
mod write;

use super::raw::{self, Raw};
use super::seen::seen;
use super::{Cell, Context, Failure, GENERIC, RowAnswer, Seen, Session, WriteRow, setting};
use crate::model::capability::*;
use crate::model::observation::{Levels, Lines};
use crate::model::system::{Setting, System};
use crate::model::time::Moment;
use crate::world::placeholder::Dialect;
use crate::world::postgres::Postgres;
use crate::world::sqlite::Sqlite;
use crate::world::{Database, DatabaseError, Rows, Task};
use statement::Statement;
use std::time::Duration;

/// What the kind can do.
pub const DESCRIPTOR: Descriptor = Descriptor {
    kind: "sql",
    summary: "counts in a SQLite or PostgreSQL database, by statements of your own",
    fields: &[Field {
        name: "url",
        says: "`sqlite:PATH` or `postgres://…`",
        secret: false,
        required: Required::Always,
    }],
    request_ms: 5,
    ..GENERIC
};

/// How long SQLite waits for another writer.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);
/// How long PostgreSQL may take for one request, where the topology says nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// Opens a session: connects, and reads the statements.
pub fn open(context: Context) -> Task<'static, Result<Box<dyn Session>, Failure>> {
    Box::pin(async move {
        let mut session = Sql::new(context)?;
        session.connect().await?;
        Ok(Box::new(session) as Box<dyn Session>)
    })
}

struct Sql {
    context: Context,
    dialect: Dialect,
    url: crate::world::Secret,
    levels: String,
    set: Option<Statement>,
    create: Option<Statement>,
    /// Statements that touched more than one row, with what they did: not used again by this session.
    distrusted: Vec<(&'static str, String)>,
    /// The connection and what people call it; none before the first and after one was lost.
    database: Option<(Box<dyn Database>, String)>,
    /// Whether a transaction was begun and not ended. A future that was dropped leaves one behind.
    unfinished: bool,
}

impl Sql {
    fn new(context: Context) -> Result<Sql, Failure> {
        let system = context.model.system(context.system);
        let shape = super::shape(&context)?;
        let Some((url, _)) = system.settings.get("url") else {
            return Err(rejected(system, "there is no `url`; write sqlite:PATH or postgres://…"));
        };
        let url = setting::reveal(&context, "url", url)?;
        let dialect = match url.reveal() {
            text if text.starts_with("sqlite:") => Dialect::Sqlite,
            text if text.starts_with("postgres://") || text.starts_with("postgresql://") => Dialect::Postgres,
            _ => return Err(rejected(system, "`url` must begin with sqlite: or postgres://")),
        };
        let levels = match &shape.source {
            Setting::Literal(text) => text.to_string(),
            other => setting::reveal(&context, "levels", other)?.reveal().to_owned(),
        };
        statement::without_parameters("levels", &levels, dialect).map_err(|why| rejected(system, &why))?;
        let parse = |name, node: &Option<(crate::model::Name, _)>| {
            let parsed = node.as_ref().map(|(text, _)| Statement::parse(name, text, dialect));
            parsed.transpose().map_err(|why| rejected(system, &why))
        };
        let (set, create) = (parse("set", &system.set)?, parse("create", &system.create)?);
        let distrusted = Vec::new();
        Ok(Sql { context, dialect, url, levels, set, create, distrusted, database: None, unfinished: false })
    }

    fn system(&self) -> &System {
        self.context.model.system(self.context.system)
    }

    /// Connects, unless a sound connection stands. A session that only looks gets a connection that cannot
    /// do more. Every other one starts read-only: only a batch of writes lifts that, for itself.
    async fn connect(&mut self) -> Result<(), Failure> {
        if self.database.is_some() && !self.unfinished {
            return Ok(());
        }
        (self.database, self.unfinished) = (None, false);
        let told = self.context.model.system(self.context.system).timeout;
        let looks = !self.context.writes || !self.context.world.writes;
        let (mut database, name): (Box<dyn Database>, String) = match self.dialect {
            Dialect::Sqlite => {
                let file = self.url.reveal().trim_start_matches("sqlite:").to_owned();
                let path = setting::path(&self.context, &file);
                let patience = told.unwrap_or(LOCK_PATIENCE);
                let opened = match looks {
                    true => Sqlite::open_to_read(&path, patience),
                    false => Sqlite::open(&path, false, patience),
                };
                let opened = opened.map_err(|error| match error {
                    DatabaseError::Busy(_) => self.failure("the connection", error),
                    other => rejected(
                        self.system(),
                        &format!("database `{file}` cannot be opened: {other}; check the path in `url`"),
                    ),
                })?;
                (Box::new(opened), file)
            }
            Dialect::Postgres => {
                let patience = told.unwrap_or(PATIENCE);
                let connected = match looks {
                    true => Postgres::connect_to_read(&self.url, patience).await,
                    false => Postgres::connect(&self.url, patience).await,
                };
                let connected = connected.map_err(|error| self.failure("the connection", error))?;
                let name = connected.place().to_owned();
                (Box::new(connected), name)
            }
        };
        let read_only = match self.dialect {
            Dialect::Sqlite => "pragma query_only = on",
            Dialect::Postgres => "set default_transaction_read_only = on",
        };
        if !looks {
            database.batch(read_only).await.map_err(|error| self.failure("the connection", error))?;
        }
        self.database = Some((database, name));
        Ok(())
    }

    /// The connection; [`Sql::connect`] comes first.
    fn database(&mut self) -> Result<&mut dyn Database, DatabaseError> {
        match &mut self.database {
            Some((database, _)) => Ok(&mut **database),
            None => Err(DatabaseError::Gone("the connection is gone".to_owned())),
        }
    }

    /// Reads all levels on the connection as it stands, inside a transaction or not.
    async fn read(&mut self) -> Result<Levels, Failure> {
        let raw = self.keep().await?;
        raw::levels(&self.context, &raw)
    }

    /// The answer to `levels`, and when it was asked for.
    async fn ask(&mut self) -> Result<(Rows, Moment), Failure> {
        let started = Moment(self.context.world.clock.now_ms());
        let sql = self.levels.clone();
        let answer = match self.database() {
            Ok(database) => database.query(&sql, &[]).await,
            Err(error) => Err(error),
        };
        answer.map(|rows| (rows, started)).map_err(|error| self.failure("`levels`", error))
    }

    /// What people call the connection.
    fn source(&self) -> &str {
        self.database.as_ref().map_or("", |(_, name)| name.as_str())
    }

    /// The answer to `levels` as it came.
    async fn keep(&mut self) -> Result<Raw, Failure> {
        let (rows, started) = self.ask().await?;
        let source = self.source().to_owned();
        let kept = (1..).zip(rows.rows).map(|(record, fields)| raw::Row { record, fields, fault: None });
        let sheet = raw::Sheet { name: source.clone(), columns: Some(rows.columns), rows: kept.collect() };
        Ok(Raw { source, sheets: vec![sheet], pages: 1, requests: 1, as_of: Some(started), ..Raw::default() })
    }

    /// What an error means for the whole request, which the caller knows not to have been carried out. A
    /// connection that is gone is forgotten, and made again by the next request.
    fn failure(&self, what: &str, error: DatabaseError) -> Failure {
        let message = format!("system `{}`: {what}: {error}", self.system().name);
        match error {
            DatabaseError::Busy(_) | DatabaseError::Gone(_) => Failure::Retry { after: None, message },
            DatabaseError::Denied(_) => {
                Failure::Denied { message: format!("{message}; check the user, its password and its rights") }
            }
            DatabaseError::Constraint(_) | DatabaseError::Other(_) => Failure::Rejected { message },
        }
    }
}

fn rejected(system: &System, why: &str) -> Failure {
    Failure::Rejected { message: format!("system `{}`: {why}", system.name) }
}

impl Session for Sql {
    fn lines(&mut self) -> Task<'_, Result<Lines, Failure>> {
        Box::pin(async { Ok(Lines::default()) })
    }

    fn levels(&mut self) -> Task<'_, Result<Levels, Failure>> {
        Box::pin(async move {
            self.connect().await?;
            let answer = self.read().await;
            if matches!(answer, Err(Failure::Retry { .. })) {
                self.database = None;
            }
            answer
        })
    }

    fn raw(&mut self) -> Task<'_, Result<Option<Raw>, Failure>> {
        Box::pin(async move {
            self.connect().await?;
            let answer = self.keep().await;
            if matches!(answer, Err(Failure::Retry { .. })) {
                self.database = None;
            }
            answer.map(Some)
        })
    }

    fn inspect<'s>(&'s mut self, cells: &'s [Cell]) -> Task<'s, Result<Vec<Seen>, Failure>> {
        Box::pin(async move {
            let levels = self.levels().await?;
            Ok(seen(&self.context.model, &levels, cells))
        })
    }

    fn write<'s>(&'s mut self, rows: &'s [WriteRow]) -> Task<'s, Result<Vec<RowAnswer>, Failure>> {
        Box::pin(self.write_batch(rows))
    }
}
