//! A failing seed is made short, and told with the line that shows it again.

use super::{ABSOLUTE, Town};
use onhand::simulate::season::{Asked, season};
use std::collections::BTreeSet;

#[test]
fn a_failing_seed_shrinks_to_a_story_that_fails_again() {
    // Three channels that all show one shelf oversell it, whatever is done.
    let mut scene = Town::new(3, false, &ABSOLUTE).scene();
    let (without, skip) = (Vec::new(), BTreeSet::new());
    let asked = Asked { seed: 3, hours: 168, items: 12, without, skip, fails_on_oversold: true };
    let found = season(&mut scene, &asked);
    let failed = found.failed.expect("the world is too kind");
    let breach = failed.played.breach.clone().expect("it failed");
    assert_eq!(breach.what, "oversold");
    assert!(failed.again.hours < asked.hours);
    let told = &failed.played.tale;
    println!("{} in {} hours: {}\n{}", breach.what, failed.again.hours, breach.message, told.join("\n"));
    assert!(told.iter().any(|line| line.contains("not there")), "who sold what is told");
    let again = season(&mut scene, &failed.again).failed.expect("it fails again");
    assert_eq!(again.played.breach, failed.played.breach);
}
