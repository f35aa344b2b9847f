//! The topology as a picture before it is drawn: boxes with rows of text, lines between them, and faults.
//!
//! `dot`, `mermaid` and `svg` write one and the same picture. Its texts are cut to a length that can be
//! looked at, and hold no character that changes how others are shown; `json` has all of them.

use super::Graph;
use super::faults::{Alarm, Fault, Faults, Part};
use super::label;
use crate::model::flow::{Flow, Lag, Rollout};
use crate::model::system::{Orders, Role};
use crate::model::time::show_duration;
use crate::model::{AllocationId, CollectId, FlowId, LocationId, Model, OwnerId, SystemId};
use std::collections::{BTreeMap, BTreeSet};

/// Colours of lines as `#rrggbb`: lines of one colour carry the counts of the same owners. All are as
/// light as each other, so that each can be read on white and on black; a ninth group starts again.
const COLOURS: [&str; 8] =
    ["#3178e2", "#148d44", "#a05dc9", "#0f8888", "#6d8317", "#c34ca2", "#a0704d", "#6f7b8d"];

/// The colour of lines along which movements go.
const MOVEMENTS: &str = "#7a7a7a";

/// The most rows of text in one box.
const ROWS: usize = 12;

/// Boxes and the lines between them, in an order that depends on the topology alone.
#[derive(Debug, Default)]
pub struct Picture {
    /// The boxes.
    pub nodes: Vec<Node>,
    /// The lines.
    pub edges: Vec<Edge>,
}

/// One box.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it stands for.
    pub look: Look,
    /// Its name.
    pub title: String,
    /// What is said about it.
    pub rows: Vec<Row>,
    /// How bad it stands.
    pub alarm: Option<Alarm>,
}

/// A row of text in a box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The text.
    pub text: String,
    /// Whether it tells of a fault.
    pub alarm: Option<Alarm>,
}

/// What a box stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// A system.
    System(Role),
    /// Where the counts of several systems meet; it has no text.
    Join,
    /// Counts that nobody owns.
    Nobody,
    /// What is wrong elsewhere in the topology.
    Note,
}

/// One line between two boxes.
#[derive(Debug, Clone)]
pub struct Edge {
    /// The box at its start, by its place in the list.
    pub from: usize,
    /// The box at its end.
    pub to: usize,
    /// Rows of text; none on the way to a join.
    pub label: Vec<Row>,
    /// As `#rrggbb`.
    pub colour: &'static str,
    /// Whether movements go along it, from the channel to where they are posted. Else counts do.
    pub movements: bool,
    /// How bad it stands.
    pub alarm: Option<Alarm>,
}

impl Picture {
    /// The boxes that counts reach and that none leave: they stand at the right.
    pub fn last(&self) -> BTreeSet<usize> {
        let counts = || self.edges.iter().filter(|edge| !edge.movements);
        let left: BTreeSet<usize> = counts().map(|edge| edge.from).collect();
        counts().map(|edge| edge.to).filter(|to| !left.contains(to)).collect()
    }
}

impl Edge {
    /// Its colour, or that of its fault.
    pub fn shown_colour(&self) -> &'static str {
        self.alarm.map_or(self.colour, Alarm::colour)
    }
}

/// Draws up the picture of a topology.
pub fn picture(graph: &Graph, model: &Model, faults: &Faults) -> Picture {
    let mut draft = Draft { graph, model, faults, picture: Picture::default(), starts: BTreeMap::new() };
    for index in 0..model.systems.len() {
        draft.system(SystemId::at(index));
    }
    for index in 0..model.flows.len() {
        draft.flow(FlowId::at(index));
    }
    draft.collects();
    draft.elsewhere();
    // Counts decide who stands left of whom, so they come first.
    draft.picture.edges.sort_by_key(|edge| edge.movements);
    draft.picture
}

struct Draft<'m> {
    graph: &'m Graph,
    model: &'m Model,
    faults: &'m Faults,
    picture: Picture,
    /// For the systems whose counts some flow adds up: the box where its line starts, and the colour.
    starts: BTreeMap<Vec<SystemId>, (usize, &'static str)>,
}

impl Draft<'_> {
    /// The box of a system; boxes of systems come first, so that its place is its id.
    fn system(&mut self, id: SystemId) {
        let system = self.model.system(id);
        let mut rows = Vec::new();
        say(&mut rows, &format!("{} {}", system.kind.kind, role(system.role)), None);
        let mut worst = tell(&mut rows, self.faults.of(Part::System(id)));
        for (index, owner) in self.model.owners.iter().enumerate().filter(|(_, owner)| owner.system == id) {
            let fault = self.faults.of(Part::Owner(OwnerId::at(index)));
            let quantities = owner.quantities.iter().map(|(id, _)| &*self.model.quantity(*id).name);
            let alarm = self.faults.alarm(Part::Owner(OwnerId::at(index)));
            let at = few(owner.at.iter().map(|(at, _)| self.place(*at)));
            let at = if at.is_empty() { at } else { format!("at {at}") };
            let (items, all) = (owner.items.count(), self.model.items.len());
            let items = if items < all { format!("({items} of {all} items)") } else { String::new() };
            together(&mut rows, &[&format!("owns {}", few(quantities)), &at, &items], alarm);
            worst = worst.max(tell(&mut rows, fault));
        }
        for (index, pool) in self.model.locations.iter().enumerate().filter(|(_, place)| place.is_pool()) {
            let Some(code) = pool.code_in(id) else { continue };
            let fault = self.faults.of(Part::Location(LocationId::at(index)));
            let called = code.code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default();
            let members = few(pool.pool.iter().map(|member| self.place(*member)));
            let says = [&*format!("{}{called} is", pool.name), &members];
            together(&mut rows, &says, self.faults.alarm(Part::Location(LocationId::at(index))));
            worst = worst.max(tell(&mut rows, fault));
        }
        match &system.orders {
            Some((Orders::Direct { to, within }, _)) => {
                let to = &self.model.system(*to).name;
                say(&mut rows, &format!("orders go to {to} within {}", show_duration(*within)), None);
            }
            Some((Orders::Nothing, _)) => say(&mut rows, "sells nothing", None),
            None => {}
        }
        worst = worst.max(self.allocations(id, &mut rows));
        self.push(Look::System(system.role), &system.name, rows, worst);
    }

    fn push(&mut self, look: Look, title: &str, mut rows: Vec<Row>, alarm: Option<Alarm>) -> usize {
        if rows.len() > ROWS {
            let left = rows.split_off(ROWS - 1);
            let alarm = left.iter().filter_map(|row| row.alarm).max();
            rows.push(Row { text: format!("and {} rows more", left.len()), alarm });
        }
        self.picture.nodes.push(Node { look, title: label::cut(title), rows, alarm });
        self.picture.nodes.len() - 1
    }

    /// What a system may sell of shelves that it shares.
    fn allocations(&self, id: SystemId, rows: &mut Vec<Row>) -> Option<Alarm> {
        let mut worst = None;
        let here = self.model.allocations.iter().enumerate().filter(|(_, allocation)| allocation.has(id));
        for (index, allocation) in here {
            let part = Part::Allocation(AllocationId::at(index));
            let all: i128 = allocation.weights.iter().map(|(_, weight, _)| i128::from(*weight)).sum();
            let shares = format!("{}: {} of {all} parts", allocation.name, allocation.weight(id));
            let above = allocation.pooled_above.map(|above| format!("undivided above {above}"));
            together(rows, &[&shares, &above.unwrap_or_default()], self.faults.alarm(part));
            worst = worst.max(tell(rows, self.faults.of(part)));
        }
        worst
    }

    /// The line of a flow that publishes.
    fn flow(&mut self, id: FlowId) {
        let (flow, facts) = (self.model.flow(id), self.graph.flow(id));
        let fault = self.faults.of(Part::Flow(id));
        let others: Vec<SystemId> = facts.sources.iter().copied().filter(|from| *from != flow.to).collect();
        let mut rows = self.says(flow, facts.sources.len() > others.len());
        let alarm = tell(&mut rows, fault);
        if others.is_empty() && !facts.sources.is_empty() {
            // It is computed from the target alone: a line from a box to itself says less than a row.
            let target = &mut self.picture.nodes[flow.to.index()];
            let whole = rows.iter().map(|row| &*row.text).collect::<Vec<_>>().join(", ");
            say(&mut target.rows, &whole, alarm);
            target.alarm = target.alarm.max(alarm);
            return;
        }
        let (from, colour) = self.start(others);
        let to = flow.to.index();
        self.picture.edges.push(Edge { from, to, label: rows, colour, movements: false, alarm });
    }

    fn says(&self, flow: &Flow, own: bool) -> Vec<Row> {
        let mut rows = Vec::new();
        let quantity = &self.model.quantity(flow.quantity).name;
        let own = if own { ", with its own counts" } else { "" };
        together(&mut rows, &[&format!("{}:", flow.name), &format!("{quantity}{own}")], None);
        self.lag(flow.lag.as_ref(), &mut rows);
        if let Some(window) = &flow.window {
            let what = if window.holds_all { "writes" } else { "raises" };
            let calendar =
                window.calendar.map(|(id, _)| format!("in {}", self.model.calendars[id.index()].name));
            let hours = format!("{what} {} to {}", window.from, window.to);
            together(&mut rows, &[&hours, &calendar.unwrap_or_default()], None);
        }
        match flow.rollout {
            Rollout::Live => {}
            Rollout::Shadow => say(&mut rows, "planned only", None),
            Rollout::Items(items) => say(&mut rows, &format!("{items} items only"), None),
            Rollout::Share(_) => say(&mut rows, "a part of the items only", None),
        }
        rows
    }

    fn lag(&self, lag: Option<&Lag>, rows: &mut Vec<Row>) {
        let Some(lag) = lag else { return };
        let calendar = lag.calendar.map(|(id, _)| format!(" of {}", self.model.calendars[id.index()].name));
        let calendar = calendar.unwrap_or_default();
        let target = lag.target.map(|target| format!("lag {}{calendar}", show_duration(target)));
        let every = lag.every.map(|every| format!("every {}", show_duration(every)));
        let says: Vec<String> = [target, every].into_iter().flatten().collect();
        say(rows, &says.join(", "), None);
    }

    /// The lines of flows that collect, from the system that is read to where its movements are posted.
    fn collects(&mut self) {
        let mut joins: BTreeMap<SystemId, usize> = BTreeMap::new();
        for (index, collect) in self.model.collects.iter().enumerate() {
            let mut rows = Vec::new();
            let movements = few(collect.movements.iter().map(|(movement, _)| movement.word()));
            let name = format!("{}:", collect.name);
            together(&mut rows, &[&name, &movements], None);
            self.lag(collect.lag.as_ref(), &mut rows);
            let alarm = tell(&mut rows, self.faults.of(Part::Collect(CollectId::at(index))));
            let from = collect.from.index();
            let Some(owner) = collect.post.to.filter(|to| *to != collect.from) else {
                let node = &mut self.picture.nodes[from];
                node.rows.append(&mut rows);
                node.alarm = node.alarm.max(alarm);
                continue;
            };
            let line =
                |from, to, label, alarm| Edge { from, to, label, colour: MOVEMENTS, movements: true, alarm };
            let others = self.model.collects.iter().filter(|other| other.post.to == Some(owner));
            let to = match (others.count(), joins.get(&owner)) {
                (_, Some(join)) => *join,
                (0 | 1, None) => owner.index(),
                _ => {
                    let join = self.push(Look::Join, "", Vec::new(), None);
                    self.picture.edges.push(line(join, owner.index(), Vec::new(), None));
                    joins.insert(owner, join);
                    join
                }
            };
            self.picture.edges.push(line(from, to, rows, alarm));
        }
    }

    /// Where the line of a flow starts that adds up the counts of these systems, and its colour.
    fn start(&mut self, systems: Vec<SystemId>) -> (usize, &'static str) {
        if let Some(start) = self.starts.get(&systems) {
            return *start;
        }
        let colour = COLOURS[self.starts.len() % COLOURS.len()];
        let at = match systems[..] {
            [] => self.push(Look::Nobody, "no owner", Vec::new(), None),
            [system] => system.index(),
            _ => self.push(Look::Join, "", Vec::new(), None),
        };
        if systems.len() > 1 {
            let to_join = |from: &SystemId| {
                let (from, to, label) = (from.index(), at, Vec::new());
                Edge { from, to, label, colour, movements: false, alarm: None }
            };
            self.picture.edges.extend(systems.iter().map(to_join));
        }
        self.starts.insert(systems, (at, colour));
        (at, colour)
    }

    /// A note on the faults that lie in no box and on no line.
    fn elsewhere(&mut self) {
        let mut rows = Vec::new();
        let mut worst = tell(&mut rows, self.faults.of(Part::Elsewhere));
        for (index, location) in self.model.locations.iter().enumerate() {
            let fault = self.faults.of(Part::Location(LocationId::at(index)));
            if let Some(fault) = fault.filter(|_| !location.is_pool() || location.codes.is_empty()) {
                let alarm = fault.values().max().copied();
                say(&mut rows, &format!("location {}", location.name), alarm);
                worst = worst.max(tell(&mut rows, Some(fault)));
            }
        }
        if !rows.is_empty() {
            self.push(Look::Note, "elsewhere", rows, worst);
        }
    }

    fn place(&self, id: LocationId) -> &str {
        &self.model.location(id).name
    }
}

/// Adds a text, in as many rows as it needs.
fn say(rows: &mut Vec<Row>, text: &str, alarm: Option<Alarm>) {
    rows.extend(label::fold(text).into_iter().map(|text| Row { text, alarm }));
}

/// Adds texts in one row if they fit, else each in rows of its own.
fn together(rows: &mut Vec<Row>, texts: &[&str], alarm: Option<Alarm>) {
    let texts: Vec<&str> = texts.iter().copied().filter(|text| !text.is_empty()).collect();
    let whole = texts.join(" ");
    match label::fold(&whole).len() {
        1 => say(rows, &whole, alarm),
        _ => texts.iter().for_each(|text| say(rows, text, alarm)),
    }
}

/// Adds a row for each rule that is broken; answers how bad it is.
fn tell(rows: &mut Vec<Row>, fault: Option<&Fault>) -> Option<Alarm> {
    let fault = fault?;
    rows.extend(fault.iter().map(|(rule, alarm)| {
        // A sign of its own, for those who do not see the colour.
        let sign = if *alarm == Alarm::Red { '✗' } else { '!' };
        Row { text: format!("{sign} {rule}"), alarm: Some(*alarm) }
    }));
    fault.values().max().copied()
}

/// The first names of a list, and how many more there are.
fn few<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.collect();
    match names.len() {
        0..=4 => names.join(", "),
        all => format!("{} and {} more", names[..3].join(", "), all - 3),
    }
}

/// A role, as the topology writes it.
pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Erp => "erp",
        Role::Warehouse => "warehouse",
        Role::Channel => "channel",
        Role::Reporting => "reporting",
    }
}
