//! The flows of a run, each with its turn: kept for whoever asks how they stand and how late they are.

use super::job::Job;
use crate::model::collect::Collect;
use crate::model::flow::Flow;
use crate::model::time::Moment;
use crate::state::Turn;

/// The flows of a run: those of its plan, and all that collect, since every run reads their movements.
pub(super) fn flows<'j>(job: &'j Job<'_>) -> (Vec<&'j Flow>, &'j [Collect]) {
    let covered = |flow: &&Flow| job.plan.header.flows.iter().any(|own| **own == *flow.name);
    (job.model.flows.iter().filter(covered).collect(), &job.model.collects)
}

/// A turn that has only begun.
pub(super) fn turn(job: &Job<'_>, run: &str, (flow, now): (&str, Moment)) -> Turn {
    let made = || Moment::parse(&job.plan.header.created, "UTC");
    let began = job.options.looked.or_else(made).unwrap_or(now);
    let (run, flow) = (run.to_owned(), flow.to_owned());
    Turn { run, flow, began, whole: job.options.whole, through: false, left: None }
}

/// The turns of a run that begins.
pub(super) fn begun(job: &Job<'_>, run: &str, now: Moment) -> Vec<Turn> {
    let (publish, collect) = flows(job);
    let names = publish.iter().map(|flow| &flow.name).chain(collect.iter().map(|flow| &flow.name));
    names.map(|name| turn(job, run, (name, now))).collect()
}
