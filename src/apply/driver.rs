//! The hands of the machine: sends its requests, keeps its journal, waits its waits.

use super::machine::{Command, Event, Machine};
use super::sessions::{Line, Sessions};
use super::watch::Step;
use crate::connectors::Failure;
use crate::model::SystemId;
use crate::model::time::Moment;
use crate::state::{Event as Kept, Lease, StateError, Store, Taken};
use crate::world::{Task, World};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

/// How long a lease lasts unless it is extended. It is extended at every step, and outlasts the longest
/// time that one request is tried for.
pub const LEASE_TERM: Duration = Duration::from_secs(900);

/// When somebody asks to stop. It is asked until it has answered once.
pub struct Stop {
    asked: Option<Task<'static, ()>>,
}

impl Stop {
    /// Stops when `asked` is ready.
    pub fn when(asked: Task<'static, ()>) -> Stop {
        Stop { asked: Some(asked) }
    }

    /// Nobody ever asks.
    pub fn never() -> Stop {
        Stop { asked: Some(Box::pin(std::future::pending())) }
    }

    /// Whether somebody has asked.
    pub fn asked(&self) -> bool {
        self.asked.is_none()
    }

    fn poll(&mut self, context: &mut std::task::Context<'_>) -> bool {
        let ready = self.asked.as_mut().is_some_and(|asked| asked.as_mut().poll(context).is_ready());
        if ready {
            self.asked = None;
        }
        ready
    }

    /// Works until the work is done, or until somebody asks to stop: then `None`, and the work is dropped.
    pub async fn or<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = std::pin::pin!(work);
        std::future::poll_fn(|context| {
            if self.asked() || self.poll(context) {
                return Poll::Ready(None);
            }
            work.as_mut().poll(context).map(Some)
        })
        .await
    }
}

/// What the machine is driven with.
pub struct Hands<'a> {
    /// The open sessions.
    pub sessions: &'a mut Sessions,
    /// Where the journal is kept.
    pub store: &'a mut dyn Store,
    /// The lease of the run.
    pub lease: Lease,
    /// When to stop.
    pub stop: &'a mut Stop,
}

/// What has come back.
struct Landed {
    line: Option<(SystemId, Line)>,
    event: Event,
}

type Flight<'w> = Pin<Box<dyn Future<Output = Landed> + 'w>>;

/// Drives a machine until every row is settled. On an error of the state nothing more is sent; what is
/// under way is waited for, and its rows stay without an outcome in the journal.
pub async fn drive(machine: &mut Machine, hands: &mut Hands<'_>) -> Result<(), StateError> {
    let world = hands.sessions.world().clone();
    let mut flights: Vec<Flight<'_>> = Vec::new();
    let mut commands = machine.start(now(&world));
    loop {
        for command in commands {
            if let Err(error) = perform(command, hands, &world, &mut flights).await {
                land_all(flights).await;
                return Err(error);
            }
        }
        if machine.done() {
            return Ok(());
        }
        let event = match next(&mut flights, hands.stop).await {
            Some(landed) => {
                if let Some((system, line)) = landed.line {
                    hands.sessions.put(system, line);
                }
                landed.event
            }
            None => Event::Interrupt,
        };
        commands = machine.step(event, now(&world), world.random.bits());
    }
}

fn now(world: &World) -> Moment {
    Moment(world.clock.now_ms())
}

async fn perform<'w>(
    command: Command,
    hands: &mut Hands<'_>,
    world: &'w Rc<World>,
    flights: &mut Vec<Flight<'w>>,
) -> Result<(), StateError> {
    match command {
        Command::Journal(entries) => {
            extend(&mut hands.lease, hands.store, now(world)).await?;
            hands.store.append(hands.lease.fence, &entries).await?;
            let settled = entries.iter().filter(|entry| matches!(entry.event, Kept::Outcome { .. }));
            hands.sessions.tell(&Step::Settled(settled.count() as u64));
        }
        Command::Wait { system, ticket, delay } => {
            hands.sessions.tell(&Step::Waiting { system: &hands.sessions.name(system), wait: delay });
            flights.push(Box::pin(async move {
                world.clock.sleep(delay).await;
                Landed { line: None, event: Event::Waited { system, ticket } }
            }));
        }
        Command::Inspect { system, cells, tokens } => {
            let line = hands.sessions.take(system);
            flights.push(Box::pin(async move {
                let Some(mut line) = line else {
                    return Landed {
                        line: None,
                        event: Event::Inspected { system, answer: Err(not_open()) },
                    };
                };
                line.pace(world, tokens).await;
                let answer = line.session.inspect(&cells).await;
                Landed { line: Some((system, line)), event: Event::Inspected { system, answer } }
            }));
        }
        Command::Write { system, rows, tokens } => {
            let line = hands.sessions.take(system);
            flights.push(Box::pin(async move {
                let Some(mut line) = line else {
                    return Landed { line: None, event: Event::Written { system, answer: Err(not_open()) } };
                };
                line.pace(world, tokens).await;
                let answer = line.session.write(&rows).await;
                Landed { line: Some((system, line)), event: Event::Written { system, answer } }
            }));
        }
    }
    Ok(())
}

fn not_open() -> Failure {
    Failure::Denied { message: "the system was never reached in this run".to_owned() }
}

/// Extends the lease once half of its term is over.
pub async fn extend(lease: &mut Lease, store: &mut dyn Store, now: Moment) -> Result<(), StateError> {
    if now.after(LEASE_TERM / 2) < lease.expires {
        return Ok(());
    }
    lease.expires = now.after(LEASE_TERM);
    match store.take(lease, now).await? {
        Taken::Ours(fence) if fence == lease.fence => Ok(()),
        // It had run out, and a number that was given in between may have been used.
        Taken::Ours(_) => Err(StateError::Locked(format!(
            "run {} lost the lock of this topology while it took too long; nothing more is written by it",
            lease.run
        ))),
        Taken::Theirs(other) => Err(StateError::Locked(format!(
            "run {} has taken the lock of this topology over from run {}, which took too long; nothing more \
             is written by it",
            other.run, lease.run
        ))),
    }
}

/// The first that lands; `None` when somebody asks to stop before.
async fn next(flights: &mut Vec<Flight<'_>>, stop: &mut Stop) -> Option<Landed> {
    std::future::poll_fn(|context| {
        if stop.poll(context) {
            return Poll::Ready(None);
        }
        for at in 0..flights.len() {
            if let Poll::Ready(landed) = flights[at].as_mut().poll(context) {
                drop(flights.swap_remove(at));
                return Poll::Ready(Some(landed));
            }
        }
        Poll::Pending
    })
    .await
}

/// Waits for all that is under way: a request that is dropped may still be carried out.
async fn land_all(flights: Vec<Flight<'_>>) {
    for flight in flights {
        flight.await;
    }
}
