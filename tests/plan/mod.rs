//! Plans: what they say, how they are written and read back, what they permit.

use onhand::plan::{Plan, file, replay};

/// Holds for every plan of every test: it reads back as it was written, every sum gives its number, and
/// the totals add up.
pub fn check(plan: &Plan) {
    let text = file::write(plan);
    assert_eq!(file::read(&text).as_ref(), Ok(plan));
    for change in &plan.changes {
        assert_eq!(replay::holds(change), Ok(()), "{change:#?}");
    }
}
