//! `onhand simulate`: the topology in a seeded world of sales, faults and crashes.

use super::exit::Exit;
use super::plan::word;
use super::topology::load;
use super::ui::Ui;
use crate::diagnostic::{escape, nearest};
use crate::model::Model;
use crate::model::time::show_duration;
use crate::simulate::season::{Asked, Failed, Season, season, tale};
use crate::simulate::world::{Tally, clock};
use crate::simulate::{Fault, Scene, scene};
use crate::world::World;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

/// What `simulate` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The topology's folder; by default this one, or the nearest above it with an onhand.kdl
    dir: Option<String>,
    /// How many hours pass in the simulated world
    #[arg(long, value_name = "N", default_value_t = 168, value_parser = clap::value_parser!(u64).range(1..))]
    hours: u64,
    /// The seed: the same one gives the same world; each week of it has the next number
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// End with 3 if units were sold that were not there, and tell the shortest way to it
    #[arg(long, value_enum)]
    fail_on: Option<FailOn>,
    /// At most so many items, chosen by the seed
    #[arg(long, value_name = "N", default_value_t = scene::ITEMS, value_parser = some)]
    items: usize,
    /// A fault that does not strike; `all` for none at all. May be repeated
    #[arg(long, value_name = "FAULT")]
    without: Vec<String>,
    /// Tell all that happens in the first world, and nothing else
    #[arg(long)]
    tell: bool,
    /// Askings that do not happen, by number: from the line that reproduces a failure
    #[arg(long, value_name = "N", value_delimiter = ',', hide = true)]
    skip: Vec<String>,
}

/// A world without an item sells nothing twice, whatever the topology says.
fn some(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("write a whole number, 1 or more".to_owned()),
        Ok(items) => Ok(items),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A table, and a story where something went wrong
    Human,
    /// One JSON object a flow, then a summary
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// Units sold that were not there
    Oversold,
}

/// Simulates a topology.
pub fn run(args: &Args, ui: &Ui, world: &World) -> Exit {
    let asked = match asked(args, ui) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    let topology = match load(ui, world, args.dir.as_deref()) {
        Ok(topology) => topology,
        Err(exit) => return exit,
    };
    let Ok(model) = Rc::try_unwrap(topology.model) else { return Exit::Bug };
    let mut scene = Scene::new(model);
    if args.tell {
        tale(&mut scene, &asked).iter().for_each(|line| ui.line(&escape::line(line)));
        return Exit::Done;
    }
    let found = season(&mut scene, &asked);
    let command = found.failed.as_ref().map(|failed| command(args, &failed.again));
    match args.format {
        Format::Human => human(ui, (&scene, &asked), &found, command.as_deref()),
        Format::Json => json(ui, (&scene, &asked), &found, command.as_deref()),
    }
    let oversold = found.tallies.iter().any(|tally| tally.oversold > 0);
    let broken =
        |failed: &Failed| failed.played.breach.as_ref().is_none_or(|breach| breach.what != "oversold");
    match &found.failed {
        // A promise of ours was broken, whatever the topology says.
        Some(failed) if broken(failed) => Exit::Bug,
        _ if oversold && args.fail_on.is_some() => Exit::Guarded,
        _ => Exit::Done,
    }
}

fn asked(args: &Args, ui: &Ui) -> Result<Asked, Exit> {
    let mut without = Vec::new();
    for word in &args.without {
        match Fault::find(word) {
            _ if word == "all" => without.extend(Fault::ALL),
            Some(fault) => without.push(fault),
            None => {
                let words = Fault::ALL.map(Fault::word);
                let hint = nearest(word, words.into_iter().chain(["all"]));
                let hint = hint.map(|near| format!("Did you mean `{near}`? ")).unwrap_or_default();
                let what = format!("there is no fault `{}`", escape::line(word));
                ui.error(&what, &format!("{hint}There are {}, and `all`.", words.join(", ")));
                return Err(Exit::Wrong);
            }
        }
    }
    let mut skip = BTreeSet::new();
    for part in &args.skip {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (Ok(first), Ok(last)) = (first.parse::<usize>(), last.parse::<usize>()) else {
            ui.error(&format!("`--skip {}` is no list of numbers", escape::line(part)), "Write it as 3,7-9.");
            return Err(Exit::Wrong);
        };
        skip.extend(first..=last.min(first.saturating_add(1_000_000)));
    }
    let fails_on_oversold = args.fail_on == Some(FailOn::Oversold);
    Ok(Asked { seed: args.seed, hours: args.hours, items: args.items, without, skip, fails_on_oversold })
}

/// The line that shows a failure again.
fn command(args: &Args, again: &Asked) -> String {
    let dir = args.dir.as_deref().map(|dir| format!(" {}", word(dir))).unwrap_or_default();
    let mut line = format!("onhand simulate{dir} --hours {} --seed {}", again.hours, again.seed);
    if again.items != scene::ITEMS {
        line.push_str(&format!(" --items {}", again.items));
    }
    if again.without.len() == Fault::ALL.len() {
        line.push_str(" --without all");
    } else {
        again.without.iter().for_each(|fault| line.push_str(&format!(" --without {}", fault.word())));
    }
    if !again.skip.is_empty() {
        line.push_str(&format!(" --skip {}", ranges(&again.skip)));
    }
    if again.fails_on_oversold {
        line.push_str(" --fail-on oversold");
    }
    line
}

/// Numbers with runs of them drawn together: `1-4,9`.
fn ranges(numbers: &BTreeSet<usize>) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => runs.push((*number, *number)),
        }
    }
    let one = |(first, last): &(usize, usize)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    runs.iter().map(one).collect::<Vec<_>>().join(",")
}

fn human(ui: &Ui, (scene, asked): (&Scene, &Asked), found: &Season, command: Option<&str>) {
    let items = scene.drawn.min(asked.items);
    let of =
        if items < scene.drawn { format!(" of {}, chosen by the seed", scene.drawn) } else { String::new() };
    let weeks =
        if found.worlds == 1 { "in one world".to_owned() } else { format!("in {} worlds", found.worlds) };
    ui.paragraph(&format!(
        "Simulated {} hours {weeks} from seed {}: {items} items{of}, {} cycles, {} requests. Limits on \
         shares are left out; another guard that stops a flow is lifted before the next cycle: {}.",
        asked.hours,
        asked.seed,
        found.cycles,
        found.calls,
        if found.lifted == 1 { "once".to_owned() } else { format!("{} times", found.lifted) }
    ));
    ui.line("");
    let model = scene.model();
    let wide = model.flows.iter().map(|flow| flow.name.chars().count()).max().unwrap_or(4).clamp(4, 24);
    ui.line(&format!(
        "{:wide$} {:>9} {:>9} {:>12} {:>10} {:>8} {:>7}",
        "flow", "sold", "oversold", "turned away", "worst lag", "target", "queued"
    ));
    for (flow, tally) in model.flows.iter().zip(&found.tallies) {
        let target = flow.lag.as_ref().and_then(|lag| lag.target).map_or("-".to_owned(), show_duration);
        let name: String = escape::line(&flow.name).chars().take(wide).collect();
        ui.line(&format!(
            "{name:wide$} {:>9} {:>9} {:>12} {:>10} {target:>8} {:>7}",
            tally.sold,
            tally.oversold,
            tally.turned_away,
            tally.lag_ms.map_or("-".to_owned(), clock),
            tally.queued
        ));
    }
    ui.line("");
    ui.line("of what was asked for:  # sold   ! sold and not there   . refused although there");
    for (flow, tally) in model.flows.iter().zip(&found.tallies) {
        let name: String = escape::line(&flow.name).chars().take(wide).collect();
        ui.line(&format!("{name:wide$} {}", bar(tally, 79 - wide)));
    }
    let struck = found.strikes.iter().filter(|(_, times)| *times > 0);
    let struck: Vec<String> = struck.map(|(fault, times)| format!("{} {times}", fault.word())).collect();
    ui.line("");
    ui.paragraph(&match struck.is_empty() {
        true => "No fault struck.".to_owned(),
        false => format!("Faults that struck: {}.", struck.join(", ")),
    });
    if let (Some(failed), Some(command)) = (&found.failed, command) {
        story(ui, failed, command);
    }
}

/// A bar of the parts of what was asked for; what is there at all has one sign at least.
fn bar(tally: &Tally, width: usize) -> String {
    let parts = [(tally.sold - tally.oversold, '#'), (tally.oversold, '!'), (tally.turned_away, '.')];
    let all: i64 = parts.iter().map(|(units, _)| units).sum();
    let mut left = width;
    let mut bar = String::new();
    for (units, sign) in parts.into_iter().rev() {
        let share = usize::try_from(units.saturating_mul(width as i64) / all.max(1)).unwrap_or(0);
        let share = share.max(usize::from(units > 0)).min(left);
        let share = if sign == '#' && units > 0 { left } else { share };
        left -= share;
        bar.insert_str(0, &sign.to_string().repeat(share));
    }
    bar
}

fn story(ui: &Ui, failed: &Failed, command: &str) {
    let Some(breach) = &failed.played.breach else { return };
    ui.line("");
    ui.line(&ui.bold(&format!("Broken: {}, {} after the beginning", breach.what, clock(breach.at_ms))));
    ui.paragraph(&format!("{}.", escape::line(&breach.message)));
    ui.line("");
    ui.line("The shortest way to it that was found:");
    failed.played.tale.iter().for_each(|line| ui.line(&format!("  {}", escape::line(line))));
    ui.line("");
    ui.line("To see it again:");
    ui.line(&format!("  {command}"));
}

#[derive(Serialize)]
struct Flow<'m> {
    flow: &'m str,
    sold: i64,
    oversold: i64,
    turned_away: i64,
    /// Seconds.
    lag_worst: Option<i64>,
    /// Seconds.
    lag_target: Option<u64>,
    queued: u64,
}

#[derive(Serialize)]
struct Summary<'s> {
    seed: u64,
    hours: u64,
    worlds: u64,
    items: usize,
    of_items: usize,
    cycles: u64,
    guards_lifted: u64,
    requests: u64,
    oversold: i64,
    faults: BTreeMap<&'static str, u64>,
    broken: Option<Broken<'s>>,
}

#[derive(Serialize)]
struct Broken<'s> {
    what: &'static str,
    message: &'s str,
    command: &'s str,
    story: &'s [String],
}

fn json(ui: &Ui, (scene, asked): (&Scene, &Asked), found: &Season, command: Option<&str>) {
    let model: &Model = scene.model();
    for (flow, tally) in model.flows.iter().zip(&found.tallies) {
        let target = flow.lag.as_ref().and_then(|lag| lag.target);
        let line = Flow {
            flow: &flow.name,
            sold: tally.sold,
            oversold: tally.oversold,
            turned_away: tally.turned_away,
            lag_worst: tally.lag_ms.map(|ms| ms.div_euclid(1_000) + i64::from(ms % 1_000 > 0)),
            lag_target: target.as_ref().map(Duration::as_secs),
            queued: tally.queued,
        };
        print(ui, &line);
    }
    let broken = found.failed.as_ref().zip(command).and_then(|(failed, command)| {
        let breach = failed.played.breach.as_ref()?;
        Some(Broken { what: breach.what, message: &breach.message, command, story: &failed.played.tale })
    });
    let summary = Summary {
        seed: asked.seed,
        hours: asked.hours,
        worlds: found.worlds,
        items: scene.drawn.min(asked.items),
        of_items: scene.drawn,
        cycles: found.cycles,
        guards_lifted: found.lifted,
        requests: found.calls,
        oversold: found.tallies.iter().map(|tally| tally.oversold).sum(),
        faults: found.strikes.iter().map(|(fault, times)| (fault.word(), *times)).collect(),
        broken,
    };
    print(ui, &BTreeMap::from([("summary", summary)]));
}

fn print(ui: &Ui, line: &impl Serialize) {
    let text = serde_json::to_string(line).expect("names, numbers and lists always serialize");
    ui.result(&escape::json_lines(&(text + "\n")));
}
