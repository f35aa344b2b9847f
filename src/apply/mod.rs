//! Apply: carries a plan out, row by row, and says how each one ended.

#[deny(clippy::disallowed_methods)]
pub mod batch;
#[deny(clippy::disallowed_methods)]
pub mod books;
#[deny(clippy::disallowed_methods)]
pub mod collect;
#[deny(clippy::disallowed_methods)]
mod course;
#[deny(clippy::disallowed_methods)]
pub mod decide;
#[deny(clippy::disallowed_methods)]
mod desk;
pub mod driver;
#[deny(clippy::disallowed_methods)]
pub mod due;
#[deny(clippy::disallowed_methods)]
mod ending;
#[deny(clippy::disallowed_methods)]
pub mod halt;
#[deny(clippy::disallowed_methods)]
pub mod job;
#[deny(clippy::disallowed_methods)]
pub mod key;
#[deny(clippy::disallowed_methods)]
mod landed;
#[deny(clippy::disallowed_methods)]
mod lane;
#[deny(clippy::disallowed_methods)]
pub mod lift;
#[deny(clippy::disallowed_methods)]
mod limits;
#[deny(clippy::disallowed_methods)]
pub mod lock;
#[deny(clippy::disallowed_methods)]
pub mod machine;
#[deny(clippy::disallowed_methods)]
mod parcel;
#[deny(clippy::disallowed_methods)]
pub mod queue;
#[deny(clippy::disallowed_methods)]
pub mod quiet;
#[deny(clippy::disallowed_methods)]
pub mod read;
#[deny(clippy::disallowed_methods)]
pub mod recall;
#[deny(clippy::disallowed_methods)]
mod remember;
#[deny(clippy::disallowed_methods)]
pub mod report;
#[deny(clippy::disallowed_methods)]
pub mod resume;
#[deny(clippy::disallowed_methods)]
pub mod retry;
#[deny(clippy::disallowed_methods)]
mod rounds;
#[deny(clippy::disallowed_methods)]
pub mod run;
#[deny(clippy::disallowed_methods)]
pub mod sessions;
#[deny(clippy::disallowed_methods)]
mod shares;
#[deny(clippy::disallowed_methods)]
mod shelf;
#[deny(clippy::disallowed_methods)]
mod start;
#[deny(clippy::disallowed_methods)]
mod turns;
#[deny(clippy::disallowed_methods)]
mod undo;
#[deny(clippy::disallowed_methods)]
pub mod watch;
#[deny(clippy::disallowed_methods)]
mod write;

pub use driver::Stop;
pub use job::{Job, Options, Recompute};
pub use lane::Target;
pub use read::{Needs, Observed, observe};
pub use recall::recall;
pub use report::{Facts, Refused, Report, RowReport};
pub use run::run;
pub use sessions::{Opener, Sessions};
