//! `onhand check --fix` and `--diff`.

use super::{Place, SMALL};

/// What [`SMALL`] lacks to be without findings.
const ITEM: &str = "item I0 unit=ea { in depot I0; in shop I0 }\n";

/// Two mistakes that a fix mends for sure.
fn broken() -> Place {
    let text = SMALL.replace("language=1", "language=1,").replace("owner depot", "ownr depot");
    Place::with(&(text + ITEM))
}

#[test]
fn safe_fixes_are_written() {
    let place = broken();
    place
        .run("check --fix")
        .ends(0)
        .says(&["Fixed onhand.kdl", "2 fixes applied in 1 file, 0 withdrawn; 0 findings remain."])
        .tells(&["No findings."]);
    assert_eq!(place.read("onhand.kdl"), SMALL.to_owned() + ITEM);
    let again = place.run("check --fix").ends(0).says(&["0 fixes applied, 0 withdrawn; 0 findings remain."]);
    assert!(!again.err.contains("Fixed"), "{}", again.err);
}

#[test]
fn a_guess_is_offered_and_never_made() {
    // The nearest name may be another item's, or another place's.
    let text = SMALL.replace("owner depot", "owner depo") + ITEM;
    let place = Place::with(&text);
    place
        .run("check --fix")
        .ends(1)
        .says(&["0 fixes applied, 0 withdrawn; 1 finding remains."])
        .tells(&["try: write `depot`"]);
    assert_eq!(place.read("onhand.kdl"), text);
}

#[test]
fn a_difference_is_shown_and_nothing_written() {
    let place = broken();
    let text = place.read("onhand.kdl");
    for words in ["check --diff", "check --fix --diff"] {
        let done = place.run(words).ends(1).says(&["2 fixes would be applied in 1 file, 0 withdrawn"]);
        let wanted = "--- onhand.kdl\n+++ onhand.kdl\n@@ -1,5 +1,5 @@\n \n-onhand language=1,\n+onhand language=1\n unit ea\n";
        assert!(done.out.starts_with(wanted), "{}", done.out);
        assert!(
            done.out.contains("\n-ownr depot { of on-hand }\n+owner depot { of on-hand }\n"),
            "{}",
            done.out
        );
        assert_eq!(place.read("onhand.kdl"), text);
    }
    place.run("check --diff --format json").ends(1).tells_nothing().says(&["cannot be used with"]);
    // What is sound shows nothing; a warning that nobody fixes counts where it is denied.
    let sound = Place::with(&(SMALL.to_owned() + ITEM));
    sound.run("check --diff").ends(0).tells_nothing().says(&["0 fixes would be applied, 0 withdrawn"]);
}

#[test]
fn a_fix_after_which_there_are_new_errors_is_withdrawn_alone() {
    // `true` is surely `#true`; but a cap is a number.
    let text = SMALL.replace("language=1", "language=1,").replace("lag ", "cap true; lag ") + ITEM;
    let place = Place::with(&text);
    let done = place.run("check --fix").ends(1).tells(&["error[syntax]"]).says(&[
        "onhand.kdl:15:46: the fix of `syntax`",
        "(write `#true`) is withdrawn: with it there is more `wrong-type` in onhand.kdl. Mend it by hand.",
        "1 fix applied in 1 file, 1 withdrawn; 1 finding remains.",
    ]);
    assert!(done.err.starts_with("Fixed onhand.kdl\n"), "{}", done.err);
    assert_eq!(place.read("onhand.kdl"), text.replace("language=1,", "language=1"));
}

#[test]
fn included_files_are_mended_and_catalogs_are_not() {
    let place = Place::with(
        &(SMALL.to_owned() + "include \"parts/*.kdl\"\nitems \"cat.csv\" { sku sku; unit uom }\n"),
    );
    place.write("parts/a.kdl", "unit kg 1,000 g\r\nunit g;;\r\n");
    place.write("cat.csv", "sku,uom\nA,eaa\n");
    place.run("check --fix parts/..").ends(1).says(&["Fixed parts/../parts/a.kdl"]).tells(&["cat.csv"]);
    assert_eq!(place.read("cat.csv"), "sku,uom\nA,eaa\n");
    assert!(place.read("parts/a.kdl").ends_with("unit g;\r\n"), "{}", place.read("parts/a.kdl"));
}

#[test]
fn a_level_that_cannot_be_meant_is_refused_before_anything_is_written() {
    let place = broken();
    let text = place.read("onhand.kdl");
    for level in ["--deny owner-gab", "--allow owner-gap", "--allow lag-slow --deny lag-slow"] {
        for fixes in ["--fix", "--diff"] {
            let done = place.run(&format!("check {fixes} {level}")).ends(1).tells_nothing();
            assert!(!done.err.contains("applied"), "{level}: {}", done.err);
            assert_eq!(place.read("onhand.kdl"), text, "{level}");
        }
    }
    place.run("check --fix --deny owner-gap").ends(0).says(&["2 fixes applied"]);
}

#[test]
fn json_on_standard_output_stays_json() {
    let place = broken();
    let json = place.run("check --fix --format json").ends(0).says(&["2 fixes applied"]).json();
    assert_eq!(json.last().unwrap()["summary"]["errors"], 0);
}

#[test]
fn a_difference_shows_no_secret_that_only_the_fix_makes_one() {
    let text = "onhand language=1\nsystem erp kind=trytn role=erp { password \"hunter2\" }\nsystem e2 kind=trytn role=erp {\n    password \"hunter3\"\n}\n";
    let place = Place::with(text);
    let done = place.run("check --diff").ends(1);
    assert!(!done.out.contains("hunter") && !done.err.contains("hunter"), "{}\n{}", done.out, done.err);
    let done = place.run("check --fix").ends(1);
    assert!(!done.out.contains("hunter") && !done.err.contains("hunter"), "{}\n{}", done.out, done.err);
}

#[test]
fn a_folder_without_a_topology_has_nothing_to_fix() {
    let place = Place::empty();
    place.run("check --fix").ends(1).tells(&["error[include-missing]"]).says(&["looked for `onhand.kdl` in"]);
    assert!(!place.path("onhand.kdl").exists());
}
