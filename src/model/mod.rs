//! Meaning: what a topology says once every name is resolved. Inert values, no text, no world.

pub mod about;
pub mod allocation;
pub mod bundle;
pub mod by_text;
pub mod calendar;
pub mod capability;
pub mod care;
pub mod collect;
pub mod convert;
pub mod counts;
pub mod demand;
pub mod encoding;
pub mod flow;
pub mod id;
pub mod item;
pub mod location;
pub mod moved;
pub mod movement;
pub mod observation;
pub mod owner;
pub mod quantity;
pub mod row_locations;
pub mod set;
pub mod stamp;
pub mod system;
pub mod test;
pub mod time;
pub mod unit;

use crate::source::Span;
use std::collections::BTreeMap;

pub use id::{
    AllocationId, BundleId, CalendarId, CodeId, CollectId, FlowId, ItemId, LocationId, Lookup, Name, OwnerId,
    QuantityId, SystemId, UnitId,
};

/// A whole topology, resolved. Every id indexes the vector of its kind.
#[derive(Debug, Default)]
pub struct Model {
    /// The `onhand` node: what is missing altogether is reported there.
    pub root: Option<Span>,
    /// IANA name of the zone for stamps without one; `None` means UTC and that nobody said so.
    pub timezone: Option<Name>,
    /// Where state is kept, as `sqlite:PATH` (relative to `state_dir`) or `postgres://…`, or a reference.
    pub state: system::Setting,
    /// Where the topology says so; `None` for the default.
    pub state_origin: Option<Span>,
    /// Folder of the file that names the state, relative to the topology; empty for the topology itself.
    pub state_dir: String,
    /// Units of measure.
    pub units: unit::Units,
    /// Quantities: the built-in ones first, at the ids in [`quantity`], then the topology's own.
    pub quantities: Vec<quantity::Quantity>,
    /// Systems, in reading order.
    pub systems: Vec<system::System>,
    /// Locations and pools, in reading order.
    pub locations: Vec<location::Location>,
    /// Items, in reading order.
    pub items: Vec<item::Item>,
    /// Bundles, in reading order.
    pub bundles: Vec<bundle::Bundle>,
    /// Codes: one for each `in SYSTEM CODE` of an item or bundle, sorted by system, then by thing, then
    /// in reading order.
    pub codes: Vec<item::Code>,
    /// Who owns which counts, in reading order.
    pub owners: Vec<owner::Owner>,
    /// Flows that publish, in reading order.
    pub flows: Vec<flow::Flow>,
    /// Flows that collect movements, in reading order.
    pub collects: Vec<collect::Collect>,
    /// Calendars, in reading order.
    pub calendars: Vec<calendar::Calendar>,
    /// Allocations, in reading order.
    pub allocations: Vec<allocation::Allocation>,
    /// Who is told when something is wrong.
    pub alerts: Vec<care::Alert>,
    /// Who looks at the counts.
    pub review: Option<care::Review>,
    /// How long runs can be undone.
    pub rollback: Option<care::Rollback>,
    /// Tests, in reading order.
    pub tests: Vec<test::Test>,
    /// `allow` nodes: which rule is accepted inside which node.
    pub allows: Vec<Allow>,
    /// Code text to its place in `codes`, for each system.
    pub code_index: BTreeMap<SystemId, by_text::ByText>,
    /// Rows of catalogs that cannot be used, within their `bad-rows`: plan and apply queue them and hold
    /// the cells of their things, and of the bundles over them.
    pub bad_rows: Vec<BadRow>,
    /// What those rows leave in doubt: the things that they are about, and the bundles over these.
    pub doubts: BTreeMap<item::Thing, Doubt>,
    /// The files that all of this was written in: a place can be named after the text is gone.
    pub places: crate::source::Places,
    /// A digest of every byte the topology was compiled from, as lower-case hex.
    pub digest: String,
}

/// A row of a catalog that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// The catalog's path, relative to the topology.
    pub file: Name,
    /// Its line in the file, from 1.
    pub record: u32,
    /// The column at fault; empty where it is the row as a whole.
    pub field: Name,
    /// What is wrong, in one line.
    pub reason: String,
    /// The item or bundle that the row is about, where that much could be read.
    pub thing: Option<item::Thing>,
}

/// Why the count of an item or bundle is not to be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// The first bad row behind it, as index into `bad_rows`.
    pub row: u32,
    /// The things behind it that bad rows are about, sorted: itself, components, bundles inside it.
    /// Its cells are not written. Empty for a bundle of a catalog with a bad row of nobody knows which
    /// bundle: it may lack a component, so its count is at most what is computed, and may only fall.
    pub because: Vec<item::Thing>,
}

/// One `allow RULE reason="…"`.
#[derive(Debug, Clone)]
pub struct Allow {
    /// The slug that is accepted.
    pub slug: &'static str,
    /// The reason given.
    pub reason: Name,
    /// The node inside which it counts.
    pub within: Span,
    /// The `allow` node itself.
    pub origin: Span,
}

impl Model {
    /// The system of an id.
    pub fn system(&self, id: SystemId) -> &system::System {
        &self.systems[id.index()]
    }

    /// The location of an id.
    pub fn location(&self, id: LocationId) -> &location::Location {
        &self.locations[id.index()]
    }

    /// The item of an id.
    pub fn item(&self, id: ItemId) -> &item::Item {
        &self.items[id.index()]
    }

    /// The bundle of an id.
    pub fn bundle(&self, id: BundleId) -> &bundle::Bundle {
        &self.bundles[id.index()]
    }

    /// The code of an id.
    pub fn code(&self, id: CodeId) -> &item::Code {
        &self.codes[id.index()]
    }

    /// The quantity of an id.
    pub fn quantity(&self, id: QuantityId) -> &quantity::Quantity {
        &self.quantities[id.index()]
    }

    /// The calendar of an id.
    pub fn calendar(&self, id: CalendarId) -> &calendar::Calendar {
        &self.calendars[id.index()]
    }

    /// The zone of stamps of a system that name none.
    pub fn zone_of(&self, system: SystemId) -> &str {
        let own = self.system(system).timezone.as_deref();
        own.or(self.timezone.as_deref()).unwrap_or("UTC")
    }

    /// The flow of an id.
    pub fn flow(&self, id: FlowId) -> &flow::Flow {
        &self.flows[id.index()]
    }

    /// The collecting flow of an id.
    pub fn collect(&self, id: CollectId) -> &collect::Collect {
        &self.collects[id.index()]
    }

    /// The name of an item or bundle.
    pub fn thing_name(&self, thing: item::Thing) -> &Name {
        match thing {
            item::Thing::Item(id) => &self.item(id).name,
            item::Thing::Bundle(id) => &self.bundle(id).name,
        }
    }

    /// Whether bad rows of catalogs keep the cells of a thing from being written at all.
    pub fn is_doubtful(&self, thing: item::Thing) -> bool {
        self.doubts.get(&thing).is_some_and(|doubt| !doubt.because.is_empty())
    }

    /// The ids of the codes of one system, in the order of `codes`.
    pub fn codes_of(&self, system: SystemId) -> std::ops::Range<u32> {
        let start = self.codes.partition_point(|code| code.system < system);
        let end = self.codes.partition_point(|code| code.system <= system);
        start as u32..end as u32
    }

    /// The ids of the codes of one thing in one system.
    pub fn codes_of_thing(&self, system: SystemId, thing: item::Thing) -> std::ops::Range<u32> {
        let key = (system, thing);
        let start = self.codes.partition_point(|code| (code.system, code.thing) < key);
        let end = self.codes.partition_point(|code| (code.system, code.thing) <= key);
        start as u32..end as u32
    }

    /// The items that a thing is made of: itself, or a bundle's components in their order.
    pub fn items_of(&self, thing: item::Thing) -> Vec<ItemId> {
        match thing {
            item::Thing::Item(item) => vec![item],
            item::Thing::Bundle(bundle) => {
                self.bundle(bundle).components.iter().map(|own| own.item).collect()
            }
        }
    }

    /// The code that a system's own text names.
    pub fn find_code(&self, system: SystemId, text: &str) -> Option<CodeId> {
        self.code_index.get(&system)?.find(text, |at| &self.codes[at as usize].code).map(CodeId)
    }

    /// The location of a name.
    pub fn location_named(&self, name: &str) -> Option<LocationId> {
        self.locations.iter().position(|location| *location.name == *name).map(LocationId::at)
    }

    /// The location that a system's own code names; `None` as code is a system without locations.
    pub fn find_location(&self, system: SystemId, code: Option<&str>) -> Option<LocationId> {
        let mapped = |location: &location::Location| {
            location.codes.iter().any(|c| c.system == system && c.code.as_deref() == code)
        };
        self.locations.iter().position(mapped).map(LocationId::at)
    }
}
