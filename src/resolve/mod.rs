//! From the typed tree and the catalogs to the model: every name found, every ratio worked out.

mod allocations;
mod bundles;
mod calendars;
mod codes;
mod columns;
mod doubt;
pub mod findings;
mod flows;
pub mod glob;
pub mod include;
pub mod index;
mod items;
mod lag;
mod locations;
mod movements;
mod names;
mod nested;
mod owners;
mod packs;
mod quantities;
pub mod rows;
mod select;
mod systems;
mod tests;
mod units;

use crate::diagnostic::{Diagnostic, code};
use crate::model::item::Thing;
use crate::model::quantity::Quantity;
use crate::model::system::Setting;
use crate::model::time::zone_exists;
use crate::model::{CalendarId, ItemId, LocationId, Model, Name, QuantityId, SystemId, UnitId};
use crate::source::{SourceId, Sources, Span};
use crate::syntax::ast::{Tree, Word, bundle, catalog, item, onhand};
use findings::Findings;
pub use names::Lost;
use names::Names;
use std::sync::Arc;
pub use systems::OWN_SALES;

/// What is known while a model is built.
struct Scope {
    units: Names<UnitId>,
    unit_facts: units::Facts,
    quantities: Names<QuantityId>,
    systems: Names<SystemId>,
    /// By system: whether it has places, where that is known.
    places: Vec<Option<bool>>,
    calendars: Names<CalendarId>,
    locations: Names<LocationId>,
    things: Names<Thing>,
    /// By item: whether all is known about its base unit.
    bases: Vec<bool>,
    lost: Arc<Lost>,
}

impl Scope {
    /// The calendar that a word names, with the word's place.
    fn calendar(&self, word: Option<&Word>, findings: &mut Findings) -> Option<(CalendarId, Span)> {
        let word = word?;
        Some((self.calendars.find(word, findings)?, word.span))
    }

    /// Whether a unit and the base unit of an item are as the text means them; what is wrong with either has
    /// been said, and no ratio between the two is missed then.
    fn comparable(&self, unit: UnitId, item: ItemId) -> bool {
        self.bases[item.index()] && !self.unit_facts.unsure[unit.index()]
    }
}

/// Builds the model. `tree` comes with its catalogs opened into items and bundles.
pub fn resolve(
    tree: &Tree,
    (mut things, sources): (Things, &Sources),
    lost: Lost,
    findings: &mut Findings,
) -> Model {
    let lost = Arc::new(lost);
    let mut model = Model { quantities: Quantity::built_in(), ..Model::default() };
    let mut scope = Scope {
        units: Names::new("a unit", &lost),
        unit_facts: units::Facts::default(),
        quantities: Names::new("a quantity", &lost),
        systems: Names::new("a system", &lost),
        places: Vec::new(),
        calendars: Names::new("a calendar", &lost),
        locations: Names::new("a location", &lost),
        things: Names::new(names::THINGS, &lost),
        bases: Vec::new(),
        lost,
    };
    head(tree, &mut model, findings);
    systems::declare(tree, &mut scope, findings);
    units::resolve(&tree.units, &mut model, &mut scope, findings);
    quantities::resolve(&tree.quantities, &mut model, &mut scope, findings);
    systems::resolve(&tree.systems, &mut model, &mut scope, findings);
    calendars::resolve(&tree.calendars, &mut model, &mut scope, findings);
    locations::resolve(&tree.locations, &mut model, &mut scope, findings);
    let mut codes = codes::Codes::of(things.count(), scope.systems.names().len());
    let declared = items::resolve((&mut things, sources), (&mut model, &mut codes), &mut scope, findings);
    scope.bases = declared.bases;
    bundles::resolve((&things, &declared.bundles), (&mut model, &mut codes), &scope, findings);
    codes.finish(&mut model, findings);
    drop(things);
    let picker = select::Picker::new(&model);
    owners::resolve(&tree.owners, (&mut model, &picker), &scope, findings);
    flows::resolve(&tree.flows, (&mut model, &picker), &scope, findings);
    allocations::resolve(&tree.allocations, &mut model, &scope, findings);
    tests::resolve(&tree.tests, &mut model, &scope, findings);
    care(tree, &mut model, findings);
    model
}

/// All items and bundles, catalogs opened, each in reading order.
#[derive(Default)]
pub struct Things {
    /// Items.
    pub items: Vec<Written>,
    /// Bundles.
    pub bundles: Vec<bundle::Bundle>,
    /// The catalogs of items.
    pub sheets: Vec<rows::Sheet>,
}

/// An item as it is written, or many.
pub enum Written {
    /// A node.
    Node(Box<item::Item>),
    /// The rows of a catalog, by its place in [`Things::sheets`].
    Sheet(u32),
}

impl Things {
    /// How many items a written one may be.
    fn count_of(&self, written: &Written) -> usize {
        match written {
            Written::Node(_) => 1,
            Written::Sheet(sheet) => self.sheets[*sheet as usize].height() as usize,
        }
    }

    /// How many items and bundles there may be.
    fn count(&self) -> usize {
        self.items.iter().map(|own| self.count_of(own)).sum::<usize>() + self.bundles.len()
    }

    /// Takes the single nodes out of the tree; `open` reads a catalog.
    pub fn collect(tree: &mut Tree, open: &mut dyn FnMut(catalog::Catalog, bool, &mut Things)) -> Things {
        let mut things = Things {
            items: Vec::with_capacity(tree.items.len()),
            bundles: Vec::with_capacity(tree.bundles.len()),
            sheets: Vec::new(),
        };
        for one in std::mem::take(&mut tree.items) {
            match one {
                catalog::Items::One(item) => things.items.push(Written::Node(Box::new(item))),
                catalog::Items::Many(catalog) => open(*catalog, true, &mut things),
            }
        }
        for one in std::mem::take(&mut tree.bundles) {
            match one {
                catalog::Bundles::One(bundle) => things.bundles.push(bundle),
                catalog::Bundles::Many(catalog) => open(*catalog, false, &mut things),
            }
        }
        things
    }
}

/// The `onhand` node: zone and state.
fn head(tree: &Tree, model: &mut Model, findings: &mut Findings) {
    let Some(onhand) = tree.onhand.iter().find(|node| node.name.source == SourceId(0)) else {
        let start = Span::new(SourceId(0), 0, 0);
        let found = Diagnostic::new(code::LANGUAGE_VERSION, start, "the topology has no `onhand` node");
        let mut found = found.here("`onhand language=1` is due").help(
            "it says which version of the language the topology is in: write `onhand language=1` into this \
             file",
        );
        if let Some(elsewhere) = tree.onhand.first() {
            found = found.label(elsewhere.origin, "this one counts only in the root file");
        } else {
            found = found.fix("name the language", start, "onhand language=1\n");
        }
        findings.report(found);
        model.root = Some(start);
        return;
    };
    for second in tree.onhand.iter().filter(|node| node.name != onhand.name) {
        findings.report(
            Diagnostic::second(second.name, onhand.name, "there are two `onhand` nodes")
                .help("a topology has one head: put everything into one of them"),
        );
    }
    model.root = Some(onhand.origin);
    model.timezone = zone(onhand.timezone.as_ref(), findings);
    if let Some(state) = &onhand.state {
        model.state = state.value.clone();
        model.state_origin = Some(state.span);
        if !matches!(&model.state, Setting::Literal(text) if text.starts_with("postgres")) {
            model.state_dir = onhand.dir.clone();
        }
    }
}

/// Alerts, and the nodes that stand once.
fn care(tree: &Tree, model: &mut Model, findings: &mut Findings) {
    model.alerts = tree.alerts.clone();
    model.review = tree.reviews.first().and_then(|(review, _)| review.clone());
    model.rollback = tree.rollbacks.first().and_then(|(rollback, _)| *rollback);
    once("review", tree.reviews.iter().map(|(_, place)| *place), findings);
    once("rollback", tree.rollbacks.iter().map(|(_, place)| *place), findings);
}

/// Reports every node after the first of a sort that stands once.
fn once(what: &str, mut places: impl Iterator<Item = Span>, findings: &mut Findings) {
    let Some(first) = places.next() else { return };
    for second in places {
        let found = Diagnostic::second(second, first, format!("there are two `{what}` nodes"));
        findings.report(found.help("only one can hold: remove the other"));
    }
}

/// A time zone that exists.
fn zone(word: Option<&Word>, findings: &mut Findings) -> Option<Name> {
    let word = word?;
    if zone_exists(&word.value) {
        return Some(word.value.clone());
    }
    let message = format!("there is no time zone `{}`", word.value);
    findings
        .report(Diagnostic::new(code::UNKNOWN_TIMEZONE, word.span, message).here("not an IANA zone").help(
        "stamps would be read as another moment than they are: write a name such as `Europe/Paris` or `UTC`",
    ));
    None
}

/// What is being renamed must not be there any more, and only one thing may take its name over.
fn renames<'w, I: Copy>(
    pairs: impl Iterator<Item = (&'w Word, &'w Word)>,
    names: &Names<I>,
    findings: &mut Findings,
) {
    let mut taken = std::collections::HashMap::new();
    for (name, was) in pairs {
        let clash = match taken.get(&was.value) {
            Some(first) => Some((*first, "is renamed twice", "the first rename")),
            None if names.knows(&was.value) => {
                names.place(&was.value).map(|place| (place, "is still declared", "still declared here"))
            }
            None => None,
        };
        taken.entry(was.value.clone()).or_insert(was.span);
        if let Some((place, says, label)) = clash {
            let message = format!("`{}` was `{}`, which {says}", name.value, was.value);
            findings.report(
                Diagnostic::new(code::DUPLICATE_NAME, was.span, message)
                    .here("the old name")
                    .label(place, label)
                    .help("history and queue can move to one thing only: remove one of the two"),
            );
        }
    }
}

/// The head of the tree, where a later stage needs it.
pub fn head_of(tree: &Tree) -> Option<&onhand::Onhand> {
    tree.onhand.iter().find(|node| node.name.source == SourceId(0))
}
