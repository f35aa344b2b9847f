//! Files of this project that are written by the program: compared, or with `ONHAND_ACCEPT=1` written anew.

use std::path::Path;

/// Whether what differs is to be written instead of refused.
pub fn accepting() -> bool {
    std::env::var("ONHAND_ACCEPT").is_ok_and(|value| value == "1")
}

/// Compares a file, named from the root of the crate, with what it must hold now.
pub fn same(file: &str, now: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if accepting() {
        std::fs::write(&path, now).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
    let stands = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert_eq!(stands, now, "{file}: run the tests with ONHAND_ACCEPT=1 and look at the difference");
}
