//! Plans as people see them.

use crate::count::town::*;
use onhand::diagnostic::render::Options;
use onhand::plan::render;

pub fn town() -> Fixed {
    let mut t = Fixed::new().owned();
    let sold = things(&[t.shirt, t.mug, t.gift]);
    let web = t.web;
    t.town.flow("web-stock", "available", web, &[t.paris, t.lyon]).things = sold;
    t.town.code(t.web, t.shirt, "SHIRT-CASE-OF-12", "case");
    t.has("E-SHIRT", t.paris, "140", "5");
    t.has("E-MUG", t.paris, "6", "0");
    t.has("E-SHIRT", t.lyon, "3", "0");
    t.shows("SHIRT", t.paris, "140");
    t.shows("SHIRT-CASE-OF-12", t.paris, "12");
    t.shows("MUG", t.paris, "4");
    t.shows("MUG", t.lyon, "4.5");
    t
}

#[test]
fn a_plan_at_a_terminal() {
    let text = render::human(&town().town.plan(), Options::default());
    assert!(text.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn colours_and_narrow_plain_terminals_say_the_same() {
    let plan = town().town.plan();
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let plain = render::human(&plan, Options::default());
    let coloured = render::human(&plan, Options { colour: true, ..Options::default() });
    let mut bare = String::new();
    for (at, part) in coloured.split("\u{1b}[").enumerate() {
        bare.push_str(if at == 0 { part } else { part.split_once('m').expect("a code").1 });
    }
    assert_eq!(bare, plain);
    assert_ne!(coloured, plain);
    let narrow = render::human(&plan, Options { width: 40, unicode: false, ..Options::default() });
    assert!(narrow.is_ascii());
    assert_eq!(words(&narrow), words(&plain.replace('→', "->").replace('−', "-").replace('…', "...")));
}

#[test]
fn nothing_to_do_is_said_first() {
    let mut t = Fixed::new().owned();
    t.town.flow("web-stock", "available", t.web, &[t.paris]).things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "5", "0");
    t.shows("SHIRT", t.paris, "5");
    let text = render::human(&t.town.plan(), Options::default());
    assert!(text.starts_with("Nothing to do: 1 count is right.\n"), "{text}");
}

#[test]
fn what_stops_a_plan_is_said_first() {
    let mut t = town();
    t.town.about(t.erp).incomplete = Some("the file ends in the middle of row 9".to_owned());
    let text = render::human(&t.town.plan(), Options::default());
    let first =
        "Incomplete: `erp` could not be read to its end: the file ends in the middle of\nrow 9. Nothing";
    assert!(text.starts_with(first), "{text}");
    let mut t = town();
    t.town.model.flows[0].guard.max_rows = 1;
    let text = render::human(&t.town.plan(), Options::default());
    assert!(
        text.starts_with("Stopped: web-stock asks for more than `max-rows` allows: 5 above 1. Nothing of\n"),
        "{text}"
    );
}

#[test]
fn a_long_group_is_cut_and_says_so() {
    let mut t = Fixed::new();
    for at in 0..45 {
        let code = format!("ITEM-{at:02}");
        let item = t.town.item(&code, 0, &[]);
        t.town.code(t.erp, item, &code, "");
        t.town.code(t.web, item, &code, "");
    }
    t.town.owns(t.erp, &["on-hand"], &[t.paris]);
    t.town.flow("web-stock", "available", t.web, &[t.paris]);
    for at in 0..45 {
        let code = format!("ITEM-{at:02}");
        t.has(&code, t.paris, "2", "");
        t.shows(&code, t.paris, "1");
    }
    let text = render::human(&t.town.plan(), Options::default());
    assert!(text.contains("ITEM-39") && !text.contains("ITEM-40"));
    assert!(text.contains("  and 5 more (--format json shows all)\n"));
}

#[test]
fn json_is_the_file() {
    let plan = town().town.plan();
    assert_eq!(render::json(&plan, Options::default()), onhand::plan::file::write(&plan));
}

#[test]
fn hidden_characters_of_names_are_written_out() {
    let mut t = town();
    t.town.model.items[0].name = name("SHI\u{1b}[31mRT");
    let text = render::human(&t.town.plan(), Options::default());
    assert!(text.contains(r"SHI\u{1b}[31mRT") && !text.contains('\u{1b}'));
}
