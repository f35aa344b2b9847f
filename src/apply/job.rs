//! What is to be applied, and how.

use super::lift::Lifting;
use super::read::Needs;
use crate::model::Model;
use crate::model::observation::Observations;
use crate::model::time::Moment;
use crate::plan::again::Again;
use crate::plan::{Plan, Standing};
use std::rc::Rc;
use std::time::Duration;

/// Computes a plan's flows and changes again from what was read.
pub type Recompute<'a> = &'a dyn Fn(&Observations, (Moment, &Standing)) -> Again;

/// What is to be applied.
pub struct Job<'a> {
    /// The topology.
    pub model: &'a Rc<Model>,
    /// What the plan's flows read.
    pub needs: &'a Needs,
    /// Computes the plan again; [`crate::plan::again::again`] with the topology's graph.
    pub recompute: Recompute<'a>,
    /// The plan: a permission.
    pub plan: &'a Plan,
    /// The rest.
    pub options: Options,
}

/// How it is to be applied.
#[derive(Debug, Clone)]
pub struct Options {
    /// Who applies: user and host.
    pub actor: String,
    /// How long to wait for another run.
    pub wait: Duration,
    /// Guards that are to be lifted for this plan.
    pub lifting: Lifting,
    /// Whether a plan is taken that this state does not remember writing.
    pub from_elsewhere: bool,
    /// The topology's revision in git, where known.
    pub revision: Option<String>,
    /// The plan's file as it was read; absent for a plan that was never in one.
    pub text: Option<String>,
    /// The run to go on with; absent for a new one.
    pub resume: Option<String>,
    /// Whether the plan covers every cell of its flows, so that they count as having run.
    pub whole: bool,
    /// When reading began for the plan, where it was made for this run; absent for one out of a file.
    pub looked: Option<Moment>,
}

impl Default for Options {
    /// Waits 30 seconds, lifts nothing, takes only plans written here.
    fn default() -> Options {
        Options {
            actor: "unknown".to_owned(),
            wait: Duration::from_secs(30),
            lifting: Lifting::default(),
            from_elsewhere: false,
            revision: None,
            text: None,
            resume: None,
            whole: false,
            looked: None,
        }
    }
}
