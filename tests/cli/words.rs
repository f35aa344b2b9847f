//! Words that no command knows, and help.

use super::Place;

#[test]
fn an_unknown_command_is_refused_with_the_nearest() {
    let place = Place::empty();
    let done = place.run("plann").ends(1).tells_nothing();
    done.says(&["there is no command `plann`", "Did you mean `plan`?", "`onhand help` lists all."]);
    place.run("frobnicate").ends(1).tells_nothing().says(&["there is no command `frobnicate`"]);
}

#[test]
fn what_is_not_built_yet_is_refused_by_name() {
    let place = Place::empty();
    for word in ["import", "review", "serve", "ready"] {
        let refused = format!("`{word}` is not built yet");
        place.run(word).ends(1).tells_nothing().says(&[refused.as_str()]);
    }
}

#[test]
fn a_simulation_of_nothing_is_refused() {
    let place = Place::empty();
    for words in ["simulate --items 0", "simulate --items few", "simulate --items -1"] {
        place.run(words).ends(1).tells_nothing();
    }
    place.run("simulate --items 0 --fail-on oversold").ends(1).says(&["write a whole number, 1 or more"]);
    place.run("simulate --hours 0").ends(1).tells_nothing().says(&["0 is not in 1.."]);
}

#[test]
fn an_unknown_option_is_refused_with_a_usage() {
    let place = Place::empty();
    for command in
        ["check", "plan", "snapshot", "diff", "apply", "queue list", "explain x", "graph", "init", "demo"]
    {
        let done = place.run(&format!("{command} --nonsense")).ends(1).tells_nothing();
        done.says(&["unexpected argument '--nonsense'", "Usage: onhand"]);
    }
    place.run("plan --format xml").ends(1).says(&["human, json"]);
    place.run("apply --wait soon p").ends(1).says(&["write it as 90s, 15m or 1h"]);
    place.run("apply p --auto-approve").ends(1).says(&["cannot be used with"]);
}

#[test]
fn help_is_a_result_and_names_every_status() {
    let place = Place::empty();
    let mut words =
        vec!["check", "plan", "snapshot", "diff", "apply", "queue", "explain", "graph", "init", "demo"];
    let done = place.run("help").ends(0).says_nothing().tells(&words);
    for status in [0, 1, 2, 3, 4, 5, 6, 7, 70, 130] {
        assert!(done.out.contains(&format!("\n  {status:<3}  ")), "{status} in {}", done.out);
    }
    words.push("queue resolve");
    for word in words {
        let help = place.run(&format!("help {word}")).ends(0).says_nothing();
        assert!(help.out.contains("Usage: onhand"), "{}", help.out);
        assert!(help.out.lines().all(|line| line.chars().count() <= 80), "{}", help.out);
    }
    place.run("--version").ends(0).tells(&["onhand"]);
    place.run("").ends(1).tells_nothing().says(&["Usage: onhand"]);
}

#[test]
fn a_language_server_that_nobody_speaks_to_says_so() {
    let done = Place::empty().run("lsp").ends(1).tells_nothing();
    done.says(&["the language server's input ended", "`onhand check` shows the same findings"]);
}
