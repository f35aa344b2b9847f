//! A plan as a comment on a pull request: the verdict, the biggest changes, and what was left out.

use super::escaped::{code, prose};
use super::human::{because, shown, some, thing};
use super::sheet::Sheet;
use crate::diagnostic::render::Options;
use crate::plan::Plan;
use crate::plan::change::{Action, Change, Verdict};
use crate::plan::guard::{FEW, advice, stopped, words};
use std::collections::BTreeMap;

/// GitHub refuses a comment above 65,536 characters; we stay below, for what a pipeline adds.
const MOST: usize = 60_000;
/// Kept for the last line.
const LAST: usize = 1_000;
/// How many lines the verdict has for reads and guards.
const REASONS: usize = 20;
/// How many flows the table of counts has.
const FLOWS: usize = 50;
/// How many flows show their changes.
const SECTIONS: usize = 20;
/// How many changes of a flow are shown.
const ROWS: usize = 25;
/// How many reasons a table of held counts or failures has.
const GROUPS: usize = 15;
/// The guard that counts rows instead of a share.
const ROWS_GUARD: &str = "max-rows";
/// Bytes kept for such a table.
const GROUPS_ROOM: usize = 8_000;

/// The plan as Markdown of at most 60,000 bytes. Options for terminals do not matter to it.
pub fn render(plan: &Plan, _: Options) -> String {
    let flows = flows(plan);
    let mut sheet = Sheet::new(MOST, LAST);
    verdict(&mut sheet, plan);
    counts(&mut sheet, plan, &flows);
    let held = plan.held.iter().map(|held| {
        (held.reason.as_str(), example(&thing(&held.item, &held.code), held.location.as_deref(), &held.flow))
    });
    let failed = plan.failures.iter().map(|row| {
        let what = match row.item.is_empty() && row.code.is_empty() {
            true => format!("{} of {}", row.record, row.source),
            false => thing(&row.item, &row.code),
        };
        (row.reason.as_str(), example(&what, row.location.as_deref(), &row.flow))
    });
    let groups = usize::from(!plan.held.is_empty()) + usize::from(!plan.failures.is_empty());
    let listed = changes(&mut sheet, &flows, groups * GROUPS_ROOM);
    grouped(&mut sheet, ("Held, not written", "held"), held, GROUPS_ROOM);
    grouped(&mut sheet, ("Rows that failed", "failed"), failed, GROUPS_ROOM);
    sheet.end(&last(plan, listed))
}

/// What a plan asks of one flow.
#[derive(Default)]
struct Flow<'p> {
    name: &'p str,
    changes: Vec<&'p Change>,
    sums: Sums,
    held: usize,
    failed: usize,
    guards: Vec<&'p Verdict>,
}

/// Changes by what they do.
#[derive(Default, Clone, Copy)]
struct Sums {
    lower: usize,
    zero: usize,
    raise: usize,
    create: usize,
}

impl Sums {
    fn add(&mut self, change: &Change) {
        match change.action {
            Action::Lower => self.lower += 1,
            Action::Raise => self.raise += 1,
            Action::Create => self.create += 1,
        }
        self.zero += usize::from(to_zero(change));
    }

    fn less(self, other: Sums) -> Sums {
        Sums {
            lower: self.lower - other.lower,
            zero: self.zero - other.zero,
            raise: self.raise - other.raise,
            create: self.create - other.create,
        }
    }

    /// `3 lowered (1 to 0), 2 raised`.
    fn words(self) -> String {
        let zero = if self.zero > 0 { format!(" ({} to 0)", self.zero) } else { String::new() };
        let parts =
            [(self.lower, "lowered", zero.as_str()), (self.raise, "raised", ""), (self.create, "new", "")];
        let parts = parts.into_iter().filter(|(count, ..)| *count > 0);
        parts.map(|(count, word, more)| format!("{count} {word}{more}")).collect::<Vec<_>>().join(", ")
    }
}

fn to_zero(change: &Change) -> bool {
    change.action == Action::Lower && change.after == 0
}

/// The flows in the order of the plan, each with its changes, biggest first: what falls to 0, then by size.
fn flows(plan: &Plan) -> Vec<Flow<'_>> {
    let mut flows: Vec<Flow<'_>> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let guards = plan.guards.iter().map(|guard| &guard.flow);
    let all = plan.header.flows.iter().chain(plan.changes.iter().map(|change| &change.flow));
    let all = all.chain(plan.held.iter().map(|held| &held.flow));
    for name in all.chain(plan.failures.iter().map(|row| &row.flow)).chain(guards) {
        places.entry(name).or_insert_with(|| {
            flows.push(Flow { name, ..Flow::default() });
            flows.len() - 1
        });
    }
    for change in &plan.changes {
        let flow = &mut flows[places[change.flow.as_str()]];
        flow.changes.push(change);
        flow.sums.add(change);
    }
    plan.held.iter().for_each(|held| flows[places[held.flow.as_str()]].held += 1);
    plan.failures.iter().for_each(|row| flows[places[row.flow.as_str()]].failed += 1);
    plan.guards.iter().for_each(|guard| flows[places[guard.flow.as_str()]].guards.push(guard));
    let size = |change: &Change| change.after.abs_diff(change.before.unwrap_or(0));
    for flow in &mut flows {
        flow.changes.sort_by_cached_key(|change| {
            let place = (&change.item, &change.location, &change.code, &change.id);
            (!to_zero(change), std::cmp::Reverse(size(change)), place)
        });
    }
    flows
}

fn verdict(sheet: &mut Sheet, plan: &Plan) {
    let summary = &plan.summary;
    let left = summary.held + summary.failures;
    let word = match (plan.incomplete(), plan.tripped()) {
        (true, true) => "not complete, and stopped by a guard",
        (true, false) => "not complete",
        (false, true) => "stopped by a guard",
        _ if summary.changes > summary.shadow => "safe to apply",
        _ if left + summary.shadow > 0 => "nothing to write",
        _ => "nothing to do",
    };
    sheet.add(&format!("## onhand plan: {word}\n\n"));
    let reads = plan.reads.iter().filter(|read| !read.complete).map(|read| {
        let why = prose(read.reason.as_deref().unwrap_or("its end is missing"));
        let system = code(&read.system);
        format!("- {system} could not be read to its end: {why}. Nothing that depends on it is written.\n")
    });
    let guards = plan.guards.iter().filter(|guard| guard.tripped).map(|guard| {
        let what = stopped(&guard.guard);
        let safe = Verdict {
            actual: prose(&guard.actual),
            limit: prose(&guard.limit),
            reason: guard.reason.as_deref().map(prose),
            ..guard.clone()
        };
        let said = words(&safe, code);
        match &guard.lifted {
            None => format!("- {said}. {what} of it is written.\n"),
            Some(told) => format!("- {said}. Lifted {}.\n", prose(told)),
        }
    });
    let all: Vec<String> = reads.chain(guards).collect();
    let rest = |shown: usize| match all.len() - shown {
        0 => "\n".to_owned(),
        more => format!("- and {more} more reasons like these\n\n"),
    };
    if !all.is_empty() {
        sheet.rows("", all.iter().take(REASONS).cloned(), MOST / 6, &rest);
    }
    if let Some(guard) = plan.guards.iter().find(|guard| guard.stops()) {
        sheet.add(&format!("{} Or plan fewer cells with `--items` or `--at`.\n\n", advice(guard, code)));
    }
}

/// How many counts change in all, and by flow.
fn counts(sheet: &mut Sheet, plan: &Plan, flows: &[Flow<'_>]) {
    let s = &plan.summary;
    let zero = flows.iter().map(|flow| flow.sums.zero).sum();
    let sums = Sums { lower: s.lower as usize, zero, raise: s.raise as usize, create: s.create as usize };
    let change = match s.changes {
        0 => "No count changes".to_owned(),
        changes => {
            let (counts, flows) = (some(changes, "count", "counts"), plan.header.flows.len() as u64);
            let verb = if changes == 1 { "changes" } else { "change" };
            format!("**{counts}** {verb} in {}: {}", some(flows, "flow", "flows"), sums.words())
        }
    };
    let right = some(s.unchanged, "count is", "counts are");
    let failed = some(s.failures, "row", "rows");
    sheet.add(&format!("{change}. {right} right already, {} held, {failed} failed.\n\n", s.held));
    if s.shadow > 0 {
        let counts = some(s.shadow, "change is", "changes are");
        sheet.add(&format!("{counts} in shadow: told and never written.\n\n"));
    }
    if s.left_out > 0 {
        let cells = some(s.left_out, "count is", "counts are");
        sheet.add(&format!("{cells} left out by a rollout: not looked at, not written.\n\n"));
    }
    if s.exposure > 0 {
        let units = some(s.exposure, "unit is", "units are");
        sheet.add(&format!("{units} promised more than once, on shelves that several sell from.\n\n"));
    }
    let busy = |flow: &&Flow<'_>| !flow.changes.is_empty() || flow.held + flow.failed > 0;
    let busy: Vec<&Flow<'_>> = flows.iter().filter(busy).collect();
    if busy.is_empty() {
        return;
    }
    let line = |name: &str, sums: Sums, held: usize, failed: usize| {
        let Sums { lower, zero, raise, create } = sums;
        let changes = lower + raise + create;
        format!("| {name} | {changes} | {lower} | {zero} | {raise} | {create} | {held} | {failed} |\n")
    };
    let head = "| Flow | Changes | Lowered | of these to 0 | Raised | New | Held | Failed |\n\
                |:--|--:|--:|--:|--:|--:|--:|--:|\n";
    let rows = busy.iter().take(FLOWS).map(|flow| line(&code(flow.name), flow.sums, flow.held, flow.failed));
    let rest = |shown: usize| {
        let left = &busy[shown..];
        if left.is_empty() {
            return "\n".to_owned();
        }
        let mut sums = Sums::default();
        for flow in left {
            sums.lower += flow.sums.lower;
            sums.zero += flow.sums.zero;
            sums.raise += flow.sums.raise;
            sums.create += flow.sums.create;
        }
        let (held, failed) = left.iter().fold((0, 0), |(h, f), flow| (h + flow.held, f + flow.failed));
        let name = format!("{} more", left.len());
        line(&name, sums, held, failed) + "\n"
    };
    sheet.rows(head, rows, MOST / 6, &rest);
}

/// The biggest changes of each flow; answers how many are listed. `kept` bytes are for what follows.
fn changes(sheet: &mut Sheet, flows: &[Flow<'_>], kept: usize) -> usize {
    let mut busy: Vec<&Flow<'_>> = flows.iter().filter(|flow| !flow.changes.is_empty()).collect();
    let left = busy.len().saturating_sub(SECTIONS);
    if left > 0 {
        busy.sort_by_key(|flow| std::cmp::Reverse(flow.changes.len()));
        busy.truncate(SECTIONS);
    }
    let mut listed = 0;
    for (at, flow) in busy.iter().enumerate() {
        let room = sheet.room().saturating_sub(kept) / (busy.len() - at);
        listed += section(sheet, flow, room);
    }
    if left > 0 {
        sheet.add(&format!("And {} with fewer changes.\n\n", some(left as u64, "flow", "flows")));
    }
    listed
}

/// One flow: what its guards say, and its biggest changes.
fn section(sheet: &mut Sheet, flow: &Flow<'_>, room: usize) -> usize {
    let shadow = if flow.changes.iter().any(|change| change.shadow) { " (in shadow)" } else { "" };
    let mut head = format!("### {}{shadow}\n\n", code(flow.name));
    // A share that stands for so few rows never trips, and beside its limit it would only puzzle.
    let tells = |guard: &&&Verdict| {
        guard.tripped || guard.rows > FEW || (guard.guard == ROWS_GUARD && guard.rows > 0)
    };
    let guards = flow.guards.iter().filter(tells);
    let guards = guards.map(|guard| {
        let word = match (guard.tripped, guard.stops()) {
            (true, true) => "**above its limit**",
            (true, false) => "**lifted, above its limit**",
            _ => "limit",
        };
        format!("{} {} ({word} {})", code(&guard.guard), prose(&guard.actual), prose(&guard.limit))
    });
    let guards: Vec<String> = guards.collect();
    if !guards.is_empty() {
        head.push_str(&format!("Guards: {}.\n\n", guards.join(", ")));
    }
    head.push_str("| Item | At | Change | Why |\n|:--|:--|--:|:--|\n");
    let rows = flow.changes.iter().take(ROWS).map(|change| row(change));
    let rest = |shown: usize| {
        let mut listed = Sums::default();
        flow.changes[..shown].iter().for_each(|change| listed.add(change));
        match flow.changes.len() - shown {
            0 => "\n".to_owned(),
            more => format!("\nAnd {more} more: {}.\n\n", flow.sums.less(listed).words()),
        }
    };
    sheet.rows(&head, rows, room, &rest)
}

fn row(change: &Change) -> String {
    let place = change.location.as_deref().unwrap_or(&change.system);
    let after = if to_zero(change) { "**0**".to_owned() } else { change.after.to_string() };
    let unit = prose(&change.unit);
    let name = code(&thing(&change.item, &change.code));
    let (before, why) = (shown(change.before), prose(&because(change)));
    format!("| {name} | {} | {before} → {after} {unit} | {why} |\n", code(place))
}

/// A cell that stands for others of its reason.
fn example(thing: &str, location: Option<&str>, flow: &str) -> String {
    match location {
        Some(location) => format!("{} at {}, {}", code(thing), code(location), code(flow)),
        None => format!("{}, {}", code(thing), code(flow)),
    }
}

/// A table of what is not written, by reason, most frequent first.
fn grouped<'p>(
    sheet: &mut Sheet,
    (title, word): (&str, &str),
    rows: impl Iterator<Item = (&'p str, String)>,
    room: usize,
) {
    let mut by_reason: BTreeMap<&str, (u64, String)> = BTreeMap::new();
    for (reason, example) in rows {
        by_reason.entry(reason).or_insert_with(|| (0, example)).0 += 1;
    }
    if by_reason.is_empty() {
        return;
    }
    let mut groups: Vec<(&str, u64, String)> =
        by_reason.into_iter().map(|(reason, (count, example))| (reason, count, example)).collect();
    groups.sort_by_key(|(_, count, _)| std::cmp::Reverse(*count));
    let head = format!("### {title}\n\n| Why | Rows | For example |\n|:--|--:|:--|\n");
    let rows = groups.iter().take(GROUPS);
    let rows = rows.map(|(reason, count, example)| format!("| {} | {count} | {example} |\n", prose(reason)));
    let rest = |shown: usize| {
        let left = &groups[shown..];
        let count: u64 = left.iter().map(|(_, count, _)| count).sum();
        match left.len() as u64 {
            0 => "\n".to_owned(),
            reasons => format!("\nAnd {count} more {word}, for {}.\n\n", some(reasons, "reason", "reasons")),
        }
    };
    sheet.rows(&head, rows, room, &rest);
}

/// What is not shown here, where all is shown, and until when the plan holds.
fn last(plan: &Plan, listed: usize) -> String {
    let all = plan.summary.changes;
    let shown = match all - listed as u64 {
        0 => String::new(),
        left => format!(
            "{listed} of {all} changes are listed here, {left} are not: `onhand plan --format json` \
                         lists all. "
        ),
    };
    let (id, expires) = (code(&plan.header.id), prose(&plan.header.expires));
    format!("{shown}Plan {id}, good until {expires}.\n")
}
