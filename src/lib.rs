//! Onhand: an inventory sync compiler.
//!
//! A topology says which systems hold stock, who owns each count and what is published where. It
//! goes through the modules below from top to bottom, and each stage is a plain value:
//!
//! ```text
//!  KDL and CSV text                            what the systems show
//!        │                                              │
//!        ▼ syntax, catalog, resolve                     │ world, connectors
//!  Sources ─► File ─► Model ─► Graph ──► check          │
//!                       │                  │            ▼
//!                       │             Diagnostics     levels
//!                       │                               │
//!                       └──────────────► count ◄────────┘
//!                                          │
//!                                          ▼ plan
//!                                        Plan: one Change for each count that differs
//!                                          │
//!                                          ▼ apply, state, connectors
//!                                       Journal: one Entry for each thing done
//! ```
//!
//! What was found is a [`diagnostic::Diagnostic`], what will be done is a change, what was done is
//! an entry; nothing else is shown or kept. Everything above `apply` is a pure function of its
//! arguments: no file, clock, environment, chance or hash order. `ARCHITECTURE.md` has the map and
//! its reasons; `tests/architecture.rs` holds the code to it.

// Effects are allowed at the edges only; a pure module bears the lint that bans them, which
// `Cargo.toml` switches off for all others. The modules stand in the order of the layer table in
// `tests/architecture.rs`; the empty lines keep rustfmt from sorting them by name.

#[deny(clippy::disallowed_methods)]
pub mod scan;

#[deny(clippy::disallowed_methods)]
pub mod source;

pub mod hands;

pub mod world;

#[deny(clippy::disallowed_methods)]
pub mod diagnostic;

#[deny(clippy::disallowed_methods)]
pub mod model;

#[deny(clippy::disallowed_methods)]
pub mod syntax;

#[deny(clippy::disallowed_methods)]
pub mod catalog;

#[deny(clippy::disallowed_methods)]
pub mod resolve;

#[deny(clippy::disallowed_methods)]
pub mod graph;

#[deny(clippy::disallowed_methods)]
pub mod check;

#[deny(clippy::disallowed_methods)]
pub mod compile;

#[deny(clippy::disallowed_methods)]
pub mod ledger;

#[deny(clippy::disallowed_methods)]
pub mod count;

#[deny(clippy::disallowed_methods)]
pub mod plan;

pub mod connectors;

pub mod state;

#[deny(clippy::disallowed_methods)]
pub mod snapshot;

pub mod apply;

#[deny(clippy::disallowed_methods)]
pub mod report;

#[deny(clippy::disallowed_methods)]
pub mod simulate;

pub mod lsp;

pub mod cli;
