//! A small town made by hand: an owner, three targets, two places and a pool, three items and a box.
//!
//! `Town` holds the model and what was observed; tests change either and ask for a plan.

use crate::support::model as plain;
pub use crate::support::model::nowhere;
use onhand::connectors::{memory, tryton, vendure};
use onhand::graph;
use onhand::model::bundle::{Bundle, Component};
use onhand::model::capability::Descriptor;
use onhand::model::flow::{Flow, Guard, Keep, KeepBack, Rollout, WriteAs};
use onhand::model::item::{Code, Item, Measure, More, Pack, Thing};
use onhand::model::observation::{About, Column, Levels, Lines, Observations, OpenLine, RowFailure};
use onhand::model::owner::Owner;
use onhand::model::quantity::{Decimal, Quantity, Ratio};
use onhand::model::set::{Bits, Things};
use onhand::model::system::{Files, Role, Setting, Shows, System};
use onhand::model::time::Moment;
use onhand::model::unit::{Unit, Units};
use onhand::model::*;
use onhand::plan::{Plan, Selection, Stamp};
use onhand::source::{SourceId, Span};
use std::collections::BTreeMap;

pub const NOW: Moment = Moment(1_800_000_000_000);

pub fn name(text: &str) -> Name {
    Name::from(text)
}

/// A model in the making, and what was observed.
pub struct Town {
    pub model: Model,
    /// Rows of levels: system, code, location, unit word, columns. Sorted when a plan is asked for.
    pub rows: Vec<Row>,
    pub lines: Vec<(SystemId, OpenLine)>,
    pub failures: Vec<(SystemId, RowFailure)>,
    pub line_failures: Vec<(SystemId, RowFailure)>,
    pub about: BTreeMap<SystemId, About>,
    pub unread: Vec<SystemId>,
    pub last_known: BTreeMap<(SystemId, u32, LocationId, u32), i64>,
    pub last_used: BTreeMap<SystemId, Moment>,
    pub last_known_at: BTreeMap<observation::LastKnownKey, Moment>,
    pub pooled: std::collections::BTreeSet<(ItemId, LocationId)>,
    pub now: Moment,
    pub standing: onhand::plan::Standing,
}

#[derive(Clone)]
pub struct Row {
    pub system: SystemId,
    pub code: String,
    pub location: LocationId,
    pub unit: Option<String>,
    pub columns: Vec<(String, Option<Decimal>)>,
    pub as_of: Option<Moment>,
}

impl Town {
    pub fn empty() -> Town {
        let unit = |id: u32, name_: &str, root: u32, ratio: i64| {
            let _ = id;
            let ratio = Ratio { numerator: ratio, denominator: 1 };
            Unit { name: name(name_), root: UnitId(root), ratio, words: Vec::new(), origin: nowhere() }
        };
        let all = vec![unit(0, "ea", 0, 1), unit(1, "g", 1, 1), unit(2, "kg", 1, 1000)];
        let model = Model {
            units: Units { all },
            quantities: Quantity::built_in(),
            digest: "town".to_owned(),
            ..Model::default()
        };
        Town {
            model,
            rows: Vec::new(),
            lines: Vec::new(),
            failures: Vec::new(),
            line_failures: Vec::new(),
            about: BTreeMap::new(),
            unread: Vec::new(),
            last_known: BTreeMap::new(),
            last_used: BTreeMap::new(),
            last_known_at: BTreeMap::new(),
            pooled: std::collections::BTreeSet::new(),
            now: NOW,
            standing: onhand::plan::Standing::default(),
        }
    }

    pub fn system(&mut self, text: &str, role: Role, kind: &'static Descriptor, shows: &[&str]) -> SystemId {
        let shows =
            shows.iter().map(|q| Shows { quantity: self.quantity(q), net_of: Vec::new(), origin: None });
        self.model.systems.push(System { shows: shows.collect(), ..plain::system(text, kind, role) });
        SystemId::at(self.model.systems.len() - 1)
    }

    pub fn quantity(&self, text: &str) -> QuantityId {
        let at = self.model.quantities.iter().position(|q| &*q.name == text);
        QuantityId::at(at.unwrap_or_else(|| panic!("no quantity {text}")))
    }

    pub fn place(&mut self, text: &str, codes: &[(SystemId, &str)]) -> LocationId {
        self.model.locations.push(plain::location(text, codes.iter().copied()));
        LocationId::at(self.model.locations.len() - 1)
    }

    pub fn item(&mut self, text: &str, unit: u32, packs: &[(&str, i64)]) -> Thing {
        let pack = |(pack, size): &(&str, i64)| Pack {
            name: name(pack),
            ratio: Ratio { numerator: *size, denominator: 1 },
            words: Vec::new(),
            origin: nowhere(),
        };
        self.model.items.push(Item {
            name: name(text),
            unit: UnitId(unit),
            more: More { packs: packs.iter().map(pack).collect(), ..More::default() }.kept(),
            origin: nowhere(),
        });
        Thing::Item(ItemId::at(self.model.items.len() - 1))
    }

    pub fn bundle(&mut self, text: &str, parts: &[(Thing, i64)]) -> Thing {
        let component = |(thing, quantity): &(Thing, i64)| match thing {
            Thing::Item(item) => Component { item: *item, quantity: *quantity },
            Thing::Bundle(_) => panic!("components are items"),
        };
        self.model.bundles.push(Bundle {
            name: name(text),
            components: parts.iter().map(component).collect(),
            tags: Vec::new(),
            was: None,
            origin: nowhere(),
        });
        Thing::Bundle(BundleId::at(self.model.bundles.len() - 1))
    }

    /// Maps a thing; `unit` is a unit's or pack's name, empty for the base unit.
    pub fn code(&mut self, system: SystemId, thing: Thing, code: &str, unit: &str) {
        let (unit, ratio) = match thing {
            Thing::Bundle(_) => (name("kit"), Ratio::ONE),
            Thing::Item(id) => {
                let item = self.model.item(id);
                let base = item.unit;
                let pack = item.packs().iter().find(|pack| &*pack.name == unit);
                match (unit, pack) {
                    ("", _) => (self.model.units.get(base).name.clone(), Ratio::ONE),
                    (_, Some(pack)) => (name(unit), pack.ratio),
                    _ => {
                        let id = self.model.units.find(unit).expect("a unit");
                        (name(unit), self.model.units.ratio(id, base).expect("a ratio"))
                    }
                }
            }
        };
        let (measure, origin) = (Measure { unit, ratio }.into(), nowhere());
        self.model.codes.push(Code { system, thing, code: name(code), measure, at: None, origin });
        self.model.codes.sort_by_key(|code| (code.system, code.thing));
        crate::support::model::index(&mut self.model);
    }

    pub fn owns(&mut self, system: SystemId, quantities: &[&str], at: &[LocationId]) {
        let quantities = quantities.iter().map(|q| (self.quantity(q), nowhere())).collect();
        // The place of an owner without `at` is its node; here every `at` is written.
        let place = Span::new(SourceId(0), 0, 1);
        self.model.owners.push(Owner {
            system,
            quantities,
            at: at.iter().map(|location| (*location, place)).collect(),
            items: Bits::all(self.model.items.len()),
            bundles: Vec::new(),
            origin: nowhere(),
        });
    }

    pub fn flow(&mut self, text: &str, quantity: &str, to: SystemId, at: &[LocationId]) -> &mut Flow {
        let column = if self.model.system(to).kind.kind == "vendure" { "on-hand" } else { quantity };
        let bridge: &[&str] =
            if self.model.system(to).kind.kind == "vendure" { &["allocated", "threshold"] } else { &[] };
        let flow = Flow {
            name: name(text),
            quantity: self.quantity(quantity),
            to,
            write: Some(WriteAs { column: name(column), bridge: bridge.iter().map(|b| name(b)).collect() }),
            at: at.iter().map(|location| (*location, nowhere())).collect(),
            things: Things {
                items: Bits::all(self.model.items.len()),
                bundles: Bits::all(self.model.bundles.len()),
            },
            lag: None,
            keep_back: Vec::new(),
            cap: None,
            guard: Guard::default(),
            window: None,
            rollout: Rollout::Live,
            was: None,
            publish_origin: nowhere(),
            origin: nowhere(),
        };
        self.model.flows.push(flow);
        self.model.flows.last_mut().expect("just pushed")
    }

    /// One row of levels; values as written, empty for a column that the row does not show.
    pub fn row(
        &mut self,
        system: SystemId,
        code: &str,
        location: LocationId,
        columns: &[(&str, &str)],
    ) -> &mut Row {
        let column = |(column, value): &(&str, &str)| {
            let value = (!value.is_empty()).then(|| Decimal::parse(value).expect("a decimal"));
            ((*column).to_owned(), value)
        };
        self.rows.push(Row {
            system,
            code: code.to_owned(),
            location,
            unit: None,
            columns: columns.iter().map(column).collect(),
            as_of: None,
        });
        self.rows.last_mut().expect("just pushed")
    }

    pub fn about(&mut self, system: SystemId) -> &mut About {
        let source = name(&format!("{}.csv", self.model.system(system).name));
        self.about.entry(system).or_insert_with(|| About {
            source,
            pages: 1,
            requests: 1,
            as_of: Some(NOW),
            ..About::default()
        })
    }

    pub fn fail(&mut self, system: SystemId, code: Option<&str>, location: Option<LocationId>) -> RowFailure {
        let failure = RowFailure {
            record: "row 7".to_owned(),
            source: "feed.csv".to_owned(),
            field: "qty".to_owned(),
            reason: "`x` is no number: correct it".to_owned(),
            code: code.map(|code| self.model.find_code(system, code).expect("a code")),
            location,
        };
        self.failures.push((system, failure.clone()));
        failure
    }

    pub fn line(
        &mut self,
        system: SystemId,
        code: &str,
        location: Option<LocationId>,
        open: &str,
    ) -> &mut OpenLine {
        let line = OpenLine {
            document: name("SO1"),
            line: name(&(self.lines.len() + 1).to_string()),
            code: self.model.find_code(system, code).expect("a code"),
            location,
            open: Decimal::parse(open).expect("a decimal"),
            unit: None,
            cause: None,
        };
        self.lines.push((system, line));
        &mut self.lines.last_mut().expect("just pushed").1
    }

    pub fn observations(&mut self) -> Observations {
        let mut seen = Observations {
            last_known: self.last_known.clone(),
            last_used: self.last_used.clone(),
            last_known_at: self.last_known_at.clone(),
            pooled: self.pooled.clone(),
            ..Observations::default()
        };
        for system in (0..self.model.systems.len()).map(SystemId::at) {
            let about = self.about(system).clone();
            if self.unread.contains(&system) {
                continue;
            }
            seen.levels.insert(system, self.levels(system, about.clone()));
            if self.model.system(system).kind.lists_lines {
                let of = |(s, line): &(SystemId, OpenLine)| (*s == system).then(|| line.clone());
                let failures = self.line_failures.iter().filter(|(s, _)| *s == system);
                let lines = Lines {
                    lines: self.lines.iter().filter_map(of).collect(),
                    failures: failures.map(|(_, f)| f.clone()).collect(),
                    about,
                };
                seen.lines.insert(system, lines);
            }
        }
        seen
    }

    fn levels(&self, system: SystemId, mut about: About) -> Levels {
        let key = |row: &Row| (row.location, self.model.find_code(system, &row.code).expect("a mapped code"));
        let mut rows: Vec<(usize, &Row)> =
            self.rows.iter().enumerate().filter(|(_, row)| row.system == system).collect();
        rows.sort_by_key(|(_, row)| key(row));
        about.rows = rows.len() as u64;
        let mut columns: Vec<String> = Vec::new();
        let mut words: Vec<Name> = Vec::new();
        for (_, row) in &rows {
            for (column, _) in &row.columns {
                if !columns.contains(column) {
                    columns.push(column.clone());
                }
            }
            if let Some(word) = row.unit.as_ref().filter(|word| !word.is_empty())
                && !words.iter().any(|w| **w == **word)
            {
                words.push(name(word));
            }
        }
        let named = rows.iter().any(|(_, row)| row.unit.is_some());
        let word = |row: &Row| {
            let text = row.unit.as_deref()?;
            words.iter().position(|w| **w == *text).map(|at| at as u32)
        };
        let value = |row: &Row, column: &str| {
            row.columns.iter().find(|(c, _)| c == column).and_then(|(_, value)| *value)
        };
        let column = |column: &String| Column {
            name: name(column),
            values: rows.iter().map(|(_, row)| value(row, column)).collect(),
        };
        let dated = rows.iter().any(|(_, row)| row.as_of.is_some());
        let failures = self.failures.iter().filter(|(s, _)| *s == system);
        Levels {
            codes: rows.iter().map(|(_, row)| key(row).1).collect(),
            locations: rows.iter().map(|(_, row)| row.location).collect(),
            records: rows.iter().map(|(at, _)| *at as u32 + 2).collect(),
            units: if named { rows.iter().map(|(_, row)| word(row)).collect() } else { Vec::new() },
            columns: columns.iter().map(column).collect(),
            row_as_of: if dated { rows.iter().map(|(_, row)| row.as_of).collect() } else { Vec::new() },
            failures: failures.map(|(_, failure)| failure.clone()).collect(),
            words,
            about,
        }
    }

    pub fn plan(&mut self) -> Plan {
        self.plan_of(&Selection::default())
    }

    pub fn plan_of(&mut self, selection: &Selection) -> Plan {
        let seen = self.observations();
        let graph = graph::build(&self.model);
        let stamp = Stamp { standing: self.standing.clone(), ..Stamp::new("plan-1", self.now) };
        let plan = onhand::plan::build(&self.model, &graph, &seen, selection, &stamp);
        crate::plan::check(&plan);
        plan
    }
}

/// The town that most tests start from.
pub struct Fixed {
    pub town: Town,
    pub erp: SystemId,
    pub web: SystemId,
    pub shop: SystemId,
    pub ledger: SystemId,
    pub paris: LocationId,
    pub lyon: LocationId,
    pub online: LocationId,
    pub shirt: Thing,
    pub mug: Thing,
    pub beans: Thing,
    pub gift: Thing,
}

impl Fixed {
    /// An owner `erp` (kind tryton: reserved as open lines) at paris and lyon; targets `web` (a channel),
    /// `shop` (kind vendure) and `ledger` (an ERP: whole numbers or a failure). No flow yet.
    pub fn new() -> Fixed {
        Fixed::with(&memory::DESCRIPTOR)
    }

    /// The same with an owner that lists `reserved` as open lines.
    pub fn with_lines() -> Fixed {
        Fixed::with(&tryton::DESCRIPTOR)
    }

    fn with(kind: &'static Descriptor) -> Fixed {
        let mut town = Town::empty();
        let all = ["on-hand", "reserved", "damaged", "safety-stock"];
        let erp = town.system("erp", Role::Erp, kind, &all);
        let web = town.system("web", Role::Channel, &memory::DESCRIPTOR, &["available"]);
        let shop = town.system("shop", Role::Channel, &vendure::DESCRIPTOR, &["on-hand"]);
        let ledger = town.system("ledger", Role::Erp, &memory::DESCRIPTOR, &["available"]);
        let paris = town.place("paris", &[(erp, "PAR"), (web, "Paris"), (shop, "1"), (ledger, "P")]);
        let lyon = town.place("lyon", &[(erp, "LYO"), (web, "Lyon"), (shop, "2"), (ledger, "L")]);
        let online = town.place("online", &[(web, "9")]);
        town.model.locations[online.index()].pool = vec![paris, lyon];
        let shirt = town.item("SHIRT", 0, &[("case", 12)]);
        let mug = town.item("MUG", 0, &[]);
        let beans = town.item("BEANS", 1, &[("bag", 250)]);
        let gift = town.bundle("GIFT", &[(shirt, 1), (mug, 2)]);
        for thing in [(shirt, "E-SHIRT", ""), (mug, "E-MUG", ""), (beans, "E-BEANS", "kg")] {
            town.code(erp, thing.0, thing.1, thing.2);
        }
        for system in [web, shop, ledger] {
            town.code(system, shirt, "SHIRT", "");
            town.code(system, mug, "MUG", "");
        }
        town.code(web, gift, "GIFT", "");
        Fixed { town, erp, web, shop, ledger, paris, lyon, online, shirt, mug, beans, gift }
    }

    /// Makes `erp` the owner of on-hand and reserved everywhere.
    pub fn owned(mut self) -> Fixed {
        self.town.owns(self.erp, &["on-hand", "reserved"], &[self.paris, self.lyon]);
        self
    }

    /// What the owner shows of an item at a place.
    pub fn has(&mut self, code: &str, location: LocationId, on_hand: &str, reserved: &str) {
        let erp = self.erp;
        self.town.row(erp, code, location, &[("on-hand", on_hand), ("reserved", reserved)]);
    }

    /// What `web` shows.
    pub fn shows(&mut self, code: &str, location: LocationId, available: &str) {
        let web = self.web;
        self.town.row(web, code, location, &[("available", available)]);
    }
}

/// A `levels` node that names these columns.
pub fn levels_node(counts: Vec<(QuantityId, Name)>) -> system::Levels {
    system::Levels {
        source: Setting::Literal(name("feed.csv")),
        files: Files::Newest,
        delimiter: b',',
        encoding: "utf-8",
        decimal: b'.',
        code: name("sku"),
        location: Some(name("site")),
        unit: None,
        as_of: None,
        changed: None,
        counts,
        complete: None,
        absent_zero: None,
        rows_add_up: false,
        only: Vec::new(),
        origin: nowhere(),
    }
}

/// Keeps back `amount` of these items.
pub fn keep(amount: Keep, items: &[Thing]) -> KeepBack {
    let mut bits = Bits::default();
    for item in items {
        if let Thing::Item(id) = item {
            bits.insert(id.index());
        }
    }
    KeepBack { amount, items: bits, origin: nowhere() }
}

/// Only these things.
pub fn things(things: &[Thing]) -> Things {
    let mut set = Things::default();
    for thing in things {
        match thing {
            Thing::Item(id) => set.items.insert(id.index()),
            Thing::Bundle(id) => set.bundles.insert(id.index()),
        }
    }
    set
}

/// Each change as `code@location before→after`.
pub fn changes(plan: &Plan) -> Vec<String> {
    let show = |change: &onhand::plan::change::Change| {
        let place = change.location.as_deref().unwrap_or("-");
        let before = change.before.map_or("none".to_owned(), |before| before.to_string());
        format!("{}@{place} {before}→{}", change.code, change.after)
    };
    plan.changes.iter().map(show).collect()
}

/// Each held cell as `code@location: reason`.
pub fn held(plan: &Plan) -> Vec<String> {
    let show = |held: &onhand::plan::change::Held| {
        format!("{}@{}: {}", held.code, held.location.as_deref().unwrap_or("-"), held.reason)
    };
    plan.held.iter().map(show).collect()
}

/// Each failure as `record field: reason`.
pub fn failures(plan: &Plan) -> Vec<String> {
    let show = |fault: &onhand::plan::change::RowFault| {
        format!("{} {} {}: {}", fault.code, fault.record, fault.field, fault.reason)
    };
    plan.failures.iter().map(show).collect()
}
