//! Things that are made of others of their kind: pools of pools, bundles of bundles, sums of sums.

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

/// Every thing once, what lies inside it first. `inner` holds, for each thing, the others that it is made
/// of. Beside the order: each step that leads back to a thing around it, as (thing, place in its list).
/// Without recursion, since they may be nested deeply.
pub fn inside_out(inner: &[Vec<usize>]) -> (Vec<usize>, Vec<(usize, usize)>) {
    let mut state = vec![State::New; inner.len()];
    let (mut order, mut circles) = (Vec::with_capacity(inner.len()), Vec::new());
    for start in 0..inner.len() {
        let mut stack = vec![(start, 0)];
        while let Some((at, next)) = stack.pop() {
            if state[at] == State::Done {
                continue;
            }
            state[at] = State::Open;
            let Some(inside) = inner[at].get(next).copied() else {
                state[at] = State::Done;
                order.push(at);
                continue;
            };
            stack.push((at, next + usize::from(state[inside] != State::New)));
            match state[inside] {
                State::New => stack.push((inside, 0)),
                State::Open => circles.push((at, next)),
                State::Done => {}
            }
        }
    }
    (order, circles)
}
