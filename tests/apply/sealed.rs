//! Plans that were touched after they were written: every one is refused, whoever sealed it anew.

use super::block;
use crate::count::town::{Fixed, NOW};
use crate::plan::try_reseal;
use crate::support::chance::{Dice, asked, cases};
use onhand::apply::{self, Job, Needs, Options, Refused, Sessions, Stop};
use onhand::model::Model;
use onhand::plan::file;
use onhand::state::memory::MemoryStore;
use onhand::state::{PlanSeen, Store};
use onhand::world::memory::Memory;
use serde_json::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The text of a plan of 200 changes.
fn text() -> String {
    let mut t = Fixed::new().owned();
    let (web, paris) = (t.web, t.paris);
    t.town.flow("web-stock", "available", web, &[paris]);
    t.has("E-SHIRT", paris, "14", "5");
    t.has("E-MUG", paris, "6", "0");
    t.shows("SHIRT", paris, "12");
    t.shows("MUG", paris, "4");
    let mut plan = t.town.plan();
    let few = plan.changes.clone();
    assert!(!few.is_empty());
    plan.changes = (0..200)
        .map(|at| {
            let mut change = few[at % few.len()].clone();
            (change.id, change.item) = (format!("{at:032x}"), format!("ITEM-{at}"));
            change
        })
        .collect();
    let text = try_reseal(&file::write(&plan)).expect("a plan can be sealed");
    assert_eq!(file::read(&text).expect("a plan").changes.len(), 200);
    text
}

/// A state that remembers one plan, and where plans are shown to it.
struct Gate {
    store: MemoryStore,
    world: Memory,
}

impl Gate {
    fn of(text: &str) -> Gate {
        let plan = file::read(text).expect("a plan");
        let mut store = MemoryStore::default();
        let seen = PlanSeen {
            digest: plan.summary.digest,
            id: plan.header.id,
            seal: plan.summary.seal,
            created: NOW,
            applied_by: None,
        };
        block(store.remember_plan(&seen)).expect("the state works");
        let world = Memory::default();
        world.now_ms.set(NOW.0);
        Gate { store, world }
    }

    /// What kind of thing is said to be wrong with a plan; `None` where an apply would begin.
    fn refuses(&mut self, bytes: &[u8]) -> Option<String> {
        let plan = match file::read(bytes) {
            Ok(plan) => plan,
            Err(refusal) => {
                let name = format!("{refusal:?}");
                let end = name.find(|c: char| !c.is_alphanumeric()).unwrap_or(name.len());
                return Some(name[..end].to_owned());
            }
        };
        // The topology is whatever the plan says, so that nothing but the seal can stop it.
        let model = Rc::new(Model { digest: plan.header.topology.clone(), ..Model::default() });
        let opener: apply::Opener = Rc::new(|_, _| unreachable!("there is no system to open"));
        let mut sessions = Sessions::new(model.clone(), Rc::new(self.world.world()), opener);
        let needs = Needs::of(std::iter::empty());
        let recompute: apply::Recompute<'_> = &|_, _| unreachable!("the plan was not refused");
        let job = Job { model: &model, needs: &needs, recompute, plan: &plan, options: Options::default() };
        match block(apply::run(&job, &mut sessions, &mut self.store, &mut Stop::never())) {
            Err(Refused::Stale(why)) if why.contains("was not written with this state") => {
                Some("not written here".to_owned())
            }
            Err(Refused::Stale(why)) if why.contains("is not the one that was written") => {
                Some("sealed anew".to_owned())
            }
            Err(Refused::Stale(_)) => Some("expired".to_owned()),
            _ => None,
        }
    }
}

fn told(what: &str, kinds: &BTreeMap<String, u64>) {
    let all: u64 = kinds.values().sum();
    println!("{what}: {all} plans, all refused: {kinds:?}");
}

#[test]
fn a_byte_that_differs_is_refused_wherever_it_stands() {
    let text = text();
    let seed = asked().unwrap_or(1);
    // A long run has every byte; a short one every tenth, and all of the last line.
    let step = if cases(1) >= 10 { 1 } else { 10 };
    let last = text.trim_end().rfind('\n').expect("lines") + 1;
    let places: Vec<usize> = (0..text.len()).filter(|at| at % step == 0 || *at >= last).collect();
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let flip = |worker: usize| {
        let mut gate = Gate::of(&text);
        let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
        for at in places.iter().copied().skip(worker).step_by(workers) {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1 + u8::try_from(Dice(seed ^ (at as u64) << 8).roll(255)).expect("below 256");
            let kind = gate.refuses(&bytes);
            let kind = kind.unwrap_or_else(|| panic!("byte {at} as {} is taken", bytes[at]));
            *kinds.entry(kind).or_default() += 1;
        }
        kinds
    };
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    std::thread::scope(|scope| {
        let flip = &flip;
        let work: Vec<_> = (0..workers).map(|worker| scope.spawn(move || flip(worker))).collect();
        for (kind, count) in work.into_iter().flat_map(|one| one.join().expect("a byte was taken")) {
            *kinds.entry(kind).or_default() += count;
        }
    });
    assert_eq!(kinds.values().sum::<u64>(), places.len() as u64);
    told(&format!("one of {} bytes flipped", text.len()), &kinds);
}

#[test]
fn an_edited_plan_is_refused_sealed_anew_or_not() {
    let text = text();
    let mut gate = Gate::of(&text);
    let seed = asked().unwrap_or(7);
    println!("seed: ONHAND_SEED={seed}");
    let mut dice = Dice(seed);
    let (mut plain, mut anew) = (BTreeMap::new(), BTreeMap::new());
    let mut done = 0;
    while done < cases(1_000) {
        let Some(edited) = edit(&text, &mut dice).filter(|edited| *edited != text) else { continue };
        let sealed = if dice.in_ten(5) { try_reseal(&edited) } else { None };
        let kinds: &mut BTreeMap<String, u64> = if sealed.is_some() { &mut anew } else { &mut plain };
        let edited = sealed.unwrap_or(edited);
        if edited == text {
            continue;
        }
        let kind = gate.refuses(edited.as_bytes());
        let kind = kind.unwrap_or_else(|| panic!("ONHAND_SEED={seed}: case {done} is taken:\n{edited}"));
        *kinds.entry(kind).or_default() += 1;
        done += 1;
    }
    told("edited", &plain);
    told("edited and sealed anew", &anew);
}

#[test]
fn the_plan_itself_is_no_edited_one() {
    let text = text();
    assert_eq!(file::read(&text).expect("a plan").summary.seal.len(), 64);
    // Refused for its age alone, long after: so nothing else stood in its way.
    let mut gate = Gate::of(&text);
    gate.world.now_ms.set(gate.world.now_ms.get() + 86_400_000);
    assert_eq!(gate.refuses(text.as_bytes()).as_deref(), Some("expired"));
}

/// The text with one thing changed.
fn edit(text: &str, dice: &mut Dice) -> Option<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = if dice.in_ten(3) { [0, lines.len() - 1][dice.below(2)] } else { dice.below(lines.len()) };
    let other = dice.below(lines.len());
    match dice.below(8) {
        0 => lines.swap(at, other),
        1 => lines.insert(other, lines[at].clone()),
        2 => drop(lines.remove(at)),
        3 => lines[at] = exponent(&lines[at], dice)?,
        4 => lines[at] = serde_json::from_str::<Value>(&lines[at]).ok()?.to_string(),
        how => {
            let mut value: Value = serde_json::from_str(&lines[at]).ok()?;
            touch(&mut value, how == 5, dice);
            lines[at] = value.to_string();
        }
    }
    Some(lines.join("\n") + "\n")
}

/// A line with one of its numbers written as another that is the same: 7 as 7e0.
fn exponent(line: &str, dice: &mut Dice) -> Option<String> {
    let number = regex::Regex::new(r":(\d+)[,}]").expect("a pattern");
    let ends: Vec<usize> = number.captures_iter(line).filter_map(|c| c.get(1)).map(|m| m.end()).collect();
    let end = *ends.get(dice.below(ends.len().max(1)))?;
    Some(format!("{}e0{}", &line[..end], &line[end..]))
}

/// Changes, or removes, one field somewhere inside.
fn touch(value: &mut Value, remove: bool, dice: &mut Dice) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let key = fields.keys().nth(dice.below(fields.len())).expect("within").clone();
            match remove && dice.in_ten(6) {
                true => drop(fields.remove(&key)),
                false => touch(&mut fields[&key], remove, dice),
            }
        }
        Value::Array(values) if !values.is_empty() => {
            let at = dice.below(values.len());
            touch(&mut values[at], remove, dice);
        }
        Value::Number(number) => *value = (number.as_i64().unwrap_or(0) + 1).into(),
        Value::String(text) => text.push('x'),
        Value::Bool(yes) => *yes = !*yes,
        _ => *value = "x".into(),
    }
}
