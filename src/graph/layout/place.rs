//! How high everything stands in its column, and where the columns are.

use super::{Area, Layout, Link, Net, Shape, Stop};

/// Between what stands in one column.
const BETWEEN: i64 = 18;
/// Between lines at one side of a box.
const SPREAD: i64 = 12;
/// Rounds of pulling everything towards what it is linked to.
const ROUNDS: usize = 16;
/// Room around the whole.
const MARGIN: i64 = 16;

/// Places what has been ordered.
pub fn place(net: &mut Net, shapes: &[Shape], links: &[Link]) -> Layout {
    ports(net, shapes);
    let mut tops = stacked(net);
    for round in 0..ROUNDS {
        let columns = net.columns.len();
        for at in 0..columns {
            let column = if round % 2 == 0 { at } else { columns - 1 - at };
            pull(net, &mut tops, column, round);
        }
    }
    let upmost = tops.iter().min().copied().unwrap_or(0);
    tops.iter_mut().for_each(|top| *top += MARGIN - upmost);
    columns(net, shapes, links, &tops)
}

/// Where lines leave and enter; boxes grow to hold the slots of what enters.
fn ports(net: &mut Net, shapes: &[Shape]) {
    for stop in 0..net.stops.len() {
        let Stop { node, enter, leave, .. } = net.stops[stop].clone();
        let point = node.is_none_or(|node| shapes[node].point);
        let slots: i64 = enter.iter().map(|step| net.steps[*step].slot.max(SPREAD)).sum();
        let least = if point { 0 } else { slots.max(leave.len() as i64 * SPREAD) };
        let height = net.stops[stop].height.max(least);
        net.stops[stop].height = height;
        let mut at = (height - slots) / 2;
        for step in enter {
            let slot = net.steps[step].slot;
            at += slot.max(SPREAD);
            // Text stands above its line, so the line is at the lower end of the slot.
            let text = if slot > 0 { 5 } else { SPREAD / 2 };
            net.steps[step].enters = if point { height / 2 } else { at - text };
        }
        let mut at = (height - (leave.len() as i64 - 1) * SPREAD) / 2;
        for step in leave {
            net.steps[step].leaves = if point { height / 2 } else { at };
            at += SPREAD;
        }
    }
}

/// Everything as high up as it goes.
fn stacked(net: &Net) -> Vec<i64> {
    let mut tops = vec![0; net.stops.len()];
    for column in &net.columns {
        let mut at = 0;
        for stop in column {
            tops[*stop] = at;
            at += net.stops[*stop].height + BETWEEN;
        }
    }
    tops
}

/// Moves what stands in a column to where its lines are straightest, in the order in which it stands: the
/// places with the least squared distance from those wished for, found by joining what would collide.
fn pull(net: &Net, tops: &mut [i64], column: usize, round: usize) {
    struct Block {
        wished: i64,
        weight: i64,
        many: usize,
    }
    // What has no line wishes for nothing; it stands last in its column, below all else.
    let linked = |stop: &&usize| !net.stops[**stop].enter.is_empty() || !net.stops[**stop].leave.is_empty();
    let (stops, alone): (Vec<&usize>, Vec<&usize>) = net.columns[column].iter().partition(linked);
    let mut blocks: Vec<Block> = Vec::new();
    let mut above = 0;
    for stop in &stops {
        let (wished, weight) = wish(net, tops, **stop, round);
        let mut block = Block { wished: (wished - above) * weight, weight, many: 1 };
        above += net.stops[**stop].height + BETWEEN;
        while let Some(last) = blocks.pop_if(|last| {
            // Compared crosswise, since a quotient would be rounded.
            i128::from(last.wished) * i128::from(block.weight)
                >= i128::from(block.wished) * i128::from(last.weight)
        }) {
            block.wished += last.wished;
            block.weight += last.weight;
            block.many += last.many;
        }
        blocks.push(block);
    }
    let mut rest = stops.iter();
    let mut above = 0;
    for block in blocks {
        let at = block.wished.div_euclid(block.weight);
        for stop in rest.by_ref().take(block.many) {
            tops[**stop] = at + above;
            above += net.stops[**stop].height + BETWEEN;
        }
    }
    let mut end = stops.last().map(|stop| tops[**stop] + net.stops[**stop].height + BETWEEN);
    for stop in alone {
        let at = end.unwrap_or(tops[*stop]);
        tops[*stop] = at;
        end = Some(at + net.stops[*stop].height + BETWEEN);
    }
}

/// Where a stop would like to be, and how much that counts. Passing lines count most: a line with bends is
/// hard to follow.
fn wish(net: &Net, tops: &[i64], stop: usize, round: usize) -> (i64, i64) {
    let one = &net.stops[stop];
    let entered = one.enter.iter().map(|step| {
        let step = net.steps[*step];
        tops[step.from] + step.leaves - step.enters
    });
    let left = one.leave.iter().map(|step| {
        let step = net.steps[*step];
        tops[step.to] + step.enters - step.leaves
    });
    // First from the one side, then from the other, at last from both.
    let wishes: Vec<i64> = match round {
        round if round + 6 >= ROUNDS => entered.chain(left).collect(),
        round if round % 2 == 0 => entered.collect(),
        _ => left.collect(),
    };
    let many = wishes.len() as i64;
    let each = if one.node.is_none() { 8 } else { 1 };
    if many == 0 { (tops[stop], 1) } else { (wishes.iter().sum::<i64>().div_euclid(many), many * each) }
}

/// The columns side by side, with room before each for the texts of the lines that end there.
fn columns(net: &Net, shapes: &[Shape], links: &[Link], tops: &[i64]) -> Layout {
    let mut boxes = vec![Area::default(); shapes.len()];
    // By stop: where a line that enters gets level, and where one that leaves starts.
    let mut ends = vec![(0, 0); net.stops.len()];
    let mut gutters = vec![0; net.columns.len()];
    for (route, link) in net.routes.iter().zip(links) {
        if let Some(step) = route.last() {
            let gutter = &mut gutters[net.stops[net.steps[*step].to].rank];
            *gutter = link.width.max(*gutter);
        }
    }
    let (mut x, mut height) = (MARGIN, 0);
    for (rank, column) in net.columns.iter().enumerate() {
        let nodes = column.iter().filter_map(|stop| net.stops[*stop].node);
        let width = nodes.map(|node| shapes[node].width).max().unwrap_or(0);
        let entering: usize = column.iter().map(|stop| net.stops[*stop].enter.len()).sum();
        x += if entering == 0 { 0 } else { (36 + 5 * entering as i64).min(140) };
        let start = x + gutters[rank];
        for stop in column {
            let one = &net.stops[*stop];
            ends[*stop] = (x, start + width);
            height = height.max(tops[*stop] + one.height);
            if let Some(node) = one.node {
                boxes[node] = Area { x: start, y: tops[*stop], width, height: one.height };
            }
        }
        x = start + width;
    }
    let routes = net.routes.iter().map(|route| pieces(net, route, tops, &ends, &boxes));
    Layout { width: x + MARGIN, height: height + MARGIN, routes: routes.collect(), boxes }
}

/// The level pieces of a line.
fn pieces(
    net: &Net,
    route: &[usize],
    tops: &[i64],
    ends: &[(i64, i64)],
    boxes: &[Area],
) -> Vec<(i64, i64, i64)> {
    let mut pieces = Vec::new();
    for step in route.iter().map(|step| net.steps[*step]) {
        if pieces.is_empty() {
            let (x, y) = (ends[step.from].1, tops[step.from] + step.leaves);
            pieces.push((x, x, y));
        }
        let to = &net.stops[step.to];
        // In a column of points nothing is in the way, and a line is straighter without a stop there.
        if to.node.is_none() && to.rank % 2 == 1 {
            continue;
        }
        let (level, end) = ends[step.to];
        let end = net.stops[step.to].node.map_or(end, |node| boxes[node].x);
        pieces.push((level, end, tops[step.to] + step.enters));
    }
    pieces
}
