//! A world in memory: a clock that stands, files in a map, answers by script. For tests and demos.

use super::{
    Clock, Env, FileEntry, FileError, Files, Http, HttpError, Random, Request, Response, Stores, Task, World,
};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

/// Files by path: bytes, and when they changed in milliseconds since 1970.
pub type Stored = BTreeMap<String, (Vec<u8>, i64)>;

/// The pieces of a memory world, shared with the test that drives it.
#[derive(Clone, Default)]
pub struct Memory {
    /// Milliseconds since 1970; moved by sleeping.
    pub now_ms: Rc<Cell<i64>>,
    /// State of the number sequence; set it to seed it.
    pub seed: Rc<Cell<u64>>,
    /// Files by path, with the time of change.
    pub files: Rc<RefCell<Stored>>,
    /// Environment variables.
    pub env: Rc<RefCell<BTreeMap<String, String>>>,
    /// Answers to requests, in order.
    pub answers: Rc<RefCell<VecDeque<Result<Response, HttpError>>>>,
    /// Requests seen, in order.
    pub requests: Rc<RefCell<Vec<Request>>>,
    /// Systems of kind `memory`, by name.
    pub stores: Stores,
}

impl Memory {
    /// A world over these pieces.
    pub fn world(&self) -> World {
        World {
            leaves_until_ms: Cell::new(i64::MAX),
            clock: Box::new(self.clone()),
            random: Box::new(self.clone()),
            http: Box::new(self.clone()),
            files: Box::new(self.clone()),
            env: Box::new(self.clone()),
            stores: self.stores.clone(),
            writes: true,
        }
    }
}

impl Clock for Memory {
    fn now_ms(&self) -> i64 {
        self.now_ms.get()
    }

    fn sleep(&self, duration: Duration) -> Task<'_, ()> {
        let ms = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Box::pin(async move { self.now_ms.set(self.now_ms.get().saturating_add(ms)) })
    }
}

impl Random for Memory {
    /// The splitmix64 sequence: every 64-bit state is fine, so any seed will do.
    fn bits(&self) -> u64 {
        let state = self.seed.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.seed.set(state);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

impl Env for Memory {
    fn get(&self, name: &str) -> Option<String> {
        self.env.borrow().get(name).cloned()
    }
}

impl Files for Memory {
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        self.files.borrow().get(path).map(|(bytes, _)| bytes.clone()).ok_or(FileError::Missing)
    }

    fn list(&self, path: &str) -> Result<Vec<FileEntry>, FileError> {
        let prefix = if path.is_empty() { String::new() } else { format!("{}/", path.trim_end_matches('/')) };
        let files = self.files.borrow();
        let mut entries: BTreeMap<String, FileEntry> = BTreeMap::new();
        for (name, (bytes, modified_ms)) in files.iter() {
            let Some(rest) = name.strip_prefix(&prefix) else { continue };
            let (first, is_dir) = rest.split_once('/').map_or((rest, false), |(dir, _)| (dir, true));
            let entry = FileEntry {
                name: first.to_owned(),
                is_dir,
                modified_ms: *modified_ms,
                size: bytes.len() as u64,
            };
            entries.insert(first.to_owned(), entry);
        }
        if entries.is_empty() { Err(FileError::Missing) } else { Ok(entries.into_values().collect()) }
    }

    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), FileError> {
        self.files.borrow_mut().insert(path.to_owned(), (bytes.to_vec(), self.now_ms.get()));
        Ok(())
    }

    fn canonical(&self, path: &str) -> String {
        path.to_owned()
    }
}

impl Http for Memory {
    fn send(&self, request: Request) -> Task<'_, Result<Response, HttpError>> {
        Box::pin(async move {
            self.requests.borrow_mut().push(request);
            let scripted = self.answers.borrow_mut().pop_front();
            scripted.unwrap_or_else(|| Err(HttpError::NotSent("no answer was scripted".to_owned())))
        })
    }
}
