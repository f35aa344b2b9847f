//! The sessions of one run: each system is opened once, whoever needs it, and asked at its own rate.

use super::retry::{Backoff, Policy};
use super::watch::{Nobody, Step, Watch};
use crate::connectors::{Failure, Pace, Session};
use crate::model::time::Moment;
use crate::model::{Model, SystemId};
use crate::world::{Task, World};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Opens the session of a system, which asks it at this pace.
pub type Opener = Rc<dyn Fn(SystemId, Rc<Pace>) -> Task<'static, Result<Box<dyn Session>, Failure>>>;

/// The sessions of one run.
pub struct Sessions {
    open: BTreeMap<SystemId, Line>,
    model: Rc<Model>,
    world: Rc<World>,
    policy: Option<Policy>,
    opener: Opener,
    watch: Rc<dyn Watch>,
}

/// An open session and the pace at which it is asked.
pub struct Line {
    /// The session.
    pub session: Box<dyn Session>,
    /// Its pace.
    pub pace: Rc<Pace>,
}

impl Line {
    /// Waits until so many requests may leave. A session that needs more of them waits for those itself.
    pub async fn pace(&mut self, world: &World, tokens: u32) {
        self.pace.reserve(world, tokens).await;
    }
}

impl Sessions {
    /// No session yet; `opener` opens each at its first use.
    pub fn new(model: Rc<Model>, world: Rc<World>, opener: Opener) -> Sessions {
        Sessions { open: BTreeMap::new(), model, world, policy: None, opener, watch: Rc::new(Nobody) }
    }

    /// The same, trying again by one policy whatever the systems say.
    pub fn with_policy(mut self, policy: Policy) -> Sessions {
        self.policy = Some(policy);
        self
    }

    /// The same, watched.
    pub fn watched(mut self, watch: Rc<dyn Watch>) -> Sessions {
        self.watch = watch;
        self
    }

    /// Tells whoever watches.
    pub fn tell(&self, step: &Step<'_>) {
        self.watch.step(Moment(self.world.clock.now_ms()), step);
    }

    /// Who watches.
    pub fn watch(&self) -> &Rc<dyn Watch> {
        &self.watch
    }

    /// The name of a system.
    pub fn name(&self, system: SystemId) -> String {
        self.model.system(system).name.to_string()
    }

    /// The attempts of one request to a system.
    pub fn tries(&self, system: SystemId) -> Tries {
        Tries { watch: Some((self.watch.clone(), self.name(system))), ..Tries::new(self.policy(system)) }
    }

    /// How often and how long a request to a system is tried.
    pub fn policy(&self, system: SystemId) -> Policy {
        self.policy.unwrap_or_else(|| Policy::of(self.model.system(system).retry))
    }

    /// The outside.
    pub fn world(&self) -> &Rc<World> {
        &self.world
    }

    /// Takes a session out, if it was opened and is not out already.
    pub fn take(&mut self, system: SystemId) -> Option<Line> {
        self.open.remove(&system)
    }

    /// Puts a session back.
    pub fn put(&mut self, system: SystemId, line: Line) {
        self.open.insert(system, line);
    }

    /// Opening the session of a system, tried again where that may help. It holds on to nothing, so that
    /// several may be opened at once.
    pub fn opening(&self, system: SystemId) -> Task<'static, Result<Line, Failure>> {
        let (world, mut tries) = (self.world.clone(), self.tries(system));
        let pace = Rc::new(Pace::of(self.model.system(system)));
        let opener = self.opener.clone();
        Box::pin(async move {
            loop {
                match opener(system, pace.clone()).await {
                    Ok(session) => return Ok(Line { session, pace }),
                    Err(failure) => {
                        if !tries.again(&world, &failure).await {
                            return Err(failure);
                        }
                    }
                }
            }
        })
    }
}

/// Attempts of one request that changes nothing and may be sent again after any lost answer.
pub struct Tries {
    backoff: Backoff,
    policy: Policy,
    watch: Option<(Rc<dyn Watch>, String)>,
}

impl Tries {
    /// The first attempt is about to be made.
    pub fn new(policy: Policy) -> Tries {
        Tries { backoff: Backoff::default(), policy, watch: None }
    }

    /// After a failure: waits and answers whether to try again.
    pub async fn again(&mut self, world: &World, failure: &Failure) -> bool {
        let after = match failure {
            Failure::Retry { after, .. } => *after,
            Failure::Unknown { .. } => None,
            Failure::Rejected { .. } | Failure::Denied { .. } => return false,
        };
        let now = Moment(world.clock.now_ms());
        let wait = self.backoff.next(&self.policy, now, after, world.random.bits());
        if let Some(wait) = wait {
            if let Some((watch, system)) = &self.watch {
                let (attempt, of) = (self.backoff.failures() + 1, self.policy.attempts);
                watch.step(now, &Step::Again { system, why: failure.message(), wait, attempt, of });
            }
            world.clock.sleep(wait).await;
        }
        wait.is_some()
    }
}
