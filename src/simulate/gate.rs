//! The steps of one process: at any of them it can be killed, or made to wait while another works. And its
//! state, whose every step that writes is one of them.
// State in memory answers at once, so nobody else runs while it is borrowed.
#![allow(clippy::await_holding_refcell_ref)]

use crate::state::memory::MemoryStore;
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

crate::state::state_through!(Gated, gated, plain, gated);
