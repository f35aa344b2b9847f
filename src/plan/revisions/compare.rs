//! Every cell of two revisions side by side.

use super::{Cell, Comparison, Guard, State, What, cause};
use crate::count::{Counter, Explained, FlowCounts, Verdict};
use crate::graph::Graph;
use crate::model::flow::Flow;
use crate::model::observation::{Observations, UNASKED};
use crate::model::time::Moment;
use crate::model::{CodeId, FlowId, LocationId, Model, SystemId};
use crate::plan::Standing;
use crate::plan::change::Step;
use crate::plan::judge::Asked;
use crate::plan::{sum, tell};
use std::collections::{BTreeMap, BTreeSet};

/// One revision, and what systems showed as it reads them.
#[derive(Debug, Clone, Copy)]
pub struct Revision<'m> {
    /// Its meaning.
    pub model: &'m Model,
    /// Its graph.
    pub graph: &'m Graph,
    /// What was observed.
    pub seen: &'m Observations,
}

/// Compares what two revisions publish of one set of observations, as of one moment. Findings, what the
/// snapshot lacks and the first line are the caller's to add.
pub fn compare(a: Revision<'_>, b: Revision<'_>, now: Moment) -> Comparison {
    let (count_a, count_b) =
        (Counter::new(a.model, a.graph, a.seen, now), Counter::new(b.model, b.graph, b.seen, now));
    let (side_a, side_b) = (Side::new(a, &count_a), Side::new(b, &count_b));
    let pair = Pair { names: names(a.model, b.model), a: &side_a, b: &side_b };
    let mut comparison = Comparison::default();
    let mut left: BTreeMap<Key<'_>, &Found> =
        side_a.found.iter().map(|found| (pair.key_a(found), found)).collect();
    for found in &side_b.found {
        let before = left.remove(&side_b.key(found));
        match pair.cell(before, Some(found)) {
            Some(cell) => comparison.cells.push(cell),
            None => comparison.summary.same += 1,
        }
    }
    // A cell that two flows publish stands once in the map; what is left there is in no flow of `b`.
    let gone: BTreeSet<Key<'_>> = left.into_keys().collect();
    for found in side_a.found.iter().filter(|found| gone.contains(&pair.key_a(found))) {
        comparison.cells.extend(pair.cell(Some(found), None));
    }
    group(&mut comparison.cells);
    let before: BTreeSet<(String, String)> =
        side_a.tripped().into_iter().map(|verdict| (verdict.flow, verdict.guard)).collect();
    let guards = side_b.tripped().into_iter().map(|verdict| {
        let known = pair.b.flow_before(&verdict.flow);
        let before = before.contains(&(known, verdict.guard.clone()));
        Guard { verdict, before }
    });
    comparison.guards = guards.collect();
    comparison.seal();
    comparison
}

/// Puts the cells of a flow and location side by side, in the order in which those first come.
fn group(cells: &mut Vec<Cell>) {
    let mut order: BTreeMap<(String, String, Option<String>), usize> = BTreeMap::new();
    let mut keyed: Vec<(usize, Cell)> = Vec::with_capacity(cells.len());
    for cell in cells.drain(..) {
        let next = order.len();
        let key = (cell.flow.clone(), cell.system.clone(), cell.location.clone());
        keyed.push((*order.entry(key).or_insert(next), cell));
    }
    keyed.sort_by_key(|(place, _)| *place);
    cells.extend(keyed.into_iter().map(|(_, cell)| cell));
}

/// The second revision's name of each system that the first one calls otherwise.
fn names<'m>(a: &'m Model, b: &'m Model) -> BTreeMap<&'m str, &'m str> {
    let renamed = |system: &'m crate::model::system::System| {
        let was = system.was.as_deref()?;
        let known = b.systems.iter().any(|other| *other.name == *was);
        (!known && a.systems.iter().any(|other| *other.name == *was)).then_some((was, &*system.name))
    };
    b.systems.iter().filter_map(renamed).collect()
}

/// Names a cell as its target does: system, location, code.
type Key<'m> = (&'m str, Option<&'m str>, &'m str);

/// One cell of a revision.
#[derive(Debug, Clone, Copy)]
struct Found {
    /// Index into the flows of its side.
    flow: usize,
    code: CodeId,
    location: LocationId,
    verdict: Verdict,
}

/// What a cell comes to, without words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Now {
    Count(i64),
    Held,
    Failed,
}

impl Found {
    fn now(&self) -> Now {
        match self.verdict {
            Verdict::Held { .. } => Now::Held,
            Verdict::Failed { .. } => Now::Failed,
            // A cell that does not exist and need not is one that shows nothing.
            other => Now::Count(other.finally().unwrap_or(0)),
        }
    }
}

/// One revision with its cells.
struct Side<'c, 'm> {
    revision: Revision<'m>,
    flows: Vec<(FlowId, FlowCounts<'c>, Asked<'m>)>,
    found: Vec<Found>,
    /// Codes that nobody asked their system for.
    unasked: BTreeSet<(SystemId, CodeId)>,
}

impl<'c, 'm> Side<'c, 'm> {
    fn new(revision: Revision<'m>, counter: &'c Counter<'m>) -> Side<'c, 'm> {
        let levels = revision.seen.levels.iter();
        let failures = levels.flat_map(|(system, l)| l.failures.iter().map(|failure| (*system, failure)));
        let unasked = failures
            .filter(|(_, failure)| failure.source == UNASKED)
            .filter_map(|(system, failure)| Some((system, failure.code?)));
        let mut side = Side { revision, flows: Vec::new(), found: Vec::new(), unasked: unasked.collect() };
        for flow in revision.graph.flow_order() {
            let Some(counts) = counter.flow(*flow) else { continue };
            let mut asked = Asked::new(revision.model);
            counts.each(|cell| {
                take(&mut asked, cell.code, cell.verdict);
                let (flow, code, location) = (side.flows.len(), cell.code, cell.location);
                side.found.push(Found { flow, code, location, verdict: cell.verdict });
            });
            side.flows.push((*flow, counts, asked));
        }
        side
    }

    fn model(&self) -> &'m Model {
        self.revision.model
    }

    fn flow(&self, found: &Found) -> &'m Flow {
        self.model().flow(self.flows[found.flow].0)
    }

    fn key(&self, found: &Found) -> Key<'m> {
        let model = self.model();
        let to = self.flow(found).to;
        let location = model.location(found.location).code_in(to).and_then(|code| code.code.as_deref());
        (&model.system(to).name, location, &model.code(found.code).code)
    }

    fn explain(&self, found: &Found) -> Explained {
        self.flows[found.flow].1.explain(found.code, found.location)
    }

    fn state(&self, found: &Found, explained: &Explained) -> State {
        match found.now() {
            Now::Count(count) => {
                State::Count { count, unit: self.model().code(found.code).measure.unit.to_string() }
            }
            Now::Held => State::Held { held: tell::held_reason(explained) },
            Now::Failed if self.unasked.contains(&(self.flow(found).to, found.code)) => {
                let code = &self.model().code(found.code).code;
                State::Failed { failed: format!("`{code}` of the target is not in the snapshot") }
            }
            Now::Failed => State::Failed {
                failed: match &explained.fault {
                    Some(fault) => fault.reason.clone(),
                    None if explained.notes.is_empty() => "its row could not be read".to_owned(),
                    None => tell::held_reason(explained),
                },
            },
        }
    }

    /// The guards that a plan of this revision trips.
    fn tripped(&self) -> Vec<crate::plan::change::Verdict> {
        let standing = Standing::default();
        let said = |flow: FlowId, asked: &Asked<'_>| asked.verdicts(self.model(), flow, &standing);
        let verdicts = self.flows.iter().flat_map(|(flow, _, asked)| said(*flow, asked));
        verdicts.filter(|verdict| verdict.tripped).collect()
    }

    /// The name that a flow had before, or its own.
    fn flow_before(&self, name: &str) -> String {
        let flow = self.model().flows.iter().find(|flow| *flow.name == *name);
        flow.and_then(|flow| flow.was.as_deref()).unwrap_or(name).to_owned()
    }

    /// Whether a flow of this side goes by a name.
    fn has_flow(&self, name: &str) -> bool {
        self.model().flows.iter().any(|flow| *flow.name == *name || flow.was.as_deref() == Some(name))
    }

    /// A system of this side by its name, or by the name that it had before.
    fn system(&self, name: &str) -> Option<SystemId> {
        let systems = &self.model().systems;
        let own = systems.iter().position(|system| *system.name == *name);
        let was = || systems.iter().position(|system| system.was.as_deref() == Some(name));
        own.or_else(was).map(SystemId::at)
    }
}

fn take(asked: &mut Asked<'_>, code: CodeId, verdict: Verdict) {
    asked.tally.cells += u64::from(verdict.before().is_some());
    match verdict {
        Verdict::Lower { before, after } | Verdict::Raise { before, after } => {
            asked.row(code, Some(before), after);
        }
        Verdict::Create { after } => asked.row(code, None, after),
        _ => {}
    }
}

/// Both revisions.
struct Pair<'p, 'c, 'm> {
    names: BTreeMap<&'m str, &'m str>,
    a: &'p Side<'c, 'm>,
    b: &'p Side<'c, 'm>,
}

impl<'m> Pair<'_, '_, 'm> {
    /// The key of a cell of the first revision, by the second one's names.
    fn key_a(&self, found: &Found) -> Key<'m> {
        let (system, location, code) = self.a.key(found);
        (self.names.get(system).copied().unwrap_or(system), location, code)
    }

    /// The line of a cell; `None` where nothing differs.
    fn cell(&self, a: Option<&Found>, b: Option<&Found>) -> Option<Cell> {
        let unit = |side: &Side<'_, '_>, found: &Found| side.model().code(found.code).measure.unit.clone();
        let what = match (a, b) {
            (Some(a), Some(b)) => match (a.now(), b.now()) {
                (Now::Count(from), Now::Count(to)) if unit(self.a, a) == unit(self.b, b) => {
                    match from.cmp(&to) {
                        std::cmp::Ordering::Equal => return None,
                        std::cmp::Ordering::Greater => What::Lowered,
                        std::cmp::Ordering::Less => What::Raised,
                    }
                }
                (Now::Count(_), Now::Count(_)) => What::Unit,
                (from, to) if from == to => return None,
                (_, Now::Held) => What::Held,
                (_, Now::Failed) => What::Failed,
                (_, Now::Count(_)) => What::Known,
            },
            (None, Some(_)) => What::New,
            (Some(_), None) => What::Gone,
            (None, None) => return None,
        };
        let explained_a = a.map(|found| (found, self.a.explain(found)));
        let explained_b = b.map(|found| (found, self.b.explain(found)));
        let (side, found) = b.map(|found| (self.b, found)).or_else(|| a.map(|found| (self.a, found)))?;
        let (model, flow) = (side.model(), side.flow(found));
        let code = model.code(found.code);
        Some(Cell {
            what,
            flow: flow.name.to_string(),
            system: model.system(flow.to).name.to_string(),
            location: tell::location_name(model, flow.to, found.location),
            item: model.thing_name(code.thing).to_string(),
            code: code.code.to_string(),
            from: explained_a.as_ref().map(|(found, explained)| self.a.state(found, explained)),
            to: explained_b.as_ref().map(|(found, explained)| self.b.state(found, explained)),
            causes: match (&explained_a, &explained_b) {
                (Some(a), Some(b)) => self.causes(a, b),
                (None, Some((found, explained))) => {
                    let why = one_sided(self.b, self.a, found, ("is new", "now"));
                    vec![why, sum::cause(model, explained)]
                }
                (Some((found, _)), None) => {
                    vec![one_sided(self.a, self.b, found, ("is gone", "no longer"))]
                }
                (None, None) => Vec::new(),
            },
        })
    }

    /// Why a cell of both revisions differs.
    fn causes(&self, a: &(&Found, Explained), b: &(&Found, Explained)) -> Vec<String> {
        let (model_a, model_b) = (self.a.model(), self.b.model());
        let (flow_a, flow_b) = (self.a.flow(a.0), self.b.flow(b.0));
        let (code_a, code_b) = (model_a.code(a.0.code), model_b.code(b.0.code));
        let mut causes = Vec::new();
        if flow_a.name != flow_b.name && flow_b.was.as_ref() != Some(&flow_a.name) {
            causes.push(format!("published by {}, not by {}", flow_b.name, flow_a.name));
        }
        let (item_a, item_b) = (model_a.thing_name(code_a.thing), model_b.thing_name(code_b.thing));
        if item_a != item_b && was(model_b, code_b.thing) != Some(item_a) {
            causes.push(format!("`{}` is mapped to {item_b}, not to {item_a}", code_b.code));
        }
        let (asked_a, asked_b) =
            (&model_a.quantity(flow_a.quantity).name, &model_b.quantity(flow_b.quantity).name);
        if asked_a != asked_b {
            causes.push(format!("the flow publishes {asked_b}, not {asked_a}"));
        }
        // The sum of a cell that is held or failed lacks what is not known: the state says what that is.
        let (Now::Count(_), Now::Count(_)) = (a.0.now(), b.0.now()) else { return causes };
        let steps = (sum::steps(model_a, &a.1), sum::steps(model_b, &b.1));
        let capped = |steps: &[Step]| steps.iter().any(|step| matches!(step, Step::Cap { .. }));
        // Under a new cap that takes hold, what stands above it makes no difference; an old one that took
        // hold made a difference where more than it is shown now.
        let lowers = flow_a.cap != flow_b.cap && capped(&steps.1);
        let raises = flow_a.cap != flow_b.cap && capped(&steps.0) && b.1.after > flow_a.cap;
        if !lowers {
            causes.extend(cause::between(&steps.0, &steps.1, &self.names));
        }
        if code_a.measure != code_b.measure {
            let unit =
                |code: &crate::model::item::Code| format!("{} of {}", code.measure.unit, code.measure.ratio);
            causes.push(format!("unit {} → {}", unit(code_a), unit(code_b)));
        }
        if lowers || raises {
            let cap = |cap: Option<i64>| cap.map_or_else(|| "none".to_owned(), |cap| cap.to_string());
            causes.push(format!("cap {} → {}", cap(flow_a.cap), cap(flow_b.cap)));
        }
        causes
    }
}

/// The name that a thing had before.
fn was(model: &Model, thing: crate::model::item::Thing) -> Option<&crate::model::Name> {
    match thing {
        crate::model::item::Thing::Item(id) => model.item(id).was(),
        crate::model::item::Thing::Bundle(id) => model.bundle(id).was.as_ref(),
    }
}

/// Why only one side has a cell.
fn one_sided(
    own: &Side<'_, '_>,
    other: &Side<'_, '_>,
    found: &Found,
    (is, published): (&str, &str),
) -> String {
    let model = own.model();
    let flow = own.flow(found);
    let code = &model.code(found.code).code;
    let before = flow.was.as_deref().unwrap_or(&flow.name);
    if !other.has_flow(&flow.name) && !other.has_flow(before) {
        return format!("flow {} {is}", flow.name);
    }
    let to = model.system(flow.to);
    let there = other.system(&to.name).or_else(|| other.system(to.was.as_deref()?));
    let Some(there) = there else { return format!("system {} {is}", to.name) };
    if other.model().find_code(there, code).is_none() {
        return format!("`{code}` is {published} mapped");
    }
    let place = model.location(found.location);
    let name = place.code_in(flow.to).and_then(|code| code.code.as_deref());
    let shows = |id: &FlowId| {
        let shown = &other.revision.graph.flow(*id).shown;
        let here = |location: LocationId| {
            let code = other.model().location(location).code_in(there);
            code.is_some_and(|code| code.code.as_deref() == name)
        };
        other.model().flow(*id).to == there && shown.iter().any(|shown| here(shown.location))
    };
    match other.flows.iter().any(|(id, _, _)| shows(id)) {
        true => format!("flow {} {published} publishes it", flow.name),
        false => format!("{} is {published} published", place.name),
    }
}
