//! Drift for people.

use super::{Cause, Drift, Drifts};
use crate::diagnostic::escape;
use crate::diagnostic::render::Options;
use crate::diagnostic::wrap::wrap;

/// Where the numbers of one cell drift, every line ended; empty where they do not.
pub fn drifts(drifts: &Drifts, options: Options) -> String {
    let all = drifts.target.iter().chain(&drifts.owners);
    all.map(|drift| one(drift, options)).collect()
}

fn one(drift: &Drift, options: Options) -> String {
    let place = drift.location.as_ref().map_or_else(String::new, |place| format!(", {place}"));
    let Drift { system, item, quantity, unit, expected, shown, .. } = drift;
    let off = drift.off.unsigned_abs();
    let much = if drift.off > 0 { "too many" } else { "too few" };
    let mut page = Page { text: String::new(), options };
    page.line(
        "",
        &format!(
            "{item} drifts in `{system}`{place}: {quantity} is expected to be {expected} {unit} and is \
             {shown}, {off} {much}."
        ),
    );
    page.line("  ", &basis(drift));
    page.line("  ", if drift.causes.len() > 1 { "What fits, best first:" } else { "What fits:" });
    for (at, reason) in (1..).zip(&drift.causes) {
        page.line(
            &format!("  {at}. "),
            &format!("{}: {}. {}", title(reason.cause), reason.evidence, reason.todo),
        );
    }
    page.text
}

/// How the expected number comes about.
fn basis(drift: &Drift) -> String {
    let (last, wall) = (drift.last, &drift.wall);
    let from = match &drift.run {
        Some(run) => format!("{last} was written by run {run}, {wall}"),
        None => format!("{last} was read for the last apply, {wall}"),
    };
    match drift.moved {
        0 => format!("{from}; nothing has moved it since."),
        moved if moved < 0 => format!("{from}; movements since take off {}.", moved.unsigned_abs()),
        moved => format!("{from}; movements since add {moved}."),
    }
}

fn title(cause: Cause) -> &'static str {
    match cause {
        Cause::MovementMissing => "a movement is missing",
        Cause::RestockedTwice => "restocked twice",
        Cause::CountedTwice => "counted twice",
        Cause::PackFactor => "a pack factor",
        Cause::TimeZone => "a time zone",
        Cause::Edited => "edited by hand",
    }
}

struct Page {
    text: String,
    options: Options,
}

impl Page {
    /// Adds a text behind a mark, wrapped, its further lines below its own beginning.
    fn line(&mut self, mark: &str, text: &str) {
        let safe = escape::line(text);
        let safe = if self.options.unicode { safe.into_owned() } else { safe.replace('−', "-") };
        let width = self.options.width.clamp(40, 200).saturating_sub(mark.len());
        for (at, line) in wrap(&safe, width).into_iter().enumerate() {
            let mark = if at == 0 { mark.to_owned() } else { " ".repeat(mark.len()) };
            self.text.push_str(&format!("{mark}{line}\n"));
        }
    }
}
