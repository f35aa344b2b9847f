//! What a first topology is made from: the answers, judged by the compiler itself.

use super::Args;
use crate::check::Scene;
use crate::compile::{Compiled, Inputs, compile};
use crate::connectors::KINDS;
use crate::diagnostic::Severity;
use crate::model::capability::Descriptor;
use crate::model::system::Role;
use crate::model::time::Moment;
use crate::syntax::ast::value::{quote, spell};
use std::collections::BTreeMap;

/// Why there is no topology: what was found, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What was found.
    pub what: String,
    /// What to do.
    pub todo: String,
}

impl Refused {
    /// What was found, and what to do.
    pub fn new(what: impl Into<String>, todo: &str) -> Refused {
        Refused { what: what.into(), todo: todo.to_owned() }
    }
}

/// A system to be written.
#[derive(Debug, Clone)]
pub struct System {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: &'static Descriptor,
    /// Its part.
    pub role: Role,
}

impl System {
    /// Whether it shows what lies on its shelves, so that it can own counts.
    pub fn counts(&self) -> bool {
        self.kind.generic || self.kind.shows.iter().any(|shown| shown.quantity == "on-hand")
    }

    /// Whether it is one of those that usually count.
    pub fn keeps(&self) -> bool {
        matches!(self.role, Role::Erp | Role::Warehouse) && self.counts()
    }

    /// The quantity that is published to it; `None` where its kind takes none.
    pub fn taken(&self) -> Option<&'static str> {
        let takes =
            |name: &str| self.kind.generic || self.kind.takes.iter().any(|taken| taken.quantity == name);
        let wanted =
            if self.role == Role::Channel { ["available", "on-hand"] } else { ["on-hand", "available"] };
        wanted.into_iter().find(|name| takes(name))
    }
}

/// A location to be written.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// The system that counts there, where it is known yet.
    pub owner: Option<usize>,
}

/// The answers.
#[derive(Debug, Default)]
pub struct Draft {
    /// The systems.
    pub systems: Vec<System>,
    /// The locations.
    pub places: Vec<Place>,
    /// The system that counts where a location names no other.
    pub owner: Option<usize>,
    /// The time zone, where one is named.
    pub timezone: Option<String>,
    /// Who looks at what did not work, where somebody is named.
    pub reviewer: Option<String>,
}

impl Draft {
    /// Takes what the command line says.
    pub fn take(&mut self, args: &Args) -> Result<(), Refused> {
        let about = |flag: &str, text: &str| {
            let flag = format!("--{flag} {}", text.escape_debug());
            move |refused: Refused| Refused { what: format!("{flag}: {}", refused.what), ..refused }
        };
        for text in &args.systems {
            let mut parts = text.rsplitn(3, ':');
            let (Some(role), Some(kind), Some(name)) = (parts.next(), parts.next(), parts.next()) else {
                let refused =
                    Refused::new("not a name, a kind and a role", "Write `--system erp:tryton:erp`.");
                return Err(about("system", text)(refused));
            };
            self.add_system(name, kind, role).map_err(about("system", text))?;
        }
        if let Some(name) = &args.owner {
            self.owner = Some(self.find_owner(name).map_err(about("owner", name))?);
        }
        for text in &args.locations {
            // Names may hold colons too: what follows the right one is a system.
            let ends = text.match_indices(':').map(|(at, _)| (&text[..at], &text[at + 1..]));
            let known = |(_, owner): &(&str, &str)| self.systems.iter().any(|system| system.name == *owner);
            let split = ends.clone().find(known).or_else(|| ends.clone().next_back());
            let (name, owner) = match split {
                Some((name, owner)) => (name, Some(self.find_owner(owner).map_err(about("location", text))?)),
                None => (&**text, None),
            };
            self.add_place(name, owner).map_err(about("location", text))?;
        }
        if let Some(zone) = &args.timezone {
            self.set_timezone(zone).map_err(about("timezone", zone))?;
        }
        if let Some(reviewer) = &args.reviewer {
            self.set_reviewer(reviewer).map_err(about("reviewer", reviewer))?;
        }
        Ok(())
    }

    /// Adds a system.
    pub fn add_system(&mut self, name: &str, kind: &str, role: &str) -> Result<(), Refused> {
        self.may_name(name)?;
        let kind = kind_of(kind)?;
        let role = role_of(role)?;
        self.systems.push(System { name: name.to_owned(), kind, role });
        Ok(())
    }

    /// Whether a further system may have a name.
    pub fn may_name(&self, name: &str) -> Result<(), Refused> {
        let known = self.systems.iter().map(|system| &*system.name);
        let nodes = known.chain([name]).map(|name| format!("system {} kind=memory role=erp\n", spell(name)));
        judged(&nodes.collect::<String>())
    }

    /// Adds a location, and the system that counts there, where it is known.
    pub fn add_place(&mut self, name: &str, owner: Option<usize>) -> Result<(), Refused> {
        let known = self.places.iter().map(|place| &*place.name).chain([name]).enumerate();
        let nodes = known.map(|(at, name)| format!("location {} {{ in x \"{at}\" }}\n", spell(name)));
        judged(&format!("system x kind=memory role=erp\n{}", nodes.collect::<String>()))?;
        self.places.push(Place { name: name.to_owned(), owner });
        Ok(())
    }

    /// The place in the list of a system that is to count.
    pub fn find_owner(&self, name: &str) -> Result<usize, Refused> {
        let Some(at) = self.systems.iter().position(|system| system.name == name) else {
            let known: Vec<String> = self.systems.iter().map(|system| format!("`{}`", system.name)).collect();
            let what = format!("no system is called `{}`", name.escape_debug());
            return Err(Refused::new(what, &format!("There are: {}.", known.join(", "))));
        };
        match self.systems[at].counts() {
            true => Ok(at),
            false => {
                let kind = self.systems[at].kind.kind;
                let what = format!("`{name}` is of kind {kind}, which does not show what is on hand");
                Err(Refused::new(what, "Let another system count the stock."))
            }
        }
    }

    /// Sets the time zone.
    pub fn set_timezone(&mut self, zone: &str) -> Result<(), Refused> {
        judge(&format!("onhand language=1 {{ timezone {} }}\n", spell(zone)))?;
        self.timezone = Some(zone.to_owned());
        Ok(())
    }

    /// Names who looks at what did not work.
    pub fn set_reviewer(&mut self, mail: &str) -> Result<(), Refused> {
        judged(&format!("review {{ by {}; daily \"09:00\" }}\n", quote(mail)))?;
        self.reviewer = Some(mail.to_owned());
        Ok(())
    }

    /// The systems that may count at a location.
    pub fn keepers(&self) -> Vec<usize> {
        let those = |fits: fn(&System) -> bool| {
            (0..self.systems.len()).filter(|at| fits(&self.systems[*at])).collect()
        };
        let keepers: Vec<usize> = those(System::keeps);
        if keepers.is_empty() { those(System::counts) } else { keepers }
    }

    /// Whether a system counts at some location.
    pub fn owns(&self, system: usize) -> bool {
        self.places.iter().any(|place| place.owner == Some(system))
    }

    /// Settles what follows from the answers, and says what is still missing.
    pub fn finish(&mut self) -> Result<(), Refused> {
        let mut missing = Vec::new();
        if self.systems.len() < 2 {
            missing.push("two or more systems (`--system NAME:KIND:ROLE`)".to_owned());
        }
        if self.places.is_empty() {
            missing.push("a location (`--location NAME`)".to_owned());
        }
        let only = match self.keepers()[..] {
            [keeper] => Some(keeper),
            _ => None,
        };
        let owner = self.owner.or(only);
        self.places.iter_mut().for_each(|place| place.owner = place.owner.or(owner));
        if self.systems.len() > 1 && self.places.iter().any(|place| place.owner.is_none()) {
            missing.push("the system that counts the stock (`--owner SYSTEM`)".to_owned());
        }
        if !missing.is_empty() {
            let what = format!("not enough is known for a topology; what is missing: {}", missing.join(", "));
            return Err(Refused::new(what, "Give these, or run it on a terminal to be asked."));
        }
        let target =
            (0..self.systems.len()).find(|at| !self.owns(*at) && self.systems[*at].taken().is_some());
        if target.is_none() {
            let what = "every system counts stock of its own, and none is left to show it";
            return Err(Refused::new(
                what,
                "Add a system that sells, or let one system count at all locations.",
            ));
        }
        Ok(())
    }
}

/// The kind of a name.
pub fn kind_of(word: &str) -> Result<&'static Descriptor, Refused> {
    match KINDS.iter().find(|kind| kind.kind == word) {
        Some(kind) => Ok(kind),
        None => {
            judged(&format!("system x kind={} role=erp\n", spell(word)))?;
            Err(Refused::new(format!("there is no kind `{}`", word.escape_debug()), ""))
        }
    }
}

/// The role of a name.
pub fn role_of(word: &str) -> Result<Role, Refused> {
    match word {
        "erp" => Ok(Role::Erp),
        "warehouse" => Ok(Role::Warehouse),
        "channel" => Ok(Role::Channel),
        "reporting" => Ok(Role::Reporting),
        other => {
            judged(&format!("system x kind=memory role={}\n", spell(other)))?;
            Err(Refused::new(format!("there is no role `{}`", other.escape_debug()), ""))
        }
    }
}

fn judged(nodes: &str) -> Result<(), Refused> {
    judge(&format!("onhand language=1\n{nodes}"))
}

/// What the compiler says about a text: its first error, in its own words.
fn judge(text: &str) -> Result<(), Refused> {
    let compiled = compiled(&[("onhand.kdl".to_owned(), text.to_owned())]);
    let error = compiled.diagnostics.into_iter().find(|found| found.severity == Severity::Error);
    error.map_or(Ok(()), |found| Err(Refused { what: found.message, todo: found.help }))
}

/// Compiles files that are not written yet.
pub fn compiled(files: &[(String, String)]) -> Compiled {
    let folder: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(path, text)| (path.clone(), text.as_bytes().to_vec())).collect();
    // No answer has to do with the time or with where the state lies.
    let scene = Scene { now: Moment(0), thrown_away: &|_| false };
    compile(&Inputs { folder: &folder, root: "onhand.kdl", kinds: KINDS, env: &|_| None, scene })
}
