//! The steps of one process: at any of them it can be killed, or made to wait while another works. And its
//! state, whose every step that writes is one of them.
// State in memory answers at once, so nobody else runs while it is borrowed.
#![allow(clippy::await_holding_refcell_ref)]

use crate::ledger::{Booked, Cursor, LineKey, OrderLine, Page};
use crate::model::time::Moment;
use crate::state::memory::MemoryStore;
use crate::state::*;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Poll;

/// Counts the steps of one process, and stops it.
#[derive(Debug, Default)]
pub struct Gate {
    step: Cell<u64>,
    /// The step at which it dies; 0 for none.
    pub dies_at: Cell<u64>,
    /// The step at which it waits to be let on, by setting this to 0; 0 for none.
    pub parks_at: Cell<u64>,
}

impl Gate {
    /// Whether the process is dead.
    pub fn dead(&self) -> bool {
        self.dies_at.get() != 0 && self.step.get() >= self.dies_at.get()
    }

    /// Whether the process stands still: it is dead, or waits to be let on.
    pub fn stopped(&self) -> bool {
        self.dead() || self.parked()
    }

    /// Whether it waits to be let on.
    pub fn parked(&self) -> bool {
        self.parks_at.get() != 0 && self.step.get() >= self.parks_at.get()
    }

    /// One step.
    pub async fn pass(&self) {
        if !self.stopped() {
            self.step.set(self.step.get() + 1);
        }
        std::future::poll_fn(|_| if self.stopped() { Poll::Pending } else { Poll::Ready(()) }).await;
    }
}

/// The state as one process has it.
#[derive(Debug)]
pub struct Gated {
    /// The state itself.
    pub inner: Rc<RefCell<MemoryStore>>,
    /// The steps.
    pub gate: Rc<Gate>,
}

macro_rules! gated {
    ($($name:ident($($given:ident: $kind:ty),*) -> $out:ty;)*) => {$(
        fn $name<'a>(&'a mut self, $($given: $kind),*) -> Kept<'a, $out> {
            Box::pin(async move {
                self.gate.pass().await;
                let answer = self.inner.borrow_mut().$name($($given),*).await;
                self.gate.pass().await;
                answer
            })
        }
    )*};
}

macro_rules! plain {
    ($($name:ident($($given:ident: $kind:ty),*) -> $out:ty;)*) => {$(
        fn $name<'a>(&'a mut self, $($given: $kind),*) -> Kept<'a, $out> {
            Box::pin(async move { self.inner.borrow_mut().$name($($given),*).await })
        }
    )*};
}

impl Store for Gated {
    gated! {
        take(lease: &'a Lease, now: Moment) -> Taken;
        holds(fence: i64) -> bool;
        free(holder: &'a str) -> ();
        begin(run: &'a Run) -> ();
        end(fence: i64, run: &'a str, at: Moment, status: u8) -> ();
        append(fence: i64, entries: &'a [Entry]) -> ();
        remember_plan(plan: &'a PlanSeen) -> ();
        report(faults: &'a [Fault], at: Moment) -> u64;
        settle(keys: &'a [QueueKey], note: &'a str, at: Moment) -> u64;
        remember_written(cells: &'a [Written]) -> ();
        remember_known(cells: &'a [Known]) -> ();
    }
    plain! {
        lease() -> Option<Lease>;
        entries(run: &'a str) -> Vec<Entry>;
        unfinished() -> Vec<Run>;
        run(id: &'a str) -> Option<Run>;
        runs(most: u32) -> Vec<Run>;
        plan(digest: &'a str, id: &'a str) -> Option<PlanSeen>;
        queue(open_only: bool) -> Vec<QueueEntry>;
        resolve(id: i64, note: &'a str, at: Moment) -> bool;
        hush(id: i64, until: Moment, note: &'a str) -> bool;
        retry(id: i64) -> bool;
        written(system: &'a str) -> Vec<Written>;
        known(system: &'a str) -> Vec<Known>;
        unlock(unlocked: &'a Unlocked) -> bool;
        unlocks() -> Vec<Unlocked>;
        audit() -> Vec<String>;
        backup(path: &'a str) -> ();
    }
}

impl Standing for Gated {
    plain! {
        pause(pause: &'a Pause) -> ();
        unpause(scope: Scope, name: &'a str) -> bool;
        pauses() -> Vec<Pause>;
        lift(lifted: &'a Lifted) -> ();
        lifted(plan: &'a str) -> Vec<Lifted>;
        limits() -> Vec<Limit>;
        ran() -> Vec<Ran>;
        remember_ran(ran: &'a [Ran]) -> ();
        sizes() -> Vec<Size>;
        remember_limits(limits: &'a [Limit]) -> ();
        remember_sizes(sizes: &'a [Size]) -> ();
        count_moved(moved: &'a [QueueKey], ended: &'a [QueueKey]) -> Vec<u32>;
    }
}

impl Books for Gated {
    gated! {
        book(fence: i64, page: &'a Page) -> ();
        shut(line: &'a LineKey, at: Moment) -> bool;
    }
    plain! {
        open_lines() -> Vec<OrderLine>;
        lines_of(system: &'a str, documents: &'a [String]) -> Vec<OrderLine>;
        booked_of(system: &'a str, documents: &'a [String]) -> Vec<Booked>;
        cursors() -> Vec<Cursor>;
        balances() -> Vec<Balance>;
    }
}

impl Past for Gated {
    gated! {
        keep_plan(run: &'a str, text: &'a str, changes: &'a [Planned]) -> ();
        forget_plans(before: Moment) -> u64;
    }
    plain! {
        plan_text(run: &'a str) -> Option<String>;
        leavings(system: &'a str, after: Moment) -> Vec<Leaving>;
        happened(run: &'a str) -> Vec<Happened>;
        history(item: &'a str) -> Vec<Happened>;
    }
}
