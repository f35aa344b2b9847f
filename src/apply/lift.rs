//! Guards that somebody lifts for one plan: kept in the state, and honoured by every run of that plan.

use super::recall;
use super::report::Refused;
use crate::model::time::Moment;
use crate::model::{FlowId, Model};
use crate::plan::change::Verdict;
use crate::plan::guard::{CHANGED, RAISED};
use crate::plan::lift::Lift;
use crate::plan::{Plan, Standing};
use crate::state::{Lifted, StateError, Store};

/// What is to be lifted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lifting {
    /// Guards, each with its reason.
    pub lifts: Vec<Lift>,
    /// Who asks for the first apply, where it is one: then the limits on changes and on raises are lifted
    /// for flows that were never applied.
    pub first: Option<String>,
}

/// Keeps lifts for a plan, until the plan's own end.
pub async fn keep(store: &mut dyn Store, plan: &Plan, lifts: &[Lift], now: Moment) -> Result<(), StateError> {
    for lift in lifts {
        let lifted = Lifted {
            plan: plan.header.id.clone(),
            guard: lift.scope(),
            reason: lift.reason.clone(),
            actor: lift.actor.clone(),
            at: now,
            expires: Moment::parse(&plan.header.expires, "UTC").unwrap_or(now),
        };
        store.lift(&lifted).await?;
    }
    Ok(())
}

/// Keeps what is to be lifted for a plan that is about to be applied; answers what is to be said about it.
pub async fn take(
    store: &mut dyn Store,
    (model, plan): (&Model, &Plan),
    lifting: &Lifting,
    now: Moment,
) -> Result<Vec<String>, Refused> {
    keep(store, plan, &lifting.lifts, now).await?;
    let Some(actor) = &lifting.first else { return Ok(Vec::new()) };
    let named = |name: &String| model.flows.iter().position(|flow| *flow.name == **name).map(FlowId::at);
    let flows = plan.header.flows.iter().filter_map(named);
    let first = recall::standing(store, model, now).await?.first(model, flows, actor);
    if let Some(sentence) = first.refused() {
        return Err(Refused::First(sentence));
    }
    keep(store, plan, &first.lifts, now).await?;
    Ok(first.told().into_iter().collect())
}

/// What holds beside the topology when a plan is applied: the guards lifted for it are among it.
pub async fn standing(
    store: &mut dyn Store,
    (model, plan): (&Model, &Plan),
    now: Moment,
) -> Result<Standing, StateError> {
    let mut standing = recall::standing(store, model, now).await?;
    let lifted = store.lifted(&plan.header.id).await?;
    let lifted = lifted.iter().filter(|lifted| now <= lifted.expires);
    standing.lifted = lifted.map(|one| Lift::of(&one.guard, &one.reason, &one.actor)).collect();
    Ok(standing)
}

/// What was to be lifted and lifted nothing, one sentence each; `lifted` are the guards that would stop a
/// flow otherwise.
pub fn unused(lifting: &Lifting, lifted: &[Verdict]) -> Vec<String> {
    let lifts = |lift: &&Lift| !lifted.iter().any(|verdict| lift.covers(&verdict.flow, &verdict.guard));
    let unused = lifting.lifts.iter().filter(lifts);
    let mut told: Vec<String> =
        unused.map(|lift| format!("`--override {}` lifts nothing: it stops no flow", lift.scope())).collect();
    let by_first = |verdict: &&Verdict| {
        let named = lifting.lifts.iter().any(|lift| lift.covers(&verdict.flow, &verdict.guard));
        [CHANGED, RAISED].contains(&&*verdict.guard) && !named
    };
    if lifting.first.is_some() && !lifted.iter().any(|verdict| by_first(&verdict)) {
        told.push(format!("`--first` lifts nothing: neither {CHANGED} nor {RAISED} stops a new flow"));
    }
    told
}
