//! Exit statuses: what each means, and which wins where several hold.

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// The topology or the command is wrong.
    Wrong = 1,
    /// Changes are pending, or counts differ (`plan` and `diff`, only with `--detailed-exitcode`).
    Pending = 2,
    /// Refused by a guard.
    Guarded = 3,
    /// Finished, but some rows failed, are held or had moved.
    Partial = 4,
    /// The saved plan no longer fits.
    Stale = 5,
    /// Locked by another run.
    Locked = 6,
    /// A system could not be read or reached.
    Unreachable = 7,
    /// Our own bug.
    Bug = 70,
    /// Interrupted.
    Interrupted = 130,
}

/// Which wins where several hold: the first of these.
const ORDER: [Exit; 10] = [
    Exit::Bug,
    Exit::Interrupted,
    Exit::Locked,
    Exit::Wrong,
    Exit::Stale,
    Exit::Unreachable,
    Exit::Guarded,
    Exit::Partial,
    Exit::Pending,
    Exit::Done,
];

impl Exit {
    /// The one that wins over the others.
    pub fn worst(facts: &[Exit]) -> Exit {
        ORDER.into_iter().find(|exit| facts.contains(exit)).unwrap_or(Exit::Done)
    }

    /// The exit of a status; one that is none of ours is our bug.
    pub fn of(status: u8) -> Exit {
        ORDER.into_iter().find(|exit| exit.status() == status).unwrap_or(Exit::Bug)
    }

    /// The status for the operating system.
    pub fn status(self) -> u8 {
        self as u8
    }
}

/// What each status means, for `--help` and the README.
pub const MEANINGS: &str = "\
Exit status:
  0    done, or nothing to do
  1    the topology or the command is wrong
  2    changes are pending, or counts differ
       (plan and diff: only with --detailed-exitcode)
  3    refused by a guard, or by what --fail-on names (simulate)
  4    finished, but some rows failed, are held or had moved
       (plan: only with --detailed-exitcode)
  5    the saved plan no longer fits
  6    locked by another run
  7    a system could not be read or reached
  70   a bug in onhand
  130  interrupted
Where several hold, the first of 70, 130, 6, 1, 5, 7, 3, 4, 2, 0.";
