//! A state that cannot be written: no room on the disk, or no right to write. Whatever was not kept in the
//! journal was not sent.

use super::{Done, Place, batch, query, small};
use std::process::Command;

/// An apply whose files may grow to so many kilobytes.
fn apply_within(place: &Place, kilobytes: u32) -> Done {
    let onhand = env!("CARGO_BIN_EXE_onhand");
    // A process that outgrows the limit is told so by the write, as by a full disk.
    let script = format!("trap '' XFSZ; ulimit -f {}; exec '{onhand}' apply --auto-approve", kilobytes * 2);
    let mut command = Command::new("sh");
    command.args(["-c", &script]).current_dir(place.path(""));
    command.env_remove("CI").env("COLUMNS", "80").env("NO_COLOR", "1").env("LC_ALL", "C.UTF-8");
    Done::of(command.output().unwrap())
}

/// 130 items, of which 120 are to fall and the rest are right, so that no guard stops it.
fn many() -> Place {
    let place = small(130);
    batch(&place.path("shop.db"), "update stock set qty = 5 where sku like 'I12_'");
    let flow = "publish available to=shop;";
    place.change("onhand.kdl", flow, &format!("{flow} guard max-changed=\"99%\";"));
    place
}

/// How many items of the shop show the new number, and how many writes the journal has announced.
fn written_and_announced(place: &Place) -> (usize, usize) {
    let shop = query(&place.path("shop.db"), "select sku from stock where qty = 5 and sku not like 'I12_'");
    let state = place.path(".onhand/state.db");
    let tables = query(&state, "select name from sqlite_schema where name = 'journal'");
    if tables.is_empty() {
        return (shop.len(), 0);
    }
    let journal = query(&state, "select distinct change_id from journal where event = 'intent'");
    (shop.len(), journal.len())
}

#[test]
fn a_full_disk_stops_a_run_before_it_sends_what_it_cannot_keep() {
    let (mut stopped, mut done) = (0, 0);
    for kilobytes in [8, 40, 100, 150, 170, 190, 210, 230, 250, 300, 400, 4000] {
        let place = many();
        let ended = apply_within(&place, kilobytes);
        assert!(!ended.err.contains("panicked"), "{kilobytes} KB: {ended:#?}");
        let (written, announced) = written_and_announced(&place);
        assert!(written <= announced, "{kilobytes} KB: {written} written, {announced} announced");
        if ended.status == 0 {
            assert_eq!(written, 120, "{kilobytes} KB");
            done += 1;
        } else {
            assert!(ended.status == 1 || ended.status == 4, "{kilobytes} KB: {ended:#?}");
            stopped += 1;
        }
        // With room again the same command ends what was begun.
        place.run("apply --auto-approve").ends(0);
        assert_eq!(written_and_announced(&place).0, 120, "{kilobytes} KB");
        place.run("state check").ends(0);
    }
    println!("{stopped} runs stopped for want of room, {done} had enough");
    assert!(stopped > 1 && done > 0, "{stopped} stopped, {done} done");
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_to_is_told_of() {
    use std::os::unix::fs::PermissionsExt;
    let place = small(1);
    place.run("apply --auto-approve").ends(0);
    let rights =
        |mode| std::fs::set_permissions(place.path(".onhand"), std::fs::Permissions::from_mode(mode));
    rights(0o500).unwrap();
    if std::fs::write(place.path(".onhand/probe"), "").is_ok() {
        println!("skipped: this user may write everywhere");
        rights(0o700).unwrap();
        return;
    }
    let shop = place.shop_counts();
    let done = place.run("apply --auto-approve").ends(1);
    rights(0o700).unwrap();
    done.says(&["state.db", "folder"]);
    assert_eq!(place.shop_counts(), shop);
}

impl Place {
    fn shop_counts(&self) -> Vec<Vec<String>> {
        query(&self.path("shop.db"), "select sku, qty from stock order by 1")
    }
}
