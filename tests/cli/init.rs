//! `onhand init`.

use super::{Done, Place};
use crate::support::chance;
use std::io::Write;
use std::process::Stdio;

/// Runs `init` with arguments that may hold anything.
fn init(place: &Place, words: &[&str]) -> Done {
    Done::of(place.command("init").args(words).output().unwrap())
}

/// Runs `init`, which answers these lines.
fn answered(place: &Place, words: &str, answers: &str) -> Done {
    let mut command = place.command(words);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may end before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(answers.as_bytes());
    Done::of(child.wait_with_output().unwrap())
}

/// Checks in this process that a written topology has no findings: a hundred runs of the program take long.
fn sound(place: &Place, dir: &str, about: &str) {
    let names = ["onhand.kdl", "systems.kdl", "catalog.csv"];
    let read = |name: &&'static str| Some((*name, std::fs::read_to_string(place.path(dir).join(name)).ok()?));
    let files: Vec<(&str, String)> = names.iter().filter_map(read).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, &**text)).collect();
    let compiled = crate::compile::files(&files);
    let told = crate::compile::told(&compiled);
    assert!(compiled.diagnostics.is_empty(), "{about}\n{told}\n{files:#?}");
    assert!(!compiled.model.flows.is_empty(), "{about}: nothing flows\n{files:#?}");
}

fn is_empty(place: &Place) -> bool {
    std::fs::read_dir(place.path("")).unwrap().count() == 0
}

#[test]
fn flags_give_a_topology_without_findings() {
    let place = Place::empty();
    let flags = "--system erp:tryton:erp --system web:vendure:channel --system till:sql:channel --location paris \
                 --timezone Europe/Paris --reviewer me@example.com";
    let done = place.run(&format!("init new {flags}")).ends(0).says_nothing();
    done.tells(&[
        "Written to new: onhand.kdl, catalog.csv, .gitignore.",
        "ERP_URL, ERP_DATABASE, ERP_USER, ERP_PASSWORD, WEB_URL, WEB_KEY, TILL_URL, ALERT_WEBHOOK",
        "onhand check new",
        "onhand plan new --out plan.jsonl",
        "onhand apply plan.jsonl --dir new",
    ]);
    sound(&place, "new", flags);
    place.run("check new --deny warnings").ends(0).tells(&["No findings."]);
    assert_eq!(place.read("new/.gitignore"), ".onhand/\n");
    insta::assert_snapshot!([place.read("new/onhand.kdl"), place.read("new/catalog.csv")].join("---\n"));
}

#[test]
fn every_kind_and_role_that_makes_sense_has_no_findings() {
    let place = Place::empty();
    let mut made = 0;
    for owner in
        ["tryton:erp", "csv:erp", "csv:warehouse", "sql:warehouse", "memory:erp", "vendure:warehouse"]
    {
        for kind in ["csv", "sql", "tryton", "vendure", "memory"] {
            for role in ["channel", "reporting", "warehouse", "erp"] {
                made += 1;
                let dir = format!("t{made}");
                let flags = format!("--system a:{owner} --system b:{kind}:{role} --location hall --owner a");
                place.run(&format!("init {dir} {flags}")).ends(0);
                sound(&place, &dir, &flags);
            }
        }
    }
    assert_eq!(made, 120);
}

#[test]
fn random_answers_have_no_findings() {
    let names = [
        "erp", "web", "till 2", "till-2", "till-2.3", "3pl", "日本", "a\"b\\c", "end", "true", "sku", "X,Y",
        "a:b",
    ];
    let places = ["paris", "lyon", "3rd floor", "web", "at:home", "ééé"];
    let kinds = ["csv", "sql", "tryton", "vendure", "memory"];
    for seed in chance::seeds(40) {
        let mut dice = chance::Dice(seed);
        let mut pick = |from: &[&'static str], many: usize| -> Vec<&'static str> {
            let mut left = from.to_vec();
            (0..many).map(|_| left.remove(dice.below(left.len()))).collect()
        };
        let many = 2 + (seed % 6) as usize;
        let (systems, halls) = (pick(&names, many), pick(&places, 1 + (seed % 3) as usize));
        let owners = 1 + dice.below(many - 1);
        let mut words: Vec<String> = vec!["t".to_owned()];
        for (at, name) in systems.iter().enumerate() {
            let roles = if at < owners { ["erp", "warehouse"] } else { ["channel", "reporting"] };
            words.push(format!("--system={name}:{}:{}", kinds[dice.below(5)], roles[dice.below(2)]));
        }
        for hall in &halls {
            words.push(format!("--location={hall}:{}", systems[dice.below(owners)]));
        }
        let about = format!("ONHAND_SEED={seed} {words:?}");
        let place = Place::empty();
        let done = init(&place, &words.iter().map(|word| &**word).collect::<Vec<_>>());
        assert_eq!(done.status, 0, "{about}\n{}", done.err);
        sound(&place, "t", &about);
        let all = place.read("t/onhand.kdl")
            + &std::fs::read_to_string(place.path("t/systems.kdl")).unwrap_or_default();
        for line in all.lines().filter(|line| line.trim_start().starts_with("password")) {
            assert!(line.contains("(env)"), "{about}: {line}");
        }
        let mut variables: Vec<&str> =
            all.lines().filter_map(|line| line.trim().split_once("(env)")).map(|(_, n)| n).collect();
        let named = variables.len();
        variables.sort_unstable();
        variables.dedup();
        assert_eq!(variables.len(), named, "{about}: two systems share a variable\n{all}");
    }
}

#[test]
fn what_is_missing_is_named() {
    let place = Place::empty();
    let done = place.run("init").ends(1).tells_nothing();
    done.says(&["two or more systems (`--system NAME:KIND:ROLE`)", "a location (`--location NAME`)"]);
    let two = "--system a:csv:erp --system b:sql:warehouse";
    let done = place.run(&format!("init {two} --location hall")).ends(1);
    let done = done.says(&["what is missing: the system that counts the stock (`--owner SYSTEM`)"]);
    assert!(!done.err.contains("two or more"), "{}", done.err);
    let done = place.run(&format!("init {two} --location hall:a --location yard:b")).ends(1);
    done.says(&["every system counts stock of its own, and none is left to show it"]);
    assert!(is_empty(&place), "nothing was written");
}

#[test]
fn wrong_answers_are_told_in_the_words_of_the_compiler() {
    let place = Place::empty();
    for (flags, says) in [
        ("--system erp:tritan:erp", "--system erp:tritan:erp: there is no kind of system `tritan`"),
        ("--system erp:tryton:shop", "the role of `system` cannot be `shop`"),
        ("--system erp", "--system erp: not a name, a kind and a role"),
        ("--system :csv:erp", "the name of `system` is empty"),
        ("--system a:csv:erp --system a:sql:erp", "there are two systems `a`"),
        ("--system a:csv:erp --owner b", "--owner b: no system is called `b`"),
        ("--location x --location x", "there are two locations `x`"),
        ("--timezone Mars/Base", "there is no time zone `Mars/Base`"),
    ] {
        place.run(&format!("init {flags}")).ends(1).tells_nothing().says(&[says]);
    }
    init(&place, &["--system", "a\u{1b}[31m:csv:erp"]).ends(1).tells_nothing();
    assert!(is_empty(&place), "nothing was written");
}

#[test]
fn nothing_is_ever_overwritten() {
    let place = Place::empty();
    let flags = "--system a:csv:warehouse --system b:sql:channel --location hall";
    place.write("catalog.csv", "mine\n");
    let done = place.run(&format!("init {flags}")).ends(1).tells_nothing();
    done.says(&["`catalog.csv` is there already, and nothing was written"]);
    assert_eq!(std::fs::read_dir(place.path("")).unwrap().count(), 1);
    let place = Place::with("mine\n");
    place.run("init").ends(1).says(&["`onhand.kdl` is there already, and nothing was written"]);
    place.run("init --from direct").ends(1).says(&["`onhand.kdl` is there already"]);
    assert_eq!(place.read("onhand.kdl"), "mine\n");
    // A folder under version control has one, and it stays as it is.
    let place = Place::empty();
    place.write(".gitignore", "target/\n");
    place.run(&format!("init {flags}")).ends(0).tells(&["Written to .: onhand.kdl, catalog.csv."]);
    assert_eq!(place.read(".gitignore"), "target/\n");
}

#[test]
fn an_example_is_copied() {
    let place = Place::empty();
    place.run("init mine --from direct").ends(0).tells(&["onhand check mine"]);
    sound(&place, "mine", "direct");
    let example = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/direct/onhand.kdl");
    assert_eq!(place.read("mine/onhand.kdl"), std::fs::read_to_string(example).unwrap());
    place.run("plan mine").ends(0).tells(&["11 counts to write"]);
    place.run("init erp --from erp").ends(0).tells(&["ERP_URL"]);
    sound(&place, "erp", "erp");
    place.run("init x --from nonsense").ends(1).says(&["there is no example `nonsense`"]);
    place.run("init x --from direct --location y").ends(1).says(&["cannot be used with"]);
}

#[test]
fn questions_are_asked_until_the_answer_is_right() {
    let place = Place::empty();
    let answers = "erp\ntriton\ntryton\nerp\n\nerp\ndepot\ncsv\nwarehouse\nweb shop\nvendure\nshop\nchannel\n\n\
                   \nparis\nparis\nlyon\n\nerp\nnobody\ndepot\nMars/Base\nEurope/Paris\n\n";
    let done = answered(&place, "init --ask", answers).ends(0);
    let done = done.says(&[
        "there is no kind of system `triton`",
        "There must be two or more",
        "there are two systems `erp`",
        "the role of `system` cannot be `shop`",
        "There must be one.",
        "there are two locations `paris`",
        "which system counts at lyon (erp, depot):",
        "no system is called `nobody`",
        "there is no time zone `Mars/Base`",
        "(a mail address) [ops@example.com]:",
    ]);
    done.tells(&["Written to .: onhand.kdl, catalog.csv, .gitignore."]);
    sound(&place, ".", answers);
    let text = place.read("onhand.kdl");
    for part in
        ["system \"web shop\" kind=vendure", "owner depot { of on-hand reserved; at lyon", "Europe/Paris"]
    {
        assert!(text.contains(part), "{part}\n{text}");
    }
    // What flags have said is not asked again.
    let flags = "init b --ask --system a:csv:warehouse --system b:sql:channel --location hall --timezone UTC";
    let done = answered(&place, flags, "\n").ends(0);
    assert_eq!(done.err, "who looks each day at what did not work (a mail address) [ops@example.com]: ");
}

#[test]
fn answers_that_end_early_leave_nothing() {
    let whole = "erp\ntryton\nerp\nweb\nvendure\nchannel\n\nparis\n\nUTC\nme@example.com\n";
    for end in (0..whole.len()).filter(|end| whole.as_bytes()[*end] == b'\n' || *end == 0) {
        let place = Place::empty();
        let done = answered(&place, "init --ask", &whole[..end]);
        // The last line need not end in a line break.
        if end + 1 == whole.len() {
            done.ends(0);
            continue;
        }
        done.ends(1)
            .tells_nothing()
            .says(&["the answers ended before the last question, and nothing was written"]);
        assert!(is_empty(&place), "{end}");
    }
    let place = Place::empty();
    answered(&place, "init --ask", &"\u{0}x".repeat(200_000)).ends(1).tells_nothing();
    assert!(is_empty(&place));
}

#[test]
fn an_example_without_its_systems_says_what_can_be_done_with_it() {
    let place = Place::empty();
    for example in ["hub", "custom"] {
        let done = place.run(&format!("init --from {example} {example}")).ends(0);
        let done = done.tells(&["put your own in their place", &format!("onhand test {example}")]);
        assert!(!done.out.contains("onhand plan") && !done.out.contains("onhand apply"), "{}", done.out);
        place.run(&format!("check {example}")).ends(0);
        place.run(&format!("test {example}")).ends(0);
        place.run(&format!("graph {example} --lag")).ends(0);
    }
    place.run("init --from direct direct").ends(0).tells(&["onhand plan direct --out plan.jsonl"]);
}

#[test]
fn the_next_commands_can_be_copied() {
    let place = Place::empty();
    init(&place, &["--from", "direct", "my stock's"]).ends(0).tells(&[r"onhand check 'my stock'\''s'"]);
    init(&place, &["--from", "direct", "./a/b-c"]).ends(0).tells(&["onhand check ./a/b-c"]);
}
