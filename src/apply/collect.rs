//! Collecting before publishing: what channels have sold is posted to the systems that take it in, as far as
//! the plan permits it.
//!
//! A posting is known by our reference: whoever takes it in looks first what the document of that reference
//! already holds, and makes the difference. So a posting whose answer was lost is simply made again.

use super::books::{self, Books};
use super::driver::Hands;
use super::job::Job;
use super::read::{Needs, Observed, observe};
use super::report::MoveReport;
use super::sessions::Line;
use super::start::TakenUp;
use crate::connectors::Failure;
use crate::model::demand::{Demand, Due};
use crate::model::moved::{Found, Posted, Posting};
use crate::model::quantity::Decimal;
use crate::model::system::Setting;
use crate::model::time::Moment;
use crate::model::{Model, Name, SystemId};
use crate::plan::change::Movement;
use crate::state::{Entry, Event, Fault, Outcome, QueueKey, StateError};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};

/// What collecting has come to.
#[derive(Debug, Default)]
pub struct Collected {
    /// How each planned posting ended, in the order of the plan.
    pub moves: Vec<MoveReport>,
    /// Systems that could not be reached or were given up, and why.
    pub unreachable: Vec<(SystemId, Failure)>,
    /// What else people should know.
    pub notes: Vec<String>,
    /// Whether somebody asked to stop before all was posted.
    pub interrupted: bool,
}

/// Posts what a plan has planned to post, and is still due. A plan without postings costs no request.
pub async fn carry_out(
    job: &Job<'_>,
    (run, taken_up): (&str, &TakenUp),
    hands: &mut Hands<'_>,
) -> Result<Collected, StateError> {
    let mut collected = Collected::default();
    if job.plan.movements.is_empty() {
        return Ok(collected);
    }
    let world = hands.sessions.world().clone();
    let mut needs = Needs::default();
    books::ask(Some(&mut *hands.store), job.model, &mut needs, Moment(world.clock.now_ms())).await?;
    let reading = observe(job.model, &needs, hands.sessions, hands.stop);
    let mut observed = hands.hold.during(hands.store, &world, reading).await?;
    hands.hold.check(hands.store, &world).await?;
    let mut books = books::take(Some(&mut *hands.store), job.model, &mut observed).await?;
    books.keep(hands.store, hands.hold.lease.fence).await?;
    let due = observed.observations.demand.due.iter().enumerate();
    let due: BTreeMap<&str, (usize, &Due)> = due.map(|(at, due)| (&*due.id, (at, due))).collect();
    let mut post = Post {
        job,
        due: &due,
        run,
        taken_up,
        books: &mut books,
        given_up: BTreeMap::new(),
        broken: BTreeSet::new(),
        told: BTreeSet::new(),
    };
    for planned in &job.plan.movements {
        let (outcome, reason) = post.one(planned, &observed, hands, &mut collected).await?;
        collected.moves.push(MoveReport { planned: planned.clone(), outcome, reason });
    }
    let Post { given_up, told, .. } = post;
    collected.unreachable.extend(given_up);
    verify(hands, &due, &mut collected).await?;
    // What was left for an interruption has not ended: the run may be gone on with.
    let over = |own: &&MoveReport| own.outcome != Outcome::Skipped && !told.contains(&own.planned.id);
    let ended = collected.moves.iter().filter(over);
    let at = Moment(world.clock.now_ms());
    let ended: Vec<Entry> = ended.map(|own| entry(run, &own.planned, own.event(), at)).collect();
    hands.store.append(hands.hold.lease.fence, &ended).await?;
    collected.more(job, &observed);
    Ok(collected)
}

struct Post<'p> {
    job: &'p Job<'p>,
    run: &'p str,
    /// What is due, by its id, with its place in the demand.
    due: &'p BTreeMap<&'p str, (usize, &'p Due)>,
    taken_up: &'p TakenUp,
    books: &'p mut Books,
    /// Systems that are not asked again.
    given_up: BTreeMap<SystemId, Failure>,
    /// References of which a step has failed: the steps after it wait.
    broken: BTreeSet<Name>,
    /// Postings of which the journal has the end.
    told: BTreeSet<String>,
}

impl Post<'_> {
    async fn one(
        &mut self,
        planned: &Movement,
        observed: &Observed,
        hands: &mut Hands<'_>,
        collected: &mut Collected,
    ) -> Result<(Outcome, String), StateError> {
        if let Some((_, settled)) = self.taken_up.ended(&planned.id) {
            self.told.insert(planned.id.clone());
            return Ok((settled.outcome, settled.reason));
        }
        if observed.interrupted || hands.stop.or(std::future::ready(())).await.is_none() {
            collected.interrupted = true;
            return Ok((Outcome::Skipped, "interrupted before it was posted".to_owned()));
        }
        let Some((at, due)) = self.due.get(&*planned.id).copied() else {
            return Ok(self.gone(planned, observed));
        };
        if let Some(failure) = self.given_up.get(&due.to) {
            return Ok((Outcome::Held, format!("nothing more is sent there: {}", failure.message())));
        }
        if self.broken.contains(&due.posting.reference) {
            return Ok((Outcome::Held, "an earlier step of the same order was not posted".to_owned()));
        }
        self.note(planned, Event::Intent { before: Vec::new(), after: at as i64 }, hands).await?;
        hands.hold.check(hands.store, hands.sessions.world()).await?;
        self.note(planned, Event::Sent, hands).await?;
        let why = match self.send(due, hands).await? {
            Ok(Posted::Done { .. }) => {
                self.books.posted(at, due.posting.movement);
                self.books.keep(hands.store, hands.hold.lease.fence).await?;
                return Ok((Outcome::Unverified, String::new()));
            }
            Ok(Posted::Rejected { field, message }) if field.is_empty() => message,
            Ok(Posted::Rejected { field, message }) => format!("{field}: {message}"),
            Err(failure) => {
                let message = failure.message().to_owned();
                self.given_up.insert(due.to, failure);
                message
            }
        };
        self.broken.insert(due.posting.reference.clone());
        self.told.insert(planned.id.clone());
        self.note(planned, Event::Outcome { outcome: Outcome::Failed, reason: why.clone() }, hands).await?;
        Ok((Outcome::Failed, why))
    }

    /// A planned posting that is not due any more.
    fn gone(&self, planned: &Movement, observed: &Observed) -> (Outcome, String) {
        let demand = &observed.observations.demand;
        let same = |due: &&Due| {
            *due.document == *planned.document && due.posting.movement.word() == planned.movement
        };
        let sent = self.taken_up.sent(&planned.id);
        match (demand.due.iter().find(same), unread(self.job.model, &planned.flow, demand)) {
            (Some(_), _) => (
                Outcome::Moved,
                "more has happened to the order since the plan; the next plan has it".to_owned(),
            ),
            (None, Some(why)) => (Outcome::Held, format!("its orders are not known: {why}")),
            (None, None) if sent => (Outcome::Unverified, "posted before the run was cut off".to_owned()),
            (None, None) => (Outcome::Unchanged, "nothing of it is to be posted any more".to_owned()),
        }
    }

    async fn note(&self, planned: &Movement, event: Event, hands: &mut Hands<'_>) -> Result<(), StateError> {
        let at = Moment(hands.sessions.world().clock.now_ms());
        hands.store.append(hands.hold.lease.fence, &[entry(self.run, planned, event, at)]).await
    }

    async fn send(&self, due: &Due, hands: &mut Hands<'_>) -> Result<Result<Posted, Failure>, StateError> {
        let world = hands.sessions.world().clone();
        let fields = match fields(self.job.model, due, &world) {
            Ok(fields) => fields,
            Err(message) => return Ok(Ok(Posted::Rejected { field: "post".to_owned(), message })),
        };
        let mut line = match open(due.to, hands).await? {
            Ok(line) => line,
            Err(failure) => return Ok(Err(failure)),
        };
        let mut tries = hands.sessions.tries(due.to);
        let postings = [Posting { fields, ..due.posting.clone() }];
        let answer = loop {
            line.pace(&world, 1).await;
            hands.hold.check(hands.store, &world).await?;
            let posting = line.session.post(&postings);
            match hands.hold.during(hands.store, &world, posting).await? {
                Ok(answers) => {
                    break answers.into_iter().next().ok_or_else(|| Failure::Unknown {
                        message: "it did not say what came of it".to_owned(),
                    });
                }
                Err(failure) => {
                    if !tries.again(&world, &failure).await {
                        break Err(failure);
                    }
                }
            }
        };
        hands.sessions.put(due.to, line);
        Ok(answer)
    }
}

fn entry(run: &str, planned: &Movement, event: Event, at: Moment) -> Entry {
    let (change, key) = (planned.id.clone(), planned.reference.clone());
    Entry { run: run.to_owned(), change, attempt: 1, key, event, at }
}

/// Why the orders that a flow collects are not known, where they are not.
fn unread<'d>(model: &Model, flow: &str, demand: &'d Demand) -> Option<&'d String> {
    let flow = model.collects.iter().find(|own| *own.name == *flow)?;
    demand.unknown.get(&flow.from)
}

/// The further fields of a `post` node, with their values read; else which could not be, in words.
fn fields(model: &Model, due: &Due, world: &World) -> Result<BTreeMap<&'static str, String>, String> {
    let mut read = BTreeMap::new();
    for (name, (setting, _)) in &model.collect(due.flow).post.fields {
        let text = match setting {
            Setting::Literal(text) => text.to_string(),
            Setting::Env(own) => world.env.get(own).filter(|text| !text.is_empty()).ok_or_else(|| {
                format!(
                    "`{name}` cannot be read: the environment variable {own} is not set; set it and run again"
                )
            })?,
            Setting::File(own) => {
                let what = format!("`{name}` is to come from the file `{own}`, and a `post` reads no files");
                return Err(format!("{what}; write it as it is, or as (env)NAME"));
            }
        };
        read.insert(*name, text);
    }
    Ok(read)
}

/// The open session of a system, taken out.
async fn open(system: SystemId, hands: &mut Hands<'_>) -> Result<Result<Line, Failure>, StateError> {
    if let Some(line) = hands.sessions.take(system) {
        return Ok(Ok(line));
    }
    let world = hands.sessions.world().clone();
    let opening = hands.sessions.opening(system);
    hands.hold.during(hands.store, &world, opening).await
}

/// Looks what was posted up again under its reference: what is there as posted is verified.
async fn verify(
    hands: &mut Hands<'_>,
    due: &BTreeMap<&str, (usize, &Due)>,
    collected: &mut Collected,
) -> Result<(), StateError> {
    let due_of = |own: &MoveReport| due.get(&*own.planned.id).map(|(_, due)| *due);
    let mut asked: BTreeMap<SystemId, BTreeSet<Name>> = BTreeMap::new();
    let done = |own: &&MoveReport| own.outcome == Outcome::Unverified;
    for due in collected.moves.iter().filter(done).filter_map(due_of) {
        asked.entry(due.to).or_default().insert(due.posting.reference.clone());
    }
    for (system, names) in asked {
        let names: Vec<Name> = names.into_iter().collect();
        let found = look_up(hands, system, &names).await?;
        for own in collected.moves.iter_mut().filter(|own| own.outcome == Outcome::Unverified) {
            let Some(due) = due_of(own).filter(|due| due.to == system) else { continue };
            match &found {
                Ok(found) if holds(found, &due.posting) => own.outcome = Outcome::Verified,
                Ok(_) => own.reason = "it was taken, and is not shown there as posted".to_owned(),
                Err(failure) => {
                    own.reason = format!("it was taken, and could not be looked up: {}", failure.message());
                }
            }
        }
    }
    Ok(())
}

async fn look_up(
    hands: &mut Hands<'_>,
    system: SystemId,
    names: &[Name],
) -> Result<Result<Vec<Found>, Failure>, StateError> {
    let mut line = match open(system, hands).await? {
        Ok(line) => line,
        Err(failure) => return Ok(Err(failure)),
    };
    let world = hands.sessions.world().clone();
    let mut tries = hands.sessions.tries(system);
    let found = loop {
        line.pace(&world, 1).await;
        let finding = line.session.find(names);
        match hands.hold.during(hands.store, &world, finding).await? {
            Err(failure) if tries.again(&world, &failure).await => {}
            found => break found,
        }
    };
    hands.sessions.put(system, line);
    Ok(found)
}

/// Whether the document of a posting holds what it asked for.
fn holds(found: &[Found], posting: &Posting) -> bool {
    use crate::model::movement::Movement as Kind;
    let Some(document) = found.iter().find(|own| own.reference == posting.reference) else { return false };
    posting.lines.iter().all(|line| {
        let same = document.lines.iter().filter(|own| own.code == line.code);
        let units = |own: &crate::model::moved::FoundLine| match posting.movement {
            Kind::Cancellation => vec![own.cancelled],
            Kind::Shipment => vec![own.shipped],
            Kind::Return => vec![own.returned],
            _ => vec![own.open, own.shipped, own.cancelled],
        };
        let sum = same.flat_map(units).reduce(Decimal::plus);
        sum.is_some_and(|sum| sum >= line.total)
    })
}

/// What names a posting in the queue.
fn key(planned: &Movement) -> QueueKey {
    QueueKey {
        flow: planned.flow.clone(),
        system: planned.system.clone(),
        location: String::new(),
        item: planned.lines.first().map(|line| line.item.clone()).unwrap_or_default(),
        field: field(&planned.movement, &planned.document),
    }
}

/// What names a posting in its flow: `orders of 1001`.
fn field(movement: &str, document: &str) -> String {
    format!("{movement} of {document}")
}

fn fault(own: &MoveReport) -> Fault {
    let planned = &own.planned;
    Fault {
        key: key(planned),
        code: planned.lines.first().map(|line| line.code.clone()).unwrap_or_default(),
        record: planned.reference.clone(),
        reason: own.reason.clone(),
        change: planned.id.clone(),
        request: format!("{} of {} as {}", planned.movement, planned.document, planned.reference),
        next: None,
    }
}

/// What stands in the queue about postings, as the books have them now.
pub struct Postings<'p> {
    model: &'p Model,
    demand: &'p Demand,
    /// What is due: flow, and what names a posting in it.
    due: BTreeSet<(&'p str, String)>,
}

impl<'p> Postings<'p> {
    /// Over the demand that follows from the last reads.
    pub fn new(model: &'p Model, demand: &'p Demand) -> Postings<'p> {
        let named = |own: &'p Due| {
            (&*model.collect(own.flow).name, field(own.posting.movement.word(), &own.document))
        };
        Postings { model, demand, due: demand.due.iter().map(named).collect() }
    }

    /// Whether an entry is about a posting.
    pub fn has(&self, entry: &Fault) -> bool {
        let flow = |own: &crate::model::collect::Collect| *own.name == *entry.key.flow;
        !entry.change.is_empty() && self.model.collects.iter().any(flow)
    }

    /// Whether nothing of that posting waits any more: it is done, or off again. Of orders that are not known
    /// nobody can say so.
    pub fn came_right(&self, entry: &Fault) -> bool {
        let due = self.due.contains(&(&*entry.key.flow, entry.key.field.clone()));
        unread(self.model, &entry.key.flow, self.demand).is_none() && !due
    }
}

impl Collected {
    /// What failed, for the queue.
    pub fn faults(&self) -> impl Iterator<Item = Fault> {
        self.moves.iter().filter(|own| own.outcome == Outcome::Failed).map(fault)
    }

    /// Tells of what has become due since the plan.
    fn more(&mut self, job: &Job<'_>, observed: &Observed) {
        let planned: BTreeSet<&str> = job.plan.movements.iter().map(|own| &*own.id).collect();
        let due = observed.observations.demand.due.iter();
        match due.filter(|due| !planned.contains(&*due.id)).count() {
            0 => {}
            more => self.notes.push(format!(
                "{more} {} due to be posted that the plan does not have; the next plan has them",
                if more == 1 { "movement is" } else { "movements are" }
            )),
        }
    }
}
