//! What channels have sold and owners do not show yet: taken off every count that is published to a channel.
//!
//! A line stays pending until whoever owns the stock has taken it in. Each rule here errs towards too little:
//! where nobody knows whether an owner's count contains a sale, the sale is taken off.

use super::source::{Gate, Source};
use crate::graph::Graph;
use crate::model::convert::{line_ratio, to_base};
use crate::model::demand::{DemandLine, TakenIn};
use crate::model::item::Thing;
use crate::model::observation::{LastKnownKey, Observations};
use crate::model::quantity::{ON_HAND, RESERVED};
use crate::model::system::Acknowledges;
use crate::model::time::Moment;
use crate::model::{CollectId, ItemId, LocationId, Model, Name, SystemId};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How much longer than its owner's `stale-after` a line may be pending before a person is told: a day. After
/// as long a line that was shut when it was first seen is no longer waited for.
const GRACE: Duration = Duration::from_secs(24 * 60 * 60);

/// What is pending, by item and place.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// What was sold from one known place: by place, item.
    exact: BTreeMap<(LocationId, ItemId), Vec<Part>>,
    /// What may leave from one of several places; by line.
    spread: Vec<Spread>,
    /// Places at which not every sale is known, and the channel that is to blame.
    unknown: BTreeMap<LocationId, SystemId>,
    /// Items of which more may have been sold at a place than is known, and the channel that is to blame.
    doubtful: BTreeMap<(LocationId, ItemId), SystemId>,
    /// Lines that nobody has taken in for too long.
    late: Vec<Waiting>,
    /// How much of each line is known to be taken in, where that is more than was known before.
    taken: Vec<TakenIn>,
    /// Lines for which nothing waits any more, by index into the demand.
    settled: Vec<usize>,
}

/// One line's part in what is pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    line: usize,
    amount: i64,
}

/// A line of which nobody knows where it leaves from.
#[derive(Debug)]
struct Spread {
    places: Vec<LocationId>,
    item: ItemId,
    part: Part,
}

/// A line that has been pending for longer than anybody should wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The line, by its place in the demand.
    pub line: usize,
    /// How much of it is pending, in base units.
    pub amount: i64,
    /// The owner that does not show it.
    pub owner: SystemId,
}

/// What an owner's open lines and our documents there say of one reference and item.
#[derive(Debug, Clone, Copy, Default)]
struct Listed {
    /// Promised there and on the shelf.
    open: i64,
    /// Gone from the shelf there; `None` where nobody says.
    shipped: Option<i64>,
}

impl Pending {
    /// Works out what is pending. `sources` are the systems' counts, by system.
    pub(super) fn new(
        (model, graph): (&Model, &Graph),
        seen: &Observations,
        sources: &[Source<'_>],
        now: Moment,
    ) -> Pending {
        let mut pending = Pending::default();
        for channel in seen.demand.unknown.keys() {
            let places = places_of(model, graph, *channel);
            pending.unknown.extend(places.into_iter().map(|place| (place, *channel)));
        }
        for (channel, item) in seen.demand.doubtful.keys() {
            let places = places_of(model, graph, *channel);
            pending.doubtful.extend(places.into_iter().map(|place| ((place, *item), *channel)));
        }
        if seen.demand.lines.is_empty() {
            return pending;
        }
        let mut work = Work { model, graph, seen, sources, now, scopes: BTreeMap::new() };
        let listed = work.listed();
        for group in work.groups() {
            work.group(&group, &listed, &mut pending);
        }
        pending.spread.sort_by_key(|spread| spread.part.line);
        pending.exact.values_mut().for_each(|parts| parts.sort_by_key(|part| part.line));
        pending.late.sort_by_key(|waiting| waiting.line);
        pending.taken.sort_by_key(|taken| taken.line);
        pending.settled.sort_unstable();
        pending
    }

    /// Whether nothing is pending anywhere, and every sale is known.
    pub(super) fn is_empty(&self) -> bool {
        let known = self.unknown.is_empty() && self.doubtful.is_empty();
        known && self.exact.is_empty() && self.spread.is_empty()
    }

    /// The channel of which not every sale is known that may draw on a place.
    pub(super) fn unknown_at(&self, place: LocationId) -> Option<SystemId> {
        self.unknown.get(&place).copied()
    }

    /// Why more of an item may have been sold at a place than is known, in words.
    pub(super) fn doubt(
        &self,
        (model, seen): (&Model, &Observations),
        item: ItemId,
        place: LocationId,
    ) -> Option<String> {
        let name = |channel: SystemId| &model.system(channel).name;
        if let Some(channel) = self.unknown_at(place) {
            let why = seen.demand.unknown.get(&channel).map_or("", String::as_str);
            return Some(format!("not every order of `{}` is known: {why}", name(channel)));
        }
        let channel = *self.doubtful.get(&(place, item))?;
        let why = seen.demand.doubtful.get(&(channel, item)).map_or("", String::as_str);
        Some(format!("`{}` may have sold more of it than is known: {why}", name(channel)))
    }

    /// The items of which more may have been sold at a place than is known.
    pub(super) fn doubtful_at(&self, place: LocationId) -> impl Iterator<Item = ItemId> {
        let range = (place, ItemId(0))..=(place, ItemId(u32::MAX));
        self.doubtful.range(range).map(|((_, item), _)| *item)
    }

    /// What is pending from one place alone: item, amount.
    pub(super) fn exact_at(&self, place: LocationId) -> impl Iterator<Item = (ItemId, i64)> {
        let range = (place, ItemId(0))..=(place, ItemId(u32::MAX));
        let sum = |parts: &Vec<Part>| parts.iter().fold(0_i64, |sum, own| sum.saturating_add(own.amount));
        self.exact.range(range).map(move |((_, item), parts)| (*item, sum(parts)))
    }

    /// What may leave from some places, each line once: the amount.
    pub(super) fn spread_over(&self, item: ItemId, places: &[LocationId]) -> i64 {
        self.spread_parts(item, places).fold(0_i64, |sum, part| sum.saturating_add(part.amount))
    }

    /// What may leave from a place or from another one: by item.
    pub(super) fn spread_at(&self, place: LocationId) -> BTreeMap<ItemId, i64> {
        let mut sums: BTreeMap<ItemId, i64> = BTreeMap::new();
        for own in self.spread.iter().filter(|own| own.places.contains(&place)) {
            let sum = sums.entry(own.item).or_insert(0);
            *sum = sum.saturating_add(own.part.amount);
        }
        sums
    }

    /// The lines behind what is pending of an item from one place alone.
    pub(super) fn exact_parts(&self, item: ItemId, place: LocationId) -> &[Part] {
        self.exact.get(&(place, item)).map_or(&[], Vec::as_slice)
    }

    /// The lines that may leave from some places, each once.
    pub(super) fn spread_parts(&self, item: ItemId, places: &[LocationId]) -> impl Iterator<Item = Part> {
        let touches =
            move |own: &&Spread| own.item == item && own.places.iter().any(|place| places.contains(place));
        self.spread.iter().filter(touches).map(|own| own.part)
    }

    /// Lines that nobody has taken in for too long.
    pub(super) fn late(&self) -> &[Waiting] {
        &self.late
    }

    /// What owners turned out to have taken in.
    pub(super) fn taken(&self) -> &[TakenIn] {
        &self.taken
    }

    /// Lines for which nothing waits any more.
    pub(super) fn settled(&self) -> &[usize] {
        &self.settled
    }
}

impl Part {
    /// How much.
    pub(super) fn amount(self) -> i64 {
        self.amount
    }

    /// The line as people name it.
    pub(super) fn name(self, model: &Model, seen: &Observations) -> Name {
        let line = &seen.demand.lines[self.line];
        Name::from(line.name(&model.system(line.system).name).as_str())
    }
}

/// The places where what a channel sells may stand: all that its locations are made of.
fn places_of(model: &Model, graph: &Graph, channel: SystemId) -> Vec<LocationId> {
    let mut places = BTreeSet::new();
    for (at, location) in model.locations.iter().enumerate() {
        if location.code_in(channel).is_some() {
            places.extend(graph.locations_of(LocationId::at(at)).iter().copied());
        }
    }
    places.into_iter().collect()
}

/// Lines that an owner can only tell together: of one flow, document and item there.
type Group = Vec<usize>;

struct Work<'w> {
    model: &'w Model,
    graph: &'w Graph,
    seen: &'w Observations,
    sources: &'w [Source<'w>],
    now: Moment,
    /// The places of each channel, once they are asked for.
    scopes: BTreeMap<SystemId, Vec<LocationId>>,
}

impl Work<'_> {
    fn lines(&self) -> &[DemandLine] {
        &self.seen.demand.lines
    }

    /// Lines by what owners know them by; a line without a reference stands alone.
    fn groups(&self) -> Vec<Group> {
        let mut named: BTreeMap<(Option<CollectId>, &Name, ItemId), Group> = BTreeMap::new();
        let mut groups: Vec<Group> = Vec::new();
        for (at, line) in self.lines().iter().enumerate() {
            match &line.reference {
                Some(reference) => named.entry((line.flow, reference, line.item)).or_default().push(at),
                None => groups.push(vec![at]),
            }
        }
        groups.extend(named.into_values());
        groups
    }

    /// What owners list, by owner, reference and item, in base units. A line that cannot be read counts as
    /// not listed.
    fn listed(&self) -> BTreeMap<(SystemId, Name, ItemId), Listed> {
        let model = self.model;
        let mut listed: BTreeMap<(SystemId, Name, ItemId), Listed> = BTreeMap::new();
        for (system, lines) in &self.seen.lines {
            for line in lines.lines.iter().filter(|_| lines.about.incomplete.is_none()) {
                let code = model.code(line.code);
                let Thing::Item(item) = code.thing else { continue };
                let ratio = line_ratio(model, code, model.item(item), line.unit.as_ref());
                let Ok(open) = ratio.and_then(|ratio| to_base(line.open, ratio, true)) else { continue };
                let document = Some(&line.document).filter(|own| line.cause.as_ref() != Some(*own));
                for name in line.cause.iter().chain(document) {
                    let own = listed.entry((*system, name.clone(), item)).or_default();
                    own.open = own.open.saturating_add(open.max(0));
                }
            }
        }
        for (system, found) in &self.seen.found {
            for document in found {
                let mut own: BTreeMap<ItemId, (i64, i64)> = BTreeMap::new();
                for line in &document.lines {
                    let code = model.code(line.code);
                    let Thing::Item(item) = code.thing else { continue };
                    let base = |value| to_base(value, code.measure.ratio, true).unwrap_or(0);
                    let sums = own.entry(item).or_default();
                    *sums =
                        (sums.0.saturating_add(base(line.open)), sums.1.saturating_add(base(line.shipped)));
                }
                for (item, (open, shipped)) in own {
                    let key = (*system, document.reference.clone(), item);
                    // Where open lines are what is reserved, they were read before: what has been taken in
                    // since is in a document already, and taken off no count.
                    let open = match model.system(*system).lines_are() {
                        Some(_) => listed.get(&key).map_or(0, |own| own.open).min(open),
                        None => open,
                    };
                    listed.insert(key, Listed { open, shipped: Some(shipped) });
                }
            }
        }
        listed
    }

    /// Where a line may leave from.
    fn scope(&mut self, line: &DemandLine) -> Vec<LocationId> {
        match line.location {
            Some(location) => self.graph.locations_of(location).to_vec(),
            None => {
                let (model, graph) = (self.model, self.graph);
                self.scopes.entry(line.system).or_insert_with(|| places_of(model, graph, line.system)).clone()
            }
        }
    }

    /// Who is to show that it has taken a line in at a place: the owner of `reserved`, else of `on-hand`.
    fn owner(&self, item: ItemId, place: LocationId) -> Option<SystemId> {
        let of = |quantity| self.graph.owner_of(item, place, quantity);
        let owner = of(RESERVED).or_else(|| of(ON_HAND))?;
        Some(self.model.owners[owner.index()].system)
    }

    fn group(
        &mut self,
        group: &Group,
        listed: &BTreeMap<(SystemId, Name, ItemId), Listed>,
        pending: &mut Pending,
    ) {
        let first = self.lines()[group[0]].clone();
        // What the owners' lists know of the group as a whole, to be given to its lines one after the other.
        let mut owners = BTreeSet::new();
        for line in group {
            let line = self.lines()[*line].clone();
            let scope = self.scope(&line);
            owners.extend(scope.iter().filter_map(|place| self.owner(line.item, *place)));
        }
        let mut known = self.known(group, &owners, &first, listed);
        for at in group {
            let line = self.lines()[*at].clone();
            let mine = known.min(line.ordered - line.cancelled);
            known -= mine;
            self.line(*at, &line, mine, pending);
        }
    }

    /// How much of a group is in the books of owners that list lines.
    fn known(
        &self,
        group: &Group,
        owners: &BTreeSet<SystemId>,
        first: &DemandLine,
        listed: &BTreeMap<(SystemId, Name, ItemId), Listed>,
    ) -> i64 {
        let Some(reference) = &first.reference else { return 0 };
        let of = |part: fn(&DemandLine) -> i64| {
            group.iter().fold(0_i64, |sum, at| sum.saturating_add(part(&self.lines()[*at])))
        };
        let mut known = 0_i64;
        for owner in owners {
            if !self.lists(*owner) {
                continue;
            }
            let here = listed.get(&(*owner, reference.clone(), first.item)).copied().unwrap_or_default();
            known = known.saturating_add(match here.shipped {
                Some(shipped) => here.open.saturating_add(shipped),
                // What it listed once and lists no more has left, as far as the channel says so, too.
                None => {
                    let gone = of(|line| line.taken_in).saturating_sub(here.open).max(0);
                    here.open.saturating_add(gone.min(of(|line| line.shipped)))
                }
            });
        }
        known
    }

    fn line(&mut self, at: usize, line: &DemandLine, known: i64, pending: &mut Pending) {
        if known > line.taken_in {
            pending.taken.push(TakenIn { line: at, amount: known });
        }
        let scope = self.scope(line);
        let owners: BTreeSet<SystemId> =
            scope.iter().filter_map(|place| self.owner(line.item, *place)).collect();
        let whole = line.ordered - line.cancelled - line.closed;
        let contained = !scope.is_empty() && self.contained(line, &scope);
        let waited = self.waited(line, &owners);
        if contained && line.taken_in < whole {
            pending.taken.push(TakenIn { line: at, amount: whole });
        }
        // What a count has contained once it contains for good; a list says each time what it has.
        let lists = owners.iter().any(|owner| self.lists(*owner));
        let known = if lists { known } else { known.max(line.taken_in) };
        let amount = match contained || (line.late && waited) {
            true => 0,
            false => (whole - known).max(0),
        };
        if amount == 0 {
            if line.open() <= 0 {
                pending.settled.push(at);
            }
            return;
        }
        if let Some(owner) = owners.first().filter(|_| waited) {
            pending.late.push(Waiting { line: at, amount, owner: *owner });
        }
        let part = Part { line: at, amount };
        match scope.as_slice() {
            [] => {}
            [place] => pending.exact.entry((*place, line.item)).or_default().push(part),
            _ => pending.spread.push(Spread { places: scope, item: line.item, part }),
        }
    }

    /// Whether an owner lists what it has taken in.
    fn lists(&self, owner: SystemId) -> bool {
        matches!(self.model.system(owner).acknowledges(), Some(Acknowledges::Lines))
    }

    /// Whether the counts of all owners of a line's places are from after they must contain it.
    fn contained(&self, line: &DemandLine, scope: &[LocationId]) -> bool {
        scope.iter().all(|place| {
            let Some(owner) = self.owner(line.item, *place) else { return true };
            let after = match self.model.system(owner).acknowledges() {
                // Its own movements are in its own counts at once.
                _ if owner == line.system => Duration::ZERO,
                Some(Acknowledges::Counts(after)) => after,
                _ => return false,
            };
            let as_of = self.as_of(owner, line.item, *place);
            as_of.is_some_and(|as_of| as_of.min(self.now) >= line.placed.after(after))
        })
    }

    /// When the owner's count of a cell was true: of all that its sum takes from that owner the oldest.
    fn as_of(&self, owner: SystemId, item: ItemId, place: LocationId) -> Option<Moment> {
        let source = &self.sources[owner.index()];
        let levels = source.levels.filter(|_| source.gate == Gate::Open)?;
        let codes = self.model.codes_of_thing(owner, Thing::Item(item)).map(crate::model::CodeId);
        let rows = codes.map(|code| levels.find(code, place));
        let rows: Option<Vec<usize>> = rows.collect();
        let of_rows = rows.filter(|rows| !rows.is_empty()).map(|rows| {
            rows.into_iter()
                .map(|row| levels.as_of(row))
                .try_fold(Moment(i64::MAX), |oldest, at| at.map(|at| oldest.min(at)))
        });
        match of_rows {
            Some(as_of) => as_of,
            // What it does not report any more counts with what was known last, and is as old as that.
            None => {
                let key: LastKnownKey = (owner, item.0, place, ON_HAND.0);
                self.seen.last_known_at.get(&key).copied()
            }
        }
    }

    /// Whether a line has been waited for as long as anybody should.
    fn waited(&self, line: &DemandLine, owners: &BTreeSet<SystemId>) -> bool {
        let stale = owners.iter().filter_map(|owner| self.model.system(*owner).stale_after);
        let stale = stale.map(|(limit, _)| limit).max().unwrap_or_default();
        self.now.since(line.seen.max(line.placed)) > GRACE.saturating_add(stale)
    }
}
