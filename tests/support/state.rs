//! Entries of state as tests begin with them.

use onhand::model::time::Moment;
use onhand::state::{Lease, PlanSeen, Run};

/// The lease of a run on the host `desk`, whose holder bears the run's name.
pub fn lease(run: &str, expires: Moment) -> Lease {
    Lease {
        holder: run.to_owned(),
        run: run.to_owned(),
        host: "desk".to_owned(),
        process: "7@99".to_owned(),
        fence: 0,
        taken: Moment(0),
        heartbeat: Moment(0),
        expires,
    }
}

/// A run of ann's that has just begun.
pub fn run(id: &str, began: Moment) -> Run {
    Run {
        id: id.to_owned(),
        plan: "p1".to_owned(),
        digest: "d1".to_owned(),
        topology: "t1".to_owned(),
        actor: "ann@desk".to_owned(),
        began,
        ended: None,
        revision: None,
        undoes: None,
    }
}

/// A plan that was written here and not applied.
pub fn plan_seen(digest: &str, id: &str, created: Moment) -> PlanSeen {
    let (digest, id) = (digest.to_owned(), id.to_owned());
    PlanSeen { digest, id, seal: String::new(), created, applied_by: None }
}
