//! The outside as small traits: clock, HTTP, files, environment, databases, randomness.

pub mod address;
pub mod database;
pub mod git;
pub mod memory;
mod offline;
mod only;
pub mod placeholder;
pub mod postgres;
pub mod real;
pub mod secret;
pub mod sqlite;
pub mod store;
mod tls;
mod web;

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

pub use database::{Bind, Database, DatabaseError, Rows};
pub use secret::Secret;
pub use store::{Store, Stores};

/// A future that stays on its thread.
pub type Task<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Everything outside, in one hand.
pub struct World {
    /// The time.
    pub clock: Box<dyn Clock>,
    /// Chance, for jitter and ids.
    pub random: Box<dyn Random>,
    /// Requests.
    pub http: Box<dyn Http>,
    /// Files.
    pub files: Box<dyn Files>,
    /// Environment variables.
    pub env: Box<dyn Env>,
    /// Systems inside the process, for kind `memory`.
    pub stores: Stores,
    /// Whether systems outside may be changed. Where not, `http` sends no unsafe request, and whoever opens a
    /// database opens it for reading only.
    pub writes: bool,
    /// Until when a request that changes something may leave, in milliseconds since 1970-01-01 00:00 UTC: the
    /// end of a run's lock. One write may take several requests, and a process may be stopped between two.
    pub leaves_until_ms: Cell<i64>,
}

impl World {
    /// Whether it is too late for a request that changes something.
    pub fn too_late(&self) -> bool {
        self.clock.now_ms() >= self.leaves_until_ms.get()
    }
}

/// The time.
pub trait Clock {
    /// Milliseconds since 1970-01-01 00:00 UTC.
    fn now_ms(&self) -> i64;

    /// Waits.
    fn sleep(&self, duration: Duration) -> Task<'_, ()>;
}

/// Chance.
pub trait Random {
    /// 64 random bits.
    fn bits(&self) -> u64;
}

/// The process's surroundings: environment variables, and who it is among the processes of its host.
pub trait Env {
    /// The value of a variable; `None` where it is not set or not text.
    fn get(&self, name: &str) -> Option<String>;

    /// The name of this host.
    fn host(&self) -> String {
        self.get("HOSTNAME").unwrap_or_else(|| "localhost".to_owned())
    }

    /// A name for this process that no later process of this host shares.
    fn process(&self) -> String {
        "1".to_owned()
    }

    /// Whether a process of this host, named by [`Env::process`], still runs. Where nobody can tell, it does.
    fn alive(&self, _process: &str) -> bool {
        true
    }
}

/// Files. Paths are as the operating system takes them.
pub trait Files {
    /// The bytes of a file.
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError>;

    /// The bytes of a file as they come, for one that is not held as a whole.
    fn open(&self, path: &str) -> Result<Box<dyn std::io::Read>, FileError> {
        Ok(Box::new(std::io::Cursor::new(self.read(path)?)))
    }

    /// The entries of a folder, sorted by name.
    fn list(&self, path: &str) -> Result<Vec<FileEntry>, FileError>;

    /// Writes a whole new file beside the old one, makes it durable, and renames it into place; makes
    /// missing folders first.
    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), FileError>;

    /// The path with links followed; the path itself where it does not exist.
    fn canonical(&self, path: &str) -> String;
}

/// One entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileEntry {
    /// Its name, without the folder.
    pub name: String,
    /// Whether it is a folder.
    pub is_dir: bool,
    /// When it last changed, in milliseconds since 1970.
    pub modified_ms: i64,
    /// Its size in bytes.
    pub size: u64,
}

/// Why a file could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileError {
    /// It is not there.
    Missing,
    /// It is there, and something else is wrong; in words.
    Other(String),
}

impl std::fmt::Display for FileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FileError::Missing => f.write_str("there is no such file"),
            FileError::Other(message) => f.write_str(message),
        }
    }
}

/// Requests over HTTP. Redirects are never followed by it.
pub trait Http {
    /// Sends one request and reads the whole answer, at most `request.limit` bytes of it.
    fn send(&self, request: Request) -> Task<'_, Result<Response, HttpError>>;
}

/// One request.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The full address.
    pub url: String,
    /// Headers that may be shown.
    pub headers: Vec<(String, String)>,
    /// Headers that may not.
    pub secrets: Vec<(String, Secret)>,
    /// The body; it never reaches a log.
    pub body: Vec<u8>,
    /// From sending to the last byte of the answer.
    pub timeout: Duration,
    /// Largest answer in bytes, after decompression.
    pub limit: usize,
    /// Whether carrying it out changes nothing at the other side.
    pub safe: bool,
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status, such as 200.
    pub status: u16,
    /// Headers, names in lower case, in the order received.
    pub headers: Vec<(String, String)>,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of a name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HttpError {
    /// The request never left: no connection, no name, refused TLS. In words, without secrets.
    NotSent(String),
    /// It may have arrived: timed out, reset, or the answer was cut.
    NoAnswer(String),
    /// The answer is larger than the limit.
    TooLarge(usize),
    /// The answer is packed so that it unpacks to more than so many times its size.
    Swells(usize),
    /// A world that may only look was asked to change something.
    Unsafe,
}
