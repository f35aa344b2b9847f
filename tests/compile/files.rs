//! Files: includes, globs, paths, the root, catalogs and their encodings, the digest.

use super::{files, files_with, rules, scene, told};
use onhand::compile::{Inputs, compile};
use onhand::connectors::KINDS;
use onhand::source::{Entry, Folder};
use std::collections::BTreeMap;

const NONE: [&str; 0] = [];

#[test]
fn a_missing_root_is_reported_at_its_first_line() {
    let none = files(&[("other.kdl", "")]);
    assert_eq!(rules(&none), ["include-missing"]);
    assert_eq!(none.sources.file(none.diagnostics[0].primary.span.source).name(), "onhand.kdl");
    assert_eq!(none.sources.position(none.diagnostics[0].primary.span).line, 1);
}

#[test]
fn a_root_without_its_head_is_a_language_version() {
    assert_eq!(rules(&files(&[("onhand.kdl", "unit ea\n")])), ["language-version"]);
    assert_eq!(rules(&files(&[("onhand.kdl", "")])), ["language-version"]);
    let elsewhere = files(&[("onhand.kdl", "include \"a.kdl\"\n"), ("a.kdl", "onhand language=1\n")]);
    assert_eq!(rules(&elsewhere), ["language-version"]);
}

#[test]
fn what_lies_at_the_root_of_the_disk_is_the_neighbour_of_what_lies_there() {
    let all = files(&[
        ("onhand.kdl", "onhand language=1\ninclude \"/a.kdl\"\n"),
        ("/a.kdl", "include \"b.kdl\"\n"),
        ("/b.kdl", "unit b\n"),
    ]);
    assert_eq!(rules(&all), NONE, "{}", told(&all));
    assert_eq!(all.model.units.all.len(), 1);
}

#[test]
fn globs_are_sorted_relative_and_skip_the_file_itself() {
    let all = files(&[
        ("onhand.kdl", "onhand language=1\ninclude \"**/*.kdl\"\n"),
        ("b/two.kdl", "unit b\ninclude \"../c/?.kdl\"\n"),
        ("a.kdl", "unit a\n"),
        ("c/x.kdl", "unit c\n"),
        ("c/xy.kdl", "unit d\n"),
    ]);
    assert_eq!(rules(&all), NONE, "{}", told(&all));
    let names: Vec<&str> = all.model.units.all.iter().map(|unit| &*unit.name).collect();
    assert_eq!(names, ["a", "b", "c", "d"]);
}

#[test]
fn a_file_reached_twice_is_read_once() {
    let twice = files(&[
        ("onhand.kdl", "onhand language=1\ninclude \"a.kdl\"\ninclude \"./x/../a.kdl\"\ninclude \"b.kdl\"\n"),
        ("a.kdl", "unit a\n"),
        ("b.kdl", "include \"a.kdl\"\nunit b\n"),
    ]);
    assert_eq!(rules(&twice), NONE, "{}", told(&twice));
}

#[test]
fn siblings_that_include_each_other_downwards_are_no_circle() {
    let down = files(&[
        ("onhand.kdl", "onhand language=1\ninclude \"parts/*.kdl\"\n"),
        ("parts/a.kdl", "include \"b.kdl\"\nunit a\n"),
        ("parts/b.kdl", "unit b\n"),
    ]);
    assert_eq!(rules(&down), NONE, "{}", told(&down));
    let names: Vec<&str> = down.model.units.all.iter().map(|unit| &*unit.name).collect();
    assert_eq!(names, ["b", "a"], "an include stands where its node stands");
}

/// A folder whose `loop` leads back to the folder itself.
struct Looped(BTreeMap<String, Vec<u8>>);

impl Folder for Looped {
    fn list(&self, dir: &str) -> Vec<Entry> {
        let inner = dir.trim_start_matches("loop").trim_start_matches('/');
        let mut entries = self.0.list(inner);
        entries.push(Entry { name: "loop".to_owned(), is_dir: true });
        entries
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.0.read(&self.canonical(path))
    }

    fn canonical(&self, path: &str) -> String {
        let inner = path.split('/').filter(|part| *part != "loop").collect::<Vec<_>>().join("/");
        if inner.is_empty() { ".".to_owned() } else { inner }
    }
}

#[test]
fn links_that_loop_end_and_are_reported() {
    let texts = [("onhand.kdl", "onhand language=1\ninclude \"**/x.kdl\"\n"), ("x.kdl", "unit a\n")];
    let map = texts.iter().map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())).collect();
    let folder = Looped(map);
    let inputs = Inputs { folder: &folder, root: "onhand.kdl", kinds: KINDS, env: &|_| None, scene: scene() };
    assert_eq!(rules(&compile(&inputs)), ["include-cycle"]);
}

#[test]
fn paths_come_from_the_environment_where_they_say_so() {
    let texts = [
        ("onhand.kdl", "onhand language=1\nunit ea\nsystem a kind=memory role=erp\ninclude (env)MORE\n"),
        ("more/x.kdl", "items (env)CATALOG { sku sku; unit unit; in a sku }\n"),
        ("more/c.csv", "sku,unit\nMUG,ea\n"),
    ];
    let env = |name: &str| match name {
        "MORE" => Some("more/*.kdl".to_owned()),
        "CATALOG" => Some("c.csv".to_owned()),
        _ => None,
    };
    let compiled = files_with(&texts, &env);
    assert_eq!(rules(&compiled), NONE, "{}", told(&compiled));
    assert_eq!(&*compiled.model.items[0].name, "MUG");
}

fn catalog(bytes: &[u8], props: &str) -> onhand::compile::Compiled {
    let root = format!(
        "onhand language=1\nunit ea\nsystem a kind=memory role=erp\n\
         items \"c.csv\" {props} {{ sku sku; unit unit; in a code }}\n"
    );
    let folder: BTreeMap<String, Vec<u8>> =
        [("onhand.kdl".to_owned(), root.into_bytes()), ("c.csv".to_owned(), bytes.to_vec())].into();
    compile(&Inputs { folder: &folder, root: "onhand.kdl", kinds: KINDS, env: &|_| None, scene: scene() })
}

#[test]
fn catalogs_are_read_in_four_encodings() {
    let text = "sku;unit;code\nCAFÉ;ea;É-1\n";
    let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
    let mut wide = vec![0xFF, 0xFE];
    wide.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    let mut big = vec![0xFE, 0xFF];
    big.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
    let marked = [b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat();
    let unmarked = &big[2..];
    let cases: [(&[u8], &str); 7] = [
        (text.as_bytes(), "utf-8"),
        (&marked, "utf-8"),
        (&latin, "latin1"),
        (&latin, "windows-1252"),
        (&wide, "utf-16"),
        (&big, "utf-16"),
        (unmarked, "utf-16"),
    ];
    for (bytes, encoding) in cases {
        let compiled = catalog(bytes, &format!("delimiter=\";\" encoding={encoding}"));
        assert_eq!(rules(&compiled), NONE, "{encoding}: {}", told(&compiled));
        assert_eq!(&*compiled.model.items[0].name, "CAFÉ");
    }
}

#[test]
fn a_byte_that_is_not_in_the_encoding_of_a_catalog_is_named_with_its_line() {
    let cases: [(&[u8], &str, &str); 4] = [
        (
            b"sku,unit,code\nCAF\xC9,ea,1\n",
            "utf-8",
            "line 2 holds 0xC9, which stands for nothing there (byte 17 ",
        ),
        // In windows-1252 it is the sign of the euro; in latin1 a control character that nobody sees.
        (
            b"sku,unit,code\n\nA,ea,\x801\n",
            "latin1",
            "line 3 holds 0x80, which stands for nothing there (byte 20 ",
        ),
        (b"\xFF\xFEs\0k\0\n\0u\0\0", "utf-16", "line 2 holds 0x00, which stands for nothing there (byte 10 "),
        (
            b"\xFF\xFEs\0\n\0\x00\xD8s\0",
            "utf-16",
            "line 2 holds 0x00, which stands for nothing there (byte 6 ",
        ),
    ];
    for (bytes, encoding, place) in cases {
        let compiled = catalog(bytes, &format!("encoding={encoding}"));
        assert_eq!(rules(&compiled), ["catalog-unreadable"], "{encoding}");
        let said = &compiled.diagnostics[0].message;
        assert!(said.contains(place) && said.contains(&format!("`c.csv` is not in {encoding}: ")), "{said}");
    }
}

#[test]
fn quotes_line_breaks_and_blank_lines_of_a_catalog() {
    let text = b"sku,unit,code\r\n\"A,1\",ea,\"say \"\"hi\"\"\"\r\n\r\nB,\"ea\",b";
    let compiled = catalog(text, "");
    assert_eq!(rules(&compiled), NONE, "{}", told(&compiled));
    let codes: Vec<&str> = compiled.model.codes.iter().map(|code| &*code.code).collect();
    assert_eq!((&*compiled.model.items[0].name, codes), ("A,1", vec!["say \"hi\"", "b"]));
}

#[test]
fn a_fault_of_a_row_is_at_its_file_row_and_column() {
    let compiled = catalog(b"sku,unit,code\nA,ea,a\nB,box,b\n", "");
    assert_eq!(rules(&compiled), ["catalog-row"]);
    let span = compiled.diagnostics[0].primary.span;
    let place = compiled.sources.position(span);
    assert_eq!((compiled.sources.file(span.source).name(), place.line, place.column), ("c.csv", 3, 3));
}

#[test]
fn many_bad_rows_are_told_one_by_one_up_to_twenty() {
    let mut text = "sku,unit,code\n".to_owned();
    for row in 0..100 {
        text.push_str(&format!("I{row},box,c{row}\n"));
    }
    let compiled = catalog(text.as_bytes(), "");
    assert_eq!(compiled.diagnostics.len(), 21);
    assert!(compiled.diagnostics[20].message.contains("80 more"), "{}", told(&compiled));
    assert_eq!(compiled.model.bad_rows.len(), 100);
}

#[test]
fn tolerated_rows_warn_and_are_kept_for_the_queue() {
    let text = b"sku,unit,code\nA,ea,a\nB,box,b\n";
    let compiled = catalog(text, "bad-rows=1");
    assert_eq!(rules(&compiled), ["catalog-row"]);
    assert!(!compiled.has_errors());
    let [bad] = compiled.model.bad_rows.as_slice() else { panic!("one bad row") };
    assert_eq!((&*bad.file, bad.record, &*bad.field), ("c.csv", 3, "unit"));
    assert_eq!(bad.thing, Some(onhand::model::item::Thing::Item(onhand::model::ItemId(1))));
    let more = catalog(b"sku,unit,code\nA,ea,a\nB,box,b\nC,box,c\n", "bad-rows=1");
    assert!(more.has_errors());
}

#[test]
fn the_digest_follows_every_file_and_nothing_else() {
    let one = [("onhand.kdl", "onhand language=1\ninclude \"a.kdl\"\n"), ("a.kdl", "unit a\n")];
    let base = files(&one).model.digest;
    assert_eq!(base.len(), 64);
    let with_stranger = files(&[one[0], one[1], ("readme.md", "x")]).model.digest;
    assert_eq!(base, with_stranger);
    let changed = files(&[one[0], ("a.kdl", "unit b\n")]).model.digest;
    assert_ne!(base, changed);
}

#[test]
fn order_of_nodes_and_files_changes_no_name() {
    let compiled = files(&[(
        "onhand.kdl",
        "item MUG unit=ea { in a MUG }\nsystem a kind=memory role=erp\nunit ea\nonhand language=1\n",
    )]);
    assert_eq!(rules(&compiled), NONE, "{}", told(&compiled));
}
