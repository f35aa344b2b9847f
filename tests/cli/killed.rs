//! The real binary, killed at random instants while it applies, and gone on with.

use super::{Place, SMALL, batch, query};
use crate::support::chance::{self, Dice};
use std::time::{Duration, Instant};

/// So many items, 5 of each: a shop in SQLite that notes each of its updates, and a till in a file.
fn place(items: usize) -> Place {
    let flows = "flow till { publish available to=till; lag \"10m\" every=\"5m\" }";
    let till = "system till kind=csv role=channel { levels \"till.csv\" { code sku; available qty { net-of \
                own-sales } }; publish \"till.csv\"; orders none }";
    let topology = SMALL.replace("in depot; in shop }", "in depot; in shop; in till }");
    let mut text = format!("{topology}\n{till}\n{flows}\n");
    let (mut feed, mut shop) = ("sku,qty\n".to_owned(), "begin;\n".to_owned());
    let mut sold = "sku,qty\n".to_owned();
    for at in 0..items {
        text.push_str(&format!("item I{at} unit=ea {{ in depot I{at}; in shop I{at}; in till I{at} }}\n"));
        feed.push_str(&format!("I{at},5\n"));
        sold.push_str(&format!("I{at},7\n"));
        shop.push_str(&format!("insert into stock values ('I{at}', 9);\n"));
    }
    let text = text.replace("flow counts {", "flow counts { guard max-changed=\"100%\";");
    let text = text.replace("flow till {", "flow till { guard max-changed=\"100%\";");
    let place = Place::with(&text);
    place.write("feed.csv", &feed);
    place.write("till.csv", &sold);
    let tables =
        "create table stock (sku text primary key, qty integer not null); create table noted (sku text);
                  create trigger notes after update on stock begin insert into noted values (new.sku); end;";
    batch(&place.path("shop.db"), &format!("{tables}\n{shop} commit;"));
    place
}

/// What both show in the end: counts of the shop and how often each was set, and the till's file.
fn shown(place: &Place) -> (Vec<Vec<String>>, Vec<Vec<String>>, String) {
    let shop = place.path("shop.db");
    let counts = query(&shop, "select sku, qty from stock order by 1");
    (counts, query(&shop, "select sku, count(*) from noted group by 1 order by 1"), place.read("till.csv"))
}

#[test]
fn a_run_killed_at_any_instant_is_finished_by_resume() {
    let items = 60;
    let undisturbed = place(items);
    undisturbed.run("plan --out p.jsonl").ends(0);
    let began = Instant::now();
    undisturbed.run("apply p.jsonl").ends(0);
    let whole = began.elapsed();
    let wanted = shown(&undisturbed);
    assert!(wanted.0.iter().all(|row| row[1] == "5") && wanted.1.iter().all(|row| row[1] == "1"));
    assert_eq!(wanted.1.len(), items);
    undisturbed.run("apply --resume").ends(0).tells(&["There is nothing to resume", "came to its end"]);
    let (mut killed, mut resumed, mut anew) = (0, 0, 0);
    for seed in chance::seeds(2) {
        let place = place(items);
        place.run("plan --out p.jsonl").ends(0);
        let mut apply = place.command("apply p.jsonl").stdout(std::process::Stdio::null()).spawn().unwrap();
        let micros = u64::try_from(whole.as_micros()).unwrap();
        std::thread::sleep(Duration::from_micros(Dice(seed).roll(micros)));
        apply.kill().unwrap();
        killed += usize::from(apply.wait().unwrap().code().is_none());
        let done = place.run("apply --resume");
        match done.status {
            0 if !done.out.contains("nothing to resume") => resumed += 1,
            // Killed before it had kept its plan, it has sent nothing: the plan is applied.
            0 | 5 => {
                place.run("apply p.jsonl").ends(0);
                anew += 1;
            }
            _ => panic!("ONHAND_SEED={seed}: {done:#?}"),
        }
        assert_eq!(shown(&place), wanted, "ONHAND_SEED={seed}");
        place.run("plan --detailed-exitcode").ends(0);
    }
    println!("{killed} killed, {resumed} gone on with, {anew} begun anew: 0 writes lost, 0 doubled");
}

#[test]
fn a_run_that_is_not_known_or_is_over_is_not_gone_on_with() {
    let place = super::small(1);
    place.run("apply --resume").ends(0).tells(&["There is nothing to resume", "no run is known here"]);
    place.run("apply --resume nonsense").ends(1).says(&["no run nonsense is known here"]);
    place.run("apply --auto-approve").ends(0);
    let sql = "insert into run (id, plan, digest, topology, actor, began) \
               values ('old', 'p', 'd', 't', 'ann', 1)";
    batch(&place.path(".onhand/state.db"), sql);
    place.run("apply --resume old").ends(5).says(&["run old was cut off", "began after it", "Plan again"]);
    place.run("apply --resume").ends(0).tells(&["There is nothing to resume"]);
    place.run("apply p.jsonl --resume").ends(1).says(&["cannot be used with"]);
}
