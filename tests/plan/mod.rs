//! Plans: what they say, how they are written and read back, what they permit.

mod cases;
mod divided;
mod explaining;
mod exposure;
mod files;
mod gates;
mod guards;
mod markdown;
mod permits;
mod property;
mod rendering;
mod revisions;
mod same_bytes;
mod selecting;
mod tested;
mod undo;
mod watching;

pub use files::{resealed, try_reseal};
use onhand::plan::{Plan, file, replay};

/// Holds for every plan of every test: every sum gives its number, the totals add up, its file reads
/// back as it was, and each of its lines is as the published schema says.
pub fn check(plan: &Plan) {
    for change in &plan.changes {
        assert_eq!(replay::holds(change), Ok(()), "{change:#?}");
    }
    let s = &plan.summary;
    assert_eq!(s.changes, s.lower + s.raise + s.create);
    assert_eq!(s.changes, plan.changes.len() as u64);
    assert_eq!((s.held, s.failures), (plan.held.len() as u64, plan.failures.len() as u64));
    let limits = plan.guards.iter().filter(|verdict| !verdict.watches()).count();
    assert_eq!(limits, plan.header.flows.len() * 4);
    assert!(plan.guards.iter().all(|verdict| verdict.tripped || !verdict.watches()));
    let text = file::write(plan);
    assert_eq!(file::read(&text).as_ref(), Ok(plan));
    crate::support::check_plan(&text);
}
