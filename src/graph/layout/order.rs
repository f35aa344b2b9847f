//! The order of boxes and passing lines within their columns: one with few crossings.

use super::Net;

/// How often the columns are gone through, there and back.
const SWEEPS: usize = 12;

/// Orders the columns, and the steps at each stop.
pub fn order(net: &mut Net) {
    let mut best = (crossings(net), net.columns.clone());
    for sweep in 0..SWEEPS {
        let forth = sweep % 2 == 0;
        let columns = net.columns.len();
        for at in 1..columns {
            let column = if forth { at } else { columns - 1 - at };
            sort(net, column, forth);
        }
        let found = crossings(net);
        if found < best.0 {
            best = (found, net.columns.clone());
        }
    }
    net.columns = best.1;
    let places = places(net);
    for stop in 0..net.stops.len() {
        let mut enter = std::mem::take(&mut net.stops[stop].enter);
        enter.sort_by_key(|step| (places[net.steps[*step].from], *step));
        let mut leave = std::mem::take(&mut net.stops[stop].leave);
        leave.sort_by_key(|step| (places[net.steps[*step].to], *step));
        (net.stops[stop].enter, net.stops[stop].leave) = (enter, leave);
    }
}

/// The place of each stop in its column.
fn places(net: &Net) -> Vec<usize> {
    let mut places = vec![0; net.stops.len()];
    for column in &net.columns {
        column.iter().enumerate().for_each(|(place, stop)| places[*stop] = place);
    }
    places
}

/// Sorts one column by the mean place of what it is linked to in the column before (or behind). What is
/// linked to nothing there stays behind what is.
fn sort(net: &mut Net, column: usize, forth: bool) {
    let places = places(net);
    let mut keyed: Vec<(u64, usize, usize)> = Vec::new();
    for stop in &net.columns[column] {
        let one = &net.stops[*stop];
        let others: Vec<usize> = match forth {
            true => one.enter.iter().map(|step| places[net.steps[*step].from]).collect(),
            false => one.leave.iter().map(|step| places[net.steps[*step].to]).collect(),
        };
        let mean = match others.len() {
            // Nothing on this side: the other sweep places it; what has no line at all goes last.
            0 if one.enter.is_empty() && one.leave.is_empty() => u64::MAX,
            0 => places[*stop] as u64 * 1_000,
            many => others.iter().sum::<usize>() as u64 * 1_000 / many as u64,
        };
        keyed.push((mean, places[*stop], *stop));
    }
    keyed.sort_unstable();
    net.columns[column] = keyed.into_iter().map(|(_, _, stop)| stop).collect();
}

/// How many pairs of steps cross.
fn crossings(net: &Net) -> u64 {
    let places = places(net);
    let mut crossed = 0;
    for column in &net.columns {
        let steps = column.iter().flat_map(|stop| {
            let mut ends: Vec<usize> =
                net.stops[*stop].leave.iter().map(|step| places[net.steps[*step].to]).collect();
            ends.sort_unstable();
            ends
        });
        crossed += inversions(&mut steps.collect::<Vec<_>>());
    }
    crossed
}

/// How many pairs stand in the wrong order. The list is sorted on the way.
fn inversions(list: &mut [usize]) -> u64 {
    if list.len() < 2 {
        return 0;
    }
    let (left, right) = list.split_at_mut(list.len() / 2);
    let mut found = inversions(left) + inversions(right);
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut from_left, mut from_right) = (left.iter().peekable(), right.iter().peekable());
    let mut waiting = left.len() as u64;
    while let (Some(a), Some(b)) = (from_left.peek(), from_right.peek()) {
        if a <= b {
            merged.extend(from_left.next().copied());
            waiting -= 1;
        } else {
            merged.extend(from_right.next().copied());
            found += waiting;
        }
    }
    merged.extend(from_left.copied());
    merged.extend(from_right.copied());
    list.copy_from_slice(&merged);
    found
}
