//! Which published cell an expectation of a test means.

use super::{Graph, Shown};
use crate::model::test::{Expect, Expected};
use crate::model::{CodeId, FlowId, LocationId, Model, SystemId};
use std::collections::BTreeMap;

/// What an expectation comes down to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    /// One code of the target, written by one flow.
    Cell(FlowId, CodeId),
    /// No flow publishes that quantity of it there.
    Nothing,
    /// Two flows do.
    Flows(FlowId, FlowId),
    /// It is sold there under several codes, and nothing says which one is meant.
    Codes(Vec<CodeId>),
}

/// The flows by where they publish.
#[derive(Debug)]
pub struct Published<'g> {
    model: &'g Model,
    flows: BTreeMap<(SystemId, LocationId), Vec<(FlowId, &'g Shown)>>,
}

impl<'g> Published<'g> {
    /// Looks through all flows once.
    pub fn of(model: &'g Model, graph: &'g Graph) -> Published<'g> {
        let mut flows: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for id in (0..model.flows.len()).map(FlowId::at) {
            for shown in &graph.flow(id).shown {
                flows.entry((model.flow(id).to, shown.location)).or_default().push((id, shown));
            }
        }
        Published { model, flows }
    }

    /// Flows that publish a thing to a place, whatever the quantity.
    pub fn flows(&self, expect: &Expect, expected: &Expected) -> impl Iterator<Item = FlowId> + '_ {
        let here = self.flows.get(&(expect.system, expect.location)).map_or(&[][..], |flows| &flows[..]);
        let thing = expected.thing;
        here.iter().filter(move |(_, shown)| shown.things.contains(thing)).map(|(id, _)| *id)
    }

    /// The cell that is meant.
    ///
    /// Where a thing is named that has several codes, the one that bears the thing's own name is meant; else
    /// the only one that counts in the base unit.
    pub fn meant(&self, expect: &Expect, expected: &Expected) -> Meant {
        let model = self.model;
        let right = |flow: &FlowId| model.flow(*flow).quantity == expect.quantity;
        let mut flows = self.flows(expect, expected).filter(right);
        let codes: Vec<CodeId> = self.codes(expect, expected);
        let (Some(flow), false) = (flows.next(), codes.is_empty()) else { return Meant::Nothing };
        if let Some(second) = flows.next() {
            return Meant::Flows(flow, second);
        }
        let name = model.thing_name(expected.thing);
        let only = |fits: &dyn Fn(&CodeId) -> bool| match codes.iter().filter(|code| fits(code)).count() {
            1 => codes.iter().copied().find(|code| fits(code)),
            _ => None,
        };
        let code = only(&|_| true)
            .or_else(|| only(&|code| model.code(*code).code == *name))
            .or_else(|| only(&|code| model.code(*code).measure.ratio == crate::model::quantity::Ratio::ONE));
        code.map_or(Meant::Codes(codes), |code| Meant::Cell(flow, code))
    }

    /// The codes that an expectation may mean.
    fn codes(&self, expect: &Expect, expected: &Expected) -> Vec<CodeId> {
        let model = self.model;
        let all = model.codes_of_thing(expect.system, expected.thing).map(CodeId);
        let named = |code: &CodeId| expected.code.as_ref().is_none_or(|name| model.code(*code).code == *name);
        let valid = |code: &CodeId| model.code(*code).at.is_none_or(|only| only == expect.location);
        all.filter(|code| named(code) && valid(code)).collect()
    }
}
