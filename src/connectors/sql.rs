//! Kind `sql`: counts in a SQLite or PostgreSQL database, by the topology's own statements.

mod statement;
mod write;

use super::raw::{self, Raw};
use super::seen::seen;
use super::{Cell, Context, Failure, GENERIC, RowAnswer, Seen, Session, WriteRow, happened, listed, setting};
use crate::model::capability::*;
use crate::model::moved::Movements as Happened;
use crate::model::observation::{Levels, Lines};
use crate::model::system::{Movements, Setting, System};
use crate::model::time::Moment;
use crate::world::placeholder::Dialect;
use crate::world::postgres::Postgres;
use crate::world::sqlite::Sqlite;
use crate::world::{Bind, Database, DatabaseError, Rows, Task};
use statement::{Since, Statement};
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

/// How far reads of changes overlap: a transaction stamps its rows when it begins, and shows them when it
/// ends.
const OVERLAP: Duration = Duration::from_secs(10 * 60);

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
    lines: Option<String>,
    movements: Option<Since>,
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
        let text = |name, source: &Setting| match source {
            Setting::Literal(text) => Ok(text.to_string()),
            other => setting::reveal(&context, name, other).map(|text| text.reveal().to_owned()),
        };
        let plain = |name, source: &Setting| {
            let text = text(name, source)?;
            let plain = statement::without_parameters(name, &text, dialect);
            plain.map(|()| text).map_err(|why| rejected(system, &why))
        };
        let levels = plain("levels", &shape.source)?;
        let lines = system.lines.as_ref().map(|own| plain("lines", &own.source)).transpose()?;
        let since = |own: &Movements| {
            let parsed = Since::parse("movements", &text("movements", &own.source)?, dialect);
            parsed.map_err(|why| rejected(system, &why))
        };
        let movements = system.movements.as_ref().map(since).transpose()?;
        let parse = |name, node: &Option<(crate::model::Name, _)>| {
            let parsed = node.as_ref().map(|(text, _)| Statement::parse(name, text, dialect));
            parsed.transpose().map_err(|why| rejected(system, &why))
        };
        let (set, create) = (parse("set", &system.set)?, parse("create", &system.create)?);
        let distrusted = Vec::new();
        let (database, unfinished) = (None, false);
        Ok(Sql {
            context,
            dialect,
            url,
            levels,
            lines,
            movements,
            set,
            create,
            distrusted,
            database,
            unfinished,
        })
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
        let sql = self.levels.clone();
        let raw = self.keep("`levels`", (&sql, &[])).await?;
        raw::levels(&self.context, &raw)
    }

    /// The answer to a query, and when it was asked.
    async fn ask(&mut self, what: &str, (sql, binds): (&str, &[Bind])) -> Result<(Rows, Moment), Failure> {
        let started = Moment(self.context.world.clock.now_ms());
        let answer = match self.database() {
            Ok(database) => database.query(sql, binds).await,
            Err(error) => Err(error),
        };
        answer.map(|rows| (rows, started)).map_err(|error| self.failure(what, error))
    }

    /// What people call the connection.
    fn source(&self) -> &str {
        self.database.as_ref().map_or("", |(_, name)| name.as_str())
    }

    /// The answer to a query as it came.
    async fn keep(&mut self, what: &str, query: (&str, &[Bind])) -> Result<Raw, Failure> {
        let (rows, started) = self.ask(what, query).await?;
        let source = self.source().to_owned();
        let kept = (1..).zip(rows.rows).map(|(record, fields)| raw::Row { record, fields, fault: None });
        let sheet = raw::Sheet { name: source.clone(), columns: Some(rows.columns), rows: kept.collect() };
        Ok(Raw { source, sheets: vec![sheet], pages: 1, requests: 1, as_of: Some(started), ..Raw::default() })
    }

    /// The same on a connection that is made if need be, and forgotten if it fails.
    async fn read_anew(&mut self, what: &str, query: (&str, &[Bind])) -> Result<Raw, Failure> {
        self.connect().await?;
        let answer = self.keep(what, query).await;
        if matches!(answer, Err(Failure::Retry { .. })) {
            self.database = None;
        }
        answer
    }

    /// What the clock shows by which the database stamps its rows. SQLite's is the one of this machine.
    async fn clock(&mut self) -> Result<Moment, Failure> {
        if self.dialect == Dialect::Sqlite {
            return Ok(Moment(self.context.world.clock.now_ms()));
        }
        let sql = "select to_char(now() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
        let raw = self.read_anew("its clock", (sql, &[])).await?;
        let text = raw.sheets.first().and_then(|sheet| sheet.rows.first()?.fields.first()?.as_deref());
        text.and_then(|text| Moment::parse(text, "UTC"))
            .ok_or_else(|| rejected(self.system(), "its clock cannot be read: `select now()` gave no moment"))
    }

    /// The movements since a moment, or all of them.
    async fn read_movements(&mut self, since: Option<Moment>) -> Result<Happened, Failure> {
        super::movements(&self.context)?;
        let query = self.movements.clone().expect("it was read from the node that is there");
        let (mut binds, mut next) = (Vec::new(), None);
        if query.bound {
            binds.push(Bind::Text(since.unwrap_or_default().rfc3339()));
            next = Some(self.clock().await?.before(OVERLAP));
        }
        let raw = self.read_anew("`movements`", (&query.sql, &binds)).await?;
        let shape = super::movements(&self.context)?;
        happened::movements(&self.context, shape, &raw, (since.is_none() || !query.bound, next))
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
        Box::pin(async move {
            let Some(query) = self.lines.clone() else { return Ok(Lines::default()) };
            let raw = self.read_anew("`lines`", (&query, &[])).await?;
            match &self.system().lines {
                Some(shape) => listed::lines(&self.context, shape, &raw),
                None => Ok(Lines::default()),
            }
        })
    }

    fn levels(&mut self) -> Task<'_, Result<Levels, Failure>> {
        Box::pin(async move {
            let query = self.levels.clone();
            let raw = self.read_anew("`levels`", (&query, &[])).await?;
            raw::levels(&self.context, &raw)
        })
    }

    fn raw(&mut self) -> Task<'_, Result<Option<Raw>, Failure>> {
        Box::pin(async move {
            let query = self.levels.clone();
            self.read_anew("`levels`", (&query, &[])).await.map(Some)
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

    fn movements(&mut self, since: Option<Moment>) -> Task<'_, Result<Happened, Failure>> {
        Box::pin(self.read_movements(since))
    }
}
