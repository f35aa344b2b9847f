//! Every rule by its slug. The page of each lies in `src/check/rules/<slug>.md`.

use super::Severity::{self, Error, Warning};

/// A rule's identity: the slug that names the fault, and how bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Rule {
    /// The slug: the page's file name, the word after `allow` and `explain`.
    pub slug: &'static str,
    /// The severity of its findings.
    pub severity: Severity,
    /// What is wrong, in one sentence.
    pub says: &'static str,
}

macro_rules! rules {
    ($($name:ident $slug:literal $severity:ident $says:literal;)*) => {
        $(#[doc = $says] pub const $name: Rule = Rule { slug: $slug, severity: $severity, says: $says };)*
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
    ACKNOWLEDGEMENT_MISSING "acknowledgement-missing" Error "Orders that nobody shows to have taken in.";
    REVERSAL_MISSING "reversal-missing" Error "Orders collected without cancellations or returns.";
    POST_NOT_OWNER "post-not-owner" Error "Movements posted to a system that owns no count.";
    SOURCE_CANNOT_COLLECT "source-cannot-collect" Error "Movements that the system does not show.";
    DOUBLE_RESTOCK "double-restock" Error "A reversal that reaches one owner by two roads.";
    RESTOCK_WINDOW "restock-window" Warning "A channel that sells returns before they are looked at.";
    TRANSFER_UNTRACKED "transfer-untracked" Warning "Goods between two owners that nobody follows.";
    DELTA_WITHOUT_RECONCILE "delta-without-reconcile" Error "Changes read, and never everything.";
    ABSOLUTE_WRITE "absolute-write" Warning "A statement that writes without comparing.";
    ABSENT_ZERO "absent-zero" Error "`absent zero` without `complete`.";
    SHARED_POOL "shared-pool" Warning "Two sellables that draw on one shelf.";
    BUNDLE_BESIDE_COMPONENT "bundle-beside-component" Warning "A bundle and something else on one shelf.";
    ALLOCATION_OUTSIDE "allocation-outside" Error "A target left out of an allocation, or in it in vain.";
    ALLOCATION_WEIGHT "allocation-weight" Error "A weight that is missing, not above 0, or of no part.";
    LAG_MISSING "lag-missing" Warning "A channel without a lag target.";
    LAG_SLOW "lag-slow" Warning "A channel that may lag more than 15 minutes.";
    CADENCE_MISSING "cadence-missing" Warning "A lag without `every`.";
    LAG_UNREACHABLE "lag-unreachable" Error "A lag target that cannot be kept.";
    STALE_SOONER_THAN_LAG "stale-sooner-than-lag" Error "Counts too old before they can be renewed.";
    WINDOW_BREAKS_LAG "window-breaks-lag" Error "Raises that wait for a window longer than the lag allows.";
    WRITE_CAP "write-cap" Error "More writes of a cell than the target allows.";
    UNKNOWN_TIMEZONE "unknown-timezone" Error "A time zone that does not exist.";
    CALENDAR_CLOSED "calendar-closed" Error "A calendar or window that is never open.";
    TIME_WITHOUT_ZONE "time-without-zone" Warning "Stamps of a feed whose zone nobody names.";
    AGE_UNKNOWN "age-unknown" Warning "`stale-after` on a source whose age is unknown.";
    GUARD_TOOTHLESS "guard-toothless" Warning "A guard of 100 %.";
    PLAIN_HTTP "plain-http" Warning "Credentials over plain http.";
    CREDENTIAL_EXPIRED "credential-expired" Error "Credentials that have run out.";
    CREDENTIAL_EXPIRING "credential-expiring" Warning "Credentials that run out within 30 days.";
    ALERT_MISSING "alert-missing" Warning "Nobody is told when something is wrong.";
    REVIEW_MISSING "review-missing" Warning "Nobody looks at the counts.";
    ROLLBACK_MISSING "rollback-missing" Warning "Nothing says how long runs can be undone.";
    STATE_EPHEMERAL "state-ephemeral" Warning "State in a checkout that is thrown away.";
    TEST_UNPUBLISHED "test-unpublished" Error "A test that expects what no flow publishes.";
    TEST_NOT_OWNER "test-not-owner" Error "A test that gives a count to a system that does not own it.";
}

/// Of a test that failed, which is no finding of `check`: it has no slug and no page.
pub const TEST_FAILED: Rule = Rule { slug: "", severity: Error, says: "A test that failed." };

/// The families of rules, each with its first rule: a family reaches up to the next one's.
pub const FAMILIES: &[(&str, Rule)] = &[
    ("Text", SYNTAX),
    ("Catalog", CATALOG_UNREADABLE),
    ("Units", UNIT_UNREACHABLE),
    ("Bundles", BUNDLE_CYCLE),
    ("Locations", LOCATION_UNMAPPED),
    ("Ownership", OWNER_OVERLAP),
    ("Flows", FLOW_CYCLE),
    ("Time", LAG_MISSING),
    ("Safety", GUARD_TOOTHLESS),
    ("Tests", TEST_UNPUBLISHED),
];

/// The rule of a slug.
pub fn find(slug: &str) -> Option<Rule> {
    ALL.iter().copied().find(|rule| rule.slug == slug)
}
