//! Replaying a sum: the steps of a plan line, carried out again, give the numbers that the line states.

use super::change::{Change, Step};
use crate::model::quantity::Ratio;

/// What a sum gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replayed {
    /// What is shown, in the unit shown.
    pub shown: i64,
    /// What is written: shown, and what the target takes off by itself.
    pub written: i64,
}

/// Carries out the steps of a sum from top to bottom. `Err` names the step that states another number
/// than it gives.
pub fn replay(sum: &[Step]) -> Result<Replayed, String> {
    let mut run = Run::default();
    for step in sum {
        run.step(step)?;
    }
    Ok(Replayed { shown: run.number, written: run.number.saturating_add(run.bridge) })
}

/// Whether the sum of a change gives its numbers.
pub fn holds(change: &Change) -> Result<(), String> {
    let replayed = replay(&change.sum)?;
    agree("after", change.after, replayed.shown)?;
    agree("write.after", change.write.after, replayed.written)
}

fn agree(step: &str, stated: i64, given: i64) -> Result<(), String> {
    if stated == given { Ok(()) } else { Err(format!("`{step}` states {stated}, the steps give {given}")) }
}

#[derive(Default)]
struct Run {
    number: i64,
    bridge: i64,
    least: Option<i64>,
}

impl Run {
    fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Plus { value, .. } => self.number = self.number.saturating_add(*value),
            Step::Minus { value, .. } => self.number = self.number.saturating_sub(*value),
            Step::KeepBack { value, .. } if self.number > 0 => {
                self.number = self.number.saturating_sub(*value).max(0);
            }
            Step::KeepBack { .. } => {}
            Step::Divide { value, .. } => self.number = *value,
            Step::Per { per, parts, value } => {
                let cell = replay(parts)?.shown;
                if per.quantity <= 0 {
                    return Err(format!("`per` states {} of `{}`", per.quantity, per.item));
                }
                agree("per", *value, cell.div_euclid(per.quantity))?;
                self.least = Some(self.least.map_or(*value, |least| least.min(*value)));
            }
            Step::Least { value, .. } => {
                let least = self.least.take().ok_or("`least` stands before any component")?;
                agree("least", *value, least)?;
                self.number = self.number.saturating_add(least);
            }
            Step::Pool { parts, value, .. } => {
                agree("pool", *value, replay(parts)?.shown)?;
                self.number = self.number.saturating_add(*value);
            }
            Step::Clamp { value, .. } => {
                self.number = self.number.max(0);
                agree("clamp", *value, self.number)?;
            }
            Step::Unit { ratio, value, .. } => {
                let ratio = parse_ratio(ratio).ok_or_else(|| format!("`{ratio}` is no ratio"))?;
                self.number = ratio.divide_floor(self.number).0;
                agree("unit", *value, self.number)?;
            }
            Step::Cap { cap, value } => {
                self.number = self.number.min(*cap);
                agree("cap", *value, self.number)?;
            }
            Step::Undo { value, .. } => self.number = *value,
            Step::Bridge { value, .. } => self.bridge = self.bridge.saturating_add(*value),
        }
        Ok(())
    }
}

/// `1000`, `1/3`.
fn parse_ratio(text: &str) -> Option<Ratio> {
    let (top, bottom) = text.split_once('/').unwrap_or((text, "1"));
    Ratio::new(top.parse().ok()?, bottom.parse().ok()?)
}
