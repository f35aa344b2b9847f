//! `onhand status`: how each flow stands, by what the state keeps. No system is asked.

use super::exit::Exit;
use super::keep;
use super::store::{open_existing, refuse};
use super::topology::{Topology, load};
use super::ui::{Ui, count};
use crate::diagnostic::escape;
use crate::diagnostic::wrap::wrap;
use crate::model::time::Moment;
use crate::report::gather::gather;
use crate::report::keep::{Advice, Verdict};
use crate::report::status::{Kept, Last, Status, Way, What, status};
use crate::report::words::{list, span};
use crate::world::World;
use serde_json::{Value, json};

/// What `status` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The topology's folder; by default this one, or the nearest above it with an onhand.kdl
    dir: Option<String>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Human,
    /// One flow a line, for programs
    Json,
}

/// So many suggestions of a flow are shown to people.
const SHOWN: usize = 3;

/// Columns before what is said of a flow.
const LABEL: usize = 13;

/// Shows how the flows of a topology stand.
pub async fn run(args: &Args, ui: &Ui, world: &World) -> Exit {
    show(args, ui, world).await.unwrap_or_else(|exit| exit)
}

async fn show(args: &Args, ui: &Ui, world: &World) -> Result<Exit, Exit> {
    let topology = load(ui, world, args.dir.as_deref())?;
    let (model, graph) = (&*topology.model, &*topology.graph);
    let now = Moment(world.clock.now_ms());
    let kept = match open_existing(ui, world, &topology).await? {
        Some(mut store) => gather(store.as_mut(), (model, graph), now).await,
        None => Ok(Kept::default()),
    };
    let all = status(model, graph, &kept.map_err(|error| refuse(ui, &error))?, now);
    match args.format {
        Format::Json => all.iter().for_each(|one| ui.result(&line(one, now))),
        Format::Human => human(ui, &topology, &all, now),
    }
    Ok(if all.iter().any(Status::asks) { Exit::Partial } else { Exit::Done })
}

/// One flow as a JSON object.
fn line(own: &Status, now: Moment) -> String {
    let (last, fact, lag) = (own.last.as_ref(), own.fact.as_ref(), own.lag);
    let ended = last.and_then(|last| last.ended);
    let age = |at: Moment| u64::try_from(now.since(at).as_millis()).unwrap_or(u64::MAX);
    let left = last.and_then(|last| last.left);
    let way = match own.way {
        Way::Publishes => "publishes",
        Way::Collects => "collects",
        Way::Gone => "gone",
    };
    let what = fact.map(|fact| match fact.what {
        What::Count => "count",
        What::Movement => "movement",
    });
    let line = json!({
        "flow": own.flow, "way": way, "system": Some(&own.system).filter(|name| !name.is_empty()),
        "shadow": own.shadow,
        "last_run": last.map(|last| &last.run), "last_began": last.map(|last| last.began.rfc3339()),
        "last_began_age_ms": last.map(|last| age(last.began)),
        "last_ended": ended.map(|(at, _)| at.rfc3339()), "last_ended_age_ms": ended.map(|(at, _)| age(at)),
        "last_status": ended.map(|(_, status)| status), "last_running": last.is_some_and(|last| last.running),
        "last_whole": last.map(|last| last.whole), "fell_short": own.fell_short(),
        "fact": what, "fact_system": fact.map(|fact| &fact.system),
        "fact_at": fact.map(|fact| fact.at.rfc3339()),
        "fact_age_ms": fact.map(|fact| age(fact.at)),
        "lag_pairs": lag.map_or(0, |lag| lag.samples), "lag_p50_ms": lag.map(|lag| lag.p50_ms),
        "lag_p95_ms": lag.map(|lag| lag.p95_ms), "lag_worst_ms": lag.map(|lag| lag.worst_ms),
        "lag_missed": lag.map(|lag| lag.missed), "lag_target_ms": own.target_ms,
        "lag_calendar": own.calendar, "waiting_ms": own.waiting_ms, "late": own.is_late(),
        "held": left.map(|left| left.held), "held_for_queue": left.map(|left| left.owed),
        "moved": left.map(|left| left.moved), "open": own.open, "acknowledged": own.acknowledged,
        "keep_back": shelves(&own.keep),
    });
    format!("{}\n", escape::json(&line.to_string()))
}

/// The suggestions of a flow and how many other shelves there are; null for one that sells nothing.
fn shelves(all: &[Advice]) -> Option<Value> {
    if all.is_empty() {
        return None;
    }
    let sorted = Sorted::of(all);
    Some(json!({
        "suggested": sorted.suggested.iter().map(|own| keep::data(own)).collect::<Vec<Value>>(),
        "covered": sorted.covered, "too_early": sorted.early, "not_recorded": sorted.unrecorded.len(),
        "not_measured": sorted.unmeasured, "no_need": sorted.safe.len(),
    }))
}

/// The shelves of a flow by what follows for them.
#[derive(Default)]
struct Sorted<'a> {
    /// The largest first.
    suggested: Vec<&'a Advice>,
    covered: usize,
    early: usize,
    unrecorded: Vec<&'a Advice>,
    unmeasured: usize,
    safe: Vec<&'a Advice>,
}

impl<'a> Sorted<'a> {
    fn of(all: &'a [Advice]) -> Sorted<'a> {
        let mut sorted = Sorted::default();
        for own in all {
            match &own.verdict {
                Verdict::Suggested(_) => sorted.suggested.push(own),
                Verdict::Pooled { above, wanted } if above < wanted => sorted.suggested.push(own),
                Verdict::Covered(_) | Verdict::Pooled { .. } => sorted.covered += 1,
                Verdict::Early => sorted.early += 1,
                Verdict::Unrecorded => sorted.unrecorded.push(own),
                Verdict::NoLag => sorted.unmeasured += 1,
                Verdict::Divided(_) | Verdict::Alone => sorted.safe.push(own),
            }
        }
        let most = |own: &Advice| own.rate.map_or(0, |rate| rate.most);
        sorted.suggested.sort_by_key(|own| std::cmp::Reverse(most(own)));
        sorted
    }
}

fn human(ui: &Ui, topology: &Topology, all: &[Status], now: Moment) {
    if all.is_empty() {
        return ui.line("The topology has no flow.");
    }
    if all.iter().all(|own| own.last.is_none() && own.way != Way::Gone) {
        let dir = match topology.dir.as_str() {
            "." => String::new(),
            dir => super::plan::word(dir),
        };
        let (plan, apply) = match dir.as_str() {
            "" => (String::new(), String::new()),
            dir => (format!(" {dir}"), format!(" --dir {dir}")),
        };
        let text = format!(
            "No run yet, so there is nothing to tell. `onhand plan{plan}` shows what the first one would \
             write, `onhand apply --auto-approve{apply}` makes it."
        );
        return ui.paragraph(&escape::line(&text));
    }
    for own in all {
        flow(ui, own, now);
        ui.line("");
    }
    end(ui, all);
}

/// One line of a flow: what, and what is said of it.
fn row(ui: &Ui, label: &str, text: &str) {
    let text = escape::line(text).into_owned();
    for (at, line) in wrap(&text, ui.width.saturating_sub(LABEL)).iter().enumerate() {
        ui.line(
            format!("  {:<width$}{line}", if at == 0 { label } else { "" }, width = LABEL - 2).trim_end(),
        );
    }
}

fn flow(ui: &Ui, own: &Status, now: Moment) {
    let way = match own.way {
        Way::Publishes if own.shadow => format!("publishes to {}, in shadow: nothing is written", own.system),
        Way::Publishes => format!("publishes to {}", own.system),
        Way::Collects => format!("collects from {}", own.system),
        Way::Gone => "is not in the topology any more".to_owned(),
    };
    let name = if own.flow.is_empty() { "(no flow)" } else { &own.flow };
    ui.line(&format!("{} {}", ui.bold(&escape::line(name)), escape::line(&way)));
    if own.way != Way::Gone {
        let short = if own.fell_short() { "; this flow did not come to its end" } else { "" };
        let last = own.last.as_ref().map_or_else(|| "none yet".to_owned(), |last| ran(last, now));
        row(ui, "last run", &format!("{last}{short}"));
        let fact = own.fact.as_ref().map_or_else(
            || "unknown".to_owned(),
            |fact| {
                let what = match fact.what {
                    What::Count => "count",
                    What::Movement => "movement",
                };
                format!("a {what} of {}, {} old", fact.system, ago(fact.at, now))
            },
        );
        row(ui, "newest", &fact);
        lag(ui, own);
        row(ui, "held", &held(own.last.as_ref()));
    }
    let known = format!("{} acknowledged", own.acknowledged);
    let queue = match (own.open, own.acknowledged) {
        (0, 0) => "nothing open".to_owned(),
        (open, quiet) => {
            let open = if open == 1 { "1 open entry".to_owned() } else { format!("{open} open entries") };
            if quiet == 0 { open } else { format!("{open} and {known}") }
        }
    };
    row(ui, "queue", &queue);
    keep_back(ui, &own.keep);
}

/// A time since a moment.
fn ago(at: Moment, now: Moment) -> String {
    span(u64::try_from(now.since(at).as_millis()).unwrap_or(u64::MAX))
}

/// The last run of a flow, in words.
fn ran(last: &Last, now: Moment) -> String {
    let part = if last.whole { "" } else { " (of a saved plan, which may be of a part of the flow)" };
    let run = &last.run;
    match last.ended {
        Some((at, status)) => {
            let how = match status {
                0 => "all was done",
                3 => "a guard stopped a part of it",
                4 => "rows failed, were held or had moved",
                7 => "a system could not be read or reached",
                130 => "it was interrupted, `onhand apply --resume` goes on with it",
                _ => "a fault of onhand",
            };
            format!("run {run}{part} ended {} ago with {status}: {how}", ago(at, now))
        }
        None if last.running => format!("run {run}{part} is under way since {}", ago(last.began, now)),
        None => format!(
            "run {run}{part} began {} ago and was cut off; `onhand apply --resume` goes on with it",
            ago(last.began, now)
        ),
    }
}

fn lag(ui: &Ui, own: &Status) {
    let hours = own.calendar.as_ref().map(|name| format!(" in open hours of {name}")).unwrap_or_default();
    let target = own.target_ms.map(|target| format!("target {}", span(target)));
    let text = match own.lag {
        Some(lag) => {
            let judged = match (&target, lag.missed) {
                (Some(target), 0) => format!("{target}, kept by all"),
                (Some(target), missed) => format!("{target}, missed by {missed}"),
                (None, _) => "no target".to_owned(),
            };
            format!(
                "half within {}, 95% within {}, worst {}{hours}: {} of runs; {judged}",
                span(lag.p50_ms),
                span(lag.p95_ms),
                span(lag.worst_ms),
                count(lag.samples, "pair"),
            )
        }
        None => {
            let target = target.unwrap_or_else(|| "no target".to_owned());
            format!("not known yet, it takes two runs of the whole flow; {target}{hours}")
        }
    };
    row(ui, "lag", &text);
    if own.is_late() {
        let waits = span(own.waiting_ms.unwrap_or(0));
        row(ui, "LATE", &format!("what changed after its last run began waits for {waits}{hours} now"));
    }
}

fn held(last: Option<&Last>) -> String {
    let Some(left) = last.and_then(|last| last.left) else { return "unknown".to_owned() };
    let mut text = match (left.held, left.owed) {
        (0, _) => "nothing".to_owned(),
        (held, 0) => count(usize::try_from(held).unwrap_or(usize::MAX), "row"),
        (held, owed) => {
            let rows = count(usize::try_from(held).unwrap_or(usize::MAX), "row");
            let part = if owed == held { String::new() } else { format!("{owed} of them ") };
            format!("{rows}, {part}because of what is in the queue")
        }
    };
    if left.moved > 0 {
        let moved = count(usize::try_from(left.moved).unwrap_or(usize::MAX), "row");
        text.push_str(&format!("; {moved} had moved"));
    }
    text
}

/// `1 shelf`, `2 shelves`.
fn many_shelves(many: usize) -> String {
    format!("{many} {}", if many == 1 { "shelf" } else { "shelves" })
}

fn keep_back(ui: &Ui, all: &[Advice]) {
    if all.is_empty() {
        return;
    }
    let sorted = Sorted::of(all);
    for own in sorted.suggested.iter().take(SHOWN) {
        row(ui, "keep-back", &format!("{} at {}: {}", own.item, own.location, own.words()));
    }
    let mut rest: Vec<String> = Vec::new();
    let more = sorted.suggested.len().saturating_sub(SHOWN);
    if more > 0 {
        rest.push(format!("{more} more suggested (--format json shows all)"));
    }
    if sorted.covered > 0 {
        rest.push(format!("{} covered by what is kept back or divided now", many_shelves(sorted.covered)));
    }
    if sorted.early > 0 {
        rest.push(format!("{} with too short a record to say", many_shelves(sorted.early)));
    }
    if sorted.unmeasured > 0 {
        rest.push(
            "not measured, since the flow says neither how late it may be nor how often it runs".into(),
        );
    }
    if let Some(first) = sorted.unrecorded.first() {
        let names = list(first.unrecorded.iter().map(String::as_str));
        let shelves = many_shelves(sorted.unrecorded.len());
        rest.push(format!("{shelves} not known, since no flow here collects the orders of {names}"));
    }
    if rest.is_empty() && sorted.suggested.is_empty() {
        let first = sorted.safe.first().map(|own| own.words()).unwrap_or_default();
        let same = sorted.safe.iter().all(|own| own.verdict == sorted.safe[0].verdict);
        rest.push(if same { first } else { "nothing to keep back".to_owned() });
    }
    let rest = rest.join("; ");
    if !rest.is_empty() {
        row(ui, if sorted.suggested.is_empty() { "keep-back" } else { "" }, &rest);
    }
}

/// What to do, and how lags are measured.
fn end(ui: &Ui, all: &[Status]) {
    if all.iter().any(|own| own.open > 0) {
        ui.paragraph("`onhand queue list` shows what is open and what to do about it.");
    }
    if all.iter().any(|own| own.last.as_ref().is_some_and(|last| last.rows() > 0)) {
        ui.paragraph("`onhand plan` shows what is held, and why.");
    }
    ui.paragraph(
        "Lag is measured from when a run began to read to when the next run of its flow had ended: so long a \
         change waits at most, over the last 28 days.",
    );
}
