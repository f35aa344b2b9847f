//! The official KDL 2 cases. They are not part of this project: `ONHAND_KDL_SUITE` names their folder.

use super::canonical;
use onhand::source::SourceId;
use onhand::syntax::{self, lexer};
use std::path::{Path, PathBuf};

/// Name, text and expected result of each case; nothing where the suite is not at hand, which is said.
pub fn cases() -> Option<Vec<(String, String, Option<String>)>> {
    let folder = std::env::var_os("ONHAND_KDL_SUITE").map(PathBuf::from);
    let Some(folder) = folder.filter(|folder| folder.join("input").is_dir()) else {
        let required = std::env::var("ONHAND_REQUIRE_SUITE").is_ok_and(|value| value == "1");
        let why = "ONHAND_KDL_SUITE names no folder with the official KDL 2 cases";
        assert!(!required, "{why}, and ONHAND_REQUIRE_SUITE=1 demands them");
        println!("skipped: {why}");
        return None;
    };
    let mut cases: Vec<_> = std::fs::read_dir(folder.join("input"))
        .expect("the folder of cases can be listed")
        .map(|entry| case(&folder, &entry.expect("a case can be listed").path()))
        .collect();
    cases.sort();
    assert!(cases.len() >= 336, "only {} cases in {}", cases.len(), folder.display());
    Some(cases)
}

fn case(folder: &Path, input: &Path) -> (String, String, Option<String>) {
    let name = input.file_name().expect("a file has a name").to_string_lossy().into_owned();
    let text = std::fs::read_to_string(input).expect("a case is UTF-8");
    let expected = std::fs::read_to_string(folder.join("expected_kdl").join(&name)).ok();
    (name, text, expected)
}

#[test]
fn official_cases_are_right() {
    let Some(cases) = cases() else { return };
    let mut wrong = Vec::new();
    let (mut good, mut refused) = (0, 0);
    for (name, text, expected) in &cases {
        let parsed = syntax::parse(SourceId(0), text);
        let written = canonical::write(&parsed.document, text);
        let found: Vec<_> = parsed.diagnostics.iter().map(|found| found.message.as_str()).collect();
        let must_fail = name.ends_with("_fail.kdl");
        assert_eq!(must_fail, expected.is_none(), "{name}: its result is missing or one too many");
        match expected {
            Some(expected) if found.is_empty() && written == *expected => good += 1,
            None if !found.is_empty() => refused += 1,
            _ => wrong.push(format!("{name}\nwanted {expected:?}\nwrote  {written:?}\nfound  {found:?}")),
        }
    }
    println!("{good} cases read, {refused} refused, {} wrong, of {}", wrong.len(), cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn tokens_tile_every_official_case() {
    let Some(cases) = cases() else { return };
    for (name, text, _) in &cases {
        let mut at = 0;
        for token in lexer::tokens(text) {
            assert_eq!(token.start, at, "{name}: a gap before {token:?}");
            assert!(token.end > at, "{name}: an empty {token:?}");
            at = token.end;
        }
        assert_eq!(at as usize, text.len(), "{name}: the tokens end early");
    }
}

#[test]
fn every_official_mistake_has_its_one_finding() {
    // Cases that hold more than one mistake.
    let several =
        [("floating_point_keyword_identifier_strings_fail.kdl", 3), ("just_space_in_arg_type_fail.kdl", 2)];
    let Some(cases) = cases() else { return };
    for (name, text, _) in cases.iter().filter(|(_, _, expected)| expected.is_none()) {
        let wanted = several.iter().find(|(known, _)| known == name).map_or(1, |(_, count)| *count);
        let found = syntax::parse(SourceId(0), text).diagnostics;
        assert_eq!(found.len(), wanted, "{name}: {found:#?}");
    }
}
