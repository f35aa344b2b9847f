//! Words for times.

/// A time in its two largest units: `3h 20m`, `5m 12s`, `40s`; what is left of it is left out.
pub fn span(ms: u64) -> String {
    let seconds = ms / 1_000;
    let units = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let Some(at) = units.iter().position(|(size, _)| seconds >= *size) else {
        return if ms == 0 { "0s".to_owned() } else { format!("{ms}ms") };
    };
    let (size, unit) = units[at];
    let rest = units.get(at + 1).map(|(next, name)| (seconds % size / next, name));
    match rest {
        Some((more, name)) if more > 0 => format!("{}{unit} {more}{name}", seconds / size),
        _ => format!("{}{unit}", seconds / size),
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
