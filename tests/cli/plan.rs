//! `onhand plan`.

use super::{Place, flat, small};

#[test]
fn a_plan_is_shown_and_nothing_is_written() {
    let place = Place::direct();
    let before = place.shop();
    let done = place.run("plan").ends(0).says_nothing();
    assert!(done.out.starts_with("11 counts to write in 1 flow.\n"), "{}", done.out);
    assert_eq!(place.shop(), before);
    assert!(!place.path(".onhand").exists(), "reading makes no state");
    let wide: Vec<&str> = done.out.lines().filter(|line| line.chars().count() > 80).collect();
    assert_eq!(wide, Vec::<&str>::new());
}

#[test]
fn columns_of_a_group_stand_under_each_other() {
    let done = Place::direct().run("plan").ends(0);
    let groups: Vec<&str> = done.out.split("\n\n").filter(|part| part.starts_with("shop-stock")).collect();
    assert_eq!(groups.len(), 2, "{}", done.out);
    for group in groups {
        let arrows: Vec<usize> =
            group.lines().filter_map(|line| line.chars().position(|c| c == '→')).collect();
        assert!(arrows.len() > 1 && arrows.windows(2).all(|pair| pair[0] == pair[1]), "{group}");
    }
    assert!(!done.out.contains("MUG-WHITE (mug-white)") && done.out.contains("(tea-earl-grey-case)"));
}

#[test]
fn plain_terminals_get_plain_letters() {
    let place = Place::direct();
    for words in ["plan --out p.jsonl", "apply p.jsonl", "queue list", "explain DESCALER@shop", "help"] {
        let done = place.command(words).env("LC_ALL", "C").output().unwrap();
        assert!(done.stdout.is_ascii() && done.stderr.is_ascii(), "{words}: {done:?}");
    }
}

#[test]
fn colour_and_width_change_no_word() {
    let place = Place::direct();
    let plain = place.run("plan --color never").ends(0).out;
    let coloured = place.run("plan --color always").ends(0).out;
    assert!(coloured.contains("\u{1b}["));
    let mut bare = String::new();
    for (at, part) in coloured.split("\u{1b}[").enumerate() {
        bare.push_str(if at == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    let unread = |text: &str| text.lines().filter(|line| !line.contains("true at")).collect::<String>();
    assert_eq!(unread(&bare), unread(&plain));
    let narrow = place.command("plan").env("COLUMNS", "50").output().unwrap();
    assert!(flat(&String::from_utf8(narrow.stdout).unwrap()).contains("limited by STRAINER"));
}

#[test]
fn the_kept_plan_is_what_json_prints() {
    let place = Place::direct();
    let done = place.run("plan --out plan.jsonl --format json").ends(0).says_nothing();
    assert_eq!(done.out, place.read("plan.jsonl"));
    crate::support::check_plan(&done.out);
    let kinds: Vec<String> = done.json().iter().map(|line| line["type"].as_str().unwrap().into()).collect();
    assert_eq!((kinds[0].as_str(), kinds.last().unwrap().as_str()), ("plan", "summary"));
    assert_eq!(kinds.iter().filter(|kind| *kind == "change").count(), 11);
}

#[test]
fn a_plan_as_a_comment_on_a_pull_request() {
    let place = Place::direct();
    let done = place.run("plan --format markdown --out plan.jsonl").ends(0).says_nothing();
    assert!(
        done.out.starts_with("## onhand plan: safe to apply\n\n**11 counts** change in 1 flow: "),
        "{}",
        done.out
    );
    assert!(place.path("plan.jsonl").exists());
    place.run("apply plan.jsonl").ends(4);
    place.run("plan --format markdown").tells(&["## onhand plan: nothing to"]);
}

#[test]
fn where_the_plan_is_kept_and_how_to_apply_it() {
    let place = Place::direct();
    let done = place.run("plan --out plan.jsonl").ends(0);
    assert!(done.out.ends_with("To carry it out:\n  onhand apply plan.jsonl\n"), "{}", done.out);
    let dir = place.path("");
    let outside = Place::empty();
    let done = outside.run(&format!("plan {} --out plan.jsonl", dir.display())).ends(0);
    let line = format!("  onhand apply plan.jsonl --dir {}\n", dir.display());
    assert!(done.out.ends_with(&line), "{}", done.out);
    outside.run(&format!("apply plan.jsonl --dir {}", dir.display())).ends(4);
    let done = outside.run(&format!("plan {} --out plan.jsonl", dir.display())).ends(0);
    assert!(done.out.ends_with("Kept in plan.jsonl; there is nothing in it to apply.\n"), "{}", done.out);
}

#[test]
fn parts_of_a_plan() {
    let place = Place::direct();
    let changes = |words: &str| place.run(&format!("plan --format json {words}")).ends(0).json();
    let count = |words: &str| changes(words).last().unwrap()["changes"].as_u64().unwrap();
    assert_eq!(count("--flow shop-stock"), 11);
    assert_eq!(count("--system shop"), 11);
    assert_eq!(count("--at north"), 5);
    assert_eq!(count("--at north,south"), 11);
    assert_eq!(count("--items DESCALER,MUG-WHITE"), 2);
    assert_eq!(count("--items DESCALER --at north"), 0);
    assert_eq!(count("--system depot"), 0);
    assert!(count("--items tag=tea") < 11);
}

#[test]
fn what_nobody_declared_is_named_with_what_there_is() {
    let place = Place::direct();
    let wrong = |words: &str, says: &[&str]| {
        place.run(words).ends(1).tells_nothing().says(says);
    };
    wrong("plan --flow shop-stok", &["the topology has no flow `shop-stok`", "Did you mean `shop-stock`?"]);
    wrong("plan --flow nope", &["It has shop-stock."]);
    wrong("plan --at west", &["the topology has no location `west`", "It has north, south."]);
    wrong("plan --system erp", &["the topology has no system `erp`", "It has depot, shop."]);
    wrong("plan --items DESCALR", &["Did you mean `DESCALER`?"]);
    wrong("plan --items tag=teas", &["the topology has no tag `teas`", "Did you mean `tea`?"]);
}

#[test]
fn detailed_statuses() {
    let place = small(2);
    place.run("plan").ends(0);
    place.run("plan --detailed-exitcode").ends(2);
    place.run("apply --auto-approve").ends(0);
    let done = place.run("plan --detailed-exitcode").ends(0);
    assert!(done.out.starts_with("Nothing to do: 2 counts are right.\n"), "{}", done.out);
    assert!(!done.out.contains("Guards"), "guards that have nothing to guard are not shown");
    Place::direct().run("plan --detailed-exitcode").ends(4);
}

#[test]
fn open_lines_are_read_before_counts_and_change_none_of_them() {
    let place = Place::direct();
    let changes = |done: &super::Done| -> Vec<serde_json::Value> {
        done.json().into_iter().filter(|line| line["type"] == "change").collect()
    };
    let before = changes(&place.run("plan --format json").ends(0));
    let system = "system depot kind=csv role=warehouse {";
    let lines = "lines \"feeds/open.csv\" { document order; line line; code ean; location site; open qty }";
    place.change("onhand.kdl", system, &format!("{system}\n    {lines}"));
    place.write(
        "feeds/open.csv",
        "order,line,ean,site,qty\nSO1,1,4006381330008,N1,2\nSO1,2,4006381330008,N1,-1\n",
    );
    let done = place.run("plan --format json").ends(0);
    let all = done.json();
    let reads: Vec<String> = all
        .iter()
        .filter(|line| line["type"] == "read")
        .map(|read| format!("{} {} {}", read["system"], read["what"], read["rows"]).replace('"', ""))
        .collect();
    assert_eq!(reads[0], "depot lines 2", "{reads:?}");
    assert!(reads[1].starts_with("depot levels"), "{reads:?}");
    let of_lines =
        |line: &&serde_json::Value| line["type"] == "failure" && line["source"] == "feeds/open.csv";
    let failed: Vec<[&str; 2]> = all
        .iter()
        .filter(of_lines)
        .map(|line| ["record", "field"].map(|name| line[name].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(failed, [["row 3", "qty"]]);
    assert!(!before.is_empty());
    assert_eq!(changes(&done), before, "lines tell what was taken in, and are no `reserved`");
    place.write("feeds/open.csv", "order,line,ean,site,qty\nSO1,1,4006381330008");
    place.run("plan").ends(7);
}

#[test]
fn a_guard_stops_the_flow_and_the_whole_plan_is_shown() {
    let place = small(12);
    let done = place.run("plan --out p.jsonl").ends(3);
    let words = [
        "Stopped: counts asks for more than `max-changed` allows: 100% above 30%. Nothing of it is written.",
        "Planned: 12 counts in 1 flow.",
        "max-changed 100% (above the limit 30%)",
        "apply the plan with `--override max-changed --reason \"…\"`, for the very first apply of a flow with",
        "I11 9 → 5 ea",
    ];
    let done = done.tells(&words);
    assert!(done.out.lines().all(|line| line.chars().count() <= 80), "{}", done.out);
    let shop = place.shop_of_small();
    place.run("apply p.jsonl").ends(3).tells(&["Nothing written of 12 planned counts", "`max-changed`"]);
    place.run("apply --auto-approve").ends(3).tells(&["I11 9 → 5 ea", "Nothing written"]);
    assert_eq!(place.shop_of_small(), shop);
    place.change("onhand.kdl", "every=\"5m\"", "every=\"5m\"; guard max-changed=\"100%\" max-raised=\"50%\"");
    place.run("apply --auto-approve").ends(0);
    assert_ne!(place.shop_of_small(), shop);
}

#[test]
fn an_age_is_told_as_it_is_known() {
    let place = small(2);
    place.run("plan").ends(0).tells(&["depot, levels: 2 rows, 1 request, of unknown age"]);
    place.write("feed.csv", "sku,qty,at\nI0,5,2026-11-22T10:00:00Z\nI1,5,2026-11-22T10:01:00Z\n");
    place.change("onhand.kdl", "; complete", "; as-of at; complete");
    place.run("plan").ends(0).tells(&["depot, levels: 2 rows, 1 request, each row with its own date"]);
    let json = place.run("plan --format json").ends(0).json();
    assert_eq!(json[1]["dated_by_row"], true);
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    use std::io::Read;
    let place = Place::direct();
    for words in ["plan", "plan --format json", "explain owner-gap", "graph", "help", "check --format json"] {
        let mut child = place
            .command(words)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert!(child.wait().unwrap().success(), "{words}: {err}");
        assert_eq!(err, "", "{words}");
    }
}

#[test]
fn a_plan_that_cannot_be_kept_says_so() {
    let place = small(1);
    place
        .run("plan --out feed.csv/p.jsonl")
        .ends(1)
        .tells_nothing()
        .says(&["the plan cannot be written to `feed.csv/p.jsonl`", "Name another file with --out."]);
}

impl Place {
    /// What the shop of a small sync shows.
    pub fn shop_of_small(&self) -> Vec<Vec<String>> {
        super::query(&self.path("shop.db"), "select sku, qty from stock order by 1")
    }
}
