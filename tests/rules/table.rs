//! The rules of reading and writing, each with the patch that takes it out and the tests that miss it then.

/// A rule that the code keeps.
pub struct Rule {
    /// The rule, in plain words.
    pub words: &'static str,
    /// The file in this folder that takes it out, without its ending.
    pub patch: &'static str,
    /// Tests that fail without it: all of them, each by itself.
    pub missed_by: &'static [&'static str],
}

/// How systems are read.
const READ: &[Rule] = &[
    Rule {
        words: "an owner's open lines are read before its counts",
        patch: "lines-before-counts",
        missed_by: &["apply::whole::open_lines_are_read_before_counts_and_counts_before_targets"],
    },
    Rule {
        words: "which of our documents an owner has taken in is read before its counts",
        patch: "documents-before-counts",
        missed_by: &[
            "apply::collected::documents_are_read_before_counts_and_a_shops_orders_after_its_levels",
        ],
    },
    Rule {
        words: "owners' counts are read before targets' levels",
        patch: "counts-before-levels",
        missed_by: &["apply::whole::open_lines_are_read_before_counts_and_counts_before_targets"],
    },
    Rule {
        words: "a channel's level is read before its orders",
        patch: "levels-before-orders",
        missed_by: &[
            "apply::collected::documents_are_read_before_counts_and_a_shops_orders_after_its_levels",
        ],
    },
    Rule {
        words: "what was cancelled since reading began counts as open",
        patch: "cancelled-since",
        missed_by: &["ledger::pending::what_was_cancelled_since_reading_began_counts_as_open"],
    },
    Rule {
        words: "a channel's clock may be off ours when it says that something was cancelled before",
        patch: "clocks-differ",
        missed_by: &[
            "ledger::pending::a_cancellation_of_just_before_counts_as_one_since_for_clocks_may_differ",
        ],
    },
    Rule {
        words: "what a channel has sent since counts as open until its owner knows of it",
        patch: "shipped-since",
        missed_by: &["ledger::pending::a_shipment_or_return_that_the_owner_does_not_know_of_raises_nothing"],
    },
    Rule {
        words: "a shop shows orders that have closed lately, too",
        patch: "closed-orders-too",
        missed_by: &["connectors::orders::closed_orders_are_shown_for_a_day"],
    },
    Rule {
        words: "changes in a shop are asked for from before the last read began",
        patch: "shop-reads-overlap",
        missed_by: &[
            "connectors::orders::changes_are_looked_for_where_they_show",
            "connectors::orders::the_shops_clock_says_when_to_go_on",
        ],
    },
    Rule {
        words: "changes in a database are asked for from before the last read began",
        patch: "query-reads-overlap",
        missed_by: &["connectors::books::a_query_tells_all_movements_or_what_has_changed_since"],
    },
    Rule {
        words: "a cursor never passes what could not be taken in",
        patch: "cursor-waits",
        missed_by: &["apply::collected::an_order_that_could_not_be_read_is_read_again_once_it_is_mended"],
    },
    Rule {
        words: "nothing is written from open lines that were read only in part",
        patch: "lines-whole",
        missed_by: &["count::absence::open_lines_that_were_read_only_in_part_let_nothing_out"],
    },
    Rule {
        words: "nothing rises where a channel's orders are not known",
        patch: "orders-unknown",
        missed_by: &["ledger::pending::a_channel_that_was_not_read_lets_nothing_rise"],
    },
    Rule {
        words: "no item rises of which an order could not be read",
        patch: "order-unreadable",
        missed_by: &["ledger::pending::an_order_that_cannot_be_read_lets_what_it_may_have_sold_only_fall"],
    },
];

/// What counts as demand.
const COUNT: &[Rule] = &[
    Rule {
        words: "what one channel has sold is off every channel",
        patch: "off-every-channel",
        missed_by: &["ledger::pending::a_sale_is_off_every_channel_until_the_owner_lists_it"],
    },
    Rule {
        words: "a line is dropped only when both sides have closed it",
        patch: "closed-by-both",
        missed_by: &["ledger::pending::owners_that_list_lines_are_believed_line_by_line"],
    },
    Rule {
        words: "an owner that lists no lines has taken a sale in only with a count from so long after it",
        patch: "taken-in-by-then",
        missed_by: &["ledger::pending::a_sale_is_off_every_channel_until_the_owner_lists_it"],
    },
    Rule {
        words: "a sold bundle is demand of its components",
        patch: "bundles-taken-apart",
        missed_by: &["ledger::book::bundles_and_packs_are_taken_apart"],
    },
    Rule {
        words: "a sale of which nobody knows the place is off every place",
        patch: "off-every-place",
        missed_by: &["ledger::pending::a_line_without_a_place_is_off_every_place_and_once_off_a_pool"],
    },
    Rule {
        words: "a posting that is done says so of its own movement, and of no other of the order",
        patch: "own-movement-posted",
        missed_by: &["apply::collected::what_happened_between_plan_and_apply_is_posted_by_the_next_one"],
    },
    Rule {
        words: "an order is looked at as a whole as long as one of its lines waits",
        patch: "documents-as-a-whole",
        missed_by: &["apply::collected::a_line_that_waits_for_nothing_still_counts_towards_its_document"],
    },
    Rule {
        words: "what a lost state had posted, and is all off, is taken off where it was posted",
        patch: "lost-state-posted",
        missed_by: &["apply::collected::what_a_lost_state_had_posted_is_taken_off_once_it_is_all_off"],
    },
];

/// How targets are written.
const WRITE: &[Rule] = &[
    Rule {
        words: "what is written is never above what is computed from reads of now",
        patch: "lower-of-both",
        missed_by: &[
            "apply::whole::an_owner_that_fell_in_between_lets_only_the_lower_number_out",
            "plan::permits::nothing_above_the_plan_or_above_the_count_is_ever_permitted",
        ],
    },
    Rule {
        words: "a target that fell since the plan has sold, and does not rise by that plan",
        patch: "fallen-target",
        missed_by: &["apply::whole::a_target_that_fell_below_the_plan_is_left_alone"],
    },
    Rule {
        words: "no raise leaves on counts that have become too old meanwhile",
        patch: "raises-expire",
        missed_by: &["apply::machine::no_raise_leaves_on_counts_that_have_become_too_old"],
    },
    Rule {
        words: "a system in memory compares all counts on which a write depends",
        patch: "memory-compares",
        missed_by: &["connectors::memory::conforms"],
    },
    Rule {
        words: "a target that cannot compare is looked at right before a write, and left alone if it moved",
        patch: "looked-at-before",
        missed_by: &[
            "apply::machine::a_row_that_moved_is_not_overwritten_and_the_others_go_out",
            "apply::machine::everything_that_a_write_depends_on_is_compared",
        ],
    },
    Rule {
        words: "a database compares all counts on which a write depends",
        patch: "all-counts-compared",
        missed_by: &["connectors::sql::the_other_counts_that_a_write_depends_on_are_compared_too"],
    },
    Rule {
        words: "a statement that does not ask for the number before compares nothing",
        patch: "statement-compares",
        missed_by: &["apply::whole::only_a_statement_that_asks_for_before_compares"],
    },
    Rule {
        words: "a shop is looked at right before a write",
        patch: "shop-looks-first",
        missed_by: &["connectors::vendure::everything_that_a_write_depends_on_is_compared"],
    },
    Rule {
        words: "a count in an ERP is confirmed only where it starts from the number that was read",
        patch: "erp-expects",
        missed_by: &["connectors::tryton::a_draft_that_expects_another_number_is_taken_away"],
    },
    Rule {
        words: "a write without a comparison is read back, and not called verified",
        patch: "absolute-is-read-back",
        missed_by: &["apply::machine::a_system_that_cannot_compare_is_read_right_before_and_after"],
    },
    Rule {
        words: "a write without a comparison is a finding, unless somebody allows it",
        patch: "absolute-is-told",
        missed_by: &["pages::each_page_holds_what_it_says"],
    },
    Rule {
        words: "an amount whose answer was lost is not sent again on the word of a look",
        patch: "amounts-once",
        missed_by: &["apply::classes::a_bare_amount_is_never_sent_twice"],
    },
    Rule {
        words: "an amount is sent again only under a key that the target still knows",
        patch: "keys-forgotten",
        missed_by: &["apply::classes::a_key_that_is_forgotten_by_now_is_not_used_again"],
    },
];

/// How channels share a shelf.
const DIVIDE: &[Rule] = &[
    Rule {
        words: "all parts of a shelf come to at most what is on it",
        patch: "parts-within-the-pool",
        missed_by: &["plan::divided::two_channels_have_their_parts_and_nothing_is_exposed"],
    },
    Rule {
        words: "a raise waits for the decreases of its shelf",
        patch: "decreases-first",
        missed_by: &["apply::shelves::a_raise_waits_until_the_other_system_has_lowered"],
    },
    Rule {
        words: "a decrease counts once it is confirmed",
        patch: "decreases-confirmed",
        missed_by: &[
            "apply::shelves::a_lowering_that_does_not_go_through_holds_the_raises_of_its_shelf_and_is_named",
            "apply::shelves::a_sale_that_came_before_a_lowering_frees_nothing",
        ],
    },
    Rule {
        words: "nothing rises beside a decrease that this run does not write",
        patch: "others-fall-in-this-run",
        missed_by: &["apply::whole::shelf::nothing_rises_beside_what_has_to_fall_and_is_not_in_the_plan"],
    },
    Rule {
        words: "a channel that is not written keeps of the shelf what it shows",
        patch: "others-as-shown",
        missed_by: &["plan::divided::what_is_not_written_counts_with_what_it_shows"],
    },
    Rule {
        words: "nothing rises beside a channel of which nobody knows what it shows",
        patch: "others-unknown",
        missed_by: &["plan::divided::beside_a_target_that_cannot_be_read_nothing_rises"],
    },
];

/// Every rule.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    [READ, COUNT, WRITE, DIVIDE].into_iter().flatten()
}
