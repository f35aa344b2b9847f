//! Tests of a topology: from given counts to the numbers that targets would show, by the code that plans.

use super::change::Step;
use super::explain::{Explanation, tell};
use super::given::{NOW, Stage, owns};
use crate::count::Counter;
use crate::diagnostic::{Diagnostic, code};
use crate::graph::{Graph, Meant, Published};
use crate::model::test::{Expect, Expected, Given, Test};
use crate::model::{CodeId, FlowId, Model};

/// What a target shows in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Got {
    /// So many, in the unit of the target's code.
    Count(i64),
    /// Nothing is written, since something that it depends on is not known.
    Held,
    /// It cannot be computed or written.
    Failed,
}

/// One thing that is not as a test says.
#[derive(Debug)]
pub struct Failure {
    /// What it is, at its line.
    pub finding: Diagnostic,
    /// What had to come out, and what came out; `None` where nothing could.
    pub counts: Option<(Got, Got)>,
    /// How the number came about, where one was asked for.
    pub told: Option<Explanation>,
}

/// All that running the tests of a topology needs.
#[derive(Debug)]
pub struct Bench<'m> {
    model: &'m Model,
    graph: &'m Graph,
    stage: Stage<'m>,
    published: Published<'m>,
}

impl<'m> Bench<'m> {
    /// Prepares a topology, which must have no errors.
    pub fn new(model: &'m Model, graph: &'m Graph) -> Bench<'m> {
        Bench { model, graph, stage: Stage::of(model), published: Published::of(model, graph) }
    }

    /// Runs one test; no failure means that it passed.
    ///
    /// Every system has been read to its end just now. Owners show what is given, and 0 where nothing is;
    /// targets show 0, and take nothing off by themselves; no order is on its way.
    pub fn run(&self, test: &Test) -> Vec<Failure> {
        let seen = self.stage.observe(test);
        let counter = Counter::new(self.model, self.graph, &seen, NOW);
        let mut failures: Vec<Failure> = test.given.iter().flat_map(|given| self.given(given)).collect();
        for expect in &test.expect {
            failures.extend(expect.counts.iter().filter_map(|one| self.expect(&counter, expect, one)));
        }
        failures
    }

    /// Counts that are given in vain.
    fn given(&self, given: &Given) -> Vec<Failure> {
        let model = self.model;
        let system = &model.system(given.system).name;
        let quantity = &model.quantity(given.quantity).name;
        let place = &model.location(given.location).name;
        let mut failures = Vec::new();
        for (bundle, span) in &given.bundles {
            let name = model.thing_name(*bundle);
            let what = format!("`{name}` is a bundle, and nobody counts bundles");
            let found = Diagnostic::new(code::TEST_FAILED, *span, what).here("given a count");
            failures.push(bare(found.help("give counts of its components")));
        }
        for (item, _, span) in &given.counts {
            let name = &model.item(*item).name;
            let codes = model.codes_of_thing(given.system, crate::model::item::Thing::Item(*item));
            let found = if !owns(model, self.graph, given.system, (*item, given.location, given.quantity)) {
                let what = format!("`{system}` does not own {quantity} of `{name}` at `{place}`");
                Diagnostic::new(code::TEST_FAILED, *span, what)
                    .here("counts for nothing")
                    .help("give the count to the system whose `owner` node names it, or add it to that node")
            } else if codes.is_empty() {
                let what = format!("`{system}` has no code for `{name}`, so it cannot show a count of it");
                Diagnostic::new(code::TEST_FAILED, *span, what)
                    .here("counts for nothing")
                    .help(format!("add `in {system}` to the item, or remove this count"))
            } else {
                continue;
            };
            failures.push(bare(found));
        }
        failures
    }

    fn expect(&self, counter: &Counter<'_>, expect: &Expect, expected: &Expected) -> Option<Failure> {
        let model = self.model;
        match self.published.meant(expect, expected) {
            Meant::Cell(flow, code) => self.compare(counter, (flow, code), expect, expected),
            Meant::Nothing => Some(self.nothing(expect, expected)),
            Meant::Flows(first, second) => {
                let (one, other) = (model.flow(first), model.flow(second));
                let what = format!("two flows publish {}", self.cell(expect, expected));
                let found = Diagnostic::new(code::TEST_FAILED, expected.origin, what)
                    .here("which of them is meant?")
                    .label(one.publish_origin, format!("published by `{}`", one.name))
                    .label(other.publish_origin, format!("and by `{}`", other.name));
                Some(bare(found.help("let one of them publish it, by `at`, `items` or `except`")))
            }
            Meant::Codes(codes) => {
                let name = model.thing_name(expected.thing);
                let system = &model.system(expect.system).name;
                let names: Vec<String> =
                    codes.iter().map(|code| format!("`{}`", model.code(*code).code)).collect();
                let what = format!("`{name}` is sold in `{system}` under {} codes", codes.len());
                let found = Diagnostic::new(code::TEST_FAILED, expected.origin, what)
                    .here("which one is meant?")
                    .help(format!("write the code that is meant: {}", names.join(", ")));
                Some(bare(found))
            }
        }
    }

    /// Nothing publishes it: with another flow that publishes another quantity there, where there is one.
    fn nothing(&self, expect: &Expect, expected: &Expected) -> Failure {
        let what = format!("no flow publishes {}", self.cell(expect, expected));
        let found = Diagnostic::new(code::TEST_FAILED, expected.origin, what).here("nothing comes out");
        let other = self.published.flows(expect, expected).next().map(|flow| self.model.flow(flow));
        bare(match other {
            Some(flow) => {
                let quantity = &self.model.quantity(flow.quantity).name;
                found
                    .label(flow.publish_origin, format!("publishes {quantity} there"))
                    .help(format!("expect {quantity}, or let a flow publish what is expected"))
            }
            None => found.help(
                "correct the system, the place or the name; or add it to a flow, and give it a code there",
            ),
        })
    }

    fn compare(
        &self,
        counter: &Counter<'_>,
        (flow, code): (FlowId, CodeId),
        expect: &Expect,
        expected: &Expected,
    ) -> Option<Failure> {
        let model = self.model;
        let wanted = expected.count.map_or(Got::Held, Got::Count);
        let Some(mut told) = tell(model, counter, (flow, code, expect.location)) else {
            let flow = model.flow(flow);
            let what = format!("`{}` cannot take what `{}` publishes", model.system(flow.to).name, flow.name);
            return Some(bare(
                Diagnostic::new(code::TEST_FAILED, expected.origin, what).here("nothing comes out"),
            ));
        };
        let got = match (told.state, told.after) {
            ("held", _) => Got::Held,
            ("failed", _) | (_, None) => Got::Failed,
            (_, Some(after)) => Got::Count(after),
        };
        if got == wanted {
            return None;
        }
        told.sum = plain(std::mem::take(&mut told.sum));
        let unit = &model.code(code).measure.unit;
        let (wanted_text, got_text) = (say(wanted, unit), say(got, unit));
        let what = format!("{}: expected {wanted_text}, got {got_text}", self.cell(expect, expected));
        let finding =
            Diagnostic::new(code::TEST_FAILED, expected.origin, what).here(format!("got {got_text}"));
        Some(Failure { finding, counts: Some((wanted, got)), told: Some(told) })
    }

    /// `` `MUG` in `web`, paris ``, with the code where the test names one.
    fn cell(&self, expect: &Expect, expected: &Expected) -> String {
        let model = self.model;
        let name = expected.code.as_ref().unwrap_or_else(|| model.thing_name(expected.thing));
        let quantity = &model.quantity(expect.quantity).name;
        let (system, place) = (&model.system(expect.system).name, &model.location(expect.location).name);
        format!("{quantity} of `{name}` in `{system}` at `{place}`")
    }
}

fn bare(finding: Diagnostic) -> Failure {
    Failure { finding, counts: None, told: None }
}

fn say(got: Got, unit: &str) -> String {
    match got {
        Got::Count(count) => format!("{count} {unit}"),
        Got::Held => "held".to_owned(),
        Got::Failed => "no number".to_owned(),
    }
}

/// A sum without what a test makes up: the documents behind given counts, and what targets take off.
fn plain(steps: Vec<Step>) -> Vec<Step> {
    let made_up = |step: &Step| matches!(step, Step::Bridge { .. });
    let steps = steps.into_iter().filter(|step| !made_up(step));
    steps
        .map(|step| match step {
            Step::Minus { minus, from, at, value, .. } => {
                Step::Minus { minus, from, at, lines: Vec::new(), value }
            }
            Step::Per { per, parts, value } => Step::Per { per, parts: plain(parts), value },
            Step::Pool { pool, parts, value } => Step::Pool { pool, parts: plain(parts), value },
            step => step,
        })
        .collect()
}
