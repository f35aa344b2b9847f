//! What is kept between runs: one suite for every store, and what only a file can do.

mod alike;
mod cut;
mod file;
mod many;
mod migrate;
mod sold;
mod standing;
mod suite;
mod turns;

use onhand::state::Store;
use onhand::state::memory::MemoryStore;
use onhand::state::sqlite::SqliteStore;

/// Runs one test against a fresh store of each kind.
fn each(test: impl AsyncFn(&mut dyn Store)) {
    block(async {
        test(&mut MemoryStore::default()).await;
        test(&mut SqliteStore::in_memory().await.expect("it works")).await;
    });
}

/// Runs a future of this thread to its end.
pub fn block<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("it works");
    runtime.block_on(future)
}
