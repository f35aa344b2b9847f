//! Work that several hands share. How many there are, and which of them does what, changes nothing of what
//! comes out: so pure modules may use them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// How many hands there are for some work, where so much of it is worth one.
pub fn count(work: usize, least: usize) -> usize {
    // To ask for the cores takes longer than most small work.
    let most = work / least;
    if most < 2 { 1 } else { most.min(std::thread::available_parallelism().map_or(1, usize::from)) }
}

/// Does its own work, and meanwhile that of each of the others by a hand of its own; answers all in their
/// order.
pub fn share<A, W: Send, B: Send>(
    own: impl FnOnce() -> A,
    others: Vec<W>,
    work: impl Fn(W) -> B + Sync,
) -> (A, Vec<B>) {
    std::thread::scope(|scope| {
        let work = &work;
        let others: Vec<_> = others.into_iter().map(|other| scope.spawn(move || work(other))).collect();
        let own = own();
        let done = others.into_iter().map(|other| other.join());
        (own, done.map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect())
    })
}

/// Does so many pieces of work, each hand the next one that nobody has begun; answers all in their order.
/// One hand is as many as there is no other for.
pub fn each<B: Send>(pieces: usize, hands: usize, work: impl Fn(usize) -> B + Sync) -> Vec<B> {
    let hands = hands.min(pieces);
    if hands < 2 {
        return (0..pieces).map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let some = || {
        let mut done = Vec::new();
        loop {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            if piece >= pieces {
                return done;
            }
            done.push((piece, work(piece)));
        }
    };
    let (mut done, others) = share(some, vec![(); hands - 1], |()| some());
    done.extend(others.into_iter().flatten());
    done.sort_unstable_by_key(|(piece, _)| *piece);
    done.into_iter().map(|(_, done)| done).collect()
}

/// A hand that takes one piece of work after the other.
pub struct Hand<W, D> {
    work: SyncSender<W>,
    done: Receiver<D>,
}

impl<W, D> Hand<W, D> {
    /// Gives it a piece of work; it has none at the time.
    pub fn give(&self, work: W) {
        // A hand that is gone has panicked, and so does whoever hired it, at the end.
        let _ = self.work.send(work);
    }

    /// Waits for what came of the last piece; `None` where the hand has panicked.
    pub fn take(&self) -> Option<D> {
        self.done.recv().ok()
    }
}

/// Does its own work, for which it may hire hands of one trade. They are gone when it is done; where one has
/// panicked, this panics.
pub fn hiring<W: Send, D: Send, R>(
    trade: impl Fn(W) -> D + Sync,
    own: impl FnOnce(&dyn Fn() -> Hand<W, D>) -> R,
) -> R {
    std::thread::scope(|scope| {
        let trade = &trade;
        own(&|| {
            let (work, given) = sync_channel::<W>(1);
            let (finished, done) = sync_channel(1);
            scope.spawn(move || given.into_iter().try_for_each(|piece| finished.send(trade(piece))));
            Hand { work, done }
        })
    })
}
