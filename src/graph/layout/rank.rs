//! Which column each box stands in: right of everything whose lines lead to it.

use super::{Link, Shape};

/// The column of each box, and which lines must be turned around because they close a circle. Points stand
/// in odd columns and all else in even ones, so that a point has no box above or below it. Boxes that
/// nothing leaves stand in the last column.
pub fn rank(shapes: &[Shape], links: &[Link]) -> (Vec<usize>, Vec<bool>) {
    let mut leave: Vec<Vec<usize>> = vec![Vec::new(); shapes.len()];
    for (at, link) in links.iter().enumerate().filter(|(_, link)| link.left != link.right) {
        leave[link.left].push(at);
    }
    let turned = circles(&leave, links);
    let ends = |at: usize| match turned[at] {
        true => (links[at].right, links[at].left),
        false => (links[at].left, links[at].right),
    };
    let mut waits = vec![0_usize; shapes.len()];
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); shapes.len()];
    for at in (0..links.len()).filter(|at| links[*at].left != links[*at].right) {
        let (from, to) = ends(at);
        next[from].push(to);
        waits[to] += 1;
    }
    let entered: Vec<bool> = waits.iter().map(|waits| *waits > 0).collect();
    let mut ranks: Vec<usize> = shapes.iter().map(|shape| usize::from(shape.point)).collect();
    let mut ready: Vec<usize> = (0..shapes.len()).filter(|at| waits[*at] == 0).collect();
    while let Some(from) = ready.pop() {
        for to in &next[from] {
            let step = if shapes[from].point == shapes[*to].point { 2 } else { 1 };
            ranks[*to] = ranks[*to].max(ranks[from] + step);
            waits[*to] -= 1;
            if waits[*to] == 0 {
                ready.push(*to);
            }
        }
    }
    let boxes = (0..shapes.len()).filter(|at| !shapes[*at].point);
    let last = boxes.clone().map(|at| ranks[at]).max().unwrap_or(0);
    for at in boxes {
        let alone = !entered[at] && next[at].is_empty();
        if next[at].is_empty() && (entered[at] || alone && shapes[at].rightmost) {
            ranks[at] = last;
        }
    }
    (ranks, turned)
}

/// The lines that lead back to a box on the way to which they begin.
fn circles(leave: &[Vec<usize>], links: &[Link]) -> Vec<bool> {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        Never,
        OnTheWay,
        Done,
    }
    let mut seen = vec![Seen::Never; leave.len()];
    let mut turned = vec![false; links.len()];
    for start in 0..leave.len() {
        if seen[start] != Seen::Never {
            continue;
        }
        seen[start] = Seen::OnTheWay;
        let mut way = vec![(start, 0)];
        while let Some((at, tried)) = way.last_mut() {
            let Some(link) = leave[*at].get(*tried).copied() else {
                seen[*at] = Seen::Done;
                way.pop();
                continue;
            };
            *tried += 1;
            let to = links[link].right;
            match seen[to] {
                Seen::Never => {
                    seen[to] = Seen::OnTheWay;
                    way.push((to, 0));
                }
                Seen::OnTheWay => turned[link] = true,
                Seen::Done => {}
            }
        }
    }
    turned
}
