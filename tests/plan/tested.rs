//! Tests of a topology agree with plans: the same counts in, the same numbers out.

use crate::count::town::*;
use crate::support::chance::{Dice, seeds};
use onhand::graph;
use onhand::model::flow::Keep;
use onhand::model::item::Thing;
use onhand::model::quantity::{ON_HAND, RESERVED, Ratio};
use onhand::model::test::{Expect, Expected, Given, Test};
use onhand::model::{CodeId, ItemId, LocationId, SystemId};
use onhand::plan::Standing;
use onhand::plan::explain::{Cell, cells, explain};
use onhand::plan::test::{Bench, Got};

/// A random town, and a test that gives what its owner shows.
fn make(dice: &mut Dice) -> (Fixed, Test) {
    let mut fixed = if dice.in_ten(5) { Fixed::with_lines() } else { Fixed::new() }.owned();
    let (erp, places) = (fixed.erp, [fixed.paris, fixed.lyon]);
    let all = [fixed.shirt, fixed.mug, fixed.beans];
    let town = &mut fixed.town;
    for (thing, code) in [(fixed.shirt, "SHIRT-C"), (fixed.gift, "GIFT-2"), (fixed.beans, "BEANS-B")] {
        let unit = match thing {
            Thing::Bundle(_) => "",
            _ if thing == fixed.beans => "bag",
            _ => "case",
        };
        [fixed.web, fixed.shop, fixed.ledger].iter().for_each(|to| town.code(*to, thing, code, unit));
    }
    let lists = town.model.system(erp).kind.lists_lines;
    let given = |quantity, location| Given {
        system: erp,
        quantity,
        location,
        counts: Vec::new(),
        bundles: Vec::new(),
        origin: nowhere(),
    };
    let mut test = Test { name: name("random"), given: Vec::new(), expect: Vec::new(), origin: nowhere() };
    for place in places {
        let (mut on_hand, mut reserved) = (given(ON_HAND, place), given(RESERVED, place));
        for (thing, code) in all.iter().zip(["E-SHIRT", "E-MUG", "E-BEANS"]) {
            let Thing::Item(item) = *thing else { continue };
            // The ERP counts beans in kg; a test gives base units.
            let one = if *thing == fixed.beans { 1000 } else { 1 };
            let (here, taken) = (dice.below(90) as i64 - 10, dice.below(20) as i64);
            let silent = dice.in_ten(1);
            on_hand.counts.push((item, (!silent).then_some(here * one), nowhere()));
            if !silent || lists {
                reserved.counts.push((item, Some(taken * one), nowhere()));
            }
            if lists {
                town.line(erp, code, Some(place), &taken.to_string());
            }
            let (here, taken) = (here.to_string(), taken.to_string());
            let columns = [("on-hand", &*here), ("reserved", &*taken)];
            if !silent {
                town.row(erp, code, place, if lists { &columns[..1] } else { &columns });
            }
        }
        test.given.extend([on_hand, reserved]);
    }
    flows(&mut fixed, dice);
    (fixed, test)
}

fn flows(fixed: &mut Fixed, dice: &mut Dice) {
    let (paris, lyon, online) = (fixed.paris, fixed.lyon, fixed.online);
    let town = &mut fixed.town;
    town.flow("f-web", "available", fixed.web, &[online]);
    town.flow("f-shop", "available", fixed.shop, &[lyon, paris]);
    town.flow("f-ledger", "on-hand", fixed.ledger, &[paris]);
    let amounts = [Keep::Units(dice.below(6) as i64), Keep::Share(Ratio::new(1, 7).expect("above 0"))];
    let keeping = keep(amounts[dice.below(2)], &[fixed.shirt, fixed.mug]);
    let cap = dice.in_ten(3).then(|| dice.below(30) as i64);
    for flow in &mut town.model.flows {
        flow.keep_back = vec![keeping.clone()];
        flow.cap = cap;
    }
    // What the targets show and take off by themselves is no part of a test.
    let codes: Vec<(SystemId, String)> =
        town.model.codes.iter().map(|code| (code.system, code.code.to_string())).collect();
    for (system, code) in codes.iter().filter(|(system, _)| *system != fixed.erp) {
        for place in [paris, lyon, online] {
            let off = dice.below(9).to_string();
            let columns: &[(&str, &str)] = if *system == fixed.shop {
                &[("on-hand", &off), ("allocated", &off), ("threshold", "0")]
            } else {
                &[("available", "0"), ("on-hand", "0")]
            };
            town.row(*system, code, place, columns);
        }
    }
}

#[test]
fn a_test_agrees_with_the_plan() {
    let (mut counts, mut held, mut failed) = (0, 0, 0);
    for seed in seeds(300) {
        let (mut fixed, test) = make(&mut Dice(seed));
        let seen = fixed.town.observations();
        let model = &fixed.town.model;
        let graph = graph::build(model);
        let bench = Bench::new(model, &graph);
        let things = (0..model.items.len()).map(|at| Thing::Item(ItemId::at(at))).chain([fixed.gift]);
        let all: Vec<Cell> = things
            .flat_map(|thing| {
                let of = |to: SystemId| cells(model, &graph, (thing, to), None);
                [fixed.web, fixed.shop, fixed.ledger].into_iter().flat_map(of).collect::<Vec<_>>()
            })
            .collect();
        assert!(!all.is_empty());
        let planned = explain(model, &graph, &seen, (NOW, &Standing::default()), &all);
        for ((flow, code, location), planned) in all.into_iter().zip(planned) {
            let expect = |count| with(&test, model, (flow, code, location), count);
            match (planned.state, planned.after) {
                ("held", _) => {
                    held += 1;
                    assert!(bench.run(&expect(None)).is_empty(), "seed {seed}: {planned:#?}");
                }
                ("failed", _) | (_, None) => {
                    failed += 1;
                    let failures = bench.run(&expect(Some(0)));
                    assert_eq!(failures[0].counts, Some((Got::Count(0), Got::Failed)), "seed {seed}");
                }
                (_, Some(after)) => {
                    counts += 1;
                    assert!(bench.run(&expect(Some(after))).is_empty(), "seed {seed}: {planned:#?}");
                    let failures = bench.run(&expect(Some(after + 1)));
                    let both = (Got::Count(after + 1), Got::Count(after));
                    assert_eq!(failures.len(), 1, "seed {seed}");
                    assert_eq!(failures[0].counts, Some(both), "seed {seed}");
                }
            }
        }
    }
    println!("{counts} counts, {held} held and {failed} failed cells are the same in tests and plans");
    assert!(counts > 100 && held > 10 && failed > 10);
}

/// The test with one expectation.
fn with(
    test: &Test,
    model: &onhand::model::Model,
    (flow, code, location): (onhand::model::FlowId, CodeId, LocationId),
    count: Option<i64>,
) -> Test {
    let (flow, code) = (model.flow(flow), model.code(code));
    let expected = Expected { thing: code.thing, code: Some(code.code.clone()), count, origin: nowhere() };
    let expect = Expect {
        system: flow.to,
        quantity: flow.quantity,
        location,
        counts: vec![expected],
        origin: nowhere(),
    };
    Test { expect: vec![expect], ..test.clone() }
}
