//! Which part of a sum makes a published count differ: two lists of steps, told apart in words.

use crate::plan::change::Step;
use crate::plan::sum::number;
use std::collections::{BTreeMap, BTreeSet};

/// One part of a sum: where it stands (a pool's member, a bundle's component) and what it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    scope: String,
    part: Part,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// A quantity that is added, or taken off.
    Term {
        quantity: String,
        plus: bool,
    },
    KeepBack,
    Share,
    Component(String),
    Member(String),
    Least,
}

/// What a part says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Says {
    /// The owner, for a term.
    from: Option<String>,
    /// The owner's code of the place, for a term.
    at: Option<String>,
    /// What the topology says, for the others.
    text: String,
    value: i64,
}

/// The parts of a sum in their order.
#[derive(Debug, Default)]
struct Parts {
    order: Vec<Key>,
    says: BTreeMap<Key, Says>,
}

impl Parts {
    fn of(steps: &[Step], names: &BTreeMap<&str, &str>) -> Parts {
        let mut parts = Parts::default();
        parts.walk(steps, "", names);
        parts
    }

    fn add(&mut self, scope: &str, part: Part, says: Says) {
        let key = Key { scope: scope.to_owned(), part };
        if self.says.insert(key.clone(), says).is_none() {
            self.order.push(key);
        }
    }

    /// Sums nest two deep at most: a pool's members, and a bundle's components.
    fn walk(&mut self, steps: &[Step], scope: &str, names: &BTreeMap<&str, &str>) {
        let inner = |name: &str| if scope.is_empty() { name.to_owned() } else { format!("{scope}, {name}") };
        let plain = |text: String, value: i64| Says { from: None, at: None, text, value };
        let now = |from: &Option<String>| {
            from.as_deref().map(|from| names.get(from).copied().unwrap_or(from).to_owned())
        };
        for step in steps {
            match step {
                Step::Plus { plus: quantity, from, at, value } => {
                    let part = Part::Term { quantity: quantity.clone(), plus: true };
                    let says = Says { from: now(from), at: at.clone(), ..plain(String::new(), *value) };
                    self.add(scope, part, says);
                }
                Step::Minus { minus: quantity, from, at, value, .. } => {
                    let part = Part::Term { quantity: quantity.clone(), plus: false };
                    let says = Says { from: now(from), at: at.clone(), ..plain(String::new(), *value) };
                    self.add(scope, part, says);
                }
                Step::KeepBack { keep_back, value } => {
                    self.add(scope, Part::KeepBack, plain(keep_back.clone(), *value));
                }
                Step::Divide { divide, value } => {
                    self.add(
                        scope,
                        Part::Share,
                        plain(format!("{} of {}", divide.weight, divide.of), *value),
                    );
                }
                Step::Per { per, parts, value } => {
                    let part = Part::Component(per.item.clone());
                    self.add(scope, part, plain(per.quantity.to_string(), *value));
                    self.walk(parts, &inner(&per.item), names);
                }
                Step::Pool { pool, parts, value } => {
                    self.add(scope, Part::Member(pool.clone()), plain(String::new(), *value));
                    self.walk(parts, &inner(pool), names);
                }
                Step::Least { least, value } => self.add(scope, Part::Least, plain(least.clone(), *value)),
                // These follow from the parts before them, or from what is compared beside the sums.
                Step::Clamp { .. }
                | Step::Unit { .. }
                | Step::Cap { .. }
                | Step::Undo { .. }
                | Step::Bridge { .. } => {}
            }
        }
    }

    fn get(&self, key: &Key) -> Option<&Says> {
        self.says.get(key)
    }
}

/// What differs between two sums, in a few words each. `names` gives the second revision's name of a
/// system that the first one calls otherwise.
pub(super) fn between(a: &[Step], b: &[Step], names: &BTreeMap<&str, &str>) -> Vec<String> {
    let (a, b) = (Parts::of(a, names), Parts::of(b, &BTreeMap::new()));
    // What stands inside a part that is new or gone is new or gone with it.
    let nests = |key: &&Key| matches!(key.part, Part::Component(_) | Part::Member(_));
    let one_sided = |own: &Parts, other: &Parts| -> Vec<String> {
        let alone = own.order.iter().filter(nests).filter(|key| other.get(key).is_none());
        alone.map(scope_of).collect()
    };
    let alone: Vec<String> = one_sided(&a, &b).into_iter().chain(one_sided(&b, &a)).collect();
    let inside = |key: &Key| {
        alone.iter().any(|scope| key.scope == *scope || key.scope.starts_with(&format!("{scope}, ")))
    };
    let gone = a.order.iter().filter(|key| b.get(key).is_none());
    let limits = Limits::of([&a, &b]);
    let mut told = Vec::new();
    for key in b.order.iter().chain(gone).filter(|key| !inside(key) && limits.matter(key)) {
        if let Some(text) = tell(&key.part, a.get(key), b.get(key)) {
            told.push(if key.scope.is_empty() { text } else { format!("{}: {text}", key.scope) });
        }
    }
    told
}

/// Which components of bundles limit in one sum or the other: only what stands inside those matters.
struct Limits {
    limiting: BTreeSet<String>,
    others: BTreeSet<String>,
}

impl Limits {
    fn of(both: [&Parts; 2]) -> Limits {
        let mut limits = Limits { limiting: BTreeSet::new(), others: BTreeSet::new() };
        let least = |(key, says): (&Key, &Says)| {
            let least = Key { scope: key.scope.clone(), part: Part::Component(says.text.clone()) };
            (key.part == Part::Least).then(|| scope_of(&least))
        };
        for parts in both {
            limits.limiting.extend(parts.says.iter().filter_map(least));
        }
        // A bundle of one component says of none that it limits.
        let bundles: BTreeSet<&String> =
            both.iter().flat_map(|p| &p.order).filter(|k| k.part == Part::Least).map(|k| &k.scope).collect();
        let components = both.iter().flat_map(|p| &p.order);
        let components =
            components.filter(|k| matches!(k.part, Part::Component(_)) && bundles.contains(&k.scope));
        limits.others.extend(components.map(scope_of).filter(|scope| !limits.limiting.contains(scope)));
        limits
    }

    fn matter(&self, key: &Key) -> bool {
        !self.others.contains(&key.scope)
    }
}

/// The scope of what stands inside a part.
fn scope_of(key: &Key) -> String {
    let (Part::Component(name) | Part::Member(name)) = &key.part else { return key.scope.clone() };
    if key.scope.is_empty() { name.clone() } else { format!("{}, {name}", key.scope) }
}

fn tell(part: &Part, a: Option<&Says>, b: Option<&Says>) -> Option<String> {
    match part {
        Part::Term { quantity, plus } => term(quantity, *plus, (a, b)),
        Part::KeepBack => match (a, b) {
            (Some(a), Some(b)) => (a.text != b.text).then(|| format!("keep-back {} → {}", a.text, b.text)),
            (None, Some(b)) => Some(format!("keep-back {} is new", b.text)),
            (Some(a), None) => Some(format!("keep-back {} is gone", a.text)),
            (None, None) => None,
        },
        Part::Share => match (a, b) {
            (Some(a), Some(b)) => (a.text != b.text).then(|| format!("its share {} → {}", a.text, b.text)),
            (None, Some(b)) => Some(format!("the shelf is divided, its share is {}", b.text)),
            (Some(_), None) => Some("the shelf is no longer divided".to_owned()),
            (None, None) => None,
        },
        Part::Component(item) => match (a, b) {
            (Some(a), Some(b)) => {
                (a.text != b.text).then(|| format!("component {item} {} → {}", a.text, b.text))
            }
            (None, Some(b)) => Some(format!("component {item} {} is new", b.text)),
            (Some(_), None) => Some(format!("component {item} is gone")),
            (None, None) => None,
        },
        Part::Member(place) => match (a, b) {
            (None, Some(b)) => Some(format!("the pool has {place} too, {}", number(b.value))),
            (Some(a), None) => Some(format!("the pool no longer has {place}, {}", number(a.value))),
            _ => None,
        },
        Part::Least => match (a, b) {
            (Some(a), Some(b)) => {
                (a.text != b.text).then(|| format!("limited by {}, not by {}", b.text, a.text))
            }
            _ => None,
        },
    }
}

fn term(quantity: &str, plus: bool, both: (Option<&Says>, Option<&Says>)) -> Option<String> {
    let of = |says: &Says| says.from.as_ref().map_or_else(String::new, |from| format!(" of {from}"));
    let verb = if plus { "added" } else { "taken off" };
    match both {
        (Some(a), Some(b)) => {
            let numbers = match a.value == b.value {
                true => number(b.value),
                false => format!("{} → {}", number(a.value), number(b.value)),
            };
            match (&a.from, &b.from) {
                (Some(old), Some(new)) if old != new => {
                    Some(format!("{quantity} is {new}'s, not {old}'s: {numbers}"))
                }
                (None, Some(new)) => Some(format!("{quantity} is {new}'s now: {numbers}")),
                (Some(old), None) => Some(format!("{quantity} is no longer {old}'s: {numbers}")),
                _ if a.at != b.at => {
                    let place = |says: &Says| says.at.clone().unwrap_or_default();
                    Some(format!("{quantity} is read at {}, not {}: {numbers}", place(b), place(a)))
                }
                _ => (a.value != b.value).then(|| format!("{quantity}{} {numbers}", of(b))),
            }
        }
        // What comes to 0 makes no difference.
        (None, Some(Says { value: 0, .. }) | None) | (Some(Says { value: 0, .. }), None) => None,
        (None, Some(b)) => Some(format!("{quantity} {}{} is {verb} now", number(b.value), of(b))),
        (Some(a), None) => Some(format!("{quantity} {}{} is no longer {verb}", number(a.value), of(a))),
    }
}
