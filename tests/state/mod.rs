//! What is kept between runs: one suite for every store, and what only a file can do.

mod file;
mod suite;

/// Runs a future of this thread to its end.
pub fn block<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("it works");
    runtime.block_on(future)
}
