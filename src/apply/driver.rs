//! The hands of the machine: sends its requests, keeps its journal, waits its waits.

use super::halt::Pauses;
use super::lock::Hold;
use super::machine::{Command, Event, Machine};
use super::sessions::{Line, Sessions};
use super::watch::Step;
use crate::connectors::{Failure, WriteRow};
use crate::model::SystemId;
use crate::model::time::Moment;
use crate::state::{Event as Kept, StateError, Store};
use crate::world::{Task, World};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

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
    /// The right to write.
    pub hold: &'a mut Hold,
    /// When to stop.
    pub stop: &'a mut Stop,
    /// What people have paused.
    pub pauses: Pauses<'a>,
}

/// What has come back.
enum Landed {
    /// An answer, with the session that it came from.
    Answer { line: Option<(SystemId, Line)>, event: Event },
    /// The turn of a request that changes something has come: it may leave as soon as the lease is looked at.
    Turn { system: SystemId, line: Line, rows: Vec<WriteRow> },
}

type Flight<'w> = Pin<Box<dyn Future<Output = Landed> + 'w>>;

/// What is under way. Dropping one that `changes` something does not call it back.
struct Airborne<'w> {
    changes: bool,
    flight: Flight<'w>,
}

#[derive(Default)]
struct Sky<'w> {
    flights: Vec<Airborne<'w>>,
    landed: VecDeque<Landed>,
}

impl<'w> Sky<'w> {
    fn start(&mut self, flight: impl Future<Output = Landed> + 'w) {
        self.flights.push(Airborne { changes: false, flight: Box::pin(flight) });
    }
}

/// What comes next.
enum Next {
    Landed(Landed),
    /// Somebody asked to stop.
    Stop,
    /// The lease wants a heartbeat.
    Beat,
}

/// Drives a machine until every row is settled, keeping the lease up. On an error of the state, a lost lease
/// among them, nothing more is sent; requests under way that change something are waited for, and their rows
/// stay without an outcome in the journal.
pub async fn drive(machine: &mut Machine, hands: &mut Hands<'_>) -> Result<(), StateError> {
    let world = hands.sessions.world().clone();
    let mut sky = Sky::default();
    let outcome = fly(machine, hands, &world, &mut sky).await;
    if outcome.is_err() {
        // What is waited for may have its next request still to send.
        world.leaves_until_ms.set(i64::MIN);
        for airborne in sky.flights.into_iter().filter(|airborne| airborne.changes) {
            airborne.flight.await;
        }
    }
    outcome
}

async fn fly<'w>(
    machine: &mut Machine,
    hands: &mut Hands<'_>,
    world: &'w Rc<World>,
    sky: &mut Sky<'w>,
) -> Result<(), StateError> {
    obey(machine, hands, world).await?;
    let mut commands = machine.start(now(world));
    loop {
        for command in commands {
            perform(command, hands, world, sky).await?;
        }
        if machine.done() {
            return Ok(());
        }
        let event = loop {
            match next(sky, hands, world).await {
                Next::Landed(Landed::Answer { line, event }) => {
                    if let Some((system, line)) = line {
                        hands.sessions.put(system, line);
                    }
                    break event;
                }
                Next::Landed(Landed::Turn { system, line, rows }) => {
                    send(hands, world, sky, (system, line, rows)).await?;
                }
                Next::Stop => break Event::Interrupt,
                Next::Beat => {
                    hands.hold.keep_up(hands.store, now(world)).await?;
                    hands.hold.let_leave(world);
                }
            }
        };
        // Whatever the machine sends next follows from this step, so it goes by what is paused now.
        obey(machine, hands, world).await?;
        commands = machine.step(event, now(world), world.random.bits());
    }
}

/// Tells the machine which rows wait since somebody has paused or resumed something.
async fn obey(machine: &mut Machine, hands: &mut Hands<'_>, world: &World) -> Result<(), StateError> {
    if let Some(halts) = hands.pauses.look(hands.store).await? {
        machine.step(Event::Halt(halts), now(world), 0);
    }
    Ok(())
}

fn now(world: &World) -> Moment {
    Moment(world.clock.now_ms())
}

async fn perform<'w>(
    command: Command,
    hands: &mut Hands<'_>,
    world: &'w Rc<World>,
    sky: &mut Sky<'w>,
) -> Result<(), StateError> {
    match command {
        Command::Journal(entries) => {
            hands.hold.keep_up(hands.store, now(world)).await?;
            hands.store.append(hands.hold.lease.fence, &entries).await?;
            let settled = entries.iter().filter(|entry| matches!(entry.event, Kept::Outcome { .. }));
            hands.sessions.tell(&Step::Settled(settled.count() as u64));
        }
        Command::Wait { system, ticket, delay } => {
            hands.sessions.tell(&Step::Waiting { system: &hands.sessions.name(system), wait: delay });
            sky.start(async move {
                world.clock.sleep(delay).await;
                Landed::Answer { line: None, event: Event::Waited { system, ticket } }
            });
        }
        Command::Inspect { system, cells, tokens } => {
            let line = hands.sessions.take(system);
            sky.start(async move {
                let Some(mut line) = line else {
                    let event = Event::Inspected { system, answer: Err(not_open()) };
                    return Landed::Answer { line: None, event };
                };
                line.pace(world, tokens).await;
                let answer = line.session.inspect(&cells).await;
                let event = Event::Inspected { system, answer };
                Landed::Answer { line: Some((system, line)), event }
            });
        }
        Command::Write { system, rows, tokens } => {
            let line = hands.sessions.take(system);
            sky.start(async move {
                let Some(mut line) = line else {
                    let event = Event::Written { system, answer: Err(not_open()) };
                    return Landed::Answer { line: None, event };
                };
                line.pace(world, tokens).await;
                Landed::Turn { system, line, rows }
            });
        }
    }
    Ok(())
}

/// Sends a write. Nothing is awaited between the look at the lease and its leaving, and what a session sends
/// after that looks at the clock by itself: so of a run which is stopped past its lease and woken at most one
/// request to each system lands, the one that was leaving.
async fn send<'w>(
    hands: &mut Hands<'_>,
    world: &World,
    sky: &mut Sky<'w>,
    (system, mut line, rows): (SystemId, Line, Vec<WriteRow>),
) -> Result<(), StateError> {
    let mut flight: Flight<'w> = Box::pin(async move {
        let answer = line.session.write(&rows).await;
        Landed::Answer { line: Some((system, line)), event: Event::Written { system, answer } }
    });
    hands.hold.check(hands.store, world).await?;
    let first = std::future::poll_fn(|context| Poll::Ready(flight.as_mut().poll(context))).await;
    match first {
        Poll::Ready(landed) => sky.landed.push_back(landed),
        Poll::Pending => sky.flights.push(Airborne { changes: true, flight }),
    }
    Ok(())
}

fn not_open() -> Failure {
    Failure::Denied { message: "the system was never reached in this run".to_owned() }
}

/// The first that lands, unless somebody asks to stop before or the lease wants a heartbeat.
async fn next(sky: &mut Sky<'_>, hands: &mut Hands<'_>, world: &World) -> Next {
    let mut beat = world.clock.sleep(hands.hold.beat());
    std::future::poll_fn(|context| {
        if hands.stop.poll(context) {
            return Poll::Ready(Next::Stop);
        }
        if let Some(landed) = sky.landed.pop_front() {
            return Poll::Ready(Next::Landed(landed));
        }
        for at in 0..sky.flights.len() {
            if let Poll::Ready(landed) = sky.flights[at].flight.as_mut().poll(context) {
                drop(sky.flights.swap_remove(at));
                return Poll::Ready(Next::Landed(landed));
            }
        }
        beat.as_mut().poll(context).map(|()| Next::Beat)
    })
    .await
}
