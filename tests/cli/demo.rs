//! `onhand demo`.

use super::Place;

#[test]
fn the_direct_example_ends_with_nothing_left() {
    let place = Place::empty();
    let done = place.run("demo").ends(0).tells(&[
        "The example `direct` is copied to onhand-demo-direct/.",
        "$ onhand check onhand-demo-direct",
        "$ onhand apply onhand-demo-direct/plan.jsonl --dir onhand-demo-direct",
        "All 11 planned counts written.",
        "KETTLE-CAST@depot/south",
    ]);
    assert!(done.out.ends_with("The second plan has nothing left to write.\n"), "{}", done.out);
    // What it shows can be typed again.
    place.run("plan onhand-demo-direct").ends(0).tells(&["Nothing to write."]);
    place.run("demo").ends(0).tells(&["copied to onhand-demo-direct-2/"]);
}

#[test]
fn a_folder_of_ones_own() {
    let place = Place::empty();
    place.run("demo --in mine").ends(0).tells(&["copied to mine/"]);
    place.run("demo --in mine").ends(1).tells_nothing().says(&["`mine` is there already", "--in FOLDER"]);
}

#[test]
fn an_example_without_its_systems_is_checked_and_says_what_it_needs() {
    let place = Place::empty();
    let names = ["ERP_URL", "ERP_DATABASE", "ERP_USER", "ERP_PASSWORD", "SHOP_URL", "SHOP_KEY"];
    let mut command = place.command("demo erp");
    names.iter().for_each(|name| {
        command.env_remove(name);
    });
    let done = super::Done::of(command.output().unwrap()).ends(0);
    done.tells(&["No findings.", "[exit status 0]"]).tells(&names);
}

#[test]
fn examples_that_cannot_be_run() {
    let place = Place::empty();
    let says =
        ["the example `hub` names systems that have to run somewhere", "`onhand init --from hub` copies it"];
    place.run("demo hub").ends(1).tells_nothing().says(&says);
    place.run("demo custom").ends(1).tells_nothing().says(&["the example `custom`"]);
    let done = place.run("demo nonsense").ends(1).tells_nothing();
    done.says(&["there is no example `nonsense`", "`hub` and `custom`"]);
    assert_eq!(std::fs::read_dir(place.path("")).unwrap().count(), 0, "nothing was copied");
}
