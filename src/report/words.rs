//! Words for times.

/// A time in its two largest units, rounded up in the smaller one: `3h 20m`, `5m 12s`, `40s`.
pub fn span(ms: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    let largest = |ms: u64| UNITS.iter().position(|(size, _)| ms >= *size).unwrap_or(UNITS.len() - 1);
    let (smaller, _) = UNITS[(largest(ms) + 1).min(UNITS.len() - 1)];
    let ms = ms.div_ceil(smaller).saturating_mul(smaller);
    let at = largest(ms);
    let (size, unit) = UNITS[at];
    match UNITS.get(at + 1).map(|(next, name)| (ms % size / next, name)) {
        Some((rest, name)) if rest > 0 => format!("{}{unit} {rest}{name}", ms / size),
        _ => format!("{}{unit}", ms / size),
    }
}

/// `1 cell`, `2 cells`.
pub fn count(many: usize, one: &str) -> String {
    format!("{many} {one}{}", if many == 1 { "" } else { "s" })
}

/// Names as a list: `a`, `b` and `c`, each in ticks.
pub fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}
