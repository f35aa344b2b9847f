//! Models of real systems made by hand: any kind, any places, any codes.

use super::model::{SHOP, index, location, nowhere, shop};
use onhand::connectors::Context;
use onhand::model::capability::Descriptor;
use onhand::model::item::{Code, Item, Measure, Thing};
use onhand::model::quantity::Ratio;
use onhand::model::system::Setting;
use onhand::model::{ItemId, Model, UnitId};
use onhand::world::World;
use std::rc::Rc;

/// Connection fields: a name and the literal value.
pub type Fields<'a> = &'a [(&'static str, &'a str)];

/// A model of one system: locations by their codes there, and items by theirs, each counted in `ea`
/// (`u` there) but where the code is marked with `*`: that one is in kg.
pub fn model(kind: &'static Descriptor, fields: Fields<'_>, places: &[&str], codes: &[&str]) -> Model {
    let mut model = shop(kind, |system| {
        system.name = "real".into();
        system.levels = None;
        for (name, value) in fields {
            system.settings.insert(name, (Setting::Literal((*value).into()), nowhere()));
        }
    });
    model.units.all[0].words = vec![(SHOP, "u".into())];
    model.bundles.clear();
    let place = |code: &&str| location(&code.to_lowercase(), [(SHOP, *code)]);
    model.locations = places.iter().map(place).collect();
    model.items.clear();
    model.codes.clear();
    for code in codes {
        let (code, heavy) = code.strip_suffix('*').map_or((*code, false), |code| (code, true));
        let item = ItemId::at(model.items.len());
        model.items.push(Item {
            name: code.into(),
            unit: UnitId(u32::from(heavy)),
            more: None,
            origin: nowhere(),
        });
        model.codes.push(Code {
            system: SHOP,
            thing: Thing::Item(item),
            code: code.into(),
            measure: Measure {
                unit: if heavy { "kg" } else { "ea" }.into(),
                ratio: Ratio::new(if heavy { 1000 } else { 1 }, 1).expect("above 0"),
            }
            .into(),
            at: None,
            origin: nowhere(),
        });
    }
    index(&mut model);
    model
}

/// A context on such a model.
pub fn context(model: Model, world: World, writes: bool) -> Context {
    Context {
        model: Rc::new(model),
        system: SHOP,
        world: Rc::new(world),
        writes,
        dir: String::new(),
        pace: Rc::default(),
    }
}
