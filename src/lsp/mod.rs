//! The language server: what the compiler knows, in an editor, over a pair of pipes.
//!
//! One thread reads messages, one compiles, and the one that was called does all else; so a keystroke
//! never waits for a compilation. Edits that have queued up are taken in together, and only then is the
//! topology compiled again; what was asked about an older text is answered as such.

mod actions;
mod checker;
mod complete;
mod cursor;
mod desk;
mod find;
mod hover;
mod layout;
pub mod names;
pub mod path;
mod publish;
mod server;
mod symbols;
pub mod text;
mod wire;

pub use server::serve;
