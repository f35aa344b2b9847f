//! What can never be so, whatever happened: the words for it, which every store finds in its own way.

/// One invariant of what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Broken {
    /// A row ended twice. One that was left alone may be carried out when its run is gone on with.
    TwoOutcomes,
    /// A run ended as if all were said, and a row of it has no outcome.
    NoOutcome,
    /// A request left that the journal had not announced.
    Unannounced,
    /// A run that has ended still holds the lock.
    LockOfEnded,
    /// The lock's number is not above one that was freed by hand.
    FenceBack,
}

impl Broken {
    /// Every invariant.
    pub const ALL: [Broken; 5] =
        [Broken::TwoOutcomes, Broken::NoOutcome, Broken::Unannounced, Broken::LockOfEnded, Broken::FenceBack];

    /// That it was found so many times.
    pub fn told(self, times: i64) -> String {
        let rows = if times == 1 { "change has" } else { "changes have" };
        let sent = if times == 1 { "request was" } else { "requests were" };
        match self {
            Broken::TwoOutcomes => format!("{times} {rows} more than one outcome in one run"),
            Broken::NoOutcome => format!("{times} {rows} no outcome in a run that ended"),
            Broken::Unannounced => format!("{times} {sent} sent without having been announced"),
            Broken::LockOfEnded => "a run that has ended still holds the lock".to_owned(),
            Broken::FenceBack => "the lock has a number that was given before".to_owned(),
        }
    }
}

/// Whether a run that ended so need not have an outcome for every row: it broke off.
pub fn broke_off(status: u8) -> bool {
    BROKE_OFF.contains(&status)
}

/// The exit statuses of runs that broke off.
pub const BROKE_OFF: [u8; 4] = [1, 6, 70, 130];
