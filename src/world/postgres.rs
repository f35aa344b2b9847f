//! PostgreSQL behind the database trait. The only home of tokio-postgres.

mod value;

use super::database::{Bind, Database, DatabaseError, Rows};
use super::placeholder::{Dialect, Piece, pieces};
use super::{Secret, Task};
use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Error, NoTls, Statement};

/// One connection to a PostgreSQL server.
pub struct Postgres {
    client: Client,
    patience: Duration,
    place: String,
    /// Whether every question is asked in a transaction that only reads.
    looks: bool,
    /// Prepared statements by their text as callers write it.
    prepared: HashMap<String, Statement>,
}

/// More statements than any caller has; beyond it the oldest are simply prepared again.
const MOST_PREPARED: usize = 256;

impl Postgres {
    /// Connects to `postgres://user:password@host:port/database`. `patience` bounds each request, the
    /// connecting included. The connection is not encrypted, so a host beyond this machine is refused
    /// unless the URL says `sslmode=disable` itself. Messages never contain any part of the URL but host
    /// and port.
    pub async fn connect(url: &Secret, patience: Duration) -> Result<Postgres, DatabaseError> {
        let config = config(url, patience)?;
        let connecting = config.connect(NoTls);
        let (client, connection) = match tokio::time::timeout(patience, connecting).await {
            Ok(answer) => answer.map_err(|error| explain_connecting(&error, &config))?,
            Err(_) => return Err(late(patience)),
        };
        // It ends by itself when the client is dropped.
        drop(tokio::spawn(connection));
        let mut connected =
            Postgres { client, patience, place: place(&config), looks: false, prepared: HashMap::new() };
        let statement_ms = patience.as_millis();
        let lock_ms = statement_ms / 6;
        let habits = format!(
            "set statement_timeout = {statement_ms}; set lock_timeout = {lock_ms}; \
             set standard_conforming_strings = on"
        );
        connected.batch(&habits).await?;
        Ok(connected)
    }

    /// Connects for reading only: every question is asked in a read-only transaction of its own, and nothing
    /// else can be sent.
    pub async fn connect_to_read(url: &Secret, patience: Duration) -> Result<Postgres, DatabaseError> {
        let connected = Postgres::connect(url, patience).await?;
        Ok(Postgres { looks: true, ..connected })
    }

    /// Where it is connected to, as `host:port/database`.
    pub fn place(&self) -> &str {
        &self.place
    }

    async fn prepare(&mut self, sql: &str, binds: &[Bind]) -> Result<Statement, DatabaseError> {
        let statement = match self.prepared.get(sql) {
            Some(known) => known.clone(),
            None => {
                let text = numbered(sql)?;
                let fresh = within(self.patience, self.client.prepare(&text)).await?;
                if self.prepared.len() >= MOST_PREPARED {
                    self.prepared.clear();
                }
                self.prepared.insert(sql.to_owned(), fresh.clone());
                fresh
            }
        };
        match statement.params().len() {
            expected if expected == binds.len() => Ok(statement),
            expected => Err(DatabaseError::Other(format!(
                "the statement has {expected} parameters, and {} values were given",
                binds.len()
            ))),
        }
    }

    async fn rows(&mut self, sql: &str, binds: &[Bind]) -> Result<Rows, DatabaseError> {
        let statement = self.prepare(sql, binds).await?;
        let columns = statement.columns().iter();
        if let Some(column) = columns.clone().find(|column| !value::readable(column.type_())) {
            return Err(DatabaseError::Other(format!(
                "column `{}` has type `{}`, which is not read; cast it to text in the query",
                column.name(),
                column.type_().name()
            )));
        }
        let columns: Vec<String> = columns.map(|column| column.name().to_owned()).collect();
        let params = parameters(binds);
        let answer = within(self.patience, self.client.query(&statement, &params)).await?;
        let mut rows = Vec::with_capacity(answer.len());
        for row in &answer {
            let cells = (0..columns.len()).map(|at| row.try_get::<_, value::Shown>(at).map(|shown| shown.0));
            rows.push(cells.collect::<Result<Vec<_>, Error>>().map_err(|error| explain(&error))?);
        }
        Ok(Rows { columns, rows })
    }
}

impl Database for Postgres {
    fn query<'a>(&'a mut self, sql: &'a str, binds: &'a [Bind]) -> Task<'a, Result<Rows, DatabaseError>> {
        Box::pin(async move {
            if !self.looks {
                return self.rows(sql, binds).await;
            }
            // A question that was dropped halfway may have left a transaction open.
            within(self.patience, self.client.batch_execute("rollback; begin read only")).await?;
            let rows = self.rows(sql, binds).await;
            let ended = within(self.patience, self.client.batch_execute("rollback")).await;
            rows.and_then(|rows| ended.map(|()| rows))
        })
    }

    fn execute<'a>(&'a mut self, sql: &'a str, binds: &'a [Bind]) -> Task<'a, Result<u64, DatabaseError>> {
        Box::pin(async move {
            if self.looks {
                return Err(only_reads());
            }
            let statement = self.prepare(sql, binds).await?;
            let params = parameters(binds);
            within(self.patience, self.client.execute(&statement, &params)).await
        })
    }

    fn batch<'a>(&'a mut self, sql: &'a str) -> Task<'a, Result<(), DatabaseError>> {
        Box::pin(async move {
            if self.looks {
                return Err(only_reads());
            }
            within(self.patience, self.client.batch_execute(sql)).await
        })
    }
}

fn only_reads() -> DatabaseError {
    DatabaseError::Denied("this connection only reads, and the statement would change something".to_owned())
}

fn parameters(binds: &[Bind]) -> Vec<&(dyn ToSql + Sync)> {
    binds.iter().map(|bind| bind as &(dyn ToSql + Sync)).collect()
}

/// The server's own `$N` for each `?N`.
fn numbered(sql: &str) -> Result<String, DatabaseError> {
    let mut text = String::with_capacity(sql.len());
    for piece in pieces(sql, Dialect::Postgres) {
        match piece {
            Piece::Text(plain) => text.push_str(plain),
            Piece::Numbered(number) => text.push_str(&format!("${number}")),
            Piece::Named(name) => {
                let message = format!("`:{name}` stands in the statement, and no value has that name");
                return Err(DatabaseError::Other(message));
            }
            Piece::Strange(found) => {
                let message = format!("`{found}` stands in the statement, and nothing says what it is");
                return Err(DatabaseError::Other(message));
            }
        }
    }
    Ok(text)
}

async fn within<T>(
    patience: Duration,
    request: impl Future<Output = Result<T, Error>>,
) -> Result<T, DatabaseError> {
    // The server gives up by itself at `patience`; a little more lets its own words arrive.
    match tokio::time::timeout(patience + Duration::from_secs(2), request).await {
        Ok(answer) => answer.map_err(|error| explain(&error)),
        Err(_) => Err(late(patience)),
    }
}

fn late(patience: Duration) -> DatabaseError {
    DatabaseError::Gone(format!("no answer within {} seconds", patience.as_secs()))
}

fn config(url: &Secret, patience: Duration) -> Result<Config, DatabaseError> {
    let refuse = |message: &str| Err(DatabaseError::Other(message.to_owned()));
    let text = url.reveal();
    // The parser's own words may quote the URL, which may hold the password.
    let Ok(mut config) = text.parse::<Config>() else {
        return refuse(
            "the URL is not one of PostgreSQL: write postgres://user:password@host:5432/database, with \
             special characters of the password as %XX",
        );
    };
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        return refuse("the URL names no host");
    }
    match config.get_ssl_mode() {
        SslMode::Disable => {}
        SslMode::Prefer if stays_here(&config) => {}
        SslMode::Prefer => {
            return refuse(
                "the server is on another machine, and encrypted connections are not supported yet: the \
                 password would cross the network in the clear; use a tunnel to 127.0.0.1, or add \
                 ?sslmode=disable to the URL where the network itself is private",
            );
        }
        _ => {
            return refuse(
                "the URL asks for an encrypted connection (sslmode), which is not supported yet; use a \
                 tunnel to 127.0.0.1",
            );
        }
    }
    config.ssl_mode(SslMode::Disable);
    config.connect_timeout(patience).application_name("onhand");
    Ok(config)
}

/// Whether the connection stays on this machine.
fn stays_here(config: &Config) -> bool {
    let addresses = config.get_hostaddrs();
    let local = |host: &Host| match host {
        Host::Tcp(name) => match name.trim_matches(['[', ']']).parse::<std::net::IpAddr>() {
            Ok(address) => address.is_loopback(),
            Err(_) => name == "localhost",
        },
        #[cfg(unix)]
        Host::Unix(_) => true,
    };
    // Where addresses are given they are what is connected to, whatever the names.
    match addresses.is_empty() {
        true => config.get_hosts().iter().all(local),
        false => addresses.iter().all(std::net::IpAddr::is_loopback),
    }
}

/// As `host:port/database`.
fn place(config: &Config) -> String {
    let name = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => name.as_str(),
        _ => "localhost",
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let database = config.get_dbname().or(config.get_user()).unwrap_or_default();
    format!("{name}:{port}/{database}")
}

fn explain_connecting(error: &Error, config: &Config) -> DatabaseError {
    match explain(error) {
        DatabaseError::Gone(text) => DatabaseError::Gone(format!("{}: {text}", place(config))),
        // What fails before the server has spoken is the log-in, since the URL itself was understood.
        DatabaseError::Other(text) if error.as_db_error().is_none() => DatabaseError::Denied(text),
        other => other,
    }
}

fn explain(error: &Error) -> DatabaseError {
    let Some(said) = error.as_db_error() else {
        let mut cause: &dyn std::error::Error = error;
        let mut outside = error.is_closed();
        while let Some(inner) = cause.source() {
            cause = inner;
            outside |= cause.is::<std::io::Error>();
        }
        let text = one_line(&cause.to_string());
        return if outside { DatabaseError::Gone(text) } else { DatabaseError::Other(text) };
    };
    // Details are left out: they quote values.
    let text = one_line(said.message());
    match said.code().code() {
        code if code.starts_with("23") => DatabaseError::Constraint(text),
        code if code.starts_with("28") => DatabaseError::Denied(text),
        "42501" | "25006" => DatabaseError::Denied(text),
        "40001" | "40P01" | "55P03" | "57014" | "53300" | "57P03" => DatabaseError::Busy(text),
        code if code.starts_with("08") || code.starts_with("57P") => DatabaseError::Gone(text),
        _ => DatabaseError::Other(text),
    }
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
