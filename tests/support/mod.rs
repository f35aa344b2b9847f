//! What several tests share.

pub mod accept;
pub mod chance;
pub mod erp;
pub mod example;
pub mod exchange;
pub mod fault;
pub mod model;
mod plan;
pub mod state;

pub use plan::check_plan;

/// Runs a future to its end on this thread.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(future)
}
