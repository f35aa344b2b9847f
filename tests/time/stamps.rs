//! What stamps mean: cut-offs, closed days, zones, and the safe side where a stamp leaves a choice.

use crate::support::model::{self, LYON, PARIS, SHOP};
use onhand::connectors::memory;
use onhand::model::calendar::{Calendar, Hours};
use onhand::model::stamp::Stamps;
use onhand::model::time::{Date, Side, TimeOfDay};
use onhand::model::{CalendarId, LocationId, Model};

/// A topology in Paris, whose only system does not name a zone.
fn world() -> Model {
    let mut model = model::shop(&memory::DESCRIPTOR, |_| ());
    model.timezone = Some("Europe/Paris".into());
    model
}

fn cut_off(model: &mut Model, place: LocationId, time: &str) {
    model.locations[place.index()].cutoff = Some((TimeOfDay::parse(time).unwrap(), model::nowhere()));
}

/// Lyon works from Monday to Friday, but not at Christmas.
fn working_week(model: &mut Model) {
    let (from, to) = (TimeOfDay::parse("08:00").unwrap(), TimeOfDay::parse("18:00").unwrap());
    model.calendars.push(Calendar {
        name: "shop-days".into(),
        open: vec![Hours { days: 0b0001_1111, from, to, origin: model::nowhere() }],
        closed_days: 0,
        closed: ["2026-12-24", "2026-12-25"].map(|day| Date::parse(day).unwrap()).to_vec(),
        origin: model::nowhere(),
    });
    model.locations[LYON.index()].calendar = Some((CalendarId(0), model::nowhere()));
}

/// What a text means at a place, in UTC.
fn means(model: &Model, side: Side, text: &str, place: Option<LocationId>) -> String {
    let found = Stamps::new(model, SHOP, side).read(text, place);
    found.map_or_else(|| "nothing".to_owned(), |moment| moment.rfc3339())
}

fn count(model: &Model, text: &str, place: LocationId) -> String {
    means(model, Side::Earlier, text, Some(place))
}

fn movement(model: &Model, text: &str, place: LocationId) -> String {
    means(model, Side::Later, text, Some(place))
}

#[test]
fn a_date_without_a_time_is_the_cut_off_of_its_place() {
    let mut model = world();
    cut_off(&mut model, LYON, "14:00");
    for side in [count, movement] {
        assert_eq!(side(&model, "2026-11-23", LYON), "2026-11-23T13:00:00Z");
        assert_eq!(side(&model, " 2026-07-01 ", LYON), "2026-07-01T12:00:00Z", "summer time");
        assert_eq!(side(&model, "2026-11-23 09:30", LYON), "2026-11-23T08:30:00Z", "it has a time");
        assert_eq!(side(&model, "2026-11-23T09:30:00+05:00", LYON), "2026-11-23T04:30:00Z", "and a zone");
    }
    model.locations[LYON.index()].timezone = Some("Asia/Tokyo".into());
    assert_eq!(count(&model, "2026-11-23", LYON), "2026-11-23T05:00:00Z", "the place's own clock");
    cut_off(&mut model, LYON, "24:00");
    assert_eq!(count(&model, "2026-11-23", LYON), "2026-11-23T15:00:00Z", "the end of the day");
}

#[test]
fn without_a_cut_off_a_count_is_as_old_as_its_date_allows_and_a_movement_as_young() {
    let mut model = world();
    assert_eq!(count(&model, "2026-11-23", PARIS), "2026-11-22T23:00:00Z", "the midnight that begins it");
    assert_eq!(movement(&model, "2026-11-23", PARIS), "2026-11-23T23:00:00Z", "the one that ends it");
    model.systems[0].timezone = Some("America/New_York".into());
    assert_eq!(count(&model, "2026-11-23", PARIS), "2026-11-23T05:00:00Z", "by the system's clock");
}

#[test]
fn on_a_closed_day_it_is_the_last_open_one_before() {
    let mut model = world();
    working_week(&mut model);
    cut_off(&mut model, LYON, "14:00");
    assert_eq!(count(&model, "2026-11-22", LYON), "2026-11-20T13:00:00Z", "Sunday: the Friday before");
    assert_eq!(count(&model, "2026-11-20", LYON), "2026-11-20T13:00:00Z", "Friday itself");
    assert_eq!(count(&model, "2026-12-27", LYON), "2026-12-23T13:00:00Z", "over Christmas and a weekend");
    assert_eq!(count(&model, "2026-11-22", PARIS), "2026-11-21T23:00:00Z", "Paris has no calendar");
    model.calendars[0].open.clear();
    model.calendars[0].closed_days = 0b0111_1111;
    assert_eq!(count(&model, "2026-11-22", LYON), "2026-11-22T13:00:00Z", "it never opens");
}

#[test]
fn an_hour_that_comes_twice_or_never_is_read_to_the_safe_side() {
    let model = world();
    // Back from 03:00 to 02:00 on 25 October, forward from 02:00 to 03:00 on 29 March.
    assert_eq!(count(&model, "2026-10-25 02:30", PARIS), "2026-10-25T00:30:00Z");
    assert_eq!(movement(&model, "2026-10-25 02:30", PARIS), "2026-10-25T01:30:00Z");
    assert_eq!(count(&model, "2026-03-29 02:30", PARIS), "2026-03-29T00:30:00Z");
    assert_eq!(movement(&model, "2026-03-29 02:30", PARIS), "2026-03-29T01:30:00Z");
    let mut cut = world();
    cut_off(&mut cut, LYON, "02:30");
    assert_eq!(count(&cut, "2026-10-25", LYON), "2026-10-25T00:30:00Z");
    assert_eq!(movement(&cut, "2026-10-25", LYON), "2026-10-25T01:30:00Z");
    assert_eq!(count(&cut, "2026-03-29", LYON), "2026-03-29T00:30:00Z");
    assert_eq!(movement(&cut, "2026-03-29", LYON), "2026-03-29T01:30:00Z");
}

#[test]
fn where_nobody_knows_the_place_the_safest_of_all_counts() {
    let mut model = world();
    cut_off(&mut model, LYON, "14:00");
    cut_off(&mut model, PARIS, "09:00");
    assert_eq!(means(&model, Side::Earlier, "2026-11-23", None), "2026-11-23T08:00:00Z");
    assert_eq!(means(&model, Side::Later, "2026-11-23", None), "2026-11-23T13:00:00Z");
    model.locations.push(model::location("both", [(SHOP, "B")]));
    model.locations[2].pool = vec![PARIS, LYON];
    let pool = Some(LocationId(2));
    assert_eq!(means(&model, Side::Earlier, "2026-11-23", pool), "2026-11-23T08:00:00Z");
    cut_off(&mut model, LocationId(2), "20:00");
    assert_eq!(means(&model, Side::Earlier, "2026-11-23", pool), "2026-11-23T19:00:00Z", "its own");
}

#[test]
fn what_is_no_stamp_means_nothing() {
    let model = world();
    for text in ["", "yesterday", "2026-13-01", "2026-02-30", "23/11/2026", "1796000000"] {
        assert_eq!(means(&model, Side::Earlier, text, Some(PARIS)), "nothing", "{text}");
    }
}
