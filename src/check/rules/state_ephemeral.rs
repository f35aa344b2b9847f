//! `state-ephemeral`: the state lies in a checkout that is thrown away after the job.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};
use crate::model::system::Setting;

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let model = facts.model;
    // What a reference stands for is not asked offline.
    let Setting::Literal(text) = &model.state else { return Vec::new() };
    let Some(path) = text.strip_prefix("sqlite:") else { return Vec::new() };
    let place = model.state_origin.or(model.root).filter(|_| !model.flows.is_empty());
    let Some(place) = place else { return Vec::new() };
    let inside = match &*model.state_dir {
        "" => path.to_owned(),
        dir => format!("{dir}/{path}"),
    };
    if !(facts.scene.thrown_away)(&inside) {
        return Vec::new();
    }
    let found = Diagnostic::new(
        code::STATE_EPHEMERAL,
        place,
        format!("the state `{text}` lies in a checkout, which this pipeline throws away"),
    );
    let here = match model.state_origin {
        Some(_) => "gone after the job",
        None => "keeps its state there by default",
    };
    vec![found.here(here).help(
        "The next job would know nothing of this one: an interrupted run cannot be resumed, and the \
                 queue and the last written counts are lost. Keep the folder in the pipeline's cache, let \
                 `state` name a PostgreSQL database, or a path outside of the checkout. `onhand explain \
                 state-ephemeral` has recipes.",
    )]
}
