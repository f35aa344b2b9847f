//! What goes wrong in a simulated world: each kind with a counter of its strikes.

use super::dice::Dice;

/// The kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A request times out and was not carried out.
    TimeoutBefore,
    /// A request times out and was carried out.
    TimeoutAfter,
    /// Too many requests: the system says when to come back.
    Busy,
    /// The system fails, and nothing was done.
    Broken,
    /// An answer is cut: of a read a part arrives and says so, of a write nothing.
    Torn,
    /// A token has run out: credentials are refused once.
    Expired,
    /// A read shows again what was read before.
    Repeated,
    /// The process is killed between two steps; later somebody resumes it, or begins anew.
    Crash,
    /// A second runner works at the same time.
    TwoRunners,
    /// The runner's clock is wrong by up to ten minutes.
    Skew,
    /// The state is deleted.
    StateLost,
}

impl Fault {
    /// All kinds.
    pub const ALL: [Fault; 11] = [
        Fault::TimeoutBefore,
        Fault::TimeoutAfter,
        Fault::Busy,
        Fault::Broken,
        Fault::Torn,
        Fault::Expired,
        Fault::Repeated,
        Fault::Crash,
        Fault::TwoRunners,
        Fault::Skew,
        Fault::StateLost,
    ];

    /// The word for it, as on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Fault::TimeoutBefore => "timeout-before",
            Fault::TimeoutAfter => "timeout-after",
            Fault::Busy => "busy",
            Fault::Broken => "server-error",
            Fault::Torn => "torn",
            Fault::Expired => "expired",
            Fault::Repeated => "repeated",
            Fault::Crash => "crash",
            Fault::TwoRunners => "two-runners",
            Fault::Skew => "skew",
            Fault::StateLost => "state-lost",
        }
    }

    /// The kind of a word.
    pub fn find(word: &str) -> Option<Fault> {
        Fault::ALL.into_iter().find(|fault| fault.word() == word)
    }

    fn of_calls(self) -> bool {
        self <= Fault::Repeated
    }
}

/// Which faults strike, and how often they have.
#[derive(Debug, Clone)]
pub struct Faults {
    on: [bool; Fault::ALL.len()],
    /// One request in so many meets a fault; 0: none does.
    pub one_in: usize,
    /// One cycle in so many meets each of the faults of a process; 0: none does.
    pub one_cycle_in: usize,
    strikes: [u64; Fault::ALL.len()],
    dice: Dice,
}

impl Faults {
    /// All faults, on a seed of their own.
    pub fn all(seed: u64) -> Faults {
        let dice = Dice::new(seed, 2);
        let strikes = [0; Fault::ALL.len()];
        Faults { on: [true; Fault::ALL.len()], one_in: 60, one_cycle_in: 40, strikes, dice }
    }

    /// No fault.
    pub fn none() -> Faults {
        Faults { on: [false; Fault::ALL.len()], ..Faults::all(0) }
    }

    /// From now on none strikes; how often each has is kept.
    pub fn calm(&mut self) {
        self.on = [false; Fault::ALL.len()];
    }

    /// The same without a kind.
    pub fn without(mut self, fault: Fault) -> Faults {
        self.on[fault as usize] = false;
        self
    }

    /// The same with a kind.
    pub fn with(mut self, fault: Fault) -> Faults {
        self.on[fault as usize] = true;
        self
    }

    /// Whether a kind strikes.
    pub fn has(&self, fault: Fault) -> bool {
        self.on[fault as usize]
    }

    /// How often each kind has struck.
    pub fn strikes(&self) -> impl Iterator<Item = (Fault, u64)> + '_ {
        Fault::ALL.into_iter().map(|fault| (fault, self.strikes[fault as usize]))
    }

    /// Whether a fault of a process strikes in this cycle.
    pub fn strikes_now(&mut self, fault: Fault) -> bool {
        // A state that is gone is rarer than a process that is.
        let rarer = if fault == Fault::StateLost { 5 } else { 1 };
        let struck = self.one_cycle_in > 0 && self.dice.below(self.one_cycle_in * rarer) == 0;
        let strikes = struck && self.has(fault);
        if strikes {
            self.strikes[fault as usize] += 1;
        }
        strikes
    }

    /// The fault that a request meets, where it meets one that fits.
    pub fn of_call(&mut self, fits: impl Fn(Fault) -> bool) -> Option<Fault> {
        if self.one_in == 0 || self.dice.below(self.one_in) != 0 {
            return None;
        }
        let kinds = Fault::ALL.into_iter().filter(|fault| fault.of_calls() && fits(*fault));
        let kinds: Vec<Fault> = kinds.collect();
        let fault = *kinds.get(self.dice.below(kinds.len()))?;
        if !self.has(fault) {
            return None;
        }
        self.strikes[fault as usize] += 1;
        Some(fault)
    }

    /// Chance for what a fault needs beside.
    pub fn dice(&mut self) -> &mut Dice {
        &mut self.dice
    }
}
