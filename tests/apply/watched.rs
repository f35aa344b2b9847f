//! What a run tells whoever watches it while it is at work.

use super::block;
use super::whole::Rig;
use onhand::apply::watch::{Step, Watch};
use onhand::apply::{self, Job, Options, Stop, observe};
use onhand::model::time::Moment;
use onhand::plan::Standing;
use onhand::plan::again::again;
use onhand::world::store::{Call, Trouble};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// Keeps what it is told, in words.
#[derive(Default)]
struct Heard(RefCell<Vec<String>>);

impl Watch for Heard {
    fn step(&self, _: Moment, step: &Step<'_>) {
        let text = match step {
            Step::Reading { system, what } => format!("reading {system} {what}"),
            Step::Read { system, what, rows } => format!("read {system} {what} {rows:?}"),
            Step::Again { system, wait, attempt, of, .. } => {
                format!("again {system} {} {attempt}/{of}", wait.as_secs())
            }
            Step::Writing { systems, rows } => format!("writing {} {rows}", systems.join("+")),
            Step::Waiting { system, .. } => format!("waiting {system}"),
            Step::Settled(rows) => format!("settled {rows}"),
            Step::Done => "done".to_owned(),
        };
        self.0.borrow_mut().push(text);
    }
}

#[test]
fn reads_and_every_new_attempt_are_told() {
    block(async {
        let rig = Rig::new();
        rig.script("erp", Call::Levels, Trouble::Retry(Some(Duration::from_secs(45))));
        rig.script("web", Call::Levels, Trouble::Denied);
        let heard = Rc::new(Heard::default());
        let mut sessions = rig.sessions(false).watched(heard.clone());
        observe(&rig.model, &rig.needs(), &mut sessions, &mut Stop::never()).await;
        let heard = heard.0.borrow();
        assert_eq!(heard[..2], ["reading erp levels".to_owned(), "again erp 45 2/5".to_owned()]);
        assert!(heard[2].starts_with("read erp levels Some("), "{heard:?}");
        assert!(heard.contains(&"read web levels None".to_owned()), "{heard:?}");
        assert_eq!(heard.iter().filter(|text| text.starts_with("reading ")).count(), 3, "{heard:?}");
        assert_eq!(heard.iter().filter(|text| text.starts_with("read ")).count(), 3, "{heard:?}");
    });
}

#[test]
fn every_row_that_is_written_is_told_as_settled() {
    block(async {
        let mut rig = Rig::new();
        let plan = rig.plan().await;
        let heard = Rc::new(Heard::default());
        let mut sessions = rig.sessions(true).watched(heard.clone());
        let (model, needs) = (rig.model.clone(), rig.needs());
        let recompute = |seen: &_, at: (Moment, &Standing)| again(&rig.model, &rig.graph, seen, &plan, at);
        let options = Options::default();
        let job = Job { model: &model, needs: &needs, recompute: &recompute, plan: &plan, options };
        let report = apply::run(&job, &mut sessions, &mut rig.store, &mut Stop::never()).await;
        assert_eq!(report.expect("it applies").facts.status(), 0);
        let heard = heard.0.borrow();
        let begin = heard.iter().position(|text| text == "writing web+ledger 4").expect("it is told");
        let settled = heard[begin..].iter().filter_map(|text| text.strip_prefix("settled "));
        assert_eq!(settled.map(|rows| rows.parse::<u64>().unwrap()).sum::<u64>(), 4, "{heard:?}");
    });
}
