//! How one number comes about, step by step, and why a cell is held or failed, in words.

use super::combine;
use super::explained::{Explained, Part};
use super::fault::{self, CellFault};
use super::shelf::{BLIND, CLOSED, DIM, DOUBT, GUESSED, MISSING, Pass, terms};
use super::source::{Gap, Gate, Reading};
use super::target::{Row, Target, Verdict};
use super::{Counter, Want, judge};
use crate::model::flow::Flow;
use crate::model::item::Thing;
use crate::model::set::Bits;
use crate::model::time::show_duration;
use crate::model::{CodeId, FlowId, ItemId, LocationId, Name, QuantityId, SystemId};

/// A cell's steps on the way down.
#[derive(Debug, Default)]
pub(super) struct Walk {
    notes: Vec<String>,
}

impl Counter<'_> {
    /// Explains one cell of one flow's target.
    pub(super) fn explain_at(
        &self,
        target: &Target<'_>,
        id: FlowId,
        code: CodeId,
        location: LocationId,
    ) -> Explained {
        let model = self.model;
        let flow = model.flow(id);
        let row = target.source.levels.and_then(|levels| levels.find(code, location));
        let seen = target.read(code, location, row);
        let mut walk = Walk::default();
        let mut parts = Vec::new();
        let thing = model.code(code).thing;
        if let Some(doubt) = model.doubts.get(&thing) {
            walk.note(fault::doubt(model, thing, doubt));
        }
        let mut want = match self.walk_divided((id, code, location), &mut parts, &mut walk) {
            Some(want) => want,
            None => self.walk(id, (thing, location), &mut parts, &mut walk),
        };
        want.flags |= self.doubt(thing);
        let verdict = judge(target, flow, code, want, seen);
        let (verdict, waits) = self.may(id, code, location).limit(verdict);
        let known = want.flags & (CLOSED | MISSING | DOUBT) == 0;
        let after = if known { finish(self, flow, code, want, &mut parts) } else { None };
        let columns = columns(target, row, seen);
        let written = after.and_then(|after| bridged(self, target, flow, (after, row, seen), &mut parts));
        let mut explained = Explained {
            flow: id,
            code,
            location,
            parts,
            verdict,
            waits,
            after,
            columns,
            written,
            notes: walk.notes,
            fault: None,
        };
        self.blame(target, &mut explained, want, (row, seen));
        explained
    }

    /// The steps of a thing at a target's location: one member of a pool after the other.
    fn walk(
        &self,
        flow: FlowId,
        (thing, location): (Thing, LocationId),
        parts: &mut Vec<Part>,
        walk: &mut Walk,
    ) -> Want {
        if !self.model.location(location).is_pool() {
            return self.walk_place(flow, (thing, location, true), parts, walk);
        }
        let mut want = Want::default();
        for place in self.places(location) {
            let mut inner = Vec::new();
            let here = self.walk_place(flow, (thing, *place, false), &mut inner, walk);
            want.count = want.count.saturating_add(here.count);
            want.flags |= here.flags;
            parts.push(Part::Member { place: *place, parts: inner, value: here.count });
        }
        if let Thing::Item(item) = thing
            && self.takes_off(self.model.flow(flow))
        {
            // A line that may leave from any member is taken off once.
            let spread = self.pending.spread_parts(item, self.places(location)).collect::<Vec<_>>();
            self.take_off(&spread, &mut want, parts);
        }
        want
    }

    fn walk_place(
        &self,
        flow: FlowId,
        (thing, place, alone): (Thing, LocationId, bool),
        parts: &mut Vec<Part>,
        walk: &mut Walk,
    ) -> Want {
        let bundle = match thing {
            Thing::Item(item) => return self.walk_item(flow, (item, place, alone), parts, walk),
            Thing::Bundle(bundle) => self.model.bundle(bundle),
        };
        let mut least: Option<(ItemId, i64)> = None;
        let mut flags = 0;
        for component in &bundle.components {
            let mut inner = Vec::new();
            let cell = self.walk_item(flow, (component.item, place, true), &mut inner, walk);
            let value = combine::per_bundle(cell.count, component.quantity);
            flags |= cell.flags;
            parts.push(Part::Per { component: *component, parts: inner, value });
            least = least.filter(|(_, least)| *least <= value).or(Some((component.item, value)));
        }
        if let Some((item, value)) = least {
            parts.push(Part::Least { item, value });
        }
        Want { count: least.map_or(i64::MAX, |(_, value)| value), flags }
    }

    fn walk_item(
        &self,
        flow: FlowId,
        (item, place, alone): (ItemId, LocationId, bool),
        parts: &mut Vec<Part>,
        walk: &mut Walk,
    ) -> Want {
        let mut want = self.walk_terms(flow, (item, place, alone), parts, walk);
        let flow = self.model.flow(flow);
        if let Some((keep, value)) = combine::keep_back(flow, item, want.count) {
            parts.push(Part::KeepBack { keep, value });
            want.count = combine::take_off(want.count, value);
        }
        want
    }

    /// What its owners have of an item less what is pending, before anything is kept back. `alone`: what may
    /// leave from here or from another place is taken off here.
    pub(super) fn walk_terms(
        &self,
        flow: FlowId,
        (item, place, alone): (ItemId, LocationId, bool),
        parts: &mut Vec<Part>,
        walk: &mut Walk,
    ) -> Want {
        let sums = &self.graph.flow(flow).sums;
        let sum = sums.iter().find(|sum| sum.location == place && sum.items.contains(item.index()));
        let mut want = Want::default();
        for (quantity, times) in sum.into_iter().flat_map(terms) {
            let Some(owner) = self.graph.owner_of(item, place, quantity) else { continue };
            let owner = self.model.owners[owner.index()].system;
            let none = Bits::default();
            let pass = Pass { location: place, quantity, times, owner, items: &none };
            let (value, flags) = self.walk_term(pass, item, walk);
            want.flags |= flags;
            want.count = want.count.saturating_add(value.saturating_mul(times));
            if flags & (CLOSED | MISSING) != 0 {
                continue;
            }
            let open = self.open_lines(owner, quantity);
            let lines = open.map_or_else(Vec::new, |open| open.names(item, place));
            let value = value.saturating_mul(times.saturating_abs());
            parts.push(Part::Term { quantity, owner, place, plus: times > 0, value, lines });
        }
        if self.takes_off(self.model.flow(flow)) {
            let mut pending = self.pending.exact_parts(item, place).to_vec();
            if alone {
                pending.extend(self.pending.spread_parts(item, &[place]));
            }
            self.take_off(&pending, &mut want, parts);
            if let Some(why) = self.pending.doubt((self.model, self.seen), item, place) {
                want.flags |= DIM;
                walk.note(why);
            }
        }
        want
    }

    /// Takes off what channels have sold and owners do not show yet.
    fn take_off(&self, pending: &[super::pending::Part], want: &mut Want, parts: &mut Vec<Part>) {
        let value = pending.iter().fold(0_i64, |sum, part| sum.saturating_add(part.amount()));
        if value > 0 {
            want.count = want.count.saturating_sub(value);
            let lines = pending.iter().map(|part| part.name(self.model, self.seen)).collect();
            parts.push(Part::Pending { value, lines });
        }
    }

    /// One owned count, with words for what is wrong with it.
    fn walk_term(&self, pass: Pass<'_>, item: ItemId, walk: &mut Walk) -> (i64, u8) {
        let open = self.open_lines(pass.owner, pass.quantity);
        let source = self.source(pass.owner);
        let gate = open.map_or(source.gate, |open| open.gate);
        if gate.closed() {
            walk.note(self.closed(pass.owner, pass.quantity, gate));
            return (0, CLOSED);
        }
        let codes = self.model.codes_of_thing(pass.owner, Thing::Item(item));
        let reading = match (gate, open) {
            (Gate::Older, _) => Reading::Gap(Gap::Older),
            (_, Some(open)) => open.read(item, pass.location),
            (_, None) if codes.is_empty() => Reading::Gap(Gap::Unmapped),
            (_, None) => {
                let column = source.column(pass.quantity);
                let find = |code| source.levels.and_then(|levels| levels.find(code, pass.location));
                source.read((column, pass.times < 0), codes, pass.location, find)
            }
        };
        let number = self.number(pass, item, reading);
        if let Some(gap) = number.gap {
            walk.note(self.gap(pass, item, gap));
        }
        if number.flags & DIM != 0 {
            walk.note(self.dim(pass));
        }
        (number.value, number.flags)
    }

    fn closed(&self, system: SystemId, quantity: QuantityId, gate: Gate) -> String {
        let name = &self.model.system(system).name;
        let open = self.open_lines(system, quantity);
        let lines = open.and_then(|open| open.lines).map(|lines| &lines.about);
        let about = lines.or_else(|| self.source(system).levels.map(|levels| &levels.about));
        match (gate, about.and_then(|about| about.incomplete.as_ref())) {
            (Gate::Incomplete, Some(why)) => format!("`{name}` could be read only in part: {why}"),
            _ => format!("`{name}` was not read"),
        }
    }

    fn gap(&self, pass: Pass<'_>, item: ItemId, gap: Gap) -> String {
        let system = &self.model.system(pass.owner).name;
        let quantity = &self.model.quantity(pass.quantity).name;
        let place = place_name(self, pass.owner, pass.location);
        let code = |id: CodeId| &self.model.code(id).code;
        match gap {
            Gap::Unmapped => {
                format!("`{system}` has no code for `{}` at `{place}`", self.model.item(item).name)
            }
            Gap::Absent(id) => format!("`{system}` did not report `{}` at `{place}`", code(id)),
            Gap::Empty(id) => format!("`{system}` shows no {quantity} for `{}` at `{place}`", code(id)),
            Gap::Broken(id) if self.source(pass.owner).broken.unasked(id) => {
                format!("`{}` at `{place}` in `{system}` is not in the snapshot", code(id))
            }
            Gap::Broken(id) | Gap::Misfit(id, ..) => {
                format!("the row of `{}` at `{place}` in `{system}` could not be read", code(id))
            }
            Gap::Line => match self.codes_unasked(pass.owner, item) {
                Some(id) => format!("`{}` at `{place}` in `{system}` is not in the snapshot", code(id)),
                None => {
                    let name = &self.model.item(item).name;
                    format!("an open line of `{name}` in `{system}` could not be read")
                }
            },
            Gap::Older => format!("what `{system}` shows is older than what was used last"),
        }
    }

    /// The first code of an item that nobody asked the owner for.
    fn codes_unasked(&self, owner: SystemId, item: ItemId) -> Option<CodeId> {
        let mut codes = self.model.codes_of_thing(owner, Thing::Item(item)).map(CodeId);
        codes.find(|code| self.source(owner).broken.unasked(*code))
    }

    fn dim(&self, pass: Pass<'_>) -> String {
        let system = self.model.system(pass.owner);
        let open = self.open_lines(pass.owner, pass.quantity);
        match system.stale_after {
            _ if open.is_some_and(super::Open::blind) => {
                format!("a line of `{}` could not be read, and nobody knows of which item it is", system.name)
            }
            _ if self.source(pass.owner).partial() => format!(
                "a row of `{}` could not be read, and nobody knows to which count it adds",
                system.name
            ),
            Some((limit, _)) => {
                format!(
                    "counts of `{}` are older than {}, or of unknown age",
                    system.name,
                    show_duration(limit)
                )
            }
            None => format!("counts of `{}` are stale", system.name),
        }
    }

    /// Says why a cell is held or failed.
    fn blame(
        &self,
        target: &Target<'_>,
        explained: &mut Explained,
        want: Want,
        (row, seen): (Option<usize>, Row),
    ) {
        let system = target.source.system;
        let name = &self.model.system(system).name;
        match explained.verdict {
            Verdict::Held { .. } => {
                match target.source.gate {
                    Gate::Open => {}
                    Gate::Older => {
                        let why = format!("what `{name}` shows is older than what was used last");
                        explained.notes.insert(0, why);
                    }
                    gate => {
                        let why = self.closed_target(system, gate);
                        explained.notes.insert(0, why);
                    }
                }
                let known = want.flags & (CLOSED | MISSING | DOUBT) == 0;
                if known && want.flags & GUESSED != 0 {
                    explained.notes.push("the last known number does not lower it".to_owned());
                } else if known && want.flags & (DIM | BLIND) != 0 {
                    explained.notes.push("so it may only fall".to_owned());
                } else if seen == Row::Absent && target.source.broken.blind {
                    let why = format!("a row of `{name}` could not be read, and it may be this one");
                    explained.notes.push(why);
                }
            }
            Verdict::Failed { .. } => {
                explained.fault = self.fault_of(target, explained, want, (row, seen));
                if let Some(fault) = &explained.fault {
                    explained.notes.insert(0, fault.reason.clone());
                }
            }
            _ => {}
        }
    }

    fn closed_target(&self, system: SystemId, gate: Gate) -> String {
        let name = &self.model.system(system).name;
        let about = self.source(system).levels.map(|levels| &levels.about);
        match (gate, about.and_then(|about| about.incomplete.as_ref())) {
            (Gate::Incomplete, Some(why)) => format!("`{name}` could be read only in part: {why}"),
            _ => format!("`{name}` was not read"),
        }
    }

    fn fault_of(
        &self,
        target: &Target<'_>,
        explained: &Explained,
        want: Want,
        (row, seen): (Option<usize>, Row),
    ) -> Option<CellFault> {
        let model = self.model;
        let flow = model.flow(explained.flow);
        let code = model.code(explained.code);
        let column = target.columns[0].0.to_string();
        let source = target.source.levels.map_or_else(String::new, |levels| levels.about.source.to_string());
        let make = |record: String, field: String, reason: String| CellFault {
            system: flow.to,
            location: Some(explained.location),
            code: Some(explained.code),
            record,
            source: source.clone(),
            field,
            reason,
        };
        let record = || row.map_or_else(|| code.code.to_string(), |row| target.record(row));
        match seen {
            Row::Broken => return None,
            Row::Unusable { row, fault } => {
                let (field, reason) = target.says(explained.code, row, fault);
                return Some(make(target.record(row), field, reason));
            }
            _ => {}
        }
        let count = want.count.max(0);
        let unfit = match combine::shown(model, flow, code.measure.ratio, count) {
            Err(why) => Some((count, why)),
            Ok(after) => {
                let bridge = if let Row::Shows { bridge, .. } = seen { bridge } else { 0 };
                let number = after.saturating_add(bridge);
                combine::written(model, flow, after, bridge).err().map(|why| (number, why))
            }
        };
        if let Some((number, why)) = unfit {
            return Some(make(record(), column, fault::unfit(model, code, number, why)));
        }
        let system = model.system(flow.to);
        let reason = format!(
            "`{}` does not show `{}` at `{}`, and new rows cannot be created there: add it there{}",
            system.name,
            code.code,
            place_name(self, flow.to, explained.location),
            if system.kind.kind == "sql" { ", or give the system a `create` statement" } else { "" },
        );
        Some(make(code.code.to_string(), "code".to_owned(), reason))
    }
}

impl Walk {
    pub(super) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

/// A place as a system calls it, or as the topology does where it has no code there.
pub(super) fn place_name<'c>(counter: &'c Counter<'_>, system: SystemId, place: LocationId) -> &'c Name {
    let location = counter.model.location(place);
    location.code_in(system).and_then(|code| code.code.as_ref()).unwrap_or(&location.name)
}

/// Clamp, unit and cap, with a step for each that took hold.
fn finish(
    counter: &Counter<'_>,
    flow: &Flow,
    code: CodeId,
    want: Want,
    parts: &mut Vec<Part>,
) -> Option<i64> {
    let ratio = counter.model.code(code).measure.ratio;
    if want.count < 0 {
        parts.push(Part::Clamp);
    }
    let in_unit = combine::in_unit(counter.model, flow, ratio, want.count.max(0)).ok()?;
    if ratio != crate::model::quantity::Ratio::ONE {
        parts.push(Part::Unit { value: in_unit });
    }
    let shown = combine::shown(counter.model, flow, ratio, want.count.max(0)).ok()?;
    if shown < in_unit {
        parts.push(Part::Cap { cap: shown });
    }
    Some(shown)
}

/// What is to be written, with a step for each column that the target takes off.
fn bridged(
    counter: &Counter<'_>,
    target: &Target<'_>,
    flow: &Flow,
    (after, row, seen): (i64, Option<usize>, Row),
    parts: &mut Vec<Part>,
) -> Option<i64> {
    let bridge = match seen {
        Row::Shows { bridge, .. } => bridge,
        Row::Absent => 0,
        Row::Broken | Row::Unusable { .. } => return None,
    };
    for (at, (column, _)) in target.columns.iter().enumerate().skip(1) {
        let value = row.map_or(0, |row| target.value(at, row).unwrap_or(0));
        parts.push(Part::Bridge { column: column.clone(), value });
    }
    combine::written(counter.model, flow, after, bridge).ok()
}

fn columns(target: &Target<'_>, row: Option<usize>, seen: Row) -> Option<Vec<(Name, i64)>> {
    let Row::Shows { .. } = seen else { return None };
    let row = row?;
    let mut columns = Vec::new();
    for (at, (name, _)) in target.columns.iter().enumerate() {
        columns.push((name.clone(), target.value(at, row).ok()?));
    }
    columns.sort();
    Some(columns)
}
