//! Work that several hands share. How many there are changes nothing of what comes out.

/// How many hands there are for some work, where so much of it is worth one.
pub fn count(work: usize, least: usize) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    cores.min(work / least).max(1)
}

/// Does its own work, and meanwhile that of each of the others by a hand of its own; answers all in their
/// order.
pub fn share<A, W: Send, B: Send>(
    own: impl FnOnce() -> A,
    others: Vec<W>,
    work: impl Fn(W) -> B + Sync,
) -> (A, Vec<B>) {
    std::thread::scope(|scope| {
        let work = &work;
        let others: Vec<_> = others.into_iter().map(|other| scope.spawn(move || work(other))).collect();
        let own = own();
        let done = others.into_iter().map(|other| other.join());
        (own, done.map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect())
    })
}
