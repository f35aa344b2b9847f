//! Where a published number comes from, for any cell.

use crate::count::town::*;
use onhand::diagnostic::render::Options;
use onhand::plan::explain::{self, Explanation};
use onhand::plan::render;

fn explained(
    t: &mut Fixed,
    thing: onhand::model::item::Thing,
    system: onhand::model::SystemId,
) -> Vec<Explanation> {
    let seen = t.town.observations();
    let model = &t.town.model;
    let graph = onhand::graph::build(model);
    let cells = explain::cells(model, &graph, (thing, system), None);
    explain::explain(model, &graph, &seen, (NOW, &onhand::plan::Standing::default()), &cells)
}

#[test]
fn a_box_in_a_pool_is_told_with_every_source_cell() {
    let mut t = Fixed::with_lines().owned();
    t.town.flow("web-stock", "available", t.web, &[t.online]).things = things(&[t.gift]);
    for place in [t.paris, t.lyon] {
        t.has("E-SHIRT", place, "10", "");
        t.has("E-MUG", place, "7", "");
    }
    t.town.line(t.erp, "E-MUG", Some(t.lyon), "3");
    t.shows("GIFT", t.online, "5");
    let (gift, web) = (t.gift, t.web);
    insta::assert_snapshot!(render::explanations(&explained(&mut t, gift, web), Options::default()));
}

#[test]
fn a_right_number_and_a_held_one_are_told_too() {
    let mut t = Fixed::new().owned();
    t.town.flow("shop-stock", "available", t.shop, &[t.paris, t.lyon]).things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "10", "4");
    t.town.row(t.shop, "SHIRT", t.paris, &[("on-hand", "8"), ("allocated", "2"), ("threshold", "0")]);
    t.town.row(t.shop, "SHIRT", t.lyon, &[("on-hand", "8"), ("allocated", "2"), ("threshold", "0")]);
    let (shirt, shop) = (t.shirt, t.shop);
    let told = explained(&mut t, shirt, shop);
    let states: Vec<_> = told.iter().map(|one| (one.state, one.before, one.after)).collect();
    assert_eq!(states, [("unchanged", Some(6), Some(6)), ("held", Some(6), None)]);
    insta::assert_snapshot!(render::explanations(&told, Options::default()));
}

#[test]
fn a_thing_that_is_not_published_there_has_no_cells() {
    let mut t = Fixed::new().owned();
    t.town.flow("web-stock", "available", t.web, &[t.paris]).things = things(&[t.shirt]);
    let (mug, web, shop) = (t.mug, t.web, t.shop);
    assert_eq!(explained(&mut t, mug, web), []);
    assert_eq!(explained(&mut t, mug, shop), []);
}
