//! What stands where in a simulated world, as facts that do not change: shelves, what is sold from them, and
//! which columns each system shows.

use crate::graph::Graph;
use crate::model::capability::DecrementsOn;
use crate::model::item::Thing;
use crate::model::movement::Movement;
use crate::model::quantity::{DAMAGED, ON_HAND, RESERVED, Ratio};
use crate::model::system::{Acknowledges, Orders, Role};
use crate::model::{CodeId, CollectId, FlowId, ItemId, LocationId, Model, Name, QuantityId, SystemId};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// One item at one place.
#[derive(Debug, Clone)]
pub struct Spot {
    /// The item.
    pub item: ItemId,
    /// The place; never a pool.
    pub place: LocationId,
    /// Whoever takes orders in there: the owner of `reserved`, else of `on-hand`.
    pub keeper: SystemId,
    /// Whether somebody owns `reserved` there: else an order is taken in by shipping it.
    pub reserves: bool,
    /// Whether an allocation divides it all, whatever is there.
    pub divided: bool,
    /// The flows that draw on it.
    pub flows: Vec<FlowId>,
    /// The cells that are sold from it, with the base units that one takes.
    pub cells: Vec<(usize, i64)>,
}

/// One sellable: a cell of a flow's target.
#[derive(Debug, Clone)]
pub struct Sellable {
    /// The flow that publishes it.
    pub flow: FlowId,
    /// The target.
    pub system: SystemId,
    /// The target's code.
    pub code: CodeId,
    /// The target's location, which may be a pool.
    pub location: LocationId,
    /// The column that is written, then those that the target takes off by itself.
    pub columns: Vec<Name>,
    /// What one unit takes from a place: item and base units.
    pub parts: Vec<(ItemId, i64)>,
    /// Where it may leave from.
    pub places: Vec<LocationId>,
    /// Whether it is sold there.
    pub sells: bool,
    /// From which event on the level contains a sale.
    pub decrements: DecrementsOn,
    /// Whether a cancellation puts units back on the level.
    pub restocks: bool,
}

/// Where one column of one row comes from.
#[derive(Debug, Clone)]
pub enum Shown {
    /// An owner's book: the quantity, and what is taken off already.
    Book {
        /// The shelf.
        spot: usize,
        /// The quantity.
        quantity: QuantityId,
        /// Whether what is promised is off already.
        off_reserved: bool,
        /// Whether what is damaged is off already.
        off_damaged: bool,
        /// Base units in one of the unit shown.
        ratio: Ratio,
    },
    /// A column of a target's cell.
    Cell {
        /// The cell.
        cell: usize,
        /// Its column.
        column: usize,
    },
    /// Always 0: nobody counts it, or another code of the item shows it all.
    Zero,
    /// Not shown in this row.
    Nothing,
}

/// One row of a system.
#[derive(Debug, Clone)]
pub struct Row {
    /// The code.
    pub code: CodeId,
    /// The location.
    pub location: LocationId,
    /// One entry for each column of the sheet.
    pub shown: Vec<Shown>,
}

/// What one system shows.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    /// The columns.
    pub columns: Vec<Name>,
    /// The rows, sorted by location, then by code.
    pub rows: Vec<Row>,
    /// The row of each cell.
    pub index: BTreeMap<(LocationId, CodeId), usize>,
}

/// How orders of a channel travel.
#[derive(Debug, Clone, Default)]
pub struct Way {
    /// The flow that collects them.
    pub collect: Option<CollectId>,
    /// The system that they are posted to.
    pub post: Option<SystemId>,
    /// Whether shipments, cancellations and returns are posted as well.
    pub posts: [bool; 3],
    /// How late an owner takes them by itself at the latest, where the topology says.
    pub within: Option<Duration>,
    /// Whether a return can be sold again.
    pub sellable: bool,
}

/// The facts of a world.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// Items at places, by item, then by place.
    pub spots: Vec<Spot>,
    /// The place of each in `spots`.
    pub spot_of: BTreeMap<(ItemId, LocationId), usize>,
    /// Everything that is published.
    pub cells: Vec<Sellable>,
    /// Those of them that are sold.
    pub sold: Vec<usize>,
    /// What each system shows.
    pub sheets: Vec<Sheet>,
    /// How the orders of each system travel.
    pub ways: Vec<Way>,
}

impl Layout {
    /// The facts of a topology.
    pub fn new(model: &Model, graph: &Graph) -> Layout {
        let mut layout = Layout::default();
        layout.find_spots(model, graph);
        layout.find_cells(model, graph);
        layout.sheets =
            (0..model.systems.len()).map(|at| layout.sheet(model, graph, SystemId::at(at))).collect();
        layout.ways = (0..model.systems.len()).map(|at| way(model, SystemId::at(at))).collect();
        layout
    }

    fn find_spots(&mut self, model: &Model, graph: &Graph) {
        let mut found: BTreeMap<(ItemId, LocationId), Vec<FlowId>> = BTreeMap::new();
        for flow in (0..model.flows.len()).map(FlowId::at) {
            for draw in &graph.flow(flow).draws {
                for item in draw.needed().iter() {
                    found.entry((ItemId::at(item), draw.location)).or_default().push(flow);
                }
            }
        }
        for ((item, place), flows) in found {
            let of = |quantity| graph.owner_of(item, place, quantity);
            let Some(owner) = of(RESERVED).or_else(|| of(ON_HAND)) else { continue };
            if of(ON_HAND).is_none() {
                continue;
            }
            let targets: BTreeSet<SystemId> = flows.iter().map(|flow| model.flow(*flow).to).collect();
            let all = |own: &crate::model::allocation::Allocation| {
                own.pooled_above.is_none() && targets.iter().all(|target| own.has(*target))
            };
            self.spot_of.insert((item, place), self.spots.len());
            self.spots.push(Spot {
                item,
                place,
                keeper: model.owners[owner.index()].system,
                reserves: of(RESERVED).is_some(),
                divided: model.allocations.iter().any(all),
                flows,
                cells: Vec::new(),
            });
        }
    }

    fn find_cells(&mut self, model: &Model, graph: &Graph) {
        for (at, flow) in model.flows.iter().enumerate() {
            let Some(write) = &flow.write else { continue };
            let system = model.system(flow.to);
            let sells = system.role == Role::Channel && !matches!(system.orders, Some((Orders::Nothing, _)));
            for shown in &graph.flow(FlowId::at(at)).shown {
                for code in model.codes_of(flow.to).map(CodeId) {
                    let own = model.code(code);
                    if own.at.is_some_and(|only| only != shown.location) || !shown.things.contains(own.thing)
                    {
                        continue;
                    }
                    let (parts, whole) = parts(model, own.thing, own.measure.ratio);
                    let here = |place: &&LocationId| {
                        parts.iter().all(|(item, _)| self.spot_of.contains_key(&(*item, **place)))
                    };
                    let places: Vec<LocationId> =
                        graph.locations_of(shown.location).iter().filter(here).copied().collect();
                    let cell = self.cells.len();
                    for (item, each) in &parts {
                        for place in &places {
                            if let Some(spot) = self.spot_of.get(&(*item, *place)) {
                                self.spots[*spot].cells.push((cell, *each));
                            }
                        }
                    }
                    let sells = sells && whole && !places.is_empty();
                    self.sold.extend(sells.then_some(cell));
                    self.cells.push(Sellable {
                        flow: FlowId::at(at),
                        system: flow.to,
                        code,
                        location: shown.location,
                        columns: std::iter::once(&write.column).chain(&write.bridge).cloned().collect(),
                        parts,
                        places,
                        sells,
                        decrements: system.kind.decrements_on,
                        restocks: system.kind.restocks_on_cancel,
                    });
                }
            }
        }
    }

    fn sheet(&self, model: &Model, graph: &Graph, system: SystemId) -> Sheet {
        let own = model.system(system);
        let mut columns: Vec<Name> = Vec::new();
        let mut shows: Vec<Option<usize>> = Vec::new();
        for (at, shown) in own.shows.iter().enumerate() {
            let name = &model.quantity(shown.quantity).name;
            if own.lines_are() != Some(&**name) {
                columns.push(name.clone());
                shows.push(Some(at));
            }
        }
        let cells = self.cells.iter().enumerate().filter(|(_, cell)| cell.system == system);
        let cells: Vec<(usize, &Sellable)> = cells.collect();
        for name in cells.iter().flat_map(|(_, cell)| &cell.columns) {
            if !columns.contains(name) {
                columns.push(name.clone());
                shows.push(None);
            }
        }
        let mut rows: BTreeMap<(LocationId, CodeId), Vec<Shown>> = BTreeMap::new();
        let fresh = || vec![Shown::Nothing; columns.len()];
        for (at, spot) in self.spots.iter().enumerate() {
            if model.location(spot.place).code_in(system).is_none() {
                continue;
            }
            let mut first = true;
            for code in model.codes_of_thing(system, Thing::Item(spot.item)).map(CodeId) {
                if model.code(code).at.is_some_and(|only| only != spot.place) {
                    continue;
                }
                let owns = |quantity| {
                    let owner = graph.owner_of(spot.item, spot.place, quantity);
                    owner.is_some_and(|owner| model.owners[owner.index()].system == system)
                };
                let row = rows.entry((spot.place, code)).or_insert_with(fresh);
                for (column, shown) in shows.iter().enumerate() {
                    let Some(shown) = shown.map(|at| &own.shows[at]) else { continue };
                    let quantity = shown.quantity;
                    let off = |name: &str| shown.net_of.iter().any(|own| **own == *name);
                    row[column] = match owns(quantity) && [ON_HAND, RESERVED, DAMAGED].contains(&quantity) {
                        true if first => Shown::Book {
                            spot: at,
                            quantity,
                            off_reserved: off("reserved"),
                            off_damaged: off("damaged"),
                            ratio: model.code(code).measure.ratio,
                        },
                        _ => Shown::Zero,
                    };
                }
                first = false;
            }
        }
        for (at, cell) in cells {
            let row = rows.entry((cell.location, cell.code)).or_insert_with(fresh);
            for (column, name) in cell.columns.iter().enumerate() {
                if let Some(place) = columns.iter().position(|own| own == name) {
                    row[place] = Shown::Cell { cell: at, column };
                }
            }
        }
        let rows: Vec<Row> =
            rows.into_iter().map(|((location, code), shown)| Row { code, location, shown }).collect();
        let index = rows.iter().enumerate().map(|(at, row)| ((row.location, row.code), at)).collect();
        Sheet { columns, rows, index }
    }
}

/// What one unit of a code takes, and whether that is whole.
fn parts(model: &Model, thing: Thing, ratio: Ratio) -> (Vec<(ItemId, i64)>, bool) {
    match thing {
        Thing::Item(item) => (vec![(item, ratio.numerator)], ratio.denominator == 1),
        Thing::Bundle(bundle) => {
            let parts = &model.bundle(bundle).components;
            (parts.iter().map(|part| (part.item, part.quantity)).collect(), true)
        }
    }
}

fn way(model: &Model, channel: SystemId) -> Way {
    let collects = |own: &&crate::model::collect::Collect| {
        own.from == channel && own.collects(Movement::Order).is_some()
    };
    let flow = model.collects.iter().find(collects);
    let within = match model.system(channel).orders {
        Some((Orders::Direct { within, .. }, _)) => Some(within),
        _ => None,
    };
    let Some(flow) = flow else { return Way { within, sellable: true, ..Way::default() } };
    let also = |movement| flow.collects(movement).is_some();
    Way {
        collect: model.collects.iter().position(|own| own.name == flow.name).map(CollectId::at),
        post: flow.post.to,
        posts: [also(Movement::Shipment), also(Movement::Cancellation), also(Movement::Return)],
        within,
        sellable: flow.restock.is_none_or(|restock| restock.sellable),
    }
}

/// How late the keeper of a place takes in an order that nobody posts to it, at the latest; `None`: nobody
/// says.
pub fn promised(model: &Model, way: &Way, keeper: SystemId) -> Option<Duration> {
    match model.system(keeper).acknowledges() {
        Some(Acknowledges::Counts(after)) => Some(way.within.map_or(after, |within| within.min(after))),
        _ => way.within,
    }
}
