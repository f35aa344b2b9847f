//! Lifting a guard: which one, of which flow, by whom and why, for one plan.

/// A guard that somebody has lifted for one plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lift {
    /// The flow; `None` means every flow of the plan.
    pub flow: Option<String>,
    /// The guard's name.
    pub guard: String,
    /// Why.
    pub reason: String,
    /// Who: user and host.
    pub actor: String,
}

impl Lift {
    /// The lift of a scope, as people write it and the state keeps it: `GUARD`, or `FLOW:GUARD`.
    pub fn of(scope: &str, reason: &str, actor: &str) -> Lift {
        let (flow, guard) = match scope.rsplit_once(':') {
            Some((flow, guard)) => (Some(flow.to_owned()), guard),
            None => (None, scope),
        };
        Lift { flow, guard: guard.to_owned(), reason: reason.to_owned(), actor: actor.to_owned() }
    }

    /// Its scope, as [`Lift::of`] reads it.
    pub fn scope(&self) -> String {
        match &self.flow {
            Some(flow) => format!("{flow}:{}", self.guard),
            None => self.guard.clone(),
        }
    }

    /// Whether it lifts a guard of a flow.
    pub fn covers(&self, flow: &str, guard: &str) -> bool {
        self.guard == guard && self.flow.as_deref().is_none_or(|own| own == flow)
    }

    /// By whom and why, in words.
    pub fn told(&self) -> String {
        format!("by {}: {}", self.actor, self.reason)
    }
}

/// What `--first` lifts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct First {
    /// The limits on changes and on raises of each flow that was never applied.
    pub lifts: Vec<Lift>,
    /// The flows that were applied before, for which nothing is lifted; by name.
    pub applied: Vec<String>,
}

impl First {
    /// Why nothing is lifted at all, in a sentence; `None` where something is.
    pub fn refused(&self) -> Option<String> {
        if !self.lifts.is_empty() || self.applied.is_empty() {
            return None;
        }
        let flows: Vec<String> = self.applied.iter().map(|flow| format!("`{flow}`")).collect();
        let (flows, was) = (flows.join(", "), if flows.len() == 1 { "was" } else { "were" });
        Some(format!("`--first` is for flows that were never applied, and {flows} {was} applied before"))
    }

    /// For which flows nothing is lifted, in a sentence; `None` where there is none.
    pub fn told(&self) -> Option<String> {
        let flows: Vec<String> = self.applied.iter().map(|flow| format!("`{flow}`")).collect();
        let was = if flows.len() == 1 { "it was" } else { "they were" };
        let some = !flows.is_empty();
        some.then(|| format!("`--first` lifts nothing for {}, since {was} applied before", flows.join(", ")))
    }
}

/// Why `--first` lifts what it lifts.
pub const FIRST: &str = "the first apply of the flow";
