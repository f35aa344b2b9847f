//! Units: exact ratios, words of rows, fractions.

use super::town::*;

/// A flow to `web` at paris of everything but the box.
fn direct() -> Fixed {
    let mut t = Fixed::new();
    t.town.owns(t.erp, &["on-hand"], &[t.paris]);
    let sold = things(&[t.shirt, t.beans]);
    t.town.code(t.web, t.beans, "BEANS", "bag");
    t.town.flow("web-stock", "available", t.web, &[t.paris]).things = sold;
    t
}

/// What is published of one owner's row: the number, or the failure's text.
fn counted(code: &str, unit: Option<&str>, value: &str) -> Result<i64, String> {
    let mut t = direct();
    t.town.model.flows[0].things = things(&[if code == "E-SHIRT" { t.shirt } else { t.beans }]);
    let more = t.town.model.items[0].more.as_mut().expect("it has packs");
    more.packs[0].words.push((t.erp, name("CRT")));
    t.town.model.units.all[0].words.push((t.erp, name("PCE")));
    let (erp, paris) = (t.erp, t.paris);
    t.town.row(erp, code, paris, &[("on-hand", value)]).unit = unit.map(str::to_owned);
    let shown = if code == "E-SHIRT" { "SHIRT" } else { "BEANS" };
    t.shows(shown, paris, "77");
    let plan = t.town.plan();
    match plan.changes.first() {
        Some(change) => Ok(change.after),
        None => {
            assert_eq!((plan.failures.len(), plan.held.len()), (1, 1), "{plan:#?}");
            Err(failures(&plan)[0].clone())
        }
    }
}

#[test]
fn rows_are_read_in_the_unit_of_their_mapping() {
    assert_eq!(counted("E-SHIRT", None, "30"), Ok(30));
    // 2.5 kg are ten bags of 250 g.
    assert_eq!(counted("E-BEANS", None, "2.5"), Ok(10));
}

#[test]
fn a_number_a_millionth_off_in_its_own_unit_is_the_number_meant() {
    assert_eq!(counted("E-BEANS", None, "2.499999999999"), Ok(10));
    assert_eq!(counted("E-BEANS", None, "2.4999999"), Ok(10));
    assert_eq!(counted("E-BEANS", None, "2.500001"), Ok(10));
    assert_eq!(counted("E-SHIRT", None, "29.9999999"), Ok(30));
    assert_eq!(counted("E-SHIRT", Some("case"), "2.4999999"), Ok(30));
    for (code, value) in [("E-BEANS", "2.49999"), ("E-BEANS", "2.5000011"), ("E-SHIRT", "29.99999")] {
        assert!(counted(code, None, value).is_err(), "{value}");
    }
}

#[test]
fn words_are_units_packs_and_what_a_system_calls_them() {
    assert_eq!(counted("E-SHIRT", Some("case"), "2.5"), Ok(30));
    assert_eq!(counted("E-SHIRT", Some("CRT"), "2.5"), Ok(30));
    assert_eq!(counted("E-SHIRT", Some("PCE"), "30"), Ok(30));
    assert_eq!(counted("E-SHIRT", Some("ea"), "30"), Ok(30));
    assert_eq!(counted("E-SHIRT", Some(""), "30"), Ok(30));
    assert_eq!(counted("E-BEANS", Some("kg"), "2.5"), Ok(10));
}

#[test]
fn what_is_no_whole_count_is_a_row_error() {
    let no = |code, unit, value, text: &str| {
        let found = counted(code, unit, value).expect_err("a failure");
        assert!(found.contains(text), "{found}");
    };
    no("E-SHIRT", Some("case"), "0.1", "E-SHIRT row 2 on-hand: 0.1 case is no whole number of `ea`");
    no("E-SHIRT", None, "1.5", "1.5 ea is no whole number of `ea`, the base unit of `SHIRT`");
    no("E-BEANS", None, "0.0005", "0.0005 kg is no whole number of `g`");
    no("E-SHIRT", Some("pallet"), "1", "E-SHIRT row 2 unit: `pallet` is no unit of `SHIRT`");
    no("E-SHIRT", Some("kg"), "1", "`kg` is no unit of `SHIRT`");
    no("E-BEANS", Some("g"), "1", "the row counts in `g`, the mapping says `kg`");
    no("E-BEANS", Some(""), "1", "the row counts in `g`, the mapping says `kg`");
    no("E-BEANS", None, "1000000000001", "is more than 1000000000000000 `g`");
}

#[test]
fn a_row_error_names_the_column_as_the_source_calls_it() {
    let mut t = direct();
    t.town.model.flows[0].things = things(&[t.shirt]);
    let counts = vec![(t.town.quantity("on-hand"), name("free_qty"))];
    t.town.model.systems[t.erp.index()].levels = Some(levels_node(counts));
    t.town.row(t.erp, "E-SHIRT", t.paris, &[("on-hand", "1.5")]);
    t.shows("SHIRT", t.paris, "77");
    let plan = t.town.plan();
    let fault = &plan.failures[0];
    let told = (fault.flow.as_str(), fault.system.as_str(), fault.location.as_deref(), fault.item.as_str());
    assert_eq!(told, ("web-stock", "erp", Some("paris"), "SHIRT"));
    let told = (fault.code.as_str(), fault.record.as_str(), fault.source.as_str(), fault.field.as_str());
    assert_eq!(told, ("E-SHIRT", "row 2", "erp.csv", "free_qty"));
    assert_eq!(held(&plan), ["SHIRT@paris: the row of `E-SHIRT` at `PAR` in `erp` could not be read"]);
}

#[test]
fn a_target_that_shows_a_fraction_cannot_be_compared() {
    let mut t = direct();
    t.town.model.flows[0].things = things(&[t.shirt]);
    t.town.row(t.erp, "E-SHIRT", t.paris, &[("on-hand", "10")]);
    t.shows("SHIRT", t.paris, "9.5");
    let plan = t.town.plan();
    assert_eq!((plan.changes.len(), plan.held.len()), (0, 0));
    let why = "SHIRT row 3 available: it shows 9.5, which is no whole number of `ea`, the unit of this code: \
               correct the number there, or the mapping's unit";
    assert_eq!(failures(&plan), [why]);
}

#[test]
fn a_target_that_counts_in_another_unit_cannot_be_compared() {
    let mut t = direct();
    t.town.model.flows[0].things = things(&[t.shirt]);
    t.town.row(t.erp, "E-SHIRT", t.paris, &[("on-hand", "24")]);
    t.shows("SHIRT", t.paris, "2");
    t.town.rows[1].unit = Some("case".to_owned());
    let why = "SHIRT row 3 unit: the row counts in `case`, the mapping says `ea`: they must agree";
    assert_eq!(failures(&t.town.plan()), [why]);
}
