//! Correct topologies at random: what is made here must have no finding at all.

mod catalog;
mod flows;
mod layout;
mod places;
mod systems;

use crate::support::chance::Dice;
use std::collections::BTreeMap;

/// A file's bytes by its name.
pub type Folder = BTreeMap<String, Vec<u8>>;

/// A topology while it grows: what has been decided, and the text so far.
#[derive(Default)]
pub struct Plot {
    systems: Vec<System>,
    places: Vec<Place>,
    items: Vec<Item>,
    bundles: Vec<Bundle>,
    flows: Vec<Flow>,
    calendars: Vec<String>,
    /// Quantities of its own: name, and whether it promises what is on its way.
    quantities: Vec<(String, bool)>,
    /// Whether the `onhand` node names a zone.
    zoned: bool,
    /// Whether several channels may sell one shelf.
    shares: bool,
    /// Nodes by part of the topology, in order.
    text: BTreeMap<Part, Vec<String>>,
    /// Files beside them.
    folder: Folder,
}

/// Which nodes lie together in a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Units,
    Calendars,
    Systems,
    Places,
    Items,
    Bundles,
    Owners,
    Flows,
    Care,
}

struct System {
    name: String,
    kind: &'static str,
    role: &'static str,
    located: bool,
    /// Whether its on-hand has `reserved` off already.
    net: bool,
    /// What else it shows.
    extra: Vec<&'static str>,
    /// How its orders are accounted for.
    orders: Orders,
}

#[derive(Clone, Copy, PartialEq)]
enum Orders {
    Unsold,
    Direct,
    Collected,
}

impl System {
    fn counts(&self) -> bool {
        matches!(self.role, "erp" | "warehouse")
    }

    fn sells(&self) -> bool {
        self.role == "channel"
    }
}

#[derive(Default)]
struct Place {
    name: String,
    /// The members of a pool; empty for a place.
    pool: Vec<usize>,
    /// Who counts there: a system, and who shares it with the other part of the items.
    owner: usize,
    beside: Option<usize>,
    mapped: BTreeMap<usize, String>,
}

struct Item {
    name: String,
    base: &'static str,
    packs: Vec<(&'static str, u64, Option<&'static str>)>,
    tags: Vec<&'static str>,
    codes: Vec<Code>,
}

struct Code {
    system: usize,
    code: String,
    unit: Option<&'static str>,
    at: Option<usize>,
}

struct Bundle {
    name: String,
    /// Items by their place in the list; bundles after them.
    parts: Vec<(usize, u64)>,
    tags: Vec<&'static str>,
    codes: Vec<Code>,
}

struct Flow {
    name: String,
    quantity: String,
    to: usize,
    at: Vec<usize>,
    said: bool,
    select: Select,
    inside: Vec<String>,
    allows: Vec<&'static str>,
}

#[derive(Clone)]
enum Select {
    All,
    Tag(&'static str),
    NotTag(&'static str),
    Like(String),
    NotLike(String),
}

impl Select {
    fn takes(&self, name: &str, tags: &[&str]) -> bool {
        match self {
            Select::All => true,
            Select::Tag(tag) => tags.contains(tag),
            Select::NotTag(tag) => !tags.contains(tag),
            Select::Like(prefix) => name.starts_with(prefix.as_str()),
            Select::NotLike(prefix) => !name.starts_with(prefix.as_str()),
        }
    }

    fn text(&self) -> String {
        match self {
            Select::All => String::new(),
            Select::Tag(tag) => format!("items tag={tag}; "),
            Select::NotTag(tag) => format!("except tag={tag}; "),
            Select::Like(prefix) => format!("items \"{prefix}*\"; "),
            Select::NotLike(prefix) => format!("except \"{prefix}*\"; "),
        }
    }
}

/// The tags that items may bear; the first divides them.
const TAGS: [&str; 4] = ["fresh", "dry", "fragile", "gifts"];

/// A correct topology.
pub fn grow(dice: &mut Dice) -> Folder {
    let mut plot = Plot { zoned: dice.in_ten(7), shares: dice.in_ten(6), ..Plot::default() };
    systems::choose(&mut plot, dice);
    places::choose(&mut plot, dice);
    catalog::choose(&mut plot, dice);
    flows::choose(&mut plot, dice);
    systems::write(&mut plot, dice);
    places::write(&mut plot, dice);
    catalog::write(&mut plot, dice);
    flows::write(&mut plot, dice);
    layout::finish(plot, dice)
}

impl Plot {
    fn say(&mut self, part: Part, node: String) {
        self.text.entry(part).or_default().push(node);
    }

    fn systems_that(&self, holds: impl Fn(&System) -> bool) -> Vec<usize> {
        (0..self.systems.len()).filter(|at| holds(&self.systems[*at])).collect()
    }

    fn system(&self, at: usize) -> &str {
        &self.systems[at].name
    }

    /// The places that a place or pool stands for.
    fn stands_for(&self, at: usize) -> Vec<usize> {
        match self.places[at].pool.as_slice() {
            [] => vec![at],
            pool => pool.iter().flat_map(|member| self.stands_for(*member)).collect(),
        }
    }

    /// The items that a bundle is made of, nested ones taken apart.
    fn made_of(&self, bundle: usize) -> Vec<usize> {
        let parts = self.bundles[bundle].parts.iter();
        let parts = parts.flat_map(|(part, _)| match part.checked_sub(self.items.len()) {
            Some(inner) => self.made_of(inner),
            None => vec![*part],
        });
        let mut items: Vec<usize> = parts.collect();
        items.sort();
        items.dedup();
        items
    }

    /// Where a system has places.
    fn mapped(&self, system: usize) -> Vec<usize> {
        (0..self.places.len()).filter(|at| self.places[*at].mapped.contains_key(&system)).collect()
    }
}

/// One of several.
fn one_of<T: Clone>(dice: &mut Dice, list: &[T]) -> T {
    list[dice.below(list.len())].clone()
}

/// A text so many times in ten.
fn maybe(dice: &mut Dice, times: usize, text: &str) -> String {
    if dice.in_ten(times) { text.to_owned() } else { String::new() }
}
