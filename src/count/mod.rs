//! The arithmetic of a published count: from what owners show to the number that a target is to show.
//!
//! Counts are added up densely, one number an item and place, by walking sorted columns side by side;
//! `explain` computes single cells again, step by step, for people and for plans.

pub mod allocate;
mod combine;
mod division;
mod explain;
mod explained;
mod exposure;
mod fault;
mod known;
mod lines;
mod mates;
mod may;
mod parts;
mod pending;
mod shelf;
mod source;
mod target;
mod walk;

use crate::graph::Graph;
use crate::hands;
use crate::model::demand::TakenIn;
use crate::model::flow::{Flow, WriteAs};
use crate::model::item::Thing;
use crate::model::observation::Observations;
use crate::model::system::Role;
use crate::model::time::Moment;
use crate::model::{CodeId, FlowId, ItemId, LocationId, Model, QuantityId, SystemId};
pub use combine::Unfit;
use division::Division;
pub use explained::{Explained, Part};
pub use exposure::Exposure;
pub use fault::CellFault;
pub use known::KnownCell;
use lines::Open;
pub use mates::{Mates, MatesCell, with_shelf_mates};
pub use may::{Allowed, May};
use pending::Pending;
pub use pending::Waiting;
use shelf::{BLIND, CLOSED, DIM, DOUBT, GUESSED, MISSING, Shelf};
use source::{Gate, Source};
use std::sync::{Arc, OnceLock};
pub use target::Verdict;
use target::{Row, Target};

/// So many numbers on shelves are worth a hand.
const ITEMS: usize = 1 << 15;

/// Computes counts from one set of observations, at one moment.
pub struct Counter<'m> {
    model: &'m Model,
    graph: &'m Graph,
    seen: &'m Observations,
    now: Moment,
    /// Levels, by system.
    sources: Arc<[Source<'m>]>,
    /// Open lines, by system, where its kind lists a quantity that way.
    open: Arc<[Option<Listed<'m>>]>,
    /// What channels have sold and owners do not show yet.
    pending: Arc<Pending>,
    allowed: Option<Allowed<'m>>,
    /// The shelves that allocations divide, once one is asked for.
    division: OnceLock<Division>,
}

/// A quantity that a system lists as open lines, and those.
type Listed<'m> = (QuantityId, Open<'m>);

impl std::fmt::Debug for Counter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Counter").field("now", &self.now).finish_non_exhaustive()
    }
}

impl<'m> Counter<'m> {
    /// Prepares what was observed. `now` decides what is stale.
    pub fn new(model: &'m Model, graph: &'m Graph, seen: &'m Observations, now: Moment) -> Counter<'m> {
        let systems = || (0..model.systems.len()).map(SystemId::at);
        let sources: Arc<[Source<'m>]> =
            systems().map(|system| Source::new(model, seen, system, now)).collect();
        let open = |system: SystemId| {
            let name = model.system(system).lines_are()?;
            let quantity = model.quantities.iter().position(|quantity| &*quantity.name == name)?;
            let counts = sources[system.index()].gate;
            Some((QuantityId::at(quantity), Open::new(model, seen, (system, counts), now)))
        };
        let open = systems().map(open).collect();
        let division = OnceLock::new();
        let pending = Arc::new(Pending::new((model, graph), seen, &sources, now));
        Counter { model, graph, seen, now, sources, open, pending, allowed: None, division }
    }

    /// The same observations where some cells are not to be written, or may only fall.
    pub fn within<'a>(&'a self, allowed: Allowed<'a>) -> Counter<'a> {
        Counter {
            model: self.model,
            graph: self.graph,
            seen: self.seen,
            now: self.now,
            sources: self.sources.clone(),
            open: self.open.clone(),
            pending: self.pending.clone(),
            allowed: Some(allowed),
            division: OnceLock::new(),
        }
    }

    fn may(&self, flow: FlowId, code: CodeId, location: LocationId) -> May {
        self.allowed.map_or(May::Change, |allowed| allowed(flow, code, location))
    }

    /// The cells of allocations that are not divided, since there is enough for everyone: to be remembered
    /// in [`Observations::pooled`].
    pub fn pooled(&self) -> Vec<(ItemId, LocationId)> {
        self.division().pooled()
    }

    /// Lines that have been pending for longer than anybody should wait.
    pub fn waiting(&self) -> &[Waiting] {
        self.pending.late()
    }

    /// What owners turned out to have taken in of lines: to be kept in the books.
    pub fn taken_in(&self) -> &[TakenIn] {
        self.pending.taken()
    }

    /// Lines for which no owner is waited for any more, and of which the channel has nothing open.
    pub fn settled(&self) -> &[usize] {
        self.pending.settled()
    }

    /// Whether what channels have sold is taken off what a flow publishes.
    fn takes_off(&self, flow: &Flow) -> bool {
        self.model.system(flow.to).role == Role::Channel && !self.pending.is_empty()
    }

    fn division(&self) -> &Division {
        self.division.get_or_init(|| Division::new(self))
    }

    /// The counts of one flow. `None` for a flow whose target cannot take its quantity.
    pub fn flow(&self, id: FlowId) -> Option<FlowCounts<'_>> {
        let flow = self.model.flow(id);
        let target = self.target(id)?;
        let draws = &self.graph.flow(id).draws;
        let shelf = |at: usize| (draws[at].location, Shelf::fill(self, id, draws[at].location));
        let work = draws.len().saturating_mul(self.model.items.len());
        let shelves = hands::each(draws.len(), hands::count(work, ITEMS), shelf);
        Some(FlowCounts { counter: self, id, flow, target, shelves })
    }

    /// How the number of one cell comes about, and what is to be done about it. `None` for a flow whose
    /// target cannot take its quantity.
    pub fn explain(&self, flow: FlowId, code: CodeId, location: LocationId) -> Option<Explained> {
        Some(self.explain_at(&self.target(flow)?, flow, code, location))
    }

    fn target(&self, flow: FlowId) -> Option<Target<'_>> {
        let flow = self.model.flow(flow);
        let write: &WriteAs = flow.write.as_ref()?;
        Some(Target::new(self.model, flow, write, self.source(flow.to)))
    }

    fn source(&self, system: SystemId) -> &Source<'m> {
        &self.sources[system.index()]
    }

    /// The open lines in which a system lists a quantity, where it does.
    fn open_lines(&self, system: SystemId, quantity: QuantityId) -> Option<&Open<'m>> {
        self.open[system.index()].as_ref().filter(|(listed, _)| *listed == quantity).map(|(_, open)| open)
    }

    /// What bad rows of catalogs say of a thing's counts.
    fn doubt(&self, thing: Thing) -> u8 {
        match self.model.doubts.get(&thing) {
            None => 0,
            Some(doubt) if doubt.because.is_empty() => DIM,
            Some(_) => DOUBT,
        }
    }

    /// The places where the stock of a location stands.
    fn places(&self, location: LocationId) -> &[LocationId] {
        self.graph.locations_of(location)
    }
}

/// One cell of a flow's target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// The target's code.
    pub code: CodeId,
    /// The target's location, which may be a pool.
    pub location: LocationId,
    /// What is to be done.
    pub verdict: Verdict,
    /// What may be done.
    pub may: May,
}

/// A count before it is clamped and shown: base units of an item, or bundles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Want {
    count: i64,
    flags: u8,
}

/// The counts of one flow.
#[derive(Debug)]
pub struct FlowCounts<'c> {
    counter: &'c Counter<'c>,
    id: FlowId,
    flow: &'c Flow,
    target: Target<'c>,
    /// One for each place that the flow draws on, by place.
    shelves: Vec<(LocationId, Shelf)>,
}

impl FlowCounts<'_> {
    /// How the number of one cell comes about.
    pub fn explain(&self, code: CodeId, location: LocationId) -> Explained {
        self.counter.explain_at(&self.target, self.id, code, location)
    }

    /// The rows that could not be read and on which a cell of this flow depends: each once, in the order
    /// of systems.
    pub fn faults(&self) -> Vec<CellFault> {
        let mut faults: Vec<CellFault> = Vec::new();
        for system in self.counter.graph.reads(self.id) {
            let levels = self.counter.source(*system).levels;
            let failures = levels.iter().flat_map(|levels| &levels.failures);
            faults.extend(failures.map(|failure| fault::of_connector(*system, failure)));
            let failures = self.counter.seen.lines.get(system).into_iter().flat_map(|lines| &lines.failures);
            faults.extend(failures.map(|failure| fault::of_connector(*system, failure)));
            if let Some((_, open)) = &self.counter.open[system.index()] {
                let model = self.counter.model;
                faults.extend(open.bad.iter().filter_map(|bad| fault::of_line(model, *system, open, *bad)));
            }
        }
        faults.retain(|fault| self.touches(fault));
        faults.extend(self.shelves.iter().flat_map(|(_, shelf)| &shelf.faults).cloned());
        faults
    }

    /// Whether a fault of an owner's or the target's row concerns a cell of this flow.
    fn touches(&self, fault: &CellFault) -> bool {
        let facts = self.counter.graph.flow(self.id);
        let thing = fault.code.map(|code| self.counter.model.code(code).thing);
        let at_target = fault.system == self.flow.to
            && facts.shown.iter().any(|shown| {
                let here = fault.location.is_none_or(|location| location == shown.location);
                here && thing.is_none_or(|thing| shown.things.contains(thing))
            });
        let at_owner = fault.system != self.flow.to
            && facts.draws.iter().any(|draw| {
                let here = fault.location.is_none_or(|location| location == draw.location);
                here && thing.is_none_or(|thing| match thing {
                    Thing::Item(item) => {
                        draw.items.contains(item.index()) || draw.components.contains(item.index())
                    }
                    Thing::Bundle(_) => false,
                })
            });
        at_target || at_owner
    }

    /// What a division gave a cell at one place, in the unit of its code.
    fn given(&self, cell: Cell, place: LocationId) -> Option<i64> {
        self.counter.division().given_at((self.id, cell.code, cell.location), place)
    }

    fn shelf(&self, place: LocationId) -> Option<&Shelf> {
        let at = self.shelves.binary_search_by_key(&place, |(location, _)| *location).ok()?;
        Some(&self.shelves[at].1)
    }

    /// What a code counts over some places: added up over them, a bundle computed at each, a divided shelf
    /// with the part that it has of it.
    fn want(&self, shelves: &[&Shelf], (code, location): (CodeId, LocationId)) -> Want {
        let division = self.counter.division();
        if let Some(want) = division.want(self.counter.model, (self.id, code, location)) {
            return want;
        }
        let thing = self.counter.model.code(code).thing;
        let mut want = Want { count: 0, flags: self.counter.doubt(thing) };
        for shelf in shelves {
            let here = match thing {
                Thing::Item(item) => self.item(shelf, item, shelves.len() == 1),
                Thing::Bundle(bundle) => {
                    let components = &self.counter.model.bundle(bundle).components;
                    let mut least = Want { count: i64::MAX, flags: 0 };
                    for component in components {
                        // A bundle is packed at one place: what may leave from it is not there.
                        let cell = self.item(shelf, component.item, true);
                        least.count = least.count.min(combine::per_bundle(cell.count, component.quantity));
                        least.flags |= cell.flags;
                    }
                    least
                }
            };
            want.count = want.count.saturating_add(here.count);
            want.flags |= here.flags;
        }
        if let Thing::Item(item) = thing
            && shelves.len() > 1
            && self.counter.takes_off(self.flow)
        {
            let spread = self.counter.pending.spread_over(item, self.counter.places(location));
            want.count = want.count.saturating_sub(spread);
        }
        want
    }

    /// What is there of an item at one place. Of several places a line that may leave from any is taken off
    /// their sum, once.
    fn item(&self, shelf: &Shelf, item: ItemId, alone: bool) -> Want {
        let count = if alone { shelf.alone(item) } else { shelf.values[item.index()] };
        Want { count: combine::kept(self.flow, item, count), flags: shelf.flags[item.index()] }
    }
}

/// Compares what a cell is to show with what it shows.
fn judge(target: &Target<'_>, flow: &Flow, code: CodeId, want: Want, row: Row) -> Verdict {
    let before = match row {
        Row::Shows { shown, .. } => Some(shown),
        _ => None,
    };
    if target.source.gate != Gate::Open {
        return Verdict::Held { shown: None };
    }
    if matches!(row, Row::Broken | Row::Unusable { .. }) {
        return Verdict::Failed { shown: None };
    }
    if want.flags & (CLOSED | MISSING | DOUBT) != 0 {
        return Verdict::Held { shown: before };
    }
    let model = target.model;
    let Ok(after) = combine::shown(model, flow, model.code(code).measure.ratio, want.count.max(0)) else {
        return Verdict::Failed { shown: before };
    };
    let guessed = want.flags & GUESSED != 0;
    let must_not_rise = want.flags & (GUESSED | DIM | BLIND) != 0;
    let bridge = if let Row::Shows { bridge, .. } = row { bridge } else { 0 };
    let fits = combine::written(model, flow, after, bridge).is_ok();
    match before {
        Some(shown) if after == shown && guessed => Verdict::Held { shown: before },
        Some(shown) if after == shown => Verdict::Unchanged { shown: Some(shown) },
        None if after == 0 && guessed => Verdict::Held { shown: None },
        None if after == 0 => Verdict::Unchanged { shown: None },
        Some(shown) if after > shown && must_not_rise => Verdict::Held { shown: before },
        // A row of the target that broke without a code may be this cell: then it is not known absent.
        None if must_not_rise || target.source.broken.blind => Verdict::Held { shown: None },
        _ if !fits => Verdict::Failed { shown: before },
        Some(shown) if after < shown => Verdict::Lower { before: shown, after },
        Some(shown) => Verdict::Raise { before: shown, after },
        None if target.creates => Verdict::Create { after },
        None => Verdict::Failed { shown: None },
    }
}
