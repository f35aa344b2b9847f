//! The steps of a count, in their order.

use super::town::*;
use onhand::model::flow::Keep;
use onhand::model::quantity::Ratio;

#[test]
fn available_is_on_hand_less_what_is_reserved() {
    let mut t = Fixed::new().owned();
    t.town.flow("web-stock", "available", t.web, &[t.paris]).things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "14", "5");
    t.shows("SHIRT", t.paris, "12");
    let plan = t.town.plan();
    assert_eq!(changes(&plan), ["SHIRT@paris 12→9"]);
    assert_eq!(plan.changes[0].reason, "on-hand 14 − reserved 5");
}
