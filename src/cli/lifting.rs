//! `--override`, `--reason`, `--first`: which guards are lifted for one plan.

use super::exit::Exit;
use super::select::unknown;
use super::ui::Ui;
use crate::apply::lift::Lifting;
use crate::diagnostic::{escape, nearest};
use crate::model::{FlowId, Model};
use crate::plan::guard::NAMES;
use crate::plan::lift::Lift;
use crate::plan::{Plan, Standing};
use crate::world::World;

/// Which guards are lifted, and why.
#[derive(Debug, Default, clap::Args)]
pub struct Lifts {
    /// Lift one guard for this plan: its name for every flow, or FLOW:GUARD for one; may be given again
    #[arg(long = "override", value_name = "GUARD")]
    lift: Vec<String>,
    /// Why it is lifted: one reason for all, or one for each --override in their order
    #[arg(long, value_name = "TEXT")]
    reason: Vec<String>,
    /// Lift max-changed and max-raised for flows that were never applied before
    #[arg(long)]
    first: bool,
}

impl Lifts {
    /// Whether anything is to be lifted.
    pub fn given(&self) -> bool {
        self.first || !self.lift.is_empty() || !self.reason.is_empty()
    }
}

/// Reads what is to be lifted; what nobody can lift ends the command.
pub fn lifting(ui: &Ui, world: &World, model: &Model, args: &Lifts) -> Result<Lifting, Exit> {
    let actor = actor(world);
    let wrong = |what: &str, todo: &str| {
        ui.error(what, todo);
        Err(Exit::Wrong)
    };
    let wanted =
        "Say why, as in `--override max-rows --reason \"the autumn range\"`; it is kept with your name.";
    if args.lift.is_empty() && !args.reason.is_empty() {
        return wrong(
            "`--reason` says why a guard is lifted, and none is",
            "Name it with `--override GUARD`.",
        );
    }
    if args.reason.iter().any(|reason| reason.trim().is_empty()) {
        return wrong("the `--reason` is empty", wanted);
    }
    if !args.lift.is_empty() && args.reason.is_empty() {
        return wrong("`--override` lifts a guard only for a reason", wanted);
    }
    if args.reason.len() > 1 && args.reason.len() != args.lift.len() {
        let (lifts, reasons) = (args.lift.len(), args.reason.len());
        let what = format!("{lifts} guards are lifted, and {reasons} reasons are given");
        return wrong(&what, "Give one `--reason` for all, or one for each `--override` in their order.");
    }
    let mut lifts = Vec::new();
    for (at, scope) in args.lift.iter().enumerate() {
        let reason = args.reason.get(at).or(args.reason.first()).map_or("", |reason| reason.trim());
        let lift = Lift::of(scope, reason, &actor);
        known(ui, model, &lift)?;
        lifts.push(lift);
    }
    Ok(Lifting { lifts, first: args.first.then_some(actor) })
}

/// Refuses a guard or a flow that there is not.
fn known(ui: &Ui, model: &Model, lift: &Lift) -> Result<(), Exit> {
    if !NAMES.contains(&&*lift.guard) {
        let hint = match nearest(&lift.guard, NAMES) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => format!("There are {}.", NAMES.join(", ")),
        };
        ui.error(&format!("there is no guard `{}`", escape::line(&lift.guard)), &hint);
        return Err(Exit::Wrong);
    }
    match &lift.flow {
        Some(flow) if !model.flows.iter().any(|known| *known.name == **flow) => {
            Err(unknown(ui, "flow", flow, model.flows.iter().map(|flow| &flow.name)))
        }
        _ => Ok(()),
    }
}

/// What is lifted for a plan of these flows; where `--first` lifts nothing at all, the command ends.
pub fn lifted(
    ui: &Ui,
    model: &Model,
    lifting: &Lifting,
    (flows, standing): (&[FlowId], &Standing),
) -> Result<Vec<Lift>, Exit> {
    let mut lifts = lifting.lifts.clone();
    if let Some(actor) = &lifting.first {
        let first = standing.first(model, flows.iter().copied(), actor);
        if let Some(sentence) = first.refused() {
            ui.error(&sentence, ANEW);
            return Err(Exit::Wrong);
        }
        lifts.extend(first.lifts);
    }
    Ok(lifts)
}

/// What to do where `--first` is refused.
pub const ANEW: &str = "Lift a guard for this plan alone: `--override GUARD --reason \"…\"`.";

/// The guards of a plan that are lifted.
pub fn effective(plan: &Plan) -> Vec<crate::plan::change::Verdict> {
    plan.guards.iter().filter(|verdict| verdict.tripped && !verdict.stops()).cloned().collect()
}

/// Who works here: the user and the host, as far as they are known.
pub fn actor(world: &World) -> String {
    let user = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| world.env.get(name));
    format!("{}@{}", user.unwrap_or_else(|| "somebody".to_owned()), world.env.host())
}
