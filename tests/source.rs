//! Paths as text.

use onhand::source::path::{folder_of, inside, join, tidy, uri};

#[test]
fn a_tidy_path_has_no_dots_that_can_be_worked_out() {
    for (path, tidied) in [
        ("/a/./b//../c/../../../d", "/d"),
        ("/..", "/"),
        ("/", "/"),
        ("a/../b", "b"),
        ("a/..", ""),
        ("../../a/../b", "../../b"),
        ("a/../../b/..", ".."),
        ("", ""),
        (".", ""),
    ] {
        assert_eq!(tidy(path), tidied, "{path:?}");
        assert_eq!(tidy(tidied), tidied);
    }
}

#[test]
fn a_path_below_a_folder_is_found_or_refused() {
    for (dir, path, whole, within) in [
        ("", "a", "a", Some("a")),
        ("a", "", "a/", Some("a")),
        ("/", "a", "/a", Some("/a")),
        ("a/", "b", "a/b", Some("a/b")),
        ("a/b", "../c", "a/b/../c", Some("a/c")),
        ("a", "..", "a/..", Some("")),
        ("a", "../..", "a/../..", None),
        ("a", "../../a/b", "a/../../a/b", None),
        ("", "..a", "..a", Some("..a")),
        ("a", "/b", "/b", Some("/b")),
    ] {
        assert_eq!(join(dir, path), whole);
        assert_eq!(inside(dir, path).as_deref(), within, "{dir:?} {path:?}");
    }
}

#[test]
fn folders_end_at_the_root_or_at_a_name_alone() {
    for (path, folder) in
        [("/a/b", Some("/a")), ("/a", Some("/")), ("/", None), ("a/b", Some("a")), ("a", None)]
    {
        assert_eq!(folder_of(path), folder, "{path:?}");
    }
}

#[test]
fn a_uri_holds_nothing_that_it_may_not() {
    assert_eq!(uri("/a b/ü%.kdl"), "file:///a%20b/%C3%BC%25.kdl");
    assert_eq!(uri("../a-b_c~d/e.kdl"), "../a-b_c~d/e.kdl");
}
