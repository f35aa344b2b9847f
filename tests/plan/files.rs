//! Plan files: written, read back, refused.

use crate::count::town::*;
use crate::support::accept;
use onhand::model::time::Moment;
use onhand::plan::file;
use onhand::plan::refusal::Refusal;
use onhand::plan::{Plan, Selection, Stamp};

/// A town with a change of each kind, a held cell and a failure.
fn town() -> Fixed {
    let mut t = Fixed::new().owned();
    let sold = things(&[t.shirt, t.mug, t.gift]);
    t.town.flow("web-stock", "available", t.web, &[t.paris, t.lyon]).things = sold;
    t.has("E-SHIRT", t.paris, "14", "5");
    t.has("E-MUG", t.paris, "6", "0");
    t.has("E-SHIRT", t.lyon, "3", "0");
    t.shows("SHIRT", t.paris, "12");
    t.shows("MUG", t.paris, "4");
    t.shows("GIFT", t.paris, "3");
    t.shows("MUG", t.lyon, "4.5");
    t
}

fn plan() -> Plan {
    town().town.plan()
}

#[test]
fn the_published_schema_is_current() {
    accept::same("schemas/plan.json", &file::schema());
}

#[test]
fn the_schema_refuses_what_no_plan_says() {
    let schema = serde_json::from_str(&file::schema()).expect("valid JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let text = file::write(&plan());
    let line = text.lines().find(|line| line.contains(r#""type":"change""#)).expect("a change");
    let valid = |line: &str| validator.is_valid(&serde_json::from_str(line).expect("JSON"));
    assert!(valid(line));
    assert!(!valid(&line.replace(r#""after":9"#, r#""after":9.5"#)));
    assert!(!valid(&line.replace(r#""action":"lower""#, r#""action":"drop""#)));
    assert!(!valid(r#"{"type":"surprise"}"#));
}

#[test]
fn lines_come_in_their_order() {
    let text = file::write(&plan());
    let kind = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
        value["type"].as_str().expect("a type").to_owned()
    };
    let mut kinds: Vec<String> = text.lines().map(kind).collect();
    kinds.dedup();
    assert_eq!(kinds, ["plan", "read", "change", "held", "failure", "guard", "summary"]);
    assert!(text.starts_with(r#"{"type":"plan","format":"onhand.plan/1","id":"plan-1","topology":"town""#));
}

#[test]
fn a_change_says_all_that_the_format_promises() {
    let mut t = Fixed::new().owned();
    t.town.flow("shop-stock", "available", t.shop, &[t.paris]).things = things(&[t.shirt]);
    t.has("E-SHIRT", t.paris, "14", "5");
    let columns = [("on-hand", "17"), ("allocated", "5"), ("threshold", "0")];
    t.town.row(t.shop, "SHIRT", t.paris, &columns);
    let text = file::write(&t.town.plan());
    let line = text.lines().find(|line| line.contains(r#""type":"change""#)).expect("a change");
    let id = &line[r#"{"type":"change","id":""#.len()..][..16];
    let want = format!(
        "{{\"type\":\"change\",\"id\":\"{id}\",\"flow\":\"shop-stock\",\"action\":\"lower\",\"system\":\"shop\",\
         \"location\":\"paris\",\"item\":\"SHIRT\",\"code\":\"SHIRT\",\"quantity\":\"available\",\
         \"unit\":\"ea\",\"before\":12,\"after\":9,\"write\":{{\"quantity\":\"on-hand\",\"unit\":\"ea\",\
         \"before\":{{\"allocated\":5,\"on-hand\":17,\"threshold\":0}},\"after\":14}},\
         \"reason\":\"on-hand 14 − reserved 5\",\
         \"sum\":[{{\"plus\":\"on-hand\",\"from\":\"erp\",\"at\":\"PAR\",\"value\":14}},\
         {{\"minus\":\"reserved\",\"from\":\"erp\",\"at\":\"PAR\",\"value\":5}},\
         {{\"bridge\":\"allocated\",\"value\":5}},{{\"bridge\":\"threshold\",\"value\":0}}]}}"
    );
    assert_eq!(line, want);
    assert!(id.bytes().all(|b| b.is_ascii_hexdigit()));
}

#[test]
fn two_plans_of_one_input_differ_in_id_and_times_only() {
    let mut t = town();
    let seen = t.town.observations();
    let model = &t.town.model;
    let graph = onhand::graph::build(model);
    let make = |id: &str, now| {
        let stamp = Stamp::new(id, now);
        onhand::plan::build(model, &graph, &seen, &Selection::default(), &stamp)
    };
    let (one, two) = (make("one", NOW), make("two", Moment(NOW.0 + 60_000)));
    assert_eq!(one.summary.digest, two.summary.digest);
    let (one, two) = (file::write(&one), file::write(&two));
    assert_ne!(one.lines().next(), two.lines().next());
    let unsealed = |text: &str| text[..text.rfind(",\"seal\"").expect("a seal")].to_owned();
    assert!(unsealed(&one).lines().skip(1).eq(unsealed(&two).lines().skip(1)));
    assert_ne!(file::seal_of(&one), file::seal_of(&two), "the seal covers every byte");
}

#[test]
fn a_plan_expires_with_the_shortest_stale_after_of_its_owners_or_in_half_an_hour() {
    let mut t = town();
    assert_eq!(t.town.plan().header.created, "2027-01-15T08:00:00Z");
    assert_eq!(t.town.plan().header.expires, "2027-01-15T08:30:00Z");
    let minutes = |n: u64| Some((std::time::Duration::from_secs(n * 60), nowhere()));
    t.town.model.systems[t.web.index()].stale_after = minutes(1);
    assert_eq!(t.town.plan().header.expires, "2027-01-15T08:30:00Z", "a target's does not count");
    t.town.model.systems[t.erp.index()].stale_after = minutes(5);
    assert_eq!(t.town.plan().header.expires, "2027-01-15T08:05:00Z");
}

fn refused(text: &str) -> String {
    file::read(text).expect_err("a refusal").to_string()
}

#[test]
fn a_plan_that_is_cut_short_is_refused_wherever_it_ends() {
    let text = file::write(&plan());
    for end in 1..text.len() {
        if text.is_char_boundary(end) {
            assert!(file::read(&text[..end]).is_err(), "cut at byte {end}");
        }
    }
    let last = text.trim_end().rfind('\n').expect("several lines");
    let why = "the plan is cut short: its last line, the summary, is missing; make it again";
    assert_eq!(refused(&text[..=last]), why);
}

#[test]
fn an_edited_plan_is_refused() {
    let text = file::write(&plan());
    let why = "the plan was changed after it was written: its lines do not match its digest; make it again";
    for (from, to) in [
        (r#""after":9,"#, r#""after":8,"#),
        (r#""topology":"town""#, r#""topology":"toon""#),
        (r#""unchanged":"#, r#""unchanged":1"#),
        (r#""reason":"on-hand"#, r#""reason":"on-hend"#),
        (r#"{"type":"held","#, r#"{"type":"held","more":1,"#),
        (r#"{"type":"plan","#, r#"{"type":"plan","more":1,"#),
        (r#"{"type":"summary","#, r#"{"type":"summary","more":1,"#),
    ] {
        assert!(text.contains(from), "{from}");
        assert_eq!(refused(&text.replacen(from, to, 1)), why, "{from}");
    }
    let lines: Vec<&str> = text.lines().collect();
    let mut without = lines.clone();
    without.remove(3);
    assert_eq!(refused(&(without.join("\n") + "\n")), why);
    let mut swapped = lines;
    swapped.swap(3, 4);
    assert_eq!(refused(&(swapped.join("\n") + "\n")), why);
}

/// The text with its digest and its seal made right again.
pub fn resealed(text: &str) -> String {
    try_reseal(text).expect("a plan's last line has both")
}

/// The same; `None` for a text that has no place for them.
pub fn try_reseal(text: &str) -> Option<String> {
    let digest = file::digest(text)?;
    let last = text.trim_end().rfind('\n')?;
    let at = last + text[last..].find(r#""digest":""#)? + r#""digest":""#.len();
    let text = format!("{}{digest}{}", &text[..at], text.get(at + 64..)?);
    let (seal, borne) = file::seal_of(&text)?;
    let end = text.len() - "\"}\n".len();
    Some(format!("{}{seal}{}", &text[..end - borne.len()], &text[end..]))
}

#[test]
fn a_plan_whose_id_times_or_layout_were_changed_is_refused() {
    let text = file::write(&plan());
    let why = "the plan was changed after it was written: what it plans is untouched, but its bytes do not match \
               its seal (its id, its times or its layout differ); make it again";
    let later = text.replacen("T08:30:00Z", "T09:30:00Z", 1);
    let spaced = text.replacen(r#"{"type":"plan","#, r#"{"type": "plan","#, 1);
    let returned = text.replacen("}\n", "}\r\n", 1);
    for changed in [later, spaced, returned] {
        assert_ne!(changed, text);
        assert_eq!(refused(&changed), why);
    }
    let unsealed = format!("{}}}\n", &text[..text.rfind(",\"seal\"").expect("a seal")]);
    for bare in [unsealed, text.trim_end().to_owned() + "\r\n"] {
        assert!(refused(&bare).starts_with("the plan bears no whole seal at its end"), "{}", refused(&bare));
    }
}

#[test]
fn a_plan_that_is_not_text_is_refused_and_says_where() {
    let mut bytes = file::write(&plan()).into_bytes();
    let at = bytes.iter().position(|byte| *byte == b'\n').expect("lines") + 3;
    bytes[at] = 0xff;
    let why = file::read(&bytes).expect_err("a refusal").to_string();
    assert_eq!(why, "line 2 of the plan cannot be read: it is not UTF-8 text; make the plan again");
}

#[test]
fn fields_of_a_newer_version_are_passed_over() {
    let plan = plan();
    let text = file::write(&plan)
        .replacen(r#"{"type":"change","#, r#"{"type":"change","colour":"blue","#, 1)
        .replacen(r#"{"type":"plan","#, r#"{"type":"plan","by":{"b":1,"a":[2]},"#, 1)
        .replacen("onhand.plan/1", "onhand.plan/1.3", 1);
    let read = file::read(resealed(&text)).expect("a plan");
    assert_eq!(read.changes, plan.changes);
}

#[test]
fn what_is_no_plan_is_refused_with_its_reason() {
    let text = file::write(&plan());
    let line = |from: &str, to: &str| refused(&resealed(&text.replacen(from, to, 1)));
    assert_eq!(refused(""), "this is no plan file: it is empty; `plan --out FILE` writes one");
    assert!(refused("sku,qty\nA,1\n").contains("its first line is no JSON object"));
    assert!(refused("{\"type\":\"held\"}\n").contains("its first line is not of type `plan`"));
    let newer = text.replacen("onhand.plan/1", "onhand.plan/2", 1);
    let why = "the plan's format is `onhand.plan/2`, this version reads `onhand.plan/1`: make the plan again with \
               this version";
    assert_eq!(refused(&newer), why);
    assert!(refused(&text.replacen("onhand.plan/1", "onhand.plan/10", 1)).contains("`onhand.plan/10`"));
    assert!(
        line(r#""type":"held""#, r#""type":"wish""#)
            .contains("of the plan cannot be read: unknown variant `wish`")
    );
    assert!(line(r#""after":9,"#, r#""after":9.0,"#).contains("cannot be read"));
    let doubled = format!("{}{text}", &text[..=text.find('\n').expect("lines")]);
    assert!(refused(&doubled).contains("line 2 of the plan cannot be read: a second first line"));
    let first = text.lines().find(|line| line.contains(r#""type":"change""#)).expect("a change");
    let twice = resealed(&text.replacen(first, &format!("{first}\n{first}"), 1));
    assert!(refused(&twice).starts_with("two changes of the plan bear the id `"), "{}", refused(&twice));
}

#[test]
fn of_a_long_plan_the_first_line_that_cannot_be_read_is_named() {
    let text = file::write(&plan());
    let (first, rest) = text.split_at(text.find("{\"type\":\"held\"").expect("a held cell"));
    let (held, rest) = rest.split_at(rest.find('\n').expect("lines") + 1);
    let before = first.lines().count();
    for at in [1, 255, 256, 257, 16_384, 16_385, 40_000] {
        let some = held.repeat(at - 1);
        // The second one is the work of another hand, or comes with another group of lines.
        let many = held.repeat(20_000);
        let long = format!("{first}{some}{{\"type\":\"wish\"}}\n{many}no record\n{rest}");
        let why = format!("line {} of the plan cannot be read: unknown variant `wish`", before + at);
        assert!(refused(&long).starts_with(&why), "{}", refused(&long));
    }
    let long = resealed(&format!("{first}{}{rest}", held.repeat(40_000)));
    assert_eq!(file::read(&long).expect("a plan").held.len(), 40_000);
}

#[test]
fn a_plan_fits_its_topology_until_it_expires() {
    let mut t = town();
    let plan = t.town.plan();
    let later = |minutes: i64| Moment(NOW.0 + minutes * 60_000);
    assert_eq!(file::fits(&plan, &t.town.model, later(30)), Ok(()));
    let expired = file::fits(&plan, &t.town.model, later(31)).expect_err("a refusal").to_string();
    assert_eq!(expired, "the plan expired at 2027-01-15T08:30:00Z: counts have moved since; make it again");
    t.town.model.digest = "village".to_owned();
    let other = file::fits(&plan, &t.town.model, NOW).expect_err("a refusal");
    assert!(matches!(other, Refusal::OtherTopology { .. }));
    assert!(
        other
            .to_string()
            .starts_with("the plan was made from another topology (digest town…, here village…)")
    );
}

#[test]
fn hidden_characters_of_names_are_escaped() {
    let mut t = town();
    t.town.model.items[0].name = name("SHI\u{202e}RT\u{7}");
    let text = file::write(&t.town.plan());
    assert!(text.contains(r"SHI\u202eRT\u0007") && !text.contains('\u{202e}'));
}
