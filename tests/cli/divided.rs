//! Shelves that an allocation divides: planned, explained and applied.

use super::{Place, flat};

/// A depot, a shop and a till as files; 41 mugs and what the channels show.
fn place() -> Place {
    publishing("till.csv")
}

/// The same with a till whose counts are written into a file of this name.
fn publishing(till: &str) -> Place {
    let channel = |name: &str, publish: &str| {
        format!(
            "system {name} kind=csv role=channel {{\n    levels \"{name}.csv\" {{ code sku; location site; \
             available qty {{ net-of own-sales }} }}\n    publish \"{publish}\"\n    orders none\n}}\n"
        )
    };
    let text = format!(
        "onhand language=1\nunit ea\n\
         system depot kind=csv role=warehouse {{\n    levels \"depot.csv\" {{ code sku; location site; \
         on-hand free {{ net-of reserved }} }}\n}}\n{}{}\
         location lyon {{ in depot L; in shop S; in till T }}\n\
         item MUG unit=ea {{ in depot M; in shop M; in till M }}\n\
         owner depot {{ of on-hand }}\n\
         flow shop-stock {{ publish available to=shop; lag \"10m\" every=\"5m\" }}\n\
         flow till-stock {{ publish available to=till; lag \"10m\" every=\"5m\" }}\n\
         allocation fronts {{ among shop till; weights shop=3 till=1 }}\n",
        channel("shop", "shop.csv"),
        channel("till", till),
    );
    let place = Place::with(&text);
    place.write("depot.csv", "sku,site,free\nM,L,41\n");
    place.write("shop.csv", "sku,site,qty\nM,S,10\n");
    place.write("till.csv", "sku,site,qty\nM,T,30\n");
    place
}

#[test]
fn each_channel_is_shown_its_part() {
    let place = place();
    place.run("check").ends(0);
    let done = place.run("plan --out plan.jsonl").ends(0);
    assert!(flat(&done.out).contains("10 → 31") && flat(&done.out).contains("30 → 10"), "{}", done.out);
    let told = place.run("explain MUG@shop").ends(0);
    assert!(flat(&told.out).contains("its share, 3 of 4"), "{}", told.out);
    place.run("apply plan.jsonl").ends(0);
    assert!(place.read("till.csv").contains("M,T,10"), "{}", place.read("till.csv"));
    assert!(place.read("shop.csv").contains("M,S,31"), "{}", place.read("shop.csv"));
}

#[test]
fn a_raise_is_held_until_what_the_others_gave_up_is_seen() {
    let place = publishing("till-out.csv");
    // A file that was only sent is no proof that its number stands: the raise waits for the next run.
    let done = place.run("apply --auto-approve").ends(4);
    let told = flat(&done.out);
    assert!(told.contains("it shares a shelf with `M` in till at lyon, which had to fall first"), "{told}");
    assert_eq!(place.read("shop.csv"), "sku,site,qty\nM,S,10\n");
    place.write("till.csv", &place.read("till-out.csv"));
    place.run("apply --auto-approve").ends(0);
    assert!(place.read("shop.csv").contains("M,S,31"), "{}", place.read("shop.csv"));
}

#[test]
fn a_target_that_is_not_planned_is_read_and_counts_with_what_it_shows() {
    let place = place();
    let done = place.run("plan --system shop").ends(0);
    assert!(flat(&done.out).contains("10 → 11"), "{}", done.out);
    // Where it cannot be read, nobody knows what is left.
    std::fs::remove_file(place.path("till.csv")).unwrap();
    let done = place.run("plan --system shop").ends(7);
    let why = "nobody knows how much `till` shows of the shelf that it shares with this";
    assert!(flat(&done.out).contains(why), "{}", done.out);
}
