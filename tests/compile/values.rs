//! Single values: fixes, secrets, and what a message says.

use super::{files, rules, scene, text, told};

const NONE: [&str; 0] = [];

fn fixed(source: &str) -> String {
    let compiled = text(source);
    let fix = compiled.diagnostics[0].fix.as_ref().expect("there is a fix");
    let mut out = source.to_owned();
    let mut edits = fix.edits.clone();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    for edit in edits {
        out.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.replacement);
    }
    out
}

#[test]
fn a_bare_number_is_quoted_letter_for_letter() {
    let head = "onhand language=1\nunit ea\nsystem a kind=memory role=erp\n";
    for code in ["0042", "4006381333931", "1_000", "1.50", "0x1F"] {
        let source = format!("{head}item MUG unit=ea {{ in a {code} }}\n");
        assert_eq!(rules(&text(&source)), ["wrong-type"], "{code}");
        let mended = fixed(&source);
        assert!(mended.contains(&format!("in a \"{code}\"")), "{mended}");
        assert_eq!(rules(&text(&mended)), NONE);
    }
}

#[test]
fn a_typo_has_a_fix_that_mends_it() {
    let head = "onhand language=1\nunit ea\nsystem erp kind=memory role=erp\n";
    for (wrong, rule) in [
        ("itm MUG unit=ea { in erp MUG }", "unknown-node"),
        ("item MUG unt=ea unit=ea { in erp MUG }", "unknown-property"),
        ("item MUG unit=ea { in erpp MUG }", "unknown-name"),
    ] {
        let source = format!("{head}{wrong}\n");
        let compiled = text(&source);
        assert_eq!(rules(&compiled), [rule], "{}", told(&compiled));
        assert!(compiled.diagnostics[0].fix.is_some(), "{wrong}");
    }
    let mended = fixed(&format!("{head}item MUG unit=ea {{ in erpp MUG }}\n"));
    assert_eq!(rules(&text(&mended)), NONE);
}

#[test]
fn a_secret_never_leaves_the_text() {
    let secret = "s3cr3t-välue";
    let lines = [
        format!("password \"{secret}\""),
        format!("password \"{secret}\"; database"),
        format!("pasword \"{secret}\""),
        format!("password \"{secret}\" extra"),
        format!("url \"https://me:{secret}@host/\""),
        format!("api-token \"{secret}\""),
    ];
    for line in lines {
        let source = format!(
            "onhand language=1\nsystem erp kind=tryton role=erp {{ url (env)U; database d; user u; {line} }}\n"
        );
        let compiled = files(&[("onhand.kdl", &source)]);
        assert!(compiled.has_errors(), "{line}");
        for format in onhand::diagnostic::render::FORMATS {
            let shown = format.2(
                &compiled.diagnostics,
                &compiled.sources,
                &onhand::diagnostic::render::Options::default().into(),
            );
            assert!(!shown.contains("s3cr3t") && !shown.contains("välue"), "{line}\n{shown}");
        }
        let paths = compiled.paths(&compiled.diagnostics);
        assert!(paths.iter().all(|path| !path.contains("s3cr3t") && !path.contains("välue")), "{paths:?}");
        let kept = compiled.sources.files().any(|(_, file)| file.text().contains("s3cr3t"));
        assert!(!kept, "{line}: the text still holds it");
    }
}

#[test]
fn numbers_are_read_exactly_as_kdl_writes_them() {
    let model = text(
        "onhand language=1\nunit g\nunit kg 1_000 g\nunit mg 0.001 g\nunit t 0xF4240 g\nunit lb 453.59237 g\n",
    );
    assert_eq!(rules(&model), NONE, "{}", told(&model));
    let ratios: Vec<String> = model.model.units.all.iter().map(|unit| unit.ratio.to_string()).collect();
    assert_eq!(ratios, ["1", "1000", "1/1000", "1000000", "45359237/100000"]);
}

#[test]
fn findings_come_sorted_by_file_line_and_column() {
    let compiled = files(&[
        ("onhand.kdl", "onhand language=1\ninclude \"a.kdl\"\nnode-z\nnode-y\n"),
        ("a.kdl", "node-x; node-w\n"),
    ]);
    let places: Vec<String> = compiled
        .diagnostics
        .iter()
        .map(|found| {
            let span = found.primary.span;
            let at = compiled.sources.position(span);
            format!("{}:{}:{}", compiled.sources.file(span.source).name(), at.line, at.column)
        })
        .collect();
    assert_eq!(places, ["a.kdl:1:1", "a.kdl:1:9", "onhand.kdl:3:1", "onhand.kdl:4:1"]);
}

#[test]
fn the_later_of_two_is_primary_in_reading_order() {
    let compiled =
        files(&[("onhand.kdl", "onhand language=1\ninclude \"z.kdl\"\nunit ea\n"), ("z.kdl", "unit ea\n")]);
    assert_eq!(rules(&compiled), ["duplicate-name"]);
    let found = &compiled.diagnostics[0];
    assert_eq!(compiled.sources.file(found.primary.span.source).name(), "onhand.kdl");
    assert_eq!(compiled.sources.file(found.labels[0].span.source).name(), "z.kdl");
}

#[test]
fn nothing_panics_on_torn_text() {
    let whole = super::good::WHOLE;
    let step = 7;
    for cut in (0..whole.len()).step_by(step).filter(|cut| whole.is_char_boundary(*cut)) {
        let compiled = text(&whole[..cut]);
        assert_eq!(compiled.model.digest.len(), 64);
        let mut dropped = whole.to_owned();
        dropped.replace_range(cut..(cut + step).min(whole.len()), "");
        text(&dropped);
    }
}

/// A kind that can only be told to add or take off.
static DELTAS: onhand::model::capability::Descriptor = onhand::model::capability::Descriptor {
    class: onhand::model::capability::WriteClass::BareDelta,
    ..onhand::connectors::sql::DESCRIPTOR
};

#[test]
fn a_write_that_nobody_can_send_twice_is_refused_wherever_it_is_published_to() {
    let kinds: Vec<&'static onhand::model::capability::Descriptor> = onhand::connectors::KINDS
        .iter()
        .map(|kind| if kind.kind == "sql" { &DELTAS } else { *kind })
        .collect();
    for role in ["channel", "warehouse", "reporting"] {
        let text = format!(
            "onhand language=1\nunit ea\n\
             system depot kind=csv role=warehouse {{ levels \"f.csv\" {{ code sku; location site; on-hand q \
             {{ net-of reserved }} }} }}\n\
             system shop kind=sql role={role} {{ url \"sqlite:s.db\"; levels \"select * from s\" {{ code sku; \
             location site; available q {{ net-of own-sales }} }}; set \"update s set q = :after where sku = \
             :code and q = :before\"; orders none }}\n\
             location lyon {{ in depot L; in shop S }}\nitem MUG unit=ea {{ in depot M; in shop M }}\n\
             owner depot {{ of on-hand }}\n\
             flow f {{ publish available to=shop; lag \"10m\" every=\"5m\" }}\n"
        );
        let folder = std::collections::BTreeMap::from([("onhand.kdl".to_owned(), text.into_bytes())]);
        let compiled = onhand::compile::compile(&onhand::compile::Inputs {
            folder: &folder,
            root: "onhand.kdl",
            kinds: &kinds,
            env: &|_| None,
            scene: scene(),
        });
        let refused: Vec<_> =
            compiled.diagnostics.iter().filter(|one| one.rule.slug == "target-cannot-take").collect();
        assert_eq!(refused.len(), 1, "{role}: {}", told(&compiled));
        let why = "kind `sql` only adds and takes off, and cannot tell one sent twice";
        assert!(refused[0].message.ends_with(why), "{}", refused[0].message);
        let help = &refused[0].help;
        assert!(help.contains("Where the answer to a write is lost"), "{help}");
    }
}
