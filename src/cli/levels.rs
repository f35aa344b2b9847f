//! `--deny` and `--allow`: which warnings `check` takes for errors, and which it passes over.

use super::exit::Exit;
use super::ui::Ui;
use crate::diagnostic::{Diagnostic, Rule, Severity, code, escape, nearest};

/// What is judged otherwise than the rules do.
#[derive(Debug, Default, clap::Args)]
pub struct Levels {
    /// End with 1 on warnings too; or take the warnings of a rule for errors. May be repeated
    #[arg(long, value_name = "warnings|RULE")]
    deny: Vec<String>,
    /// Accept the warnings of a rule, this time. May be repeated
    #[arg(long, value_name = "RULE")]
    allow: Vec<String>,
}

/// The levels with their rules found.
pub struct Wanted {
    no_warnings: bool,
    denied: Vec<&'static str>,
    allowed: Vec<&'static str>,
}

/// The findings as they count now.
pub struct Judged {
    /// What is shown.
    pub found: Vec<Diagnostic>,
    /// Whether warnings end the command with 1.
    pub no_warnings: bool,
    /// The rules accepted, each once, with how many warnings that took out.
    pub accepted: Vec<(&'static str, usize)>,
}

/// The word that stands for every warning.
const WARNINGS: &str = "warnings";

impl Levels {
    /// Finds the rules. A name that cannot be meant ends the command, so ask before anything is done.
    pub fn read(&self, ui: &Ui) -> Result<Wanted, Exit> {
        let no_warnings = self.deny.iter().any(|name| name == WARNINGS);
        let mut wanted = Wanted { no_warnings, denied: Vec::new(), allowed: Vec::new() };
        for name in self.deny.iter().filter(|name| *name != WARNINGS) {
            wanted.denied.push(known(ui, "--deny", name)?.slug);
        }
        for name in &self.allow {
            let rule = known(ui, "--allow", name)?;
            if rule.severity == Severity::Error {
                let what = format!("`--allow {name}`: `{name}` is an error, and no error can be accepted");
                ui.error(&what, "Mend what it finds. `--allow` takes the name of a warning.");
                return Err(Exit::Wrong);
            }
            if wanted.denied.contains(&rule.slug) {
                ui.error(&format!("`{name}` is both denied and allowed"), "Say one of the two.");
                return Err(Exit::Wrong);
            }
            if !wanted.allowed.contains(&rule.slug) {
                wanted.allowed.push(rule.slug);
            }
        }
        Ok(wanted)
    }
}

impl Wanted {
    /// Judges findings. What an `allow` in the text accepts is not among them any more, so `--deny` does not
    /// bring it back.
    pub fn judge(&self, ui: &Ui, found: Vec<Diagnostic>) -> Judged {
        let mut accepted: Vec<(&'static str, usize)> = self.allowed.iter().map(|slug| (*slug, 0)).collect();
        let mut kept = Vec::with_capacity(found.len());
        for one in found {
            let accepts = accepted.iter_mut().find(|(slug, _)| *slug == one.rule.slug);
            match accepts.filter(|_| one.severity == Severity::Warning) {
                Some((_, count)) => *count += 1,
                None => kept.push(deny(one, &self.denied)),
            }
        }
        // An error may keep a warning from being found.
        let sound = !kept.iter().any(|one| one.severity == Severity::Error);
        for (slug, _) in accepted.iter().filter(|(_, count)| sound && *count == 0) {
            ui.talk(&format!("`--allow {slug}` accepts a warning that is not there: leave it out"));
        }
        Judged { found: kept, no_warnings: self.no_warnings, accepted }
    }
}

/// A warning of a denied rule becomes an error that says by whose wish.
fn deny(mut one: Diagnostic, denied: &[&str]) -> Diagnostic {
    let slug = one.rule.slug;
    if one.severity == Severity::Warning && denied.contains(&slug) {
        one.severity = Severity::Error;
        one.message.push_str(&format!(" (an error by `--deny {slug}`)"));
    }
    one
}

fn known(ui: &Ui, option: &str, name: &str) -> Result<Rule, Exit> {
    if let Some(rule) = code::find(name) {
        return Ok(rule);
    }
    let all = option == "--deny";
    let rules = code::ALL.iter().filter(|rule| all || rule.severity == Severity::Warning);
    let near = nearest(name, rules.map(|rule| rule.slug).chain(all.then_some(WARNINGS)));
    let hint = near.map(|near| format!("Did you mean `{near}`? ")).unwrap_or_default();
    let takes = if all { "`warnings` or the name of a rule" } else { "the name of a warning" };
    let todo = format!("{hint}`{option}` takes {takes}, as `check` prints it in brackets.");
    ui.error(&format!("`{option} {0}`: there is no rule `{0}`", escape::line(name)), &todo);
    Err(Exit::Wrong)
}
