//! From one order to movements: its events in their order, and what each of them moved.

use super::order::{Entry, Line, LineQuantity, Order, moment};
use crate::model::id::{CodeId, LocationId, Name};
use crate::model::moved::Moved;
use crate::model::movement::Movement;
use crate::model::quantity::Decimal;
use crate::model::time::Moment;
use serde_json::Value;

/// A field, and what is wrong with it.
type Fault = (&'static str, String);

/// Whether anything of an order is still to be sent, by its own numbers.
pub(super) fn is_open(order: &Order) -> bool {
    order.lines.iter().any(|line| open(order, line) > 0)
}

/// How much of a line Vendure itself would still send: what is left of it less what was sent.
fn open(order: &Order, line: &Line) -> i64 {
    let sent = order.fulfillments.iter().flatten().filter(|one| one.state != "Cancelled");
    let sent: i64 = sent.map(|one| of_line(&one.lines, line)).sum();
    (line.quantity - sent).max(0)
}

fn of_line(lines: &[LineQuantity], line: &Line) -> i64 {
    lines.iter().filter(|own| own.line == line.id).map(|own| own.quantity).sum()
}

/// One thing that happened to a line.
enum Event<'o> {
    /// So many more were ordered, by a modification.
    More { name: String, quantity: i64 },
    /// So many were cancelled, open or sent.
    Less { entry: &'o str, quantity: i64 },
    /// A fulfilment took so many.
    Sent { fulfilment: &'o str, created: &'o str, quantity: i64 },
    /// A fulfilment was cancelled, so that what it took is to be sent again.
    Undone { entry: &'o str, fulfilment: &'o str, quantity: i64 },
}

/// A part of a line, ordered at one time: what is of it names it.
struct Part {
    name: String,
    open: i64,
    sent: i64,
}

/// A line on its way through its events.
struct Walk<'o> {
    order: &'o Order,
    code: CodeId,
    location: Option<LocationId>,
    parts: Vec<Part>,
    /// What is left of the line, as Vendure counts it.
    left: i64,
    /// What its fulfilments hold that are not cancelled.
    held: i64,
    moved: Vec<Moved>,
}

/// All movements of one line, in the order in which they happened; or why they cannot be told.
pub(super) fn line(
    order: &Order,
    line: &Line,
    code: CodeId,
    location: Option<LocationId>,
) -> Result<Vec<Moved>, Fault> {
    if order.kind == "Aggregate" {
        let what = "the order is split among several sellers, whose own orders hold the same lines, so it \
                    would be counted twice: such shops are not supported"
            .to_owned();
        return Err(("type", what));
    }
    if order.history.items.len() < order.history.total {
        let what = "the order has more than 1000 events, and not all of them came".to_owned();
        return Err(("history", what));
    }
    let (placed, events) = events(order, line)?;
    let mut walk = Walk { order, code, location, parts: vec![], left: 0, held: 0, moved: vec![] };
    walk.ordered(line.id.clone(), placed, order.placed.as_deref().and_then(moment));
    for (at, event) in events {
        match event {
            Event::More { name, quantity } => walk.ordered(name, quantity, at),
            Event::Less { entry, quantity } => walk.less(entry, quantity, at),
            Event::Sent { fulfilment, created, quantity } => {
                walk.held += quantity;
                let short = walk.sent(fulfilment, quantity, moment(created));
                if short > 0 {
                    let what = format!(
                        "fulfilment {fulfilment} sends {short} more than were open then: look at the order \
                         in Vendure"
                    );
                    return Err(("fulfillments", what));
                }
            }
            Event::Undone { entry, fulfilment, quantity } => walk.undone(entry, fulfilment, quantity, at),
        }
    }
    let found: i64 = walk.parts.iter().map(|part| part.open).sum();
    if found < open(order, line) || walk.left != line.quantity {
        let what = format!(
            "its events leave {found} open and {} in all, the line says {} and {}: look at the order in \
             Vendure",
            walk.left,
            open(order, line),
            line.quantity
        );
        return Err(("quantity", what));
    }
    Ok(walk.moved)
}

/// What happened to a line, each with its moment where it has one.
type Story<'o> = Vec<(Option<Moment>, Event<'o>)>;

/// How many were ordered at first, and what happened then.
fn events<'o>(order: &'o Order, line: &Line) -> Result<(i64, Story<'o>), Fault> {
    let mut history: Vec<&Entry> = order.history.items.iter().collect();
    // Stamps may be cut to seconds; ids that are numbers tell the order within one.
    history.sort_by_key(|entry| (moment(&entry.created), entry.id.parse::<u64>().ok()));
    let cancelled: i64 = history.iter().map(|entry| cancelled(entry, line)).sum();
    let touching = order.modifications.iter().filter(|one| one.lines.iter().any(|own| own.line == line.id));
    let stated = |lines: &[LineQuantity]| -> i64 {
        lines.iter().filter(|own| own.line == line.id).map(|own| own.quantity.max(0)).sum()
    };
    let (touched, told): (usize, i64) =
        touching.map(|one| stated(&one.lines)).fold((0, 0), |(count, sum), more| (count + 1, sum + more));
    let ever = line.quantity + cancelled;
    let placed = if touched == 0 { ever } else { line.placed };
    let more = ever - placed;
    // Vendure states too little where a modification adds to a line that was there.
    if (told != more && touched != 1) || more < 0 || (touched == 0 && line.placed > 0 && line.placed != ever)
    {
        let what = format!(
            "{ever} were ordered in all, of which {} at first and {told} by modifications: it cannot be told \
             when the others were; look at the order in Vendure",
            line.placed
        );
        return Err(("orderPlacedQuantity", what));
    }
    let mut events = Vec::new();
    let mut told_sent = 0;
    for entry in history {
        let event = match entry.kind.as_str() {
            "ORDER_CANCELLATION" => {
                Some(Event::Less { entry: &entry.id, quantity: cancelled_here(entry, line) })
            }
            "ORDER_MODIFIED" => modified(order, line, entry).map(|(id, stated)| {
                let quantity = if touched == 1 { more } else { stated };
                Event::More { name: format!("{}/m{id}", line.id), quantity }
            }),
            _ => fulfilled(order, line, entry),
        };
        told_sent += usize::from(matches!(event, Some(Event::Sent { .. })));
        if let Some(event) = event.filter(|event| event.quantity() > 0) {
            events.push((moment(&entry.created), event));
        }
    }
    let with_line = order.fulfillments.iter().flatten().filter(|one| of_line(&one.lines, line) > 0);
    if with_line.count() != told_sent {
        let what =
            "a fulfilment of the line is not in the order's history, so it cannot be told when it was \
                    sent"
                .to_owned();
        return Err(("history", what));
    }
    Ok((placed, events))
}

impl Event<'_> {
    fn quantity(&self) -> i64 {
        match self {
            Event::More { quantity, .. }
            | Event::Less { quantity, .. }
            | Event::Sent { quantity, .. }
            | Event::Undone { quantity, .. } => *quantity,
        }
    }
}

fn cancelled(entry: &Entry, line: &Line) -> i64 {
    if entry.kind == "ORDER_CANCELLATION" { cancelled_here(entry, line) } else { 0 }
}

fn cancelled_here(entry: &Entry, line: &Line) -> i64 {
    let lines = entry.data.get("lines").and_then(Value::as_array);
    let own = lines.into_iter().flatten().filter(|own| id(own.get("orderLineId")) == line.id);
    own.filter_map(|own| own.get("quantity")?.as_i64()).sum()
}

/// The modification of an entry, with what it says to have added to the line.
fn modified<'o>(order: &'o Order, line: &Line, entry: &Entry) -> Option<(&'o str, i64)> {
    let named = id(entry.data.get("modificationId"));
    let found = order.modifications.iter().find(|one| one.id == named)?;
    let own = found.lines.iter().filter(|own| own.line == line.id);
    own.clone().next()?;
    Some((&found.id, own.map(|own| own.quantity.max(0)).sum()))
}

/// What a fulfilment did to the line, where the entry is about its making or its end.
fn fulfilled<'o>(order: &'o Order, line: &Line, entry: &'o Entry) -> Option<Event<'o>> {
    let named = id(entry.data.get("fulfillmentId"));
    let found = order.fulfillments.iter().flatten().find(|one| one.id == named)?;
    let quantity = of_line(&found.lines, line);
    if quantity == 0 {
        return None;
    }
    match entry.kind.as_str() {
        "ORDER_FULFILLMENT" => Some(Event::Sent { fulfilment: &found.id, created: &found.created, quantity }),
        _ if entry.data.get("to").and_then(Value::as_str) == Some("Cancelled") => {
            Some(Event::Undone { entry: &entry.id, fulfilment: &found.id, quantity })
        }
        _ => None,
    }
}

/// An id inside an entry: a number or a text.
fn id(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

impl Walk<'_> {
    fn movement(&mut self, movement: Movement, document: String, part: usize, quantity: i64) -> &mut Moved {
        let name = Name::from(self.parts[part].name.as_str());
        let of = (movement != Movement::Order).then(|| (Name::from(self.order.code.as_str()), name.clone()));
        self.moved.push(Moved {
            movement,
            document: Name::from(document),
            line: name,
            of,
            code: self.code,
            location: self.location,
            to: None,
            quantity: Decimal::whole(quantity),
            unit: None,
            at: None,
        });
        let last = self.moved.len() - 1;
        &mut self.moved[last]
    }

    fn ordered(&mut self, name: String, quantity: i64, at: Option<Moment>) {
        self.left += quantity;
        self.again(name, quantity, at);
    }

    fn again(&mut self, name: String, quantity: i64, at: Option<Moment>) {
        if quantity > 0 {
            self.parts.push(Part { name, open: quantity, sent: 0 });
            let document = self.order.code.clone();
            self.movement(Movement::Order, document, self.parts.len() - 1, quantity).at = at;
        }
    }

    /// Takes so many off what is open, part by part; answers how many were not there.
    fn sent(&mut self, fulfilment: &str, mut quantity: i64, at: Option<Moment>) -> i64 {
        for part in 0..self.parts.len() {
            let taken = quantity.min(self.parts[part].open);
            if taken > 0 {
                self.parts[part].open -= taken;
                self.parts[part].sent += taken;
                self.movement(Movement::Shipment, fulfilment.to_owned(), part, taken).at = at;
                quantity -= taken;
            }
        }
        quantity
    }

    /// What Vendure calls a cancellation: of what is open first, as it lets nothing more of that be sent; the
    /// rest comes back.
    fn less(&mut self, entry: &str, mut quantity: i64, at: Option<Moment>) {
        self.left -= quantity;
        let document = format!("{}/{entry}", self.order.code);
        for part in 0..self.parts.len() {
            let taken = quantity.min(self.parts[part].open);
            if taken > 0 {
                self.parts[part].open -= taken;
                self.movement(Movement::Cancellation, document.clone(), part, taken).at = at;
                quantity -= taken;
            }
        }
        self.returned(&document, quantity, at);
    }

    fn returned(&mut self, document: &str, mut quantity: i64, at: Option<Moment>) {
        for part in 0..self.parts.len() {
            let back = quantity.min(self.parts[part].sent);
            if back > 0 {
                self.parts[part].sent -= back;
                self.movement(Movement::Return, document.to_owned(), part, back).at = at;
                quantity -= back;
            }
        }
    }

    /// A cancelled fulfilment: its pieces are back, and are to be sent again. Those that had been returned
    /// before are not.
    fn undone(&mut self, entry: &str, fulfilment: &str, quantity: i64, at: Option<Moment>) {
        self.held -= quantity;
        let open: i64 = self.parts.iter().map(|part| part.open).sum();
        let sent: i64 = self.parts.iter().map(|part| part.sent).sum();
        let again = ((self.left - self.held).max(0) - open).clamp(0, quantity.min(sent));
        let document = format!("{}/{entry}", self.order.code);
        self.returned(&document, again, at);
        if let Some(first) = self.parts.first() {
            let name = format!("{}/f{fulfilment}", first.name);
            self.again(name, again, at);
        }
    }
}
