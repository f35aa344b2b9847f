//! What is under way, on standard error: one line redrawn at a terminal, plain lines now and then elsewhere.

use super::ui::Ui;
use crate::apply::watch::{Step, Watch};
use crate::diagnostic::escape;
use crate::model::time::Moment;
use std::cell::RefCell;
use std::time::Duration;

/// A line at a terminal is not redrawn sooner than that.
const REDRAW: Duration = Duration::from_millis(100);

/// Where nobody sees a line redrawn, lines come no closer together, and what is done by then says nothing.
const PLAIN: Duration = Duration::from_secs(10);

/// Shares of work from which the time left is told: so many rows, after so long.
const ENOUGH: (u64, Duration) = (20, Duration::from_secs(3));

/// Shows how far a command has come.
pub struct Progress {
    ui: Ui,
    state: RefCell<State>,
}

/// What is under way.
#[derive(Default)]
struct State {
    began: Option<Moment>,
    /// When something was last shown.
    shown: Option<Moment>,
    /// What was last shown, without the part that counts.
    phase: String,
    /// Whether a failure was told that no line has followed yet.
    waited: bool,
    /// Systems that are being read.
    reading: Vec<String>,
    /// Systems that were read, with their rows.
    read: Vec<(String, u64)>,
    writing: Option<Writing>,
    /// What is waited for; it goes when anything else happens.
    wait: Option<String>,
}

struct Writing {
    systems: String,
    began: Moment,
    settled: u64,
    rows: u64,
}

impl Progress {
    /// Shows progress as the terminal takes it.
    pub fn new(ui: &Ui) -> Progress {
        Progress { ui: *ui, state: RefCell::new(State::default()) }
    }

    fn show(&self, state: &mut State, now: Moment, changed: bool) {
        let (phase, counts) = state.line(now);
        if self.ui.redraws {
            let soon = state.shown.is_some_and(|shown| now.since(shown) < REDRAW);
            if changed || !soon {
                self.ui.draw(&escape::line(&format!("{phase}{counts}")));
                state.shown = Some(now);
            }
            return;
        }
        // Whoever waits for a system that does not answer is told the first time at once.
        let first = state.wait.is_some() && !state.waited;
        let since = state.shown.or(state.began).map_or(Duration::ZERO, |shown| now.since(shown));
        if first || since >= PLAIN {
            state.waited |= first;
            if state.phase != phase || !counts.is_empty() {
                self.ui.talk(&escape::line(&format!("{phase}{counts}")));
                state.shown = Some(now);
                state.phase = phase;
            }
        }
    }
}

impl Watch for Progress {
    fn step(&self, now: Moment, step: &Step<'_>) {
        if !self.ui.progress {
            return;
        }
        let mut state = self.state.borrow_mut();
        state.began.get_or_insert(now);
        let changed = !matches!(step, Step::Settled(_));
        if !matches!(step, Step::Settled(0)) {
            state.wait = None;
        }
        match step {
            Step::Reading { system, .. } => state.reading.push((*system).to_owned()),
            Step::Read { system, rows, .. } => {
                if let Some(at) = state.reading.iter().position(|own| own == system) {
                    state.reading.remove(at);
                }
                if let Some(rows) = rows {
                    state.read.push(((*system).to_owned(), *rows));
                }
            }
            Step::Again { system, why, wait, attempt, of } => {
                let seconds = seconds(*wait);
                let text = format!("{system}: {why}; trying again in {seconds} ({attempt} of {of})");
                state.wait = Some(text);
            }
            Step::Waiting { system, wait } => {
                state.wait = Some(format!("{system} takes no more for now; going on in {}", seconds(*wait)));
            }
            Step::Writing { systems, rows } => {
                let systems = systems.join(", ");
                state.writing = Some(Writing { systems, began: now, settled: 0, rows: *rows });
            }
            Step::Settled(more) => {
                if let Some(writing) = &mut state.writing {
                    writing.settled = writing.settled.saturating_add(*more);
                }
            }
            Step::Done => {
                if self.ui.redraws && state.shown.is_some() {
                    self.ui.draw("");
                }
                *state = State { waited: state.waited, ..State::default() };
                return;
            }
        }
        self.show(&mut state, now, changed);
    }
}

impl State {
    /// What is under way, and how far it has come.
    fn line(&self, now: Moment) -> (String, String) {
        if let Some(wait) = &self.wait {
            return (wait.clone(), String::new());
        }
        if let Some(writing) = &self.writing {
            let (settled, rows) = (thousands(writing.settled), thousands(writing.rows));
            let left = writing.left(now).map(|left| format!(", about {} left", seconds(left)));
            let counts = format!(": {settled} of {rows}{}", left.unwrap_or_default());
            return (format!("writing {}", writing.systems), counts);
        }
        match (self.reading.as_slice(), self.read.as_slice()) {
            ([], []) => ("beginning".to_owned(), String::new()),
            ([], read) => {
                let all = read.iter().fold(0_u64, |sum, (_, rows)| sum.saturating_add(*rows));
                (format!("computing from {} rows", thousands(all)), String::new())
            }
            (reading, []) => (format!("reading {}", reading.join(", ")), String::new()),
            (reading, [.., (system, rows)]) => {
                let counts = format!("; {system}: {} rows", thousands(*rows));
                (format!("reading {}", reading.join(", ")), counts)
            }
        }
    }
}

impl Writing {
    /// How long it may still take, where enough is done to say so.
    fn left(&self, now: Moment) -> Option<Duration> {
        let (taken, left) = (now.since(self.began), self.rows.saturating_sub(self.settled));
        if self.settled < ENOUGH.0 || taken < ENOUGH.1 || left == 0 {
            return None;
        }
        let ms = taken.as_millis().saturating_mul(u128::from(left)) / u128::from(self.settled);
        Some(Duration::from_millis(u64::try_from(ms).ok()?))
    }
}

/// A length of time in words, rounded up to whole seconds, and to whole minutes from ten of them.
fn seconds(length: Duration) -> String {
    match length.as_millis().div_ceil(1_000) {
        0 => "a moment".to_owned(),
        seconds @ 1..60 => format!("{seconds} s"),
        seconds @ 60..600 if seconds % 60 > 0 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

/// A number with a comma before every three digits.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
