//! Against real servers, where they are at hand.

mod api;
mod at_once;
mod both;
mod connectors;
mod counted;
mod erp;
mod killed;
mod orders;
mod posts;
mod shopper;
mod till;

use serde_json::Value;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard};

static TRYTON: Mutex<()> = Mutex::new(());
static VENDURE: Mutex<()> = Mutex::new(());

/// A seeded server, to oneself: tests on one server run one after the other.
pub struct Server {
    /// Where it answers.
    pub url: String,
    /// What its seed made: ids, users, keys.
    pub seed: Value,
    /// Where its seed and its database lie.
    pub folder: PathBuf,
    _turn: MutexGuard<'static, ()>,
}

impl Server {
    /// A text of the seed.
    pub fn text(&self, field: &str) -> &str {
        self.seed[field].as_str().unwrap_or_else(|| panic!("the seed has no `{field}`"))
    }
}

/// The Tryton server that ONHAND_TRYTON_URL and ONHAND_TRYTON_SEED name.
pub fn tryton() -> Option<Server> {
    let url = variable("ONHAND_TRYTON_URL")?;
    server(&TRYTON, "ONHAND_TRYTON_SEED", move |_| url)
}

/// The Vendure server that ONHAND_VENDURE_SEED names.
pub fn vendure() -> Option<Server> {
    server(&VENDURE, "ONHAND_VENDURE_SEED", |seed| seed["base"].as_str().unwrap_or_default().to_owned())
}

fn server(turn: &'static Mutex<()>, name: &str, url: impl FnOnce(&Value) -> String) -> Option<Server> {
    let path = variable(name)?;
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {path}: {error}"));
    let seed: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {path}: {error}"));
    let turn = turn.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let folder = PathBuf::from(path).parent().map(PathBuf::from).unwrap_or_default();
    Some(Server { url: url(&seed), seed, folder, _turn: turn })
}

/// A variable; without it the test is skipped, or fails where ONHAND_REQUIRE_LIVE asks for servers.
fn variable(name: &str) -> Option<String> {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty());
    if value.is_none() {
        let required = std::env::var("ONHAND_REQUIRE_LIVE").is_ok_and(|value| value == "1");
        assert!(!required, "{name} is not set, and ONHAND_REQUIRE_LIVE=1 asks for the real servers");
        println!("skipped: {name} is not set");
    }
    value
}
