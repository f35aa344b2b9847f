//! Who may write: the lease of a topology, kept up while a run works, looked at right before each request.

use super::key::run_id;
use super::resume::{INTERRUPTED, Journal};
use crate::connectors::TIMEOUT;
use crate::model::Model;
use crate::model::time::Moment;
use crate::state::{Lease, Run, StateError, Store, Taken};
use crate::world::World;
use std::future::Future;
use std::task::Poll;
use std::time::Duration;

/// How often a run that waits looks again.
const LOOK: Duration = Duration::from_secs(1);

/// The times of a lease. What it lasts exceeds what a request may take, whatever the topology says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// How long a lease lasts unless it is extended, which is done every third of it.
    pub term: Duration,
    /// The longest that a request may be under way: what a new holder waits after the end of another's lease.
    pub request: Duration,
}

impl Terms {
    /// The times for a topology: the lease lasts twice as long as the slowest of its requests may take.
    pub fn of(model: &Model) -> Terms {
        let longest = model.systems.iter().filter_map(|system| system.timeout).max().unwrap_or_default();
        let request = longest.max(TIMEOUT);
        Terms { term: request * 2, request }
    }
}

/// The lease of a run, in its hands.
#[derive(Debug, Clone)]
pub struct Hold {
    /// The lease.
    pub lease: Lease,
    /// Its times.
    pub terms: Terms,
}

impl Hold {
    /// How long until the next heartbeat.
    pub fn beat(&self) -> Duration {
        self.terms.term / 3
    }

    /// Extends the lease once a third of its term is over. An error says that it is lost, or that the state
    /// cannot be used. One that has run out and that nobody took meanwhile is still ours.
    pub async fn keep_up(&mut self, store: &mut dyn Store, now: Moment) -> Result<(), StateError> {
        if now.after(self.terms.term - self.beat()) < self.lease.expires {
            return Ok(());
        }
        let asked = Lease { expires: now.after(self.terms.term), ..self.lease.clone() };
        match store.take(&asked, now).await? {
            Taken::Ours(_) => {
                self.lease.expires = asked.expires;
                Ok(())
            }
            Taken::Over => Err(self.lost("another run has had")),
            Taken::Theirs(other) => Err(self.lost(&format!("run {} has taken over", other.run))),
        }
    }

    /// Makes sure that the lease is held, the state asked last and the clock after it: whoever awaits nothing
    /// after this may send.
    pub async fn check(&mut self, store: &mut dyn Store, world: &World) -> Result<(), StateError> {
        loop {
            self.keep_up(store, Moment(world.clock.now_ms())).await?;
            if !store.holds(self.lease.fence).await? {
                return Err(self.lost("another run has taken over"));
            }
            if Moment(world.clock.now_ms()) < self.lease.expires {
                self.let_leave(world);
                return Ok(());
            }
        }
    }

    /// From now on what changes something may leave until the lease ends, and no longer.
    pub fn let_leave(&self, world: &World) {
        world.leaves_until_ms.set(self.lease.expires.0);
    }

    /// Works while the lease is kept up.
    pub async fn during<T>(
        &mut self,
        store: &mut dyn Store,
        world: &World,
        work: impl Future<Output = T>,
    ) -> Result<T, StateError> {
        let mut work = std::pin::pin!(work);
        loop {
            let mut beat = world.clock.sleep(self.beat());
            let done = std::future::poll_fn(|context| match work.as_mut().poll(context) {
                Poll::Ready(done) => Poll::Ready(Some(done)),
                Poll::Pending => beat.as_mut().poll(context).map(|()| None),
            });
            match done.await {
                Some(done) => return Ok(done),
                None => {
                    self.keep_up(store, Moment(world.clock.now_ms())).await?;
                    // A request may wait for its turn for longer than the lease lasted when the work began.
                    self.let_leave(world);
                }
            }
        }
    }

    fn lost(&self, who: &str) -> StateError {
        StateError::Locked(format!(
            "{who} the lock of this topology while run {} was stopped or cut off from its state for more \
             than {} s; this run writes nothing more, and what it had sent is read back by the other. Plan \
             again to see what is left",
            self.lease.run,
            self.terms.term.as_secs()
        ))
    }
}

/// Takes the lease for a run, waiting at most `wait` for another to end. A holder on this host whose process
/// is gone loses it at once. Where another's lease has run out, a request of it may still be on its way: then
/// one more time-out is waited, so that whatever is read from now on shows what it did.
pub async fn take(
    store: &mut dyn Store,
    world: &World,
    run: &str,
    (wait, terms): (Duration, Terms),
) -> Result<Hold, StateError> {
    let began = Moment(world.clock.now_ms());
    let holder = run_id(world.random.bits());
    loop {
        let now = Moment(world.clock.now_ms());
        let lease = Lease {
            holder: holder.clone(),
            run: run.to_owned(),
            host: world.env.host(),
            process: world.env.process(),
            fence: 0,
            taken: now,
            heartbeat: now,
            expires: now.after(terms.term),
        };
        let gone = |other: &Lease| other.host == lease.host && !world.env.alive(&other.process);
        let before = store.lease().await?;
        let other = match store.take(&lease, now).await? {
            Taken::Ours(fence) => {
                let mut hold = Hold { lease: Lease { fence, ..lease.clone() }, terms };
                if before.is_some_and(|other| !gone(&other)) {
                    hold.during(store, world, world.clock.sleep(terms.request)).await?;
                }
                return Ok(hold);
            }
            Taken::Theirs(other) => other,
            // Only for whoever extends a lease; this one asks anew.
            Taken::Over => continue,
        };
        if gone(&other) {
            store.free(&other.holder).await?;
            continue;
        }
        if now.since(began) >= wait {
            return Err(StateError::Locked(format!(
                "run {} on {} (process {}) is writing for this topology; waited {}s for it; try again when \
                 it has ended, or wait longer with `--wait`. If it died, its lock runs out at {}",
                other.run,
                other.host,
                other.process,
                wait.as_secs(),
                other.expires.rfc3339()
            )));
        }
        world.clock.sleep(LOOK.min(wait)).await;
    }
}

/// Ends runs that were left without an end, save that of the lease `own`, and says of each how its rows
/// stand. Called by the holder of the lease, so that none of them can still be writing. Their rows that were
/// sent and have no outcome may or may not have been carried out: what is read next shows it, and every
/// write is computed from that.
pub async fn close_unended(
    store: &mut dyn Store,
    own: &Lease,
    now: Moment,
) -> Result<Vec<String>, StateError> {
    let mut notes = Vec::new();
    for run in store.unfinished().await?.into_iter().filter(|run| run.id != own.run) {
        let stands = Journal::replay(&store.entries(&run.id).await?).in_words();
        notes.push(format!(
            "{} was cut off and has no end: {stands}; it is closed now, and everything is read and computed \
             again",
            called(&run)
        ));
        store.end(own.fence, &run.id, now, INTERRUPTED).await?;
    }
    Ok(notes)
}

/// How a run is named to people.
pub fn called(run: &Run) -> String {
    format!("run {} of {}, begun {},", run.id, run.actor, run.began.rfc3339())
}
