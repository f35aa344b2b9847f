//! What a run keeps of each of its flows.

use super::*;

/// The last turn of a flow.
async fn last(rig: &mut Rig, flow: &str) -> Turned {
    let turns = rig.store.turns(flow, Moment(0)).await.expect("the state works");
    turns.last().expect("it has run").clone()
}

#[test]
fn each_flow_comes_to_its_end_or_not_for_itself() {
    block(async {
        let mut rig = Rig::new();
        let plan = rig.plan().await;
        rig.options.looked = Some(Moment(rig.now().0 - 7_000));
        rig.options.whole = true;
        rig.script("ledger", Call::Levels, Trouble::Denied);
        let began = rig.options.looked.expect("it is set");
        let report = rig.apply(&plan).await.expect("it ends");
        assert_eq!(report.facts.status(), 7);
        let (web, ended) = last(&mut rig, "web-stock").await;
        let left = Some(Left::default());
        let wanted = Turn {
            run: report.run.clone(),
            flow: "web-stock".to_owned(),
            began,
            whole: true,
            through: true,
            left,
        };
        assert_eq!((web, ended.map(|(_, status)| status)), (wanted, Some(7)));
        let (ledger, _) = last(&mut rig, "ledger-stock").await;
        assert!(!ledger.through && ledger.left.is_some_and(|left| left.held > 0), "{ledger:?}");
    });
}

#[test]
fn a_run_out_of_a_file_began_when_its_plan_was_made() {
    block(async {
        let mut rig = Rig::new();
        let plan = rig.plan().await;
        let made = rig.now();
        rig.memory.now_ms.set(made.0 + 600_000);
        rig.apply(&plan).await.expect("it applies");
        let (web, _) = last(&mut rig, "web-stock").await;
        assert_eq!((web.began, web.whole, web.through), (made, false, true));
    });
}

#[test]
fn an_interrupted_run_has_not_come_to_its_end_until_it_is_gone_on_with() {
    block(async {
        let mut rig = Rig::new();
        let plan = rig.plan().await;
        let looked = rig.now();
        (rig.options.looked, rig.options.whole) = (Some(looked), true);
        let stop = &mut Stop::when(Box::pin(std::future::ready(())));
        let report = rig.apply_until(&plan, stop).await.expect("it ends");
        assert!(report.facts.interrupted);
        let (web, ended) = last(&mut rig, "web-stock").await;
        assert_eq!((web.through, ended.map(|(_, status)| status)), (false, Some(130)));
        rig.memory.now_ms.set(looked.0 + 60_000);
        rig.options = Options { resume: Some(report.run.clone()), ..Options::default() };
        let report = rig.apply(&plan).await.expect("it goes on");
        assert_eq!(report.facts.status(), 0, "{report:#?}");
        let (web, ended) = last(&mut rig, "web-stock").await;
        assert_eq!((web.began, web.whole, web.through), (looked, true, true));
        assert!(ended.is_some_and(|(at, status)| at.0 >= looked.0 + 60_000 && status == 0), "{ended:?}");
        assert_eq!(rig.store.turns("web-stock", Moment(0)).await.map(|all| all.len()), Ok(1));
    });
}
