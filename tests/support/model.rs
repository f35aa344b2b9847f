//! A small model made by hand: one system with two locations, three items, one bundle.

use onhand::model::bundle::{Bundle, Component};
use onhand::model::capability::Descriptor;
use onhand::model::item::{Code, Item, Measure, More, Pack, Thing};
use onhand::model::location::{Location, LocationCode};
use onhand::model::quantity::{AVAILABLE, Quantity, Ratio};
use onhand::model::system::{Files, Levels, Limit, Role, Setting, System};
use onhand::model::unit::{Unit, Units};
use onhand::model::{BundleId, CodeId, ItemId, LocationId, Model, Name, SystemId, UnitId};
use onhand::source::{SourceId, Span};
use std::collections::BTreeMap;

/// The only system.
pub const SHOP: SystemId = SystemId(0);
/// Code `TS`, a shirt, in pieces.
pub const SHIRT: CodeId = CodeId(0);
/// Code `TS-CS`, the same shirt in cases of 12.
pub const CASE: CodeId = CodeId(1);
/// Code `MUG`, in pieces.
pub const MUG: CodeId = CodeId(2);
/// Code `BN`, beans in kg on a base of g.
pub const BEANS: CodeId = CodeId(3);
/// Code `BOX`, a bundle.
pub const BOX: CodeId = CodeId(4);
/// Location code `P1`.
pub const PARIS: LocationId = LocationId(0);
/// Location code `L1`.
pub const LYON: LocationId = LocationId(1);

/// A place in no file: these models were never text.
pub fn nowhere() -> Span {
    Span::new(SourceId(0), 0, 0)
}

/// A `levels` node that names the columns `sku`, `site` and `qty` (available) of a source.
pub fn levels(source: &str) -> Levels {
    Levels {
        source: Setting::Literal(source.into()),
        files: Files::Newest,
        delimiter: b',',
        encoding: "utf-8",
        decimal: b'.',
        code: "sku".into(),
        location: Some("site".into()),
        unit: None,
        as_of: None,
        changed: None,
        counts: vec![(AVAILABLE, "qty".into())],
        complete: None,
        absent_zero: None,
        rows_add_up: false,
        only: Vec::new(),
        origin: nowhere(),
    }
}

/// A system that has nothing but a name, a kind and a role.
pub fn system(name: &str, kind: &'static Descriptor, role: Role) -> System {
    System {
        name: name.into(),
        kind,
        role,
        settings: BTreeMap::new(),
        dir: String::new(),
        levels: None,
        set: None,
        create: None,
        publish: None,
        shows: Vec::new(),
        lines: None,
        movements: None,
        acknowledges: None,
        limit: Limit::default(),
        timeout: None,
        retry: None,
        expires: None,
        orders: None,
        stale_after: None,
        timezone: None,
        was: None,
        origin: nowhere(),
    }
}

/// A place that these systems call so, and that has nothing else.
pub fn location<'c>(name: &str, codes: impl IntoIterator<Item = (SystemId, &'c str)>) -> Location {
    let code = |(system, code): (SystemId, &str)| LocationCode {
        system,
        code: (!code.is_empty()).then(|| code.into()),
        origin: nowhere(),
    };
    Location {
        name: name.into(),
        codes: codes.into_iter().map(code).collect(),
        pool: Vec::new(),
        cutoff: None,
        calendar: None,
        timezone: None,
        was: None,
        origin: nowhere(),
    }
}

/// The model, its system of this kind, `change` having had its say.
pub fn shop(kind: &'static Descriptor, change: impl FnOnce(&mut System)) -> Model {
    let mut system = System { levels: Some(levels("shop")), ..system("shop", kind, Role::Channel) };
    change(&mut system);
    let mut model = Model {
        units: units(),
        quantities: Quantity::built_in(),
        systems: vec![system],
        locations: vec![location("paris", [(SHOP, "P1")]), location("lyon", [(SHOP, "L1")])],
        items: items(),
        bundles: vec![Bundle {
            name: "GIFT-BOX".into(),
            components: vec![Component { item: ItemId(1), quantity: 2 }],
            tags: Vec::new(),
            was: None,
            origin: nowhere(),
        }],
        codes: codes(),
        ..Model::default()
    };
    index(&mut model);
    model
}

/// Makes the index of codes again, after `codes` changed.
pub fn index(model: &mut Model) {
    model.code_index.clear();
    for (at, code) in model.codes.iter().enumerate() {
        let of_system = model.code_index.entry(code.system).or_default();
        // Of two the first counts, as no topology has two.
        let _ = of_system.add(&code.code, at as u32, |at| &model.codes[at as usize].code);
    }
}

fn units() -> Units {
    let unit = |name: &str, root: u32, ratio: i64, words: Vec<(SystemId, Name)>| Unit {
        name: name.into(),
        root: UnitId(root),
        ratio: Ratio::new(ratio, 1).expect("above 0"),
        words,
        origin: nowhere(),
    };
    let piece = vec![(SHOP, Name::from("PCE"))];
    Units { all: vec![unit("ea", 0, 1, piece), unit("g", 1, 1, Vec::new()), unit("kg", 1, 1000, Vec::new())] }
}

fn items() -> Vec<Item> {
    let item = |name: &str, unit: u32, packs: Vec<Pack>| Item {
        name: name.into(),
        unit: UnitId(unit),
        more: More { packs, ..More::default() }.kept(),
        origin: nowhere(),
    };
    let case = Pack {
        name: "case".into(),
        ratio: Ratio::new(12, 1).expect("above 0"),
        words: vec![(SHOP, "CRT".into())],
        origin: nowhere(),
    };
    vec![item("TSHIRT", 0, vec![case]), item("MUG", 0, Vec::new()), item("BEANS", 1, Vec::new())]
}

fn codes() -> Vec<Code> {
    let code = |thing: Thing, code: &str, unit: &str, ratio: i64| Code {
        system: SHOP,
        thing,
        code: code.into(),
        measure: Measure { unit: unit.into(), ratio: Ratio::new(ratio, 1).expect("above 0") }.into(),
        at: None,
        origin: nowhere(),
    };
    let item = |id| Thing::Item(ItemId(id));
    vec![
        code(item(0), "TS", "ea", 1),
        code(item(0), "TS-CS", "case", 12),
        code(item(1), "MUG", "ea", 1),
        code(item(2), "BN", "kg", 1000),
        code(Thing::Bundle(BundleId(0)), "BOX", "kit", 1),
    ]
}
