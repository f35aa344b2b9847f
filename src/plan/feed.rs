//! Feeds that shrank: an owner's read that holds far fewer rows than the last one that was used.

use super::change::Verdict;
use super::guard::{FEW, LINES, SHRUNK, percent};
use super::standing::Standing;
use crate::graph::Graph;
use crate::model::observation::{About, Observations};
use crate::model::{FlowId, Model, SystemId};

/// The largest share of the last read's rows that may be missing, in percent.
const MOST: u64 = 20;

/// The same of open lines: they go whenever goods leave, and many go at once where a warehouse ships once a
/// day.
const MOST_LINES: u64 = 50;

/// So many feeds are named in one verdict.
const NAMED: usize = 2;

/// One complete read that a flow rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// The system.
    pub system: SystemId,
    /// What was read: `lines` or `levels`.
    pub what: &'static str,
    /// Rows that it held.
    pub rows: u64,
    /// Rows that the last one held which an apply has used, where there was one.
    pub before: Option<u64>,
}

impl Used {
    /// Whether more than a fifth of the rows are missing, of 10 at least; of open lines more than half, and
    /// 10 at least.
    pub fn shrunk(&self) -> bool {
        self.before.is_some_and(|before| {
            let missing = before.saturating_sub(self.rows);
            let few = if self.what == "lines" { missing < FEW } else { before < FEW };
            !few && u128::from(missing) * 100 > u128::from(before) * u128::from(self.most())
        })
    }

    fn most(&self) -> u64 {
        if self.what == "lines" { MOST_LINES } else { MOST }
    }

    /// The guard that watches it.
    pub fn guard(&self) -> &'static str {
        if self.what == "lines" { LINES } else { SHRUNK }
    }

    fn words(&self, model: &Model) -> String {
        let rows = if self.what == "lines" { "open lines" } else { "rows" };
        let (name, now, before) = (&model.system(self.system).name, self.rows, self.before.unwrap_or(0));
        format!("`{name}` holds {now} {rows}, and {before} when it was used last")
    }
}

/// What a flow rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Footing {
    /// The flow.
    pub flow: FlowId,
    /// Whether all that it reads was read to its end.
    pub whole: bool,
    /// The complete reads of counts and open lines that it adds up, lines first, each by system. Its target
    /// is not among them.
    pub reads: Vec<Used>,
}

/// What a flow rests on, by what was observed.
pub fn footing(model: &Model, graph: &Graph, seen: &Observations, at: (FlowId, &Standing)) -> Footing {
    let (flow, standing) = at;
    let complete = |about: &About| about.incomplete.is_none();
    let whole = graph.reads(flow).iter().all(|system| {
        let lines = seen.lines.get(system).is_none_or(|lines| complete(&lines.about));
        lines && seen.levels.get(system).is_some_and(|levels| complete(&levels.about))
    });
    let used = |system: SystemId, what: &'static str, about: &About| {
        let before = standing.sizes.get(&(system, what.to_owned())).copied();
        complete(about).then_some(Used { system, what, rows: about.rows, before })
    };
    let to = model.flow(flow).to;
    let read = graph.reads(flow).iter().filter(|system| **system != to);
    let lines = read.filter_map(|system| used(*system, "lines", &seen.lines.get(system)?.about));
    let sources = graph.flow(flow).sources.iter();
    let levels = sources.filter_map(|system| used(*system, "levels", &seen.levels.get(system)?.about));
    Footing { flow, whole, reads: lines.chain(levels).collect() }
}

/// What the guards say of a flow's reads, of counts first; none where none of them shrank.
pub fn verdicts(model: &Model, footing: &Footing) -> Vec<Verdict> {
    [SHRUNK, LINES].into_iter().filter_map(|guard| verdict(model, footing, guard)).collect()
}

fn verdict(model: &Model, footing: &Footing, guard: &str) -> Option<Verdict> {
    let own = |used: &&Used| used.guard() == guard && used.shrunk();
    let shrunk: Vec<&Used> = footing.reads.iter().filter(own).collect();
    let missing = |used: &Used| used.before.unwrap_or(0).saturating_sub(used.rows);
    // The largest share that is missing; of equal ones the first.
    let worst = shrunk.iter().copied().reduce(|worst, used| {
        let (a, b) = (u128::from(missing(worst)), u128::from(missing(used)));
        let larger = b * u128::from(worst.before.unwrap_or(1)) > a * u128::from(used.before.unwrap_or(1));
        if larger { used } else { worst }
    })?;
    let named: Vec<String> = shrunk.iter().take(NAMED).map(|used| used.words(model)).collect();
    let more = match shrunk.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; so with {more} more"),
    };
    let of = worst.before.unwrap_or(0);
    Some(Verdict {
        flow: model.flow(footing.flow).name.to_string(),
        guard: guard.to_owned(),
        limit: format!("{}%", worst.most()),
        actual: percent(missing(worst), of, true),
        rows: worst.rows,
        of,
        tripped: true,
        reason: Some(format!("{}{more}", named.join("; "))),
        lifted: None,
    })
}
