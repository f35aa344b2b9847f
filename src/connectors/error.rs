//! Why a system did not do what was asked. Each variant is a decision.

use std::time::Duration;

/// A failed request. Messages are one line in plain words, without secrets or control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Nothing was done; asking again later may help (429, 503, refused connection, locked database).
    Retry {
        /// How long the system asks to wait, where it says so.
        after: Option<Duration>,
        /// What happened.
        message: String,
    },
    /// Nothing was done, and asking again will not help (bad request, wrong statement).
    Rejected {
        /// What happened, and what to do.
        message: String,
    },
    /// Credentials are missing, wrong or not sufficient: nothing more is asked of this system.
    Denied {
        /// What happened, and what to do.
        message: String,
    },
    /// The answer never came or was cut: it may have been carried out. Read back before anything else.
    Unknown {
        /// What happened.
        message: String,
    },
}

impl Failure {
    /// What happened, in words.
    pub fn message(&self) -> &str {
        match self {
            Failure::Retry { message, .. }
            | Failure::Rejected { message }
            | Failure::Denied { message }
            | Failure::Unknown { message } => message,
        }
    }
}
