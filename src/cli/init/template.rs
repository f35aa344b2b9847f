//! The text of a first topology: sound as it stands, with comments on what to fill in.

use super::draft::{Draft, System};
use super::{Files, allowed};
use crate::model::capability::Required;
use crate::model::system::Role;
use crate::syntax::ast::value::{quote, spell};
use std::fmt::Write;

/// What version control should not keep.
pub const IGNORED: &str = ".onhand/\n";

/// As many systems stand in the root file; more get a file of their own.
const SMALL: usize = 4;

/// The files of a topology, the root last.
pub fn files(draft: &Draft) -> Files {
    let systems: Vec<String> = (0..draft.systems.len()).map(|at| system(draft, at)).collect();
    let systems = systems.join("\n");
    let mut root = head(draft);
    let mut files = vec![(".gitignore".to_owned(), IGNORED.to_owned())];
    if draft.systems.len() > SMALL {
        root += "include \"systems.kdl\"\n\n";
        let text = format!(
            "// The systems of this topology: where each is reached, what it shows and takes.\n\n{systems}"
        );
        files.push(("systems.kdl".to_owned(), text));
    } else {
        let _ = writeln!(root, "{systems}");
    }
    root += &places(draft);
    root += &items(draft);
    root += &owners(draft);
    root += &flows(draft);
    root += &care(draft);
    files.push(("catalog.csv".to_owned(), catalog(draft)));
    files.push(("onhand.kdl".to_owned(), root));
    allowed::settle(files)
}

/// The environment variables that the text names, in its order.
pub fn variables(draft: &Draft) -> Vec<String> {
    let names = (0..draft.systems.len())
        .flat_map(|at| needed(&draft.systems[at]).into_iter().map(move |field| variable(draft, at, field)));
    names.chain(["ALERT_WEBHOOK".to_owned()]).collect()
}

fn head(draft: &Draft) -> String {
    let zone = quote(draft.timezone.as_deref().unwrap_or("UTC"));
    format!(
        "// Which systems hold stock, who owns each count, what is published where. It holds no counts.\n\
         // `onhand check` proves it without touching any system; `onhand explain RULE` says what a finding\n\
         // means.\n\
         onhand language=1 {{\n    timezone {zone}\n}}\n\nunit ea\n\n"
    )
}

/// The connection fields that must be there.
fn needed(system: &System) -> Vec<&'static str> {
    let mut needed: Vec<&'static str> = Vec::new();
    for field in system.kind.fields {
        // Of two ways to log in the first is taken.
        let instead = match field.required {
            Required::Always => false,
            Required::Unless(other) => needed.contains(&other),
            Required::Optional => true,
        };
        if !instead {
            needed.push(field.name);
        }
    }
    needed
}

/// The name of the environment variable for a field of a system.
fn variable(draft: &Draft, at: usize, field: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let stem = |at: usize| draft.systems[at].name.chars().map(plain).collect::<String>();
    let taken = |name: &str| (0..draft.systems.len()).any(|other| other != at && stem(other) == name);
    let mut name = stem(at);
    // Two names that differ in signs alone would else share their addresses and secrets; and a number that
    // tells them apart may be how another name ends.
    if taken(&name) {
        name += &format!("_{}", at + 1);
    }
    while taken(&name) {
        name.push('_');
    }
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        name.insert(0, '_');
    }
    format!("{name}_{}", field.to_uppercase())
}

fn system(draft: &Draft, at: usize) -> String {
    let System { name, kind, role } = &draft.systems[at];
    let mut lines: Vec<String> = Vec::new();
    for field in needed(&draft.systems[at]) {
        lines.push(format!("{field} (env){}", variable(draft, at, field)));
    }
    let own = draft.owns(at);
    let stem = slug(name, at);
    match (kind.kind, own) {
        ("csv", true) => {
            lines.push(format!(
                "levels \"feeds/{stem}-*.csv\" {{      // the newest file that matches is read"
            ));
            lines.extend(counted());
            lines.push(
                "    complete rows-at-least=\"80%\"         // a feed cut in half empties no shop".to_owned(),
            );
            lines.push("}".to_owned());
        }
        ("csv", false) => {
            lines.push(format!("levels \"out/{stem}.csv\" {{"));
            lines.extend(shown(*role));
            lines.push("}".to_owned());
            lines.push(format!("publish \"out/{stem}.csv\"             // a whole new file each time"));
        }
        ("sql", true) => {
            lines.push(
                "levels \"select sku, site, on_hand, reserved from stock\" {   // your own query".to_owned(),
            );
            lines.extend(counted());
            lines.push("}".to_owned());
        }
        ("sql", false) => {
            lines.push("levels \"select sku, site, qty from stock\" {   // your own query".to_owned());
            lines.extend(shown(*role));
            lines.push("}".to_owned());
            lines.push("// It compares before it writes, so that a sale in between is not lost.".to_owned());
            let set =
                "update stock set qty = :after where sku = :code and site = :location and qty = :before";
            lines.push(format!("set \"{set}\""));
        }
        (_, own) if kind.generic => {
            lines.push("levels {".to_owned());
            lines.extend(if own { counted() } else { shown(*role) });
            lines.push("}".to_owned());
        }
        _ => {}
    }
    if own && kind.dated && !kind.generic {
        lines.push(
            "stale-after \"30m\"                    // from this age on its counts only lower".to_owned(),
        );
    }
    if *role == Role::Channel {
        lines.push(orders(draft, at));
    }
    let role = word(*role);
    let head = format!("system {} kind={} role={role}", spell(name), kind.kind);
    if lines.is_empty() {
        return format!("{head}\n");
    }
    let body: Vec<String> = lines.iter().map(|line| format!("    {line}\n")).collect();
    format!("{head} {{\n{}}}\n", body.concat())
}

/// The columns of an owner.
fn counted() -> Vec<String> {
    let lines = [
        "    code sku                             // what counts, and the name of its column",
        "    location site",
        "    on-hand on_hand                      // everything on the shelf",
        "    reserved reserved                    // of that, promised to orders",
    ];
    lines.map(str::to_owned).to_vec()
}

/// The columns of a target.
fn shown(role: Role) -> Vec<String> {
    let count = match role {
        Role::Channel => "    available qty { net-of own-sales }   // it takes off by itself what it sells",
        _ => "    on-hand qty",
    };
    ["    code sku", "    location site", count].map(str::to_owned).to_vec()
}

/// Where the orders of a channel go.
fn orders(draft: &Draft, at: usize) -> String {
    let owners = || (0..draft.systems.len()).filter(|owner| *owner != at && draft.owns(*owner));
    let erp = owners().find(|owner| draft.systems[*owner].role == Role::Erp);
    match erp.or_else(|| owners().next()) {
        Some(owner) => {
            let owner = spell(&draft.systems[owner].name);
            format!("orders direct to={owner} within=\"5m\"     // who takes its orders in, and how late")
        }
        None => "orders none                              // nothing is sold there".to_owned(),
    }
}

fn places(draft: &Draft) -> String {
    let mut text = "// Behind each system stands what it calls the place.\n".to_owned();
    for place in &draft.places {
        let systems = (0..draft.systems.len()).filter(|at| place.owner == Some(*at) || !draft.owns(*at));
        let codes = systems.map(|at| format!("in {} {}", spell(&draft.systems[at].name), spell(&place.name)));
        let _ =
            writeln!(text, "location {} {{ {} }}", spell(&place.name), codes.collect::<Vec<_>>().join("; "));
    }
    text + "\n"
}

fn items(draft: &Draft) -> String {
    let mut text = "// One row an item. An empty cell means: that system does not have it.\n".to_owned();
    text += "items \"catalog.csv\" {\n    sku sku\n    unit (const)ea\n";
    for (at, system) in draft.systems.iter().enumerate() {
        let _ = writeln!(text, "    in {} {}", spell(&system.name), spell(&column(&system.name, at)));
    }
    text + "}\n\n"
}

fn catalog(draft: &Draft) -> String {
    let mut text = "sku".to_owned();
    for (at, system) in draft.systems.iter().enumerate() {
        let _ = write!(text, ",{}", column(&system.name, at));
    }
    for item in ["EXAMPLE-1", "EXAMPLE-2"] {
        let cells = std::iter::repeat_n(item, draft.systems.len() + 1);
        let _ = write!(text, "\n{}", cells.collect::<Vec<_>>().join(","));
    }
    text + "\n"
}

fn owners(draft: &Draft) -> String {
    let mut text = "// Who is believed. For each count at each place there is exactly one.\n".to_owned();
    let several = (0..draft.systems.len()).filter(|at| draft.owns(*at)).count() > 1;
    for (at, system) in draft.systems.iter().enumerate().filter(|(at, _)| draft.owns(*at)) {
        let reserved = if shows_reserved(system) { " reserved" } else { "" };
        let here =
            draft.places.iter().filter(|place| place.owner == Some(at)).map(|place| spell(&place.name));
        let here =
            if several { format!("; at {}", here.collect::<Vec<_>>().join(" ")) } else { String::new() };
        let _ = writeln!(text, "owner {} {{ of on-hand{reserved}{here} }}", spell(&system.name));
    }
    text + "\n"
}

fn shows_reserved(system: &System) -> bool {
    system.kind.generic || system.kind.shows.iter().any(|shown| shown.quantity == "reserved")
}

fn flows(draft: &Draft) -> String {
    let targets: Vec<&System> = draft
        .systems
        .iter()
        .enumerate()
        .filter(|(at, system)| !draft.owns(*at) && system.taken().is_some())
        .map(|(_, system)| system)
        .collect();
    let mut text =
        "// What is published where, how late it may be at most, and how often it is looked at.\n".to_owned();
    for system in targets {
        let quantity = system.taken().unwrap_or("on-hand");
        let name = spell(&format!("{}-stock", system.name));
        let _ = writeln!(text, "flow {name} {{\n    publish {quantity} to={}", spell(&system.name));
        if system.role != Role::Channel {
            text += "    lag \"1h\" every=\"30m\"\n}\n";
            continue;
        }
        text += "    lag \"10m\" every=\"5m\"\n";
        text += "    cap 999                              // the most that is ever shown\n}\n";
    }
    text
}

/// Who looks after it.
fn care(draft: &Draft) -> String {
    let reviewer = quote(draft.reviewer.as_deref().unwrap_or("ops@example.com"));
    format!(
        "\n// Who is told when something is wrong, who looks, and how long a run can be undone.\n\
         alert {{ to webhook=(env)ALERT_WEBHOOK; on open-failures=10 lag guard stale credential }}\n\
         review {{ by {reviewer}; daily \"09:00\" }}\n\
         rollback keep=\"30d\"\n"
    )
}

/// A name for files and columns. One that had to be changed ends in a dot and its place, which no name that
/// is kept can have.
fn slug(name: &str, at: usize) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    let slug: String = name.chars().map(plain).take(40).collect();
    if slug == name { slug } else { format!("{slug}.{}", at + 1) }
}

/// The catalog's column for the codes of a system.
fn column(name: &str, at: usize) -> String {
    format!("{}_code", slug(name, at))
}

fn word(role: Role) -> &'static str {
    match role {
        Role::Erp => "erp",
        Role::Warehouse => "warehouse",
        Role::Channel => "channel",
        Role::Reporting => "reporting",
    }
}
