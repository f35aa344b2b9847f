//! The pages of all rules: what `explain` prints, and what the tests run.

macro_rules! pages {
    ($($slug:literal)*) => {
        /// Every page with the slug of its rule, in the order of [`crate::diagnostic::code::ALL`].
        pub const PAGES: &[(&str, &str)] =
            &[$(($slug, include_str!(concat!("rules/", $slug, ".md")))),*];
    };
}

pages! {
    "syntax"
    "language-version"
    "unknown-node"
    "unknown-property"
    "unknown-choice"
    "missing-argument"
    "unexpected-argument"
    "wrong-type"
    "bad-value"
    "literal-secret"
    "include-missing"
    "include-cycle"
    "duplicate-name"
    "unknown-name"
    "unused-allow"
    "not-supported-yet"
    "catalog-unreadable"
    "catalog-column"
    "catalog-row"
    "duplicate-code"
    "lookalike-code"
    "item-unmapped"
    "unit-unreachable"
    "unit-contradiction"
    "unit-cycle"
    "unit-fraction"
    "pack-size"
    "keep-back-unit"
    "bundle-cycle"
    "bundle-empty"
    "bundle-quantity"
    "bundle-counted"
    "component-unowned"
    "location-unmapped"
    "location-code-shared"
    "pool-cycle"
    "pool-owned"
    "pool-beside-member"
    "owner-overlap"
    "owner-gap"
    "owner-unmapped"
    "owner-cannot-read"
    "writes-to-owner"
    "owner-unused"
    "flow-cycle"
    "flow-empty"
    "target-cannot-take"
    "net-of-mismatch"
    "net-of-unknown"
    "promise-incoming"
    "two-flows-one-cell"
    "reserved-unowned"
    "orders-unaccounted"
    "absolute-write"
    "absent-zero"
    "shared-pool"
    "bundle-beside-component"
    "lag-missing"
    "lag-slow"
    "cadence-missing"
    "unknown-timezone"
    "time-without-zone"
    "age-unknown"
    "guard-toothless"
    "plain-http"
}

/// The page of a rule.
pub fn page(slug: &str) -> Option<&'static str> {
    PAGES.iter().find(|(own, _)| *own == slug).map(|(_, page)| *page)
}
