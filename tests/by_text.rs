//! The index from texts to places, beside a plain walk through the list.

use crate::support::chance::{Dice, seeds};
use onhand::model::by_text::ByText;

/// So many texts that some share what the index keeps of their hash: then the text decides.
const MANY: usize = 3_000;

#[test]
fn many_texts_are_found_as_each_by_itself_is() {
    for seed in seeds(6) {
        let mut dice = Dice(seed);
        let text = |dice: &mut Dice| format!("SKU-{}", dice.below(2 * MANY));
        let mut list: Vec<String> = Vec::new();
        let mut index = ByText::default();
        while list.len() < MANY {
            let text = text(&mut dice);
            let of = |at: u32| list.get(at as usize).unwrap_or(&text).as_str();
            if index.add(&text, list.len() as u32, of).is_ok() {
                list.push(text);
            }
        }
        let asked: Vec<String> = (0..4 * MANY).map(|_| text(&mut dice)).collect();
        let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
        let wanted: Vec<Option<u32>> =
            asked.iter().map(|text| list.iter().position(|own| own == text).map(|at| at as u32)).collect();
        assert!(wanted.contains(&None), "ONHAND_SEED={seed}: some are nowhere");
        let of = |at: u32| list[at as usize].as_str();
        assert_eq!(index.find_each(&asked, of), wanted, "ONHAND_SEED={seed}");
        let one_by_one: Vec<Option<u32>> = asked.iter().map(|text| index.find(text, of)).collect();
        assert_eq!(one_by_one, wanted, "ONHAND_SEED={seed}");
    }
}
