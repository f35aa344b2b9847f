//! How often a cell may be written, over runs; and guards that are lifted for the rest of a run.

use super::*;
use onhand::model::time::Rate;
use onhand::state::Standing as _;

/// One day, and a bit.
const DAY_MS: i64 = 86_400_000 + 60_000;

fn capped(count: u32) -> Rig {
    Rig::with(|fixed| {
        let web = &mut fixed.town.model.systems[fixed.web.index()];
        web.limit.writes = Some(Rate { count, per: Duration::from_secs(86_400) });
    })
}

fn outcome(report: &Report, code: &str) -> (Outcome, String) {
    let row = report.rows.iter().find(|row| row.system == "web" && row.code == code).expect("a row");
    (row.outcome, row.reason.clone())
}

impl Rig {
    /// The owner has so many shirts; a plan is made by what the state says, and applied.
    async fn goes_to(&mut self, shirts: i64) -> (Plan, Report) {
        self.has("SHIRT", shirts, 0);
        self.memory.now_ms.set(self.memory.now_ms.get() + 60_000);
        let plan = self.standing_plan().await;
        let report = self.apply(&plan).await.expect("it applies");
        (plan, report)
    }

    /// As [`Rig::plan`], by what holds beside the topology.
    async fn standing_plan(&mut self) -> Plan {
        let mut sessions = self.sessions(false);
        let mut observed = observe(&self.model, &self.needs(), &mut sessions, &mut Stop::never()).await;
        let seen = &mut observed.observations;
        apply::recall(&mut self.store, &self.model, seen).await.expect("the state works");
        let now = self.now();
        let standing = apply::recall::standing(&mut self.store, &self.model, now).await;
        let id = format!("plan-{}", self.now().0);
        let stamp = Stamp { standing: standing.expect("the state works"), ..Stamp::new(id, self.now()) };
        let plan = build(&self.model, &self.graph, seen, &Selection::default(), &stamp);
        let known = plan_seen(&plan.summary.digest, &stamp.id, self.now());
        self.store.remember_plan(&known).await.expect("the state works");
        plan
    }
}

#[test]
fn a_raise_that_would_be_one_write_too_many_waits_and_a_fall_never_does() {
    block(async {
        let mut rig = capped(2);
        rig.goes_to(7).await;
        rig.goes_to(9).await;
        assert_eq!(rig.shown("web", "SHIRT").as_deref(), Some("9"));
        // Two writes are used up: the plan says so, and until when.
        let (plan, report) = rig.goes_to(11).await;
        let held =
            plan.held.iter().find(|held| held.system == "web" && held.code == "SHIRT").expect("it is held");
        assert!(held.reason.contains("raises wait until") && held.reason.contains("written 2/d"), "{held:?}");
        assert_eq!(report.facts.status(), 4, "{report:#?}");
        assert_eq!(rig.shown("web", "SHIRT").as_deref(), Some("9"));
        assert_eq!(rig.shown("ledger", "SHIRT").as_deref(), Some("11"), "nobody limits the ledger");
        rig.goes_to(5).await;
        assert_eq!(rig.shown("web", "SHIRT").as_deref(), Some("5"), "what falls goes out, and counts");
        rig.goes_to(6).await;
        assert_eq!(rig.shown("web", "SHIRT").as_deref(), Some("5"));
        rig.memory.now_ms.set(rig.memory.now_ms.get() + DAY_MS);
        rig.goes_to(6).await;
        assert_eq!(rig.shown("web", "SHIRT").as_deref(), Some("6"));
    });
}

#[test]
fn a_raise_is_not_tried_more_often_than_its_cell_may_be_written() {
    block(async {
        let mut rig = capped(2);
        // Nothing falls, so that the raise is the first request.
        rig.shows("web", "MUG", Some(8));
        for _ in 0..4 {
            rig.script("web", Call::Write, Trouble::Retry(None));
        }
        let plan = rig.plan().await;
        let report = rig.apply(&plan).await.expect("it applies");
        let (ended, why) = outcome(&report, "SHIRT");
        assert_eq!(ended, Outcome::Held, "{report:#?}");
        assert!(why.contains("may be written 2/d"), "{why}");
        assert_eq!(rig.shown("web", "SHIRT").as_deref(), Some("4"));
        let calls =
            rig.memory.stores.borrow()["web"].calls.iter().filter(|call| **call == Call::Write).count();
        assert_eq!(calls, 2, "as many requests as its cell may be written");
    });
}

#[test]
fn a_guard_may_be_lifted_for_the_rest_of_a_run_until_its_plan_expires() {
    block(async {
        let mut rig = Rig::with(|fixed| fixed.town.model.flows[0].guard.max_rows = 1);
        let plan = rig.plan().await;
        // Somebody stops the run before anything is sent.
        let stopped = rig.apply_until(&plan, &mut Stop::when(Box::pin(std::future::ready(())))).await;
        let stopped = stopped.expect("it ends");
        assert_eq!(stopped.facts.status(), 130);
        rig.options.resume = Some(stopped.run.clone());
        rig.options.lifting.lifts = vec![Lift::of("max-rows", "the autumn range", "ann@till")];
        let report = rig.apply(&plan).await.expect("it goes on");
        assert_eq!(report.facts.status(), 0, "{report:#?}");
        assert_eq!(report.lifted.len(), 1);
        assert_eq!(rig.shown("web", "MUG").as_deref(), Some("8"));
        assert_eq!(rig.store.lifted(&plan.header.id).await.expect("the state works").len(), 1);
    });
}

#[test]
fn a_lift_after_the_plan_has_expired_is_refused_and_says_why() {
    block(async {
        let mut rig = Rig::with(|fixed| fixed.town.model.flows[0].guard.max_rows = 1);
        let plan = rig.plan().await;
        let stopped = rig.apply_until(&plan, &mut Stop::when(Box::pin(std::future::ready(())))).await;
        rig.options.resume = Some(stopped.expect("it ends").run);
        rig.options.lifting.lifts = vec![Lift::of("max-rows", "the autumn range", "ann@till")];
        rig.memory.now_ms.set(rig.memory.now_ms.get() + 3 * 3_600_000);
        let refused = rig.apply(&plan).await.expect_err("it is too late");
        assert_eq!(refused.status(), 5);
        assert!(refused.to_string().contains("a guard is lifted only until its plan expires"), "{refused}");
        assert_eq!(rig.writes(), 0);
        // Without a lift it goes on, and the guard holds.
        rig.options.lifting.lifts.clear();
        assert_eq!(rig.apply(&plan).await.expect("it goes on").facts.status(), 3);
    });
}

#[test]
fn what_changes_something_leaves_no_later_than_the_lock_lasts() {
    block(async {
        let mut rig = Rig::new();
        assert_eq!(rig.world.leaves_until_ms.get(), i64::MAX);
        let plan = rig.plan().await;
        rig.apply(&plan).await.expect("it applies");
        let term = apply::lock::Terms::of(&rig.model).term;
        let left = Duration::from_millis((rig.world.leaves_until_ms.get() - rig.now().0).unsigned_abs());
        assert!(left > Duration::ZERO && left <= term, "{left:?}");
    });
}

#[test]
fn work_that_waits_for_longer_than_a_lock_lasts_may_still_send() {
    block(async {
        let mut rig = Rig::new();
        let (world, term) = (rig.world.clone(), apply::lock::Terms::of(&rig.model).term);
        let times = (Duration::ZERO, apply::lock::Terms::of(&rig.model));
        let mut hold = apply::lock::take(&mut rig.store, &world, "r1", times).await.expect("nobody has it");
        let began = rig.now();
        // Each time that it is not done yet, a third of the lock's time passes.
        let mut looks = 0;
        let work = std::future::poll_fn(|_| {
            looks += 1;
            if looks > 5 { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        });
        hold.during(&mut rig.store, &world, work).await.expect("it is kept up");
        assert!(rig.now().since(began) > term, "it took longer");
        assert!(!world.too_late() && world.leaves_until_ms.get() < i64::MAX);
    });
}
