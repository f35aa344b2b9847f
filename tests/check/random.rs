//! Random topologies, small enough that every cell can be looked at.

use crate::support::chance::Dice;
use crate::support::model::{location, system};
use onhand::connectors::memory;
use onhand::model::allocation::Allocation;
use onhand::model::bundle::{Bundle, Component};
use onhand::model::capability::Descriptor;
use onhand::model::flow::{Flow, Guard, Lag, Rollout, WriteAs};
use onhand::model::item::{Code, Item, Measure, Thing};
use onhand::model::location::Location;
use onhand::model::owner::Owner;
use onhand::model::quantity::{self, Quantity, Ratio};
use onhand::model::set::{Bits, Things};
use onhand::model::system::{Orders, Role, Shows, System};
use onhand::model::unit::{Unit, Units};
use onhand::model::*;
use onhand::source::{SourceId, Span};

const KIND: &Descriptor = &memory::DESCRIPTOR;

fn bits(dice: &mut Dice, count: usize, in_ten: usize) -> Bits {
    let mut bits = Bits::default();
    (0..count).filter(|_| dice.in_ten(in_ten)).for_each(|index| bits.insert(index));
    bits
}

fn span(start: u32) -> Span {
    Span { source: SourceId(0), start, end: start + 1 }
}

const ITEMS: usize = 5;
const BUNDLES: usize = 2;
const PLACES: usize = 3;

/// The topology of a seed: four systems, three places, up to two pools, five items, two bundles.
pub fn model(seed: u64) -> Model {
    let mut dice = Dice(seed);
    let mut model = Model { quantities: Quantity::built_in(), ..Model::default() };
    let ea = Unit {
        name: "ea".into(),
        root: UnitId(0),
        ratio: Ratio { numerator: 1, denominator: 1 },
        words: Vec::new(),
        origin: span(1),
    };
    model.units = Units { all: vec![ea] };
    systems(&mut dice, &mut model);
    locations(&mut dice, &mut model);
    things(&mut dice, &mut model);
    owners(&mut dice, &mut model);
    flows(&mut dice, &mut model);
    allocations(&mut dice, &mut model);
    model
}

fn systems(dice: &mut Dice, model: &mut Model) {
    for (index, role) in [Role::Erp, Role::Warehouse, Role::Channel, Role::Channel].into_iter().enumerate() {
        let mut shows = Vec::new();
        for quantity in [quantity::ON_HAND, quantity::RESERVED, quantity::DAMAGED] {
            if quantity == quantity::ON_HAND || dice.in_ten(6) {
                let net = quantity == quantity::ON_HAND && dice.in_ten(3);
                let net_of = if net { vec!["reserved".into()] } else { Vec::new() };
                shows.push(Shows { quantity, net_of, origin: Some(span(500 + index as u32)) });
            }
        }
        model.systems.push(System {
            shows,
            orders: Some((Orders::Nothing, span(3))),
            origin: span(100 + index as u32),
            ..system(&format!("s{index}"), KIND, role)
        });
    }
}

fn locations(dice: &mut Dice, model: &mut Model) {
    let pools = dice.below(3);
    for index in 0..PLACES + pools {
        let mut pool = Vec::new();
        if index >= PLACES {
            let members = bits(dice, PLACES, 6);
            pool.extend(members.iter().map(LocationId::at));
            if pool.is_empty() {
                pool.push(LocationId(0));
            }
        }
        let times = if pool.is_empty() { 7 } else { 5 };
        let mapped = (0..4).map(SystemId).filter(|_| dice.in_ten(times));
        let mut place = location(&format!("l{index}"), mapped.map(|system| (system, "L")));
        place.codes.iter_mut().for_each(|code| code.origin = span(700 + index as u32));
        model.locations.push(Location { pool, origin: span(200 + index as u32), ..place });
    }
}

fn things(dice: &mut Dice, model: &mut Model) {
    for index in 0..ITEMS {
        model.items.push(Item {
            name: format!("i{index}").into(),
            unit: UnitId(0),
            more: None,
            origin: span(300 + index as u32),
        });
    }
    for index in 0..BUNDLES {
        let taken = bits(dice, ITEMS, 4);
        let components = taken.iter().map(|item| Component { item: ItemId::at(item), quantity: 2 }).collect();
        let name = format!("b{index}").into();
        let origin = span(400 + index as u32);
        model.bundles.push(Bundle { name, components, tags: Vec::new(), was: None, origin });
    }
    let items = (0..ITEMS).map(|index| Thing::Item(ItemId::at(index)));
    let things: Vec<Thing> =
        items.chain((0..BUNDLES).map(|index| Thing::Bundle(BundleId::at(index)))).collect();
    for system in (0..4).map(SystemId) {
        for thing in &things {
            let codes = [0, 1, 1, 1, 1, 1, 2][dice.below(7)];
            for _ in 0..codes {
                let at = dice.in_ten(2).then(|| LocationId::at(dice.below(model.locations.len())));
                model.codes.push(Code {
                    system,
                    thing: *thing,
                    code: format!("c{}", model.codes.len()).into(),
                    measure: Measure { unit: "ea".into(), ratio: Ratio { numerator: 1, denominator: 1 } }
                        .into(),
                    at,
                    origin: span(600),
                });
            }
        }
    }
}

fn owners(dice: &mut Dice, model: &mut Model) {
    for index in 0..1 + dice.below(3) {
        let origin = span(2000 + index as u32);
        let mut quantities = vec![(quantity::ON_HAND, span(2100))];
        for other in [quantity::RESERVED, quantity::DAMAGED] {
            if dice.in_ten(4) {
                quantities.push((other, span(2100)));
            }
        }
        let mut at: Vec<(LocationId, Span)> = (0..model.locations.len())
            .filter(|at| dice.in_ten(if *at < PLACES { 7 } else { 1 }))
            .map(|at| (LocationId::at(at), span(2200)))
            .collect();
        let system = SystemId::at([0, 0, 1, 1, 1, 2][dice.below(6)]);
        if dice.in_ten(4) {
            let mapped = |at: &usize| model.locations[*at].code_in(system).is_some();
            at = (0..model.locations.len()).filter(mapped).map(|at| (LocationId::at(at), origin)).collect();
        }
        let share = [3, 10, 10, 10][dice.below(4)];
        let items = bits(dice, ITEMS, share);
        model.owners.push(Owner { system, quantities, at, items, bundles: Vec::new(), origin });
    }
}

fn flows(dice: &mut Dice, model: &mut Model) {
    for index in 0..1 + dice.below(3) {
        let origin = span(1000 + index as u32);
        let quantity =
            [quantity::AVAILABLE, quantity::AVAILABLE, quantity::ON_HAND, quantity::DAMAGED][dice.below(4)];
        let at: Vec<usize> = (0..model.locations.len()).filter(|_| dice.in_ten(6)).collect();
        let write = dice
            .in_ten(9)
            .then(|| WriteAs { column: model.quantities[quantity.index()].name.clone(), bridge: Vec::new() });
        model.flows.push(Flow {
            name: format!("f{index}").into(),
            quantity,
            to: SystemId::at([0, 1, 2, 2, 2, 3, 3][dice.below(7)]),
            write,
            at: at.into_iter().map(|at| (LocationId::at(at), span(1200))).collect(),
            things: Things { items: bits(dice, ITEMS, 7), bundles: bits(dice, BUNDLES, 5) },
            lag: Some(Lag {
                target: None,
                every: None,
                changes: None,
                calendar: None,
                reconcile: None,
                origin,
            }),
            keep_back: Vec::new(),
            cap: None,
            guard: Guard::default(),
            window: None,
            rollout: Rollout::Live,
            was: None,
            publish_origin: origin,
            origin,
        });
    }
}

/// None, one or two, mostly among the channels.
fn allocations(dice: &mut Dice, model: &mut Model) {
    for index in 0..[0, 0, 1, 1, 1, 2][dice.below(6)] {
        let mut among: Vec<(SystemId, Span)> = Vec::new();
        for (system, times) in [(1, 1), (2, 8), (3, 8)] {
            if dice.in_ten(times) {
                among.push((SystemId(system), span(1600 + 10 * index as u32 + system)));
            }
        }
        let weights = among.iter().map(|(system, place)| (*system, 1, *place)).collect();
        model.allocations.push(Allocation {
            name: format!("a{index}").into(),
            among,
            weights,
            inside: Vec::new(),
            pooled_above: dice.in_ten(3).then_some(40),
            origin: span(1500 + index as u32),
        });
    }
}
