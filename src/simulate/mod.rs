//! Simulation: production code against a seeded world of sales, faults and crashes, on the user's topology.
//!
//! ```text
//!  Scene (topology, sample) ──► World (truth) ◄── session (what systems show and take)
//!                                 │                     ▲
//!                                 │ workload, faults    │ process: observe, plan, apply
//!                                 ▼                     │
//!                               Play: cycles, invariants, tallies ──► shrink: the shortest story
//! ```
//!
//! Every system is replaced by one inside the process that keeps what its kind says of itself: how a write
//! is protected, which columns it shows, from which event on a level contains a sale. What is planned and
//! applied is planned and applied by the code that does so elsewhere. Only the world knows the truth.

pub mod dice;
pub mod faults;
mod gate;
pub mod invariants;
mod lag;
pub mod layout;
pub mod order;
mod pace;
pub mod play;
mod process;
pub mod scene;
pub mod season;
mod session;
mod show;
mod shrink;
mod take;
mod workload;
pub mod world;

pub use faults::{Fault, Faults};
pub use pace::Pace;
pub use play::{Play, Played, Settings};
pub use process::Process;
pub use scene::Scene;
pub use shrink::shrink;
