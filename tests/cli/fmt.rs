//! `onhand fmt`.

use super::{Done, Place};
use std::io::Write;
use std::process::Stdio;

const UGLY: &str =
    "onhand   language=1{timezone \"Europe/Paris\"}   // why\ninclude \"parts/*.kdl\"\n\n\n\nunit ea";
const PLAIN: &str =
    "onhand language=1 { timezone \"Europe/Paris\" }  // why\ninclude \"parts/*.kdl\"\n\nunit ea\n";

fn ugly() -> Place {
    let place = Place::with(UGLY);
    place.write("parts/a.kdl", "unit   g;unit kg 1000 g");
    place.write("parts/b.kdl", "location paris\n");
    place
}

/// Runs `fmt -` with a text as standard input.
fn piped(words: &str, text: &str) -> Done {
    let mut command = Place::empty().command(words);
    // The folder of the place is gone: standard input needs none.
    command.current_dir("/");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    Done::of(child.wait_with_output().unwrap())
}

#[test]
fn a_topology_is_laid_out_with_all_that_it_includes() {
    let place = ugly();
    let done = place.run("fmt").ends(0).says_nothing();
    assert_eq!(done.out, "Formatted onhand.kdl\nFormatted parts/a.kdl\n");
    assert_eq!(place.read("onhand.kdl"), PLAIN);
    assert_eq!(place.read("parts/a.kdl"), "unit g\nunit kg 1000 g\n");
    place.run("fmt").ends(0).tells_nothing().says(&["All 3 files are laid out already."]);
    place.run("fmt --check").ends(0).tells_nothing();
    place.run("fmt parts/b.kdl").ends(0).tells_nothing().says(&["The file is laid out already."]);
}

#[test]
fn check_and_diff_write_nothing() {
    let place = ugly();
    let done = place.run("fmt --check").ends(1).says(&["2 of 3 files would change", "`onhand fmt`"]);
    assert_eq!(done.out, "onhand.kdl\nparts/a.kdl\n");
    let diff = place.run("fmt --diff").ends(0).says_nothing();
    let wanted = "--- parts/a.kdl\n+++ parts/a.kdl\n@@ -1 +1,2 @@\n-unit   g;unit kg 1000 g\n\
                  \\ No newline at end of file\n+unit g\n+unit kg 1000 g\n";
    assert!(diff.out.ends_with(wanted), "{}", diff.out);
    assert!(diff.out.contains("\n include \"parts/*.kdl\"\n"), "{}", diff.out);
    assert_eq!(place.run("fmt --check --diff").ends(1).out, diff.out);
    assert_eq!(place.read("onhand.kdl"), UGLY);
}

#[test]
fn files_are_laid_out_alone_and_from_anywhere() {
    let place = ugly();
    place.run("fmt parts/a.kdl ./parts/../parts/a.kdl").ends(0).tells(&["Formatted parts/a.kdl"]);
    assert_eq!(place.read("onhand.kdl"), UGLY);
    let done = place.run(&format!("fmt {}", place.path("").display())).ends(0);
    assert!(done.out.starts_with("Formatted /") && done.out.ends_with("onhand.kdl\n"), "{}", done.out);
}

#[test]
fn a_file_with_mistakes_is_left_and_the_others_are_not() {
    let place = ugly();
    let broken =
        "location   lyon {\n    in web \"hunter2\n}\nsystem x kind=sql { url \"postgres://me:hunter3@h/d\" }";
    place.write("parts/b.kdl", broken);
    let done = place.run("fmt").ends(1).says(&[
        "error[syntax]",
        "parts/b.kdl:2:12",
        "parts/b.kdl is left as it is: a layout needs text without mistakes",
    ]);
    assert_eq!(done.out, "Formatted onhand.kdl\nFormatted parts/a.kdl\n");
    assert_eq!(place.read("parts/b.kdl"), broken);
    place.write("parts/b.kdl", "a {\n");
    place.run("fmt --check parts/b.kdl").ends(1).tells_nothing().says(&["error[syntax]"]);
    std::fs::write(place.path("parts/b.kdl"), b"unit \xff\n").unwrap();
    place.run("fmt").ends(1).tells_nothing().says(&["not in UTF-8", "parts/b.kdl is left as it is"]);
}

#[test]
fn what_is_not_there_is_said() {
    let place = Place::empty();
    place
        .run("fmt")
        .ends(1)
        .tells_nothing()
        .says(&["there is no `onhand.kdl` in", "nor in a folder above it"]);
    place.run("fmt none.kdl").ends(1).says(&["`none.kdl` cannot be read: there is no such file"]);
    place.write("onhand.kdl", "onhand language=1\ninclude \"none.kdl\"\nunit   ea\n");
    place.run("fmt").ends(1).tells(&["Formatted onhand.kdl"]).says(&["error[include-missing]"]);
}

#[test]
fn standard_input_becomes_standard_output() {
    assert_eq!(piped("fmt -", UGLY).ends(0).says_nothing().out, PLAIN);
    assert_eq!(piped("fmt -", PLAIN).ends(0).out, PLAIN);
    assert_eq!(piped("fmt --check -", UGLY).ends(1).out, "<stdin>\n");
    piped("fmt --check -", PLAIN).ends(0).tells_nothing();
    assert!(
        piped("fmt --diff -", UGLY).ends(0).out.starts_with("--- <stdin>\n+++ <stdin>\n@@ -1,6 +1,4 @@\n")
    );
    piped("fmt -", "a {").ends(1).tells_nothing().says(&["error[syntax]", "<stdin>:1:4"]);
    piped("fmt - x.kdl", "").ends(1).tells_nothing().says(&["`-` stands for standard input"]);
}

#[test]
fn a_difference_shows_no_secret() {
    let place = Place::with(
        "onhand language=1\nsystem erp kind=tryton role=erp {\n  password   \"hunter2\"\n  user bob;database inv\n}\n",
    );
    let diff = place.run("fmt --diff").ends(0).out;
    assert!(diff.contains("-  password   *********\n"), "{diff}");
    assert!(diff.contains("+    password *********\n"), "{diff}");
    assert!(!diff.contains("hunter2"), "{diff}");
    place.run("fmt").ends(0);
    assert!(place.read("onhand.kdl").contains("    password \"hunter2\"\n"));
}

#[cfg(unix)]
#[test]
fn a_file_keeps_its_rights_and_links_stay_links() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let place = ugly();
    let own = place.path("parts/a.kdl");
    std::fs::set_permissions(&own, std::fs::Permissions::from_mode(0o600)).unwrap();
    symlink("a.kdl", place.path("parts/c.kdl")).unwrap();
    place.run("fmt parts/c.kdl").ends(0).tells(&["Formatted parts/c.kdl"]);
    assert_eq!(place.read("parts/a.kdl"), "unit g\nunit kg 1000 g\n");
    assert_eq!(std::fs::metadata(&own).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(std::fs::symlink_metadata(place.path("parts/c.kdl")).unwrap().is_symlink());
}

#[test]
fn a_file_that_is_no_kdl_is_left_as_it_is() {
    let place = Place::empty();
    place.write("catalog.csv", "sku,name\nMUG,\"big  mug\"\nCUP,small   cup\n");
    let before = place.read("catalog.csv");
    place.run("fmt catalog.csv").ends(1).tells_nothing().says(&["`catalog.csv` is not laid out", "`.kdl`"]);
    assert_eq!(place.read("catalog.csv"), before);
    place.run("fmt none").ends(1).says(&["`none` cannot be read: there is no such file"]);
}
