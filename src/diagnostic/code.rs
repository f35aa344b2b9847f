//! Every rule by its slug. The page of each lies in `src/check/rules/<slug>.md`.

use super::Severity::{self, Error, Warning};

/// A rule's identity: the slug that names the fault, and how bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Rule {
    /// The slug: the page's file name, the word after `allow` and `explain`.
    pub slug: &'static str,
    /// The severity of its findings.
    pub severity: Severity,
}

macro_rules! rules {
    ($($name:ident $slug:literal $severity:ident $says:literal;)*) => {
        $(#[doc = $says] pub const $name: Rule = Rule { slug: $slug, severity: $severity };)*
        /// Every rule, family by family as `check` lists them.
        pub const ALL: &[Rule] = &[$($name),*];
    };
}

rules! {
    SYNTAX "syntax" Error "The text is not KDL 2.";
    LANGUAGE_VERSION "language-version" Error "No `onhand language=1`, or another version.";
    UNKNOWN_NODE "unknown-node" Error "A node that the language does not know, or not there.";
    UNKNOWN_PROPERTY "unknown-property" Error "A property that this node does not take.";
    UNKNOWN_CHOICE "unknown-choice" Error "A word that is not one of a closed list.";
    MISSING_ARGUMENT "missing-argument" Error "An argument, property or child that must be there is not.";
    UNEXPECTED_ARGUMENT "unexpected-argument" Error "An argument where none is taken.";
    WRONG_TYPE "wrong-type" Error "Text where a number is due, or the reverse.";
    BAD_VALUE "bad-value" Error "The right type in a bad form or size.";
    LITERAL_SECRET "literal-secret" Error "A secret written into the text.";
    INCLUDE_MISSING "include-missing" Error "An include that matches no file.";
    INCLUDE_CYCLE "include-cycle" Error "Files that include each other.";
    DUPLICATE_NAME "duplicate-name" Error "Two nodes of one kind with one name.";
    UNKNOWN_NAME "unknown-name" Error "A reference to a thing that nobody declared.";
    UNUSED_ALLOW "unused-allow" Warning "An `allow` that silences nothing.";
    NOT_SUPPORTED_YET "not-supported-yet" Error "A node that this version cannot carry out yet.";
    CATALOG_UNREADABLE "catalog-unreadable" Error "A catalog file that cannot be read.";
    CATALOG_COLUMN "catalog-column" Error "A column that the catalog file does not have.";
    CATALOG_ROW "catalog-row" Error "A row of a catalog that cannot be used.";
    DUPLICATE_CODE "duplicate-code" Error "Two things with one code in one system.";
    LOOKALIKE_CODE "lookalike-code" Warning "Two codes that differ only in case or spaces.";
    ITEM_UNMAPPED "item-unmapped" Warning "An item that no system knows.";
    UNIT_UNREACHABLE "unit-unreachable" Error "A unit that does not lead to the item's base unit.";
    UNIT_CONTRADICTION "unit-contradiction" Error "Two ratios for one pair of units, or one word for two.";
    UNIT_CYCLE "unit-cycle" Error "Units defined by each other in a circle.";
    UNIT_FRACTION "unit-fraction" Error "A base unit coarser than a unit that a system counts in.";
    PACK_SIZE "pack-size" Error "A pack that holds no more than one.";
    KEEP_BACK_UNIT "keep-back-unit" Error "A keep-back in a base unit that is hardly meant.";
    BUNDLE_CYCLE "bundle-cycle" Error "Bundles that contain each other.";
    BUNDLE_EMPTY "bundle-empty" Error "A bundle without components.";
    BUNDLE_QUANTITY "bundle-quantity" Error "A component quantity that is not a whole number above 0.";
    BUNDLE_COUNTED "bundle-counted" Error "A bundle that an owner or a test counts.";
    COMPONENT_UNOWNED "component-unowned" Error "A bundle published where a component has no owner.";
    LOCATION_UNMAPPED "location-unmapped" Error "A place that the system does not have.";
    LOCATION_CODE_SHARED "location-code-shared" Error "One code of a system for two locations.";
    POOL_CYCLE "pool-cycle" Error "Pools that contain each other.";
    POOL_OWNED "pool-owned" Error "A pool that an owner or a feed counts.";
    POOL_BESIDE_MEMBER "pool-beside-member" Error "A target that shows a pool and one of its members.";
    OWNER_OVERLAP "owner-overlap" Error "Two owners of one count.";
    OWNER_GAP "owner-gap" Error "A needed count that nobody owns.";
    OWNER_UNMAPPED "owner-unmapped" Error "An owner that does not know the item.";
    OWNER_CANNOT_READ "owner-cannot-read" Error "An owner whose kind cannot show that count.";
    WRITES_TO_OWNER "writes-to-owner" Error "A flow that writes a count to its own owner.";
    OWNER_UNUSED "owner-unused" Warning "An owner whose counts no flow needs.";
    FLOW_CYCLE "flow-cycle" Error "Counts that would chase each other.";
    FLOW_EMPTY "flow-empty" Warning "A flow that publishes no cell.";
    TARGET_CANNOT_TAKE "target-cannot-take" Error "A target that cannot be written this way.";
    NET_OF_MISMATCH "net-of-mismatch" Error "A sum or bridge that needs a count which nobody shows.";
    NET_OF_UNKNOWN "net-of-unknown" Error "A channel's available that does not say what is taken off.";
    PROMISE_INCOMING "promise-incoming" Warning "Stock that is not here yet, published to a channel.";
    TWO_FLOWS_ONE_CELL "two-flows-one-cell" Error "Two flows that write one cell.";
    RESERVED_UNOWNED "reserved-unowned" Warning "A channel fed from a sum in which nobody owns reserved.";
    ORDERS_UNACCOUNTED "orders-unaccounted" Error "A channel that does not say where its orders go.";
    ABSOLUTE_WRITE "absolute-write" Warning "A statement that writes without comparing.";
    ABSENT_ZERO "absent-zero" Error "`absent zero` without `complete`.";
    SHARED_POOL "shared-pool" Warning "Two sellables that draw on one shelf.";
    BUNDLE_BESIDE_COMPONENT "bundle-beside-component" Warning "A bundle and something else on one shelf.";
    LAG_MISSING "lag-missing" Warning "A channel without a lag target.";
    LAG_SLOW "lag-slow" Warning "A channel that may lag more than 15 minutes.";
    CADENCE_MISSING "cadence-missing" Warning "A lag without `every`.";
    UNKNOWN_TIMEZONE "unknown-timezone" Error "A time zone that does not exist.";
    TIME_WITHOUT_ZONE "time-without-zone" Warning "Stamps of a feed whose zone nobody names.";
    AGE_UNKNOWN "age-unknown" Warning "`stale-after` on a source whose age is unknown.";
    GUARD_TOOTHLESS "guard-toothless" Warning "A guard of 100 %.";
    PLAIN_HTTP "plain-http" Warning "Credentials over plain http.";
}

/// The rule of a slug.
pub fn find(slug: &str) -> Option<Rule> {
    ALL.iter().copied().find(|rule| rule.slug == slug)
}
