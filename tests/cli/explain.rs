//! `onhand explain`.

use super::{Place, small};

#[test]
fn a_rule_is_its_page() {
    let place = Place::empty();
    let done = place.run("explain owner-gap").ends(0).says_nothing();
    assert!(done.out.starts_with("# owner-gap\n"), "{}", done.out);
    let done = place.run("explain owner-gaps").ends(1).tells_nothing();
    done.says(&["there is no rule `owner-gaps`", "Did you mean `owner-gap`?", "ITEM@SYSTEM/LOCATION"]);
}

#[test]
fn a_number_is_a_sum_with_every_source_cell() {
    let place = Place::direct();
    let done = place.run("explain DESCALER@shop/south").ends(0).says_nothing();
    let sum = "DESCALER (descaler) in shop, south: available by flow shop-stock
  + 5  on-hand of depot at S1
  − 5  reserved of depot at S1
  = 0  is to be shown
`shop` shows 5 ea; it is to show 0 ea: lower.
";
    assert_eq!(done.out, sum);
    let both = place.run("explain DESCALER@shop").ends(0);
    assert!(both.out.contains("in shop, north") && both.out.contains("in shop, south"), "{}", both.out);
    let codes = place.run("explain TEA-EARL-GREY@shop/south").ends(0);
    codes.tells(&["(tea-earl-grey-case)", "= 5 in case of 12", "`shop` shows 6 case"]);
    let one = place.run("explain tea-earl-grey-case@shop/south").ends(0);
    assert_eq!(one.out.matches("by flow").count(), 1, "{}", one.out);
    place.run("explain TEA-FOR-TWO@shop/north").ends(0).tells(&["the least: STRAINER limits"]);
    place.run("explain KETTLE-CAST@shop/south").ends(0).tells(&["held", "could not be read"]);
}

#[test]
fn a_number_for_programs() {
    let json = Place::direct().run("explain DESCALER@shop/south --format json").ends(0).json();
    assert_eq!(json.len(), 1);
    assert_eq!((&json[0]["before"], &json[0]["after"]), (&5.into(), &0.into()));
    assert_eq!(json[0]["write"]["after"], 0);
    assert_eq!(json[0]["sum"][1]["minus"], "reserved");
}

#[test]
fn what_is_not_there_is_named() {
    let place = Place::direct();
    let wrong = |words: &str, says: &[&str]| {
        place.run(words).ends(1).tells_nothing().says(says);
    };
    wrong("explain DESCALR@shop", &["no item or bundle `DESCALR`", "Did you mean `DESCALER`?"]);
    wrong("explain DESCALER@shopp", &["no system `shopp`", "Did you mean `shop`?"]);
    wrong("explain DESCALER@shop/west", &["no location `west`", "It has north, south."]);
    wrong("explain DESCALER@depot", &["no flow publishes `DESCALER` to `depot`", "`onhand graph` shows"]);
}

#[test]
fn a_source_that_cannot_be_read_is_said() {
    let place = small(1);
    std::fs::remove_file(place.path("feed.csv")).unwrap();
    let done = place.run("explain I0@shop").ends(7);
    done.says(&["`depot` could not be read", "feed.csv"]).tells(&["what it is to show is not known"]);
}
