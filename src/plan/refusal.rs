//! Why a plan file is not taken, in words.

use super::change::FORMAT;

/// Why a plan file is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It does not begin with a plan's first line.
    NotAPlan(String),
    /// Its major format is not ours.
    Format(String),
    /// It has no last line.
    CutShort,
    /// A line says something that no plan says.
    Line {
        /// Which, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// Two changes bear one id.
    Twice(String),
    /// Its lines do not match its digest.
    Edited,
    /// Its last line bears no seal.
    Unsealed,
    /// Its digest is right, and its bytes do not match its seal.
    SealBroken,
    /// It was made from another topology.
    OtherTopology {
        /// The digest of the topology that it was made from.
        plan: String,
        /// The digest of this one.
        here: String,
    },
    /// It is too old.
    Expired(String),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refusal::NotAPlan(why) => {
                write!(f, "this is no plan file: {why}; `plan --out FILE` writes one")
            }
            Refusal::Format(found) => write!(
                f,
                "the plan's format is `{found}`, this version reads `{FORMAT}`: make the plan again with \
                 this version"
            ),
            Refusal::CutShort => {
                write!(f, "the plan is cut short: its last line, the summary, is missing; make it again")
            }
            Refusal::Line { line, why } => {
                write!(f, "line {line} of the plan cannot be read: {why}; make the plan again")
            }
            Refusal::Twice(id) => {
                write!(f, "two changes of the plan bear the id `{id}`, so it was edited; make it again")
            }
            Refusal::Edited => write!(
                f,
                "the plan was changed after it was written: its lines do not match its digest; make it again"
            ),
            Refusal::Unsealed => write!(
                f,
                "the plan bears no whole seal at its end: it was changed after it was written, or an older \
                 version wrote it; make it again"
            ),
            Refusal::SealBroken => write!(
                f,
                "the plan was changed after it was written: what it plans is untouched, but its bytes do not \
                 match its seal (its id, its times or its layout differ); make it again"
            ),
            Refusal::OtherTopology { plan, here } => write!(
                f,
                "the plan was made from another topology (digest {}…, here {}…): make it again",
                head(plan),
                head(here)
            ),
            Refusal::Expired(at) => {
                write!(f, "the plan expired at {at}: counts have moved since; make it again")
            }
        }
    }
}

fn head(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}
