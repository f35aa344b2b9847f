//! How one system is asked in a run: no faster than it bears, and no more at once.

use super::rate::Bucket;
use crate::model::system::System;
use crate::model::time::Moment;
use crate::world::World;
use std::cell::{Cell, RefCell};

/// The pace of one system, shared by whoever asks it in a run: its token bucket, and how many requests may be
/// under way at once.
pub struct Pace {
    bucket: RefCell<Bucket>,
    /// Requests whose turn has come already.
    reserved: Cell<u32>,
    at_once: usize,
}

impl Pace {
    /// The pace of a system: its rate as its `limit` has it, or else as its kind bears; `concurrency`
    /// requests at once, or else one after the other.
    pub fn of(system: &System) -> Pace {
        let at_once = system.limit.concurrency.unwrap_or(1).max(1);
        Pace {
            bucket: RefCell::new(Bucket::of(system)),
            reserved: Cell::new(0),
            at_once: usize::try_from(at_once).unwrap_or(usize::MAX),
        }
    }

    /// Waits until so many requests may leave one right after the other. The next ones that leave are these:
    /// what an earlier call reserved and nobody used is gone.
    pub async fn reserve(&self, world: &World, requests: u32) {
        if requests > 0 {
            self.wait(world, requests).await;
            self.reserved.set(requests);
        }
    }

    /// Waits until one more request may leave.
    pub async fn turn(&self, world: &World) {
        match self.reserved.get() {
            0 => self.wait(world, 1).await,
            reserved => self.reserved.set(reserved - 1),
        }
    }

    /// How many requests may be under way at once; at least 1.
    pub fn at_once(&self) -> usize {
        self.at_once
    }

    async fn wait(&self, world: &World, requests: u32) {
        let wait = self.bucket.borrow_mut().take(requests, Moment(world.clock.now_ms()));
        if !wait.is_zero() {
            world.clock.sleep(wait).await;
        }
    }
}

impl Default for Pace {
    /// Without a limit that anybody would notice, one request after the other: for who asks a system outside
    /// a run.
    fn default() -> Pace {
        let bucket = RefCell::new(Bucket::new(1_000_000, u32::MAX));
        Pace { bucket, reserved: Cell::new(0), at_once: 1 }
    }
}
