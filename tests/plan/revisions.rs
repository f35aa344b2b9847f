//! Two revisions of random towns, and towns read back from a snapshot.

use super::property::{Dice, dice, make};
use crate::count::town::*;
use crate::support::chance;
use onhand::connectors::{Cell, Context, Failure, RowAnswer, Seen, Session, WriteRow};
use onhand::count::{Counter, Verdict};
use onhand::graph::{self, Graph};
use onhand::model::observation::{Levels, Lines, Observations};
use onhand::model::{Model, SystemId};
use onhand::plan::render::revisions as render;
use onhand::plan::revisions::{Comparison, Revision, What, compare};
use onhand::plan::{self, Selection, Stamp};
use onhand::snapshot::{self, Recorder, Snapshot, file};
use onhand::world::memory::Memory;
use onhand::world::{Task, World};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A town with its graph and what was observed.
struct Made {
    model: Rc<Model>,
    graph: Graph,
    seen: Observations,
}

fn made(dice: &Dice) -> Made {
    let mut town = make(dice).town;
    let seen = town.observations();
    let graph = graph::build(&town.model);
    Made { model: Rc::new(town.model), graph, seen }
}

impl Made {
    fn revision(&self) -> Revision<'_> {
        Revision { model: &self.model, graph: &self.graph, seen: &self.seen }
    }

    /// What each cell comes to: its flow, code and location by name; `Err` says how it is not known.
    fn cells(&self) -> BTreeMap<(String, String, String), Result<i64, &'static str>> {
        let counter = Counter::new(&self.model, &self.graph, &self.seen, NOW);
        let mut cells = BTreeMap::new();
        for flow in self.graph.flow_order() {
            counter.flow(*flow).expect("a flow that can be taken").each(|cell| {
                let flow = self.model.flow(*flow).name.to_string();
                let code = self.model.code(cell.code).code.to_string();
                let location = self.model.location(cell.location).name.to_string();
                let state = match cell.verdict {
                    Verdict::Held { .. } => Err("held"),
                    Verdict::Failed { .. } => Err("failed"),
                    known => Ok(known.finally().unwrap_or(0)),
                };
                cells.insert((flow, code, location), state);
            });
        }
        cells
    }
}

fn compared(a: &Made, b: &Made) -> Comparison {
    let comparison = compare(a.revision(), b.revision(), NOW);
    let options = onhand::diagnostic::render::Options { width: 80, colour: false, unicode: true };
    let human = render::human(&comparison, options);
    let wide: Vec<&str> = human.lines().filter(|line| line.chars().count() > 80).collect();
    assert_eq!(wide, Vec::<&str>::new());
    assert!(render::markdown(&comparison).len() <= render::LIMIT);
    assert_eq!(render::json(&comparison).lines().count(), comparison.records().count());
    comparison
}

#[test]
fn a_town_differs_from_itself_in_nothing() {
    chance::check(60, dice(), |dice| {
        let (one, other) = (made(&dice), made(&dice));
        let comparison = compared(&one, &other);
        assert_eq!(comparison.cells, Vec::new());
        assert_eq!(comparison.summary.same, one.cells().len() as u64);
    });
}

#[test]
fn what_differs_is_what_comes_to_another_count() {
    let keep_and_cap = dice().prop_map(|dice| (dice.keep, dice.cap));
    chance::check(60, (dice(), keep_and_cap), |(one, (keep, cap))| {
        let mut other = one.clone();
        (other.keep, other.cap) = (keep, cap);
        let (a, b) = (made(&one), made(&other));
        let (cells_a, cells_b) = (a.cells(), b.cells());
        let differing = cells_a.iter().filter(|(key, state)| cells_b[*key] != **state);
        let expected: Vec<_> = differing.map(|(key, _)| key.clone()).collect();
        let comparison = compared(&a, &b);
        let told = comparison.cells.iter().map(|cell| {
            let place = cell.location.clone().expect("every location has a code");
            (cell.flow.clone(), cell.code.clone(), place)
        });
        let mut told: Vec<_> = told.collect();
        told.sort();
        assert_eq!(told, expected);
        for cell in &comparison.cells {
            let counted = matches!(cell.what, What::Lowered | What::Raised);
            assert!(!counted || !cell.causes.is_empty(), "a difference without a cause: {cell:#?}");
        }
    });
}

/// A system that shows what a town observed.
struct Shows {
    levels: Levels,
    lines: Lines,
}

impl Session for Shows {
    fn lines(&mut self) -> Task<'_, Result<Lines, Failure>> {
        Box::pin(async { Ok(self.lines.clone()) })
    }

    fn levels(&mut self) -> Task<'_, Result<Levels, Failure>> {
        Box::pin(async { Ok(self.levels.clone()) })
    }

    fn inspect<'s>(&'s mut self, _: &'s [Cell]) -> Task<'s, Result<Vec<Seen>, Failure>> {
        panic!("nothing is inspected")
    }

    fn write<'s>(&'s mut self, _: &'s [WriteRow]) -> Task<'s, Result<Vec<RowAnswer>, Failure>> {
        panic!("nothing is written")
    }
}

fn context(model: &Rc<Model>, system: SystemId, world: &Rc<World>) -> Context {
    Context {
        model: model.clone(),
        system,
        world: world.clone(),
        writes: false,
        dir: String::new(),
        pace: Rc::default(),
    }
}

/// The snapshot of what a town observed, as its file gives it back.
fn kept(town: &Made, world: &Rc<World>) -> Rc<Snapshot> {
    let shelf = snapshot::shelf();
    crate::support::run(async {
        for (system, levels) in &town.seen.levels {
            let lines = town.seen.lines.get(system).cloned().unwrap_or_default();
            let shows: Box<dyn Session> = Box::new(Shows { levels: levels.clone(), lines });
            let mut session = Recorder::over(context(&town.model, *system, world), Ok(shows), &shelf)
                .unwrap_or_else(|failure| panic!("{failure:?}"));
            if town.seen.lines.contains_key(system) {
                session.lines().await.expect("lines");
            }
            session.levels().await.expect("levels");
        }
    });
    let systems = shelf.take().into_values().collect();
    let text = file::write(&mut Snapshot::new(NOW, &town.model.digest, systems));
    let back = file::read(&text).unwrap_or_else(|refusal| panic!("{refusal}"));
    assert_eq!(file::write(&mut back.clone()), text);
    Rc::new(back)
}

/// What a model sees in a snapshot.
fn replayed(model: &Rc<Model>, snapshot: &Rc<Snapshot>, world: &Rc<World>) -> Observations {
    let mut seen = Observations::default();
    crate::support::run(async {
        for system in (0..model.systems.len()).map(SystemId::at) {
            let mut session = snapshot::open(snapshot, context(model, system, world));
            if model.system(system).kind.lists_lines {
                seen.lines.insert(system, session.lines().await.expect("lines"));
            }
            seen.levels.insert(system, session.levels().await.expect("levels"));
        }
    });
    seen
}

fn planned(model: &Model, graph: &Graph, seen: &Observations) -> String {
    let stamp = Stamp::new("plan", NOW);
    plan::file::write(&plan::build(model, graph, seen, &Selection::default(), &stamp))
}

#[test]
fn a_snapshot_answers_as_the_systems_did() {
    let world = Rc::new(Memory::default().world());
    chance::check(60, dice(), |dice| {
        let mut town = made(&dice);
        town.seen.last_known.clear();
        let seen = replayed(&town.model, &kept(&town, &world), &world);
        let live = planned(&town.model, &town.graph, &town.seen);
        assert_eq!(planned(&town.model, &town.graph, &seen), live);
    });
}

/// A town whose targets lack a row here and there, so that absent, null and 0 all stand in it.
fn with_gaps() -> Made {
    let mut fixed = Fixed::with_lines().owned();
    let (erp, web, shop) = (fixed.erp, fixed.web, fixed.shop);
    let (paris, lyon, online) = (fixed.paris, fixed.lyon, fixed.online);
    fixed.has("E-SHIRT", paris, "40", "0");
    fixed.has("E-SHIRT", lyon, "2", "0");
    fixed.has("E-MUG", paris, "0", "0");
    let town = &mut fixed.town;
    town.row(web, "MUG", online, &[("available", "")]);
    town.row(web, "SHIRT", online, &[("available", "0")]);
    town.row(shop, "SHIRT", lyon, &[("on-hand", "7"), ("allocated", "2"), ("threshold", "1")]);
    town.line(erp, "E-SHIRT", None, "3");
    town.fail(web, Some("MUG"), Some(paris));
    town.fail(shop, None, None);
    town.flow("f-web", "available", web, &[online]);
    town.flow("f-shop", "available", shop, &[lyon, paris]);
    let seen = fixed.town.observations();
    let graph = graph::build(&fixed.town.model);
    Made { model: Rc::new(fixed.town.model), graph, seen }
}

#[test]
fn absent_null_and_zero_stay_apart() {
    let world = Rc::new(Memory::default().world());
    let town = with_gaps();
    let seen = replayed(&town.model, &kept(&town, &world), &world);
    for (system, levels) in &town.seen.levels {
        let back = &seen.levels[system];
        assert_eq!((&back.codes, &back.locations), (&levels.codes, &levels.locations));
        assert_eq!(back.failures, levels.failures);
        let values =
            |l: &Levels| l.columns.iter().map(|c| (c.name.clone(), c.values.clone())).collect::<Vec<_>>();
        assert_eq!(values(back), values(levels));
    }
    assert_eq!(planned(&town.model, &town.graph, &seen), planned(&town.model, &town.graph, &town.seen));
}

#[test]
fn what_nobody_asked_for_is_not_in_the_snapshot_and_never_0() {
    let world = Rc::new(Memory::default().world());
    let town = with_gaps();
    let snapshot = kept(&town, &world);
    // Another revision has an item more, which the owner knows by a code that was not asked for.
    let mut fixed = Fixed::with_lines();
    let hat = fixed.town.item("HAT", 0, &[]);
    let (erp, web, online) = (fixed.erp, fixed.web, fixed.online);
    fixed.town.code(erp, hat, "E-HAT", "");
    fixed.town.code(web, hat, "HAT", "");
    let mut fixed = fixed.owned();
    fixed.town.flow("f-web", "available", web, &[online]);
    let model = Rc::new(fixed.town.model);
    let graph = graph::build(&model);
    let seen = replayed(&model, &snapshot, &world);
    let told = snapshot::unasked(&snapshot, &model, &[erp, web].into());
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("`E-HAT`") && told[0].contains("not in the snapshot"), "{told:?}");
    let other = Made { model, graph, seen };
    let cells = other.cells();
    let hats: Vec<_> = cells.iter().filter(|((_, code, _), _)| code == "HAT").collect();
    assert!(!hats.is_empty() && hats.iter().all(|(_, state)| state.is_err()), "{hats:?}");
    let comparison = compared(&town, &other);
    let hat = comparison.cells.iter().find(|cell| cell.code == "HAT").expect("the hat is new");
    assert_eq!(hat.what, What::New);
    assert!(format!("{:?}", hat.to).contains("not in the snapshot"), "{hat:#?}");
    // What it does have is what it was.
    let shirts = cells.iter().find(|((_, code, _), _)| code == "SHIRT").expect("shirts");
    assert!(shirts.1.is_ok(), "{shirts:?}");
}
