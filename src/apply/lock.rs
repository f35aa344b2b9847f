//! Who may write: the lease of a topology, and runs that were left without an end.

use super::driver::LEASE_TERM;
use super::key::run_id;
use crate::model::time::Moment;
use crate::state::{Event, Lease, Outcome, Run, StateError, Store, Taken};
use crate::world::World;
use std::collections::BTreeMap;
use std::time::Duration;

/// How often a run that waits looks again.
const LOOK: Duration = Duration::from_secs(1);

/// Takes the lease for a run, waiting at most `wait` for another to end. A holder on this host whose
/// process is gone loses it at once.
pub async fn take(
    store: &mut dyn Store,
    world: &World,
    run: &str,
    wait: Duration,
) -> Result<Lease, StateError> {
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
            expires: now.after(LEASE_TERM),
        };
        let other = match store.take(&lease, now).await? {
            Taken::Ours(fence) => return Ok(Lease { fence, ..lease }),
            Taken::Theirs(other) => other,
        };
        if other.host == lease.host && !world.env.alive(&other.process) {
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

/// Ends runs that were left without an end, and says of each how its rows stand. Called by the holder of
/// the lease, so that none of them can still be writing. Their rows that were sent and have no outcome
/// may or may not have been carried out: what is read next shows it, and every write is computed from that.
pub async fn close_unended(store: &mut dyn Store, now: Moment) -> Result<Vec<String>, StateError> {
    let mut notes = Vec::new();
    for run in store.unfinished().await? {
        notes.push(tell(&run, store).await?);
        store.end(&run.id, now, INTERRUPTED).await?;
    }
    Ok(notes)
}

/// The status of a run that somebody or something stopped.
const INTERRUPTED: u8 = 130;

async fn tell(run: &Run, store: &mut dyn Store) -> Result<String, StateError> {
    let mut last: BTreeMap<String, Event> = BTreeMap::new();
    for entry in store.entries(&run.id).await? {
        last.insert(entry.change, entry.event);
    }
    let (mut ended, mut intended, mut unknown, mut failed) = (0, 0, 0, 0);
    for event in last.values() {
        match event {
            Event::Intent { .. } | Event::Again { .. } => intended += 1,
            Event::Sent => unknown += 1,
            Event::Outcome { outcome: Outcome::Failed, .. } => failed += 1,
            Event::Outcome { .. } => ended += 1,
        }
    }
    Ok(format!(
        "run {} of {}, begun {}, did not end: {ended} rows settled, {failed} failed, {intended} not sent, \
         {unknown} sent without an answer; all are read and computed again now",
        run.id,
        run.actor,
        run.began.rfc3339()
    ))
}
