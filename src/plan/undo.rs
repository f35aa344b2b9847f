//! The inverse of a run, itself a plan: what the run wrote goes back to what was shown before it.
//!
//! A plan is a permission, and so is this one. It holds only cells that nobody has moved since: every column
//! that the write depended on still is as the run left it. A count that is to fall goes back to what it was,
//! or to what is computed now where that is less. A count that is to rise never goes above what is computed
//! now: it rises as far as that, and where that is no rise it is held, with the reason. Where what is
//! computed is not known, a count may still fall, since no owner's count has a part in that.

use super::change::{Action, Change, Header, Held, Step, Summary, Write};
use super::diff::{self, Selection, Stamp};
use super::gate::{Gates, SHADOW};
use super::guard::{CHANGED, LINES, SHRUNK};
use super::judge::Asked;
use super::permit::Now;
use super::tell;
use super::{Plan, Standing, file, sum};
use crate::count::{Counter, Explained, May, Verdict};
use crate::graph::{Graph, Shown};
use crate::model::observation::Observations;
use crate::model::{CodeId, FlowId, LocationId, Model};
use std::collections::{BTreeMap, BTreeSet};

/// One cell as a run left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The flow.
    pub flow: String,
    /// The target.
    pub system: String,
    /// The location; absent for a system without locations.
    pub location: Option<String>,
    /// The item or bundle.
    pub item: String,
    /// The target's code.
    pub code: String,
    /// The columns that the write depended on, and the one written, as the run left them; those that the run
    /// did not know are absent.
    pub columns: BTreeMap<String, i64>,
    /// What people are to see again, in the code's unit.
    pub back: Back,
    /// Who has written it since, in words, where that is known.
    pub since: Option<String>,
    /// Whether the run is known to have written it. Where it is not and the target shows something else, the
    /// run changed nothing here.
    pub certain: bool,
}

/// What people saw before a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    /// The target did not have the cell. It cannot be taken away, so it goes to 0.
    Created,
    /// So many.
    Shown(i64),
    /// The column that was written was lower by so much, or higher where this is negative: so was what people
    /// saw.
    By(i64),
}

/// What begins the reason of a pause that a rollback makes; the run that was undone follows.
pub const PAUSED: &str = "rollback of run ";

/// What holds beside the topology for a rollback: all but the pauses that rollbacks have made. They keep
/// ordinary plans from raising again at once what was taken back; a rollback is asked for by somebody, and
/// capped.
pub fn standing(standing: &Standing) -> Standing {
    let own = format!(": {PAUSED}");
    let mut rest = standing.clone();
    rest.pauses.retain(|pause| pause.holds_all || !pause.told.contains(&own));
    rest
}

/// The plan that undoes a run.
pub fn build(
    model: &Model,
    graph: &Graph,
    seen: &Observations,
    (run, left): (&str, &[Left]),
    stamp: &Stamp,
) -> Plan {
    let stamp = Stamp { standing: standing(&stamp.standing), ..stamp.clone() };
    let flows: BTreeSet<FlowId> = left.iter().filter_map(|row| Some(place(model, graph, row)?.0)).collect();
    let selection = Selection { flows: flows.iter().copied().collect(), ..Selection::default() };
    let counter = Counter::new(model, graph, seen, stamp.now);
    let ordinary = diff::compare((model, graph, seen), &counter, &selection, &stamp);
    let undo = Undo { model, graph, seen, run, stamp: &stamp, ordinary: &ordinary };
    let rows = undo.rows(left);
    let mut plan = Plan {
        header: Header { undoes: Some(run.to_owned()), ..ordinary.header.clone() },
        reads: ordinary.reads.clone(),
        summary: Summary { requests: ordinary.summary.requests, ..Summary::default() },
        ..Plan::default()
    };
    if flows.is_empty() {
        plan.header.flows.clear();
    }
    for row in rows {
        match row {
            Row::Change(change) => plan.changes.push(*change),
            Row::Held(held) => plan.held.push(held),
            Row::Unchanged => plan.summary.unchanged += 1,
            Row::Never => {}
        }
    }
    tally(model, &ordinary, &mut plan, &stamp.standing);
    file::seal(&mut plan);
    plan
}

/// Puts the rows of a rollback, computed again, in the place of the ordinary ones; `ordinary` is a plan of
/// the rollback's flows, made now.
pub fn over(
    model: &Model,
    graph: &Graph,
    seen: &Observations,
    planned: &Plan,
    (mut ordinary, stamp): (Plan, &Stamp),
) -> Plan {
    let run = planned.header.undoes.clone().unwrap_or_default();
    let left: Vec<Left> = planned.changes.iter().map(again).collect();
    let rows = Undo { model, graph, seen, run: &run, stamp, ordinary: &ordinary }.rows(&left);
    let own: BTreeSet<Key<'_>> = left.iter().map(key).collect();
    let other =
        |flow: &str, location: &Option<String>, code: &str| !own.contains(&(flow, location.as_deref(), code));
    ordinary.changes.retain(|row| other(&row.flow, &row.location, &row.code));
    ordinary.held.retain(|row| other(&row.flow, &row.location, &row.code));
    ordinary.failures.retain(|row| other(&row.flow, &row.location, &row.code));
    for row in rows {
        match row {
            Row::Change(change) => ordinary.changes.push(*change),
            Row::Held(held) => ordinary.held.push(held),
            Row::Unchanged | Row::Never => {}
        }
    }
    ordinary
}

/// A change of a rollback as what its run left: the columns are those that the plan found.
fn again(change: &Change) -> Left {
    Left {
        flow: change.flow.clone(),
        system: change.system.clone(),
        location: change.location.clone(),
        item: change.item.clone(),
        code: change.code.clone(),
        columns: change.write.before.clone().unwrap_or_default(),
        back: Back::Shown(change.after),
        since: None,
        certain: true,
    }
}

type Key<'a> = (&'a str, Option<&'a str>, &'a str);

fn key(row: &Left) -> Key<'_> {
    (&row.flow, row.location.as_deref(), &row.code)
}

/// The cell that a row is about; `None` where the topology no longer publishes it.
fn place(model: &Model, graph: &Graph, row: &Left) -> Option<(FlowId, CodeId, LocationId)> {
    let flow = model.flows.iter().position(|flow| *flow.name == *row.flow).map(FlowId::at)?;
    let to = model.flow(flow).to;
    if *model.system(to).name != *row.system {
        return None;
    }
    let code = model.find_code(to, &row.code)?;
    let is_it = |location: LocationId| tell::location_name(model, to, location) == row.location;
    let known = |location: &LocationId| {
        row.location.is_some() || model.location(*location).code_in(to).is_some_and(|own| own.code.is_none())
    };
    let location = (0..model.locations.len()).map(LocationId::at).filter(known).find(|at| is_it(*at))?;
    let thing = model.code(code).thing;
    let here = |shown: &Shown| shown.location == location && shown.things.contains(thing);
    let published = graph.flow(flow).shown.iter().any(here);
    let valid = model.code(code).at.is_none_or(|only| only == location);
    (published && valid).then_some((flow, code, location))
}

/// What becomes of one row.
enum Row {
    Change(Box<Change>),
    Held(Held),
    /// It shows again what it showed before.
    Unchanged,
    /// The run never wrote it.
    Never,
}

struct Undo<'u> {
    model: &'u Model,
    graph: &'u Graph,
    seen: &'u Observations,
    run: &'u str,
    stamp: &'u Stamp,
    ordinary: &'u Plan,
}

/// What a run left, and its cell where the topology still has one.
type Placed<'l> = (Option<(FlowId, CodeId, LocationId)>, &'l Left);

/// Cells that a rollback may raise.
type Rising = BTreeSet<(FlowId, CodeId, LocationId)>;

/// How often the cells of divided shelves are counted again before what would still rise there is held.
const ROUNDS: usize = 8;

impl Undo<'_> {
    /// One for each row, in the order of flows, locations and codes; what the topology no longer has comes
    /// first.
    fn rows(&self, left: &[Left]) -> Vec<Row> {
        let model = self.model;
        let order: BTreeMap<FlowId, usize> =
            self.graph.flow_order().iter().enumerate().map(|(at, flow)| (*flow, at)).collect();
        let mut placed: Vec<_> = left.iter().map(|row| (place(model, self.graph, row), row)).collect();
        placed.sort_by_key(|(cell, row)| {
            (cell.map(|(flow, code, at)| (order.get(&flow).copied(), at, code)), row.code.clone())
        });
        let mut rising: Rising = placed.iter().filter_map(|(cell, _)| *cell).collect();
        for round in 0.. {
            let allowed = if round < ROUNDS { &rising } else { &Rising::new() };
            let rows = self.round(&placed, allowed);
            let raised: Rising = placed
                .iter()
                .zip(&rows)
                .filter(|(_, row)| matches!(row, Row::Change(change) if change.action == Action::Raise))
                .filter_map(|((cell, _), _)| *cell)
                .collect();
            // Where no shelf is divided, no number depends on which others are written.
            if model.allocations.is_empty() || raised == *allowed || round == ROUNDS {
                return rows;
            }
            rising = raised;
        }
        Vec::new()
    }

    /// All rows, where only the cells of `rising` may rise: on a shelf that is divided, every other cell
    /// counts with what it shows.
    fn round(&self, placed: &[Placed<'_>], rising: &Rising) -> Vec<Row> {
        let gates = Gates::new(self.model, self.graph, (self.stamp.now, &self.stamp.standing));
        let allowed = |flow: FlowId, code: CodeId, location: LocationId| match rising
            .contains(&(flow, code, location))
        {
            true => gates.may(flow, code, location),
            false => May::Stay,
        };
        let all = Counter::new(self.model, self.graph, self.seen, self.stamp.now);
        let counter = all.within(&allowed);
        // What may not rise is not given a part of a shelf above; what is computed for it is what it has a
        // right to where everything is written.
        let freely = |flow: FlowId, code: CodeId, location: LocationId| gates.may(flow, code, location);
        let free = all.within(&freely);
        let mut ordinary: BTreeMap<Key<'_>, Now<'_>> = BTreeMap::new();
        for row in &self.ordinary.failures {
            ordinary.insert((&row.flow, row.location.as_deref(), &row.code), Now::Failed(&row.reason));
        }
        for row in &self.ordinary.held {
            ordinary.insert((&row.flow, row.location.as_deref(), &row.code), Now::Held(&row.reason));
        }
        for row in &self.ordinary.changes {
            ordinary.insert((&row.flow, row.location.as_deref(), &row.code), Now::Change(row));
        }
        let one = |(cell, row): &Placed<'_>| {
            let Some(cell) = cell else {
                return held(row, format!("the topology no longer publishes it to `{}`", row.system));
            };
            let now = ordinary.get(&key(row)).copied().unwrap_or(Now::Unchanged);
            let counter = if rising.contains(cell) { &counter } else { &free };
            match counter.explain(cell.0, cell.1, cell.2) {
                Some(explained) => {
                    let may = (gates.may(cell.0, cell.1, cell.2), gates.why(cell.0, cell.1, cell.2));
                    self.row(row, &explained, now, (may, rising.contains(cell)))
                }
                None => held(row, format!("`{}` cannot take it", row.system)),
            }
        };
        placed.iter().map(one).collect()
    }

    fn row(
        &self,
        row: &Left,
        explained: &Explained,
        now: Now<'_>,
        ((may, why), may_rise): ((May, &str), bool),
    ) -> Row {
        if let Some(since) = &row.since {
            return held(row, since.clone());
        }
        let (Some(columns), Some(shown)) = (&explained.columns, explained.verdict.before()) else {
            let unknown = !self.seen.levels.contains_key(&self.model.flow(explained.flow).to);
            return match now {
                Now::Held(why) | Now::Failed(why) => held(row, why.to_owned()),
                _ if unknown => held(row, format!("`{}` could not be read", row.system)),
                _ => held(row, format!("`{}` no longer has it", row.system)),
            };
        };
        let columns: BTreeMap<String, i64> =
            columns.iter().map(|(name, value)| (name.to_string(), *value)).collect();
        if row.columns.iter().any(|(name, value)| columns.get(name) != Some(value)) {
            if !row.certain {
                return Row::Never;
            }
            return held(row, format!("it was moved since: it shows {shown} by now"));
        }
        let back = match row.back {
            Back::Created => 0,
            Back::Shown(count) => count,
            Back::By(less) => shown.saturating_sub(less),
        };
        // A target may show less than nothing; nobody publishes that.
        let back = back.max(0);
        let number = explained.after.map_or(back, |computed| back.min(computed));
        if back == shown {
            return Row::Unchanged;
        }
        match may {
            May::Wait => return held(row, why.to_owned()),
            May::Fall if back > shown => return held(row, why.to_owned()),
            May::Stay => return held(row, "the flow's rollout leaves it out".to_owned()),
            May::Shadow => return held(row, SHADOW.to_owned()),
            May::Change | May::Fall => {}
        }
        if back > shown {
            let numbers = (shown, back, number);
            return self.rise(row, explained, (now, may_rise), numbers);
        }
        self.change(row, explained, (columns, shown, back, number), now)
    }

    /// A row that would rise: no further than is computed now, and not at all while anything holds it.
    fn rise(
        &self,
        row: &Left,
        explained: &Explained,
        (now, may_rise): (Now<'_>, bool),
        (shown, back, number): (i64, i64, i64),
    ) -> Row {
        if let Now::Held(why) | Now::Failed(why) = now {
            return held(row, why.to_owned());
        }
        let Some(computed) = explained.after else {
            return held(row, "what it may show now is not known".to_owned());
        };
        if number > shown && may_rise && !matches!(explained.verdict, Verdict::Raise { .. }) {
            // On a shelf that is divided, what it would show were it free to rise is no permission to.
            return held(row, tell::held_reason(explained));
        }
        if number <= shown || !may_rise {
            return held(
                row,
                format!(
                    "it showed {back} before the run, and no more than {} may be published now",
                    computed.min(shown)
                ),
            );
        }
        let columns = explained.columns.iter().flatten();
        let columns = columns.map(|(name, value)| (name.to_string(), *value)).collect();
        self.change(row, explained, (columns, shown, back, number), now)
    }

    fn change(
        &self,
        row: &Left,
        explained: &Explained,
        (columns, shown, back, number): (BTreeMap<String, i64>, i64, i64, i64),
        now: Now<'_>,
    ) -> Row {
        let flow = self.model.flow(explained.flow);
        let Some(write) = &flow.write else { return held(row, format!("`{}` cannot take it", row.system)) };
        let Some(own) = columns.get(&*write.column).copied() else {
            return held(row, format!("`{}` no longer shows its `{}`", row.system, write.column));
        };
        let code = self.model.code(explained.code);
        let known = explained.after.map_or_else(Vec::new, |_| sum::steps(self.model, explained));
        let mut steps: Vec<Step> =
            known.into_iter().filter(|step| !matches!(step, Step::Bridge { .. })).collect();
        steps.push(Step::Undo { undo: self.run.to_owned(), value: number });
        // What is written is what is shown and what the target takes off by itself.
        let bridge = own.saturating_sub(shown);
        steps.extend(bridges(&columns, write.bridge.iter().map(|name| &**name)));
        let exposure = if let Now::Change(change) = now { change.exposure } else { 0 };
        Row::Change(Box::new(Change {
            id: tell::id(self.model, explained),
            flow: row.flow.clone(),
            action: if number < shown { Action::Lower } else { Action::Raise },
            system: row.system.clone(),
            location: row.location.clone(),
            item: row.item.clone(),
            code: row.code.clone(),
            quantity: self.model.quantity(flow.quantity).name.to_string(),
            unit: code.measure.unit.to_string(),
            before: Some(shown),
            after: number,
            write: Write {
                quantity: write.column.to_string(),
                unit: code.measure.unit.to_string(),
                before: Some(columns),
                after: number.saturating_add(bridge),
            },
            reason: self.reason(row, back, number),
            exposure,
            shadow: false,
            sum: steps,
        }))
    }

    fn reason(&self, row: &Left, back: i64, number: i64) -> String {
        let run = self.run;
        match row.back {
            Back::Created => format!("undoes run {run}, which created it: it can only be set to 0"),
            _ if number < back => {
                format!("undoes run {run}: it showed {back} before, no more than {number} is computed now")
            }
            _ => format!("undoes run {run}"),
        }
    }
}

fn bridges<'a>(
    columns: &'a BTreeMap<String, i64>,
    names: impl Iterator<Item = &'a str> + 'a,
) -> impl Iterator<Item = Step> + 'a {
    names.map(|name| Step::Bridge {
        bridge: name.to_owned(),
        value: columns.get(name).copied().unwrap_or_default(),
    })
}

fn held(row: &Left, reason: String) -> Row {
    Row::Held(Held {
        flow: row.flow.clone(),
        system: row.system.clone(),
        location: row.location.clone(),
        item: row.item.clone(),
        code: row.code.clone(),
        reason,
    })
}

/// Counts a rollback's changes and asks the guards. The cells that a share is of, and what is said of feeds,
/// are those of the ordinary plan.
fn tally(model: &Model, ordinary: &Plan, plan: &mut Plan, standing: &Standing) {
    for name in plan.header.flows.clone() {
        let said = || ordinary.guards.iter().filter(|guard| guard.flow == name);
        let mut asked = Asked::new(model);
        asked.tally.cells = said().find(|guard| guard.guard == CHANGED).map_or(0, |guard| guard.of);
        let Some(flow) = model.flows.iter().position(|flow| *flow.name == *name).map(FlowId::at) else {
            continue;
        };
        for change in plan.changes.iter().filter(|change| change.flow == name) {
            if let Some(code) = model.find_code(model.flow(flow).to, &change.code) {
                asked.row(code, change.before, change.after);
            }
        }
        plan.guards.extend(asked.verdicts(model, flow, standing));
        plan.guards.extend(said().filter(|guard| [SHRUNK, LINES].contains(&&*guard.guard)).cloned());
        plan.summary.lower += asked.tally.lower;
        plan.summary.raise += asked.tally.raise;
        plan.summary.create += asked.tally.create;
    }
    plan.summary.changes = plan.summary.lower + plan.summary.raise + plan.summary.create;
}
