//! Places for boxes and lines: boxes in columns from left to right, lines between them that pass no box.
//!
//! The usual way in steps: columns (`rank`), the order within each (`order`), then heights (`place`). A
//! line that skips columns has a place of its own in each, so that nothing lies under it. Whatever enters
//! a box has a slot of its own before it, as high as its text: texts cannot meet. Lengths are in pixels.

mod order;
mod place;
mod rank;

/// A box to be placed.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Its width; all boxes of a column become as wide as the widest.
    pub width: i64,
    /// Its height; it grows where more enters it.
    pub height: i64,
    /// Whether it is a mere point where lines meet.
    pub point: bool,
    /// Whether it stands at the right where no line says where.
    pub rightmost: bool,
}

/// A line to be placed. It enters its right box beside a text of this size.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// The box at its left end.
    pub left: usize,
    /// The box at its right end.
    pub right: usize,
    /// The width of its text.
    pub width: i64,
    /// The height of its text.
    pub height: i64,
}

/// Where everything is.
#[derive(Debug)]
pub struct Layout {
    /// The whole.
    pub width: i64,
    /// The whole.
    pub height: i64,
    /// The boxes.
    pub boxes: Vec<Area>,
    /// For each line its level pieces, from left to right: from, to, height. Between them it bends.
    pub routes: Vec<Vec<(i64, i64, i64)>>,
}

/// Where a box is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Area {
    /// Its left end.
    pub x: i64,
    /// Its upper end.
    pub y: i64,
    /// Its width.
    pub width: i64,
    /// Its height.
    pub height: i64,
}

/// A box, or the place of a line in a column that it passes.
#[derive(Debug, Clone)]
struct Stop {
    /// Its column, from 0.
    rank: usize,
    /// The box; none for a line that passes.
    node: Option<usize>,
    height: i64,
    /// The steps that enter from the left and leave to the right, from top to bottom.
    enter: Vec<usize>,
    leave: Vec<usize>,
}

/// A piece of a line between neighbouring columns.
#[derive(Debug, Clone, Copy)]
struct Step {
    from: usize,
    to: usize,
    /// The height of the text beside which it enters; 0 where it goes on.
    slot: i64,
    /// How far below the upper end of `from` it leaves, and below that of `to` it enters.
    leaves: i64,
    enters: i64,
}

/// Boxes and passing lines, by column and from top to bottom.
#[derive(Debug, Default)]
struct Net {
    stops: Vec<Stop>,
    steps: Vec<Step>,
    columns: Vec<Vec<usize>>,
    /// The steps of each line.
    routes: Vec<Vec<usize>>,
}

/// Places boxes and lines. The same input gives the same places.
pub fn layout(shapes: &[Shape], links: &[Link]) -> Layout {
    let (ranks, turned) = rank::rank(shapes, links);
    let mut net = net(shapes, links, &ranks, &turned);
    order::order(&mut net);
    place::place(&mut net, shapes, links)
}

/// The stops and steps. A line that would lead to the left is laid from its right box to its left one.
fn net(shapes: &[Shape], links: &[Link], ranks: &[usize], turned: &[bool]) -> Net {
    let mut net =
        Net { columns: vec![Vec::new(); ranks.iter().max().map_or(0, |last| last + 1)], ..Net::default() };
    let stop = |rank, node, height| Stop { rank, node, height, enter: Vec::new(), leave: Vec::new() };
    for (at, shape) in shapes.iter().enumerate() {
        net.columns[ranks[at]].push(at);
        net.stops.push(stop(ranks[at], Some(at), shape.height));
    }
    for (link, turned) in links.iter().zip(turned) {
        let (left, right) = if *turned { (link.right, link.left) } else { (link.left, link.right) };
        let mut route = Vec::new();
        if left != right {
            let mut from = left;
            for rank in ranks[left] + 1..=ranks[right] {
                let last = rank == ranks[right];
                let to = if last { right } else { net.stops.len() };
                if !last {
                    net.columns[rank].push(to);
                    net.stops.push(stop(rank, None, PASSING));
                }
                let slot = if last { link.height } else { 0 };
                route.push(net.steps.len());
                net.stops[from].leave.push(net.steps.len());
                net.stops[to].enter.push(net.steps.len());
                net.steps.push(Step { from, to, slot, leaves: 0, enters: 0 });
                from = to;
            }
        }
        net.routes.push(route);
    }
    net
}

/// The height that a passing line takes.
const PASSING: i64 = 8;
