//! The questions of `init`: one at a time, each answer judged before the next.

use super::draft::{Draft, Refused, kind_of, role_of};
use crate::cli::ui::Ui;
use crate::connectors::KINDS;

/// Asks for what the command line has not said.
pub fn complete(draft: &mut Draft, ui: &Ui) -> Result<(), Refused> {
    if draft.systems.is_empty() {
        systems(draft, ui)?;
    }
    if draft.places.is_empty() {
        ui.talk("Where does your stock stand? Name each place; an empty line ends the list.");
        while one(ui, "location", "", |name| draft.add_place(name, None))?.is_some()
            || draft.places.is_empty()
        {
            if draft.places.is_empty() {
                ui.talk("  There must be one.");
            }
        }
    }
    owners(draft, ui)?;
    if draft.timezone.is_none() {
        one(ui, "time zone of these places", "UTC", |zone| draft.set_timezone(zone))?;
    }
    if draft.reviewer.is_none() {
        let question = "who looks each day at what did not work (a mail address)";
        one(ui, question, "ops@example.com", |mail| draft.set_reviewer(mail))?;
    }
    Ok(())
}

/// Asks for the systems: for each its name, its kind and its part.
fn systems(draft: &mut Draft, ui: &Ui) -> Result<(), Refused> {
    ui.talk("Which systems hold or show your counts? Name each; an empty line ends the list.");
    ui.talk("Kinds:");
    let kinds = KINDS.iter().filter(|kind| kind.kind != "memory");
    kinds.for_each(|kind| ui.talk(&format!("  {:<8} {}", kind.kind, kind.summary)));
    loop {
        let Some(name) = one(ui, "system", "", |name| draft.may_name(name))? else {
            if draft.systems.len() > 1 {
                return Ok(());
            }
            ui.talk("  There must be two or more: one that counts, and one that shows its counts.");
            continue;
        };
        let kind = must(ui, "  its kind", |kind| kind_of(kind).map(|_| ()))?;
        let parts = "  its part (erp, warehouse, channel, reporting)";
        let role = must(ui, parts, |role| role_of(role).map(|_| ()))?;
        draft.add_system(&name, &kind, &role)?;
    }
}

/// Asks who counts where, unless only one system can.
fn owners(draft: &mut Draft, ui: &Ui) -> Result<(), Refused> {
    let keepers = draft.keepers();
    if draft.owner.is_some() || keepers.len() < 2 {
        return Ok(());
    }
    let names: Vec<&str> = keepers.iter().map(|at| &*draft.systems[*at].name).collect();
    let names = names.join(", ");
    for at in (0..draft.places.len()).filter(|at| draft.places[*at].owner.is_none()).collect::<Vec<_>>() {
        let question = format!("which system counts at {} ({names})", draft.places[at].name.escape_debug());
        let owner = must(ui, &question, |name| draft.find_owner(name).map(|_| ()))?;
        draft.places[at].owner = Some(draft.find_owner(&owner)?);
    }
    Ok(())
}

/// Asks until the answer is right or empty; an empty one means the default, where there is one.
fn one(
    ui: &Ui,
    question: &str,
    default: &str,
    mut judge: impl FnMut(&str) -> Result<(), Refused>,
) -> Result<Option<String>, Refused> {
    let shown =
        if default.is_empty() { format!("{question}: ") } else { format!("{question} [{default}]: ") };
    loop {
        let Some(answer) = ui.ask(&shown) else {
            let what = "the answers ended before the last question, and nothing was written";
            return Err(Refused::new(
                what,
                "Run it again, or give the answers as flags (`onhand help init`).",
            ));
        };
        let answer = if answer.is_empty() { default.to_owned() } else { answer };
        if answer.is_empty() {
            return Ok(None);
        }
        match judge(&answer) {
            Ok(()) => return Ok(Some(answer)),
            Err(refused) => ui.error(&refused.what, &refused.todo),
        }
    }
}

/// Asks until there is a right answer.
fn must(
    ui: &Ui,
    question: &str,
    mut judge: impl FnMut(&str) -> Result<(), Refused>,
) -> Result<String, Refused> {
    loop {
        if let Some(answer) = one(ui, question, "", &mut judge)? {
            return Ok(answer);
        }
    }
}
