//! The methods of a state, listed once for whoever stands in front of one.

/// Implements the four parts of [`crate::state::Store`] for a type that hands every method on to another
/// state. Each list of methods, as `name(given: type, …) -> answer;`, goes to one of three macros of the
/// caller, which make the methods of it: what changes the state, what reads it, and the journal's `append`.
#[doc(hidden)]
#[macro_export]
macro_rules! state_through {
    ($own:ty, $writes:ident, $reads:ident, $append:ident) => {
        const _: () = {
            use $crate::ledger::{Booked, Cursor, LineKey, OrderLine, Page, Parked, ParkedKey};
            use $crate::model::time::Moment;
            use $crate::state::*;

            impl Store for $own {
                $writes! {
                    take(lease: &'a Lease, now: Moment) -> Taken;
                    holds(fence: i64) -> bool;
                    free(holder: &'a str) -> ();
                    begin(run: &'a Run) -> ();
                    end(fence: i64, run: &'a str, at: Moment, status: u8) -> ();
                    remember_plan(plan: &'a PlanSeen) -> ();
                    report(faults: &'a [Fault], at: Moment) -> u64;
                    settle(keys: &'a [QueueKey], note: &'a str, at: Moment) -> u64;
                    remember_written(cells: &'a [Written]) -> ();
                    remember_known(cells: &'a [Known]) -> ();
                }
                $append! {
                    append(fence: i64, entries: &'a [Entry]) -> ();
                }
                $reads! {
                    lease() -> Option<Lease>;
                    entries(run: &'a str) -> Vec<Entry>;
                    unfinished() -> Vec<Run>;
                    run(id: &'a str) -> Option<Run>;
                    runs(most: u32) -> Vec<Run>;
                    plan(digest: &'a str, id: &'a str) -> Option<PlanSeen>;
                    queue(open_only: bool) -> Vec<QueueEntry>;
                    resolve(id: i64, note: &'a str, at: Moment) -> bool;
                    hush(id: i64, until: Moment, note: &'a str) -> bool;
                    retry(id: i64) -> bool;
                    written(system: &'a str) -> Vec<Written>;
                    known(system: &'a str) -> Vec<Known>;
                    unlock(unlocked: &'a Unlocked) -> bool;
                    unlocks() -> Vec<Unlocked>;
                    audit() -> Vec<String>;
                    backup(path: &'a str) -> ();
                }
            }

            impl Standing for $own {
                $reads! {
                    pause(pause: &'a Pause) -> ();
                    unpause(scope: Scope, name: &'a str) -> bool;
                    pauses() -> Vec<Pause>;
                    lift(lifted: &'a Lifted) -> ();
                    lifted(plan: &'a str) -> Vec<Lifted>;
                    limits() -> Vec<Limit>;
                    ran() -> Vec<Ran>;
                    remember_ran(ran: &'a [Ran]) -> ();
                    sizes() -> Vec<Size>;
                    remember_limits(limits: &'a [Limit]) -> ();
                    remember_sizes(sizes: &'a [Size]) -> ();
                    count_moved(moved: &'a [QueueKey], ended: &'a [QueueKey]) -> Vec<u32>;
                }
            }

            impl Books for $own {
                $writes! {
                    book(fence: i64, page: &'a Page) -> ();
                    shut(line: &'a LineKey, at: Moment) -> bool;
                    dismiss(parked: &'a ParkedKey, at: Moment) -> bool;
                }
                $reads! {
                    waiting() -> Vec<OrderLine>;
                    lines_of(system: &'a str, documents: &'a [String]) -> Vec<OrderLine>;
                    booked_of(system: &'a str, documents: &'a [String]) -> Vec<Booked>;
                    movements_since(items: Option<&'a [String]>, since: Moment) -> Vec<Booked>;
                    cursors() -> Vec<Cursor>;
                    parked() -> Vec<Parked>;
                    balances() -> Vec<Balance>;
                    sold(system: &'a str, items: &'a [String], since: Moment) -> Sold;
                    last_moved(system: &'a str) -> Option<Moment>;
                }
            }

            impl Past for $own {
                $writes! {
                    keep_plan(run: &'a str, text: &'a str, changes: &'a [Planned]) -> ();
                    forget_plans(before: Moment) -> u64;
                }
                $reads! {
                    plan_text(run: &'a str) -> Option<String>;
                    leavings(system: &'a str, after: Moment) -> Vec<Leaving>;
                    happened(run: &'a str) -> Vec<Happened>;
                    history(item: &'a str) -> Vec<Happened>;
                    remember_turns(turns: &'a [Turn]) -> ();
                    turns(flow: &'a str, since: Moment) -> Vec<Turned>;
                }
            }
        };
    };
}

pub use state_through;
