//! Which systems there are, and how each is reached and read.

use super::{Orders, Part, Plot, System, maybe, one_of};
use crate::support::chance::Dice;

pub(super) fn choose(plot: &mut Plot, dice: &mut Dice) {
    let erp = one_of(dice, &["tryton", "tryton", "memory", "sql", "csv"]);
    push(plot, dice, ("erp", erp, "erp"));
    for name in ["depot", "annex"].iter().take(dice.below(3)) {
        let kind = one_of(dice, &["csv", "sql", "memory"]);
        push(plot, dice, (name, kind, "warehouse"));
    }
    for name in ["web", "till", "market"].iter().take(1 + dice.below(3)) {
        let kind = one_of(dice, &["vendure", "sql", "memory", "csv"]);
        push(plot, dice, (name, kind, "channel"));
    }
    if dice.in_ten(6) {
        let kind = one_of(dice, &["csv", "sql", "memory"]);
        push(plot, dice, ("ledger-view", kind, "reporting"));
    }
    let first = plot.systems.iter_mut().find(|system| system.sells()).expect("there is a channel");
    first.located = true;
}

fn push(plot: &mut Plot, dice: &mut Dice, (name, kind, role): (&str, &'static str, &'static str)) {
    let live = matches!(kind, "tryton" | "vendure");
    let counts = matches!(role, "erp" | "warehouse");
    let extra = ["damaged", "safety-stock", "incoming"];
    let extra = extra.into_iter().filter(|_| !live && counts && dice.in_ten(3)).collect();
    plot.systems.push(System {
        name: name.to_owned(),
        kind,
        role,
        located: live || role == "reporting" || dice.in_ten(7),
        net: !live && counts && dice.in_ten(3),
        extra,
        orders: one_of(dice, &[Orders::Unsold, Orders::Direct, Orders::Collected, Orders::Collected]),
    });
}

pub(super) fn write(plot: &mut Plot, dice: &mut Dice) {
    for at in 0..plot.systems.len() {
        let text = system(plot, at, dice);
        plot.say(Part::Systems, text);
    }
}

fn system(plot: &Plot, at: usize, dice: &mut Dice) -> String {
    let own = &plot.systems[at];
    let (name, kind, role) = (&own.name, own.kind, own.role);
    let mut inside = vec![connection(own, dice)];
    let was = maybe(dice, 1, &format!(" was=old-{name}"));
    let mut dated = matches!(kind, "tryton" | "vendure");
    if !dated {
        let (levels, as_of) = levels(plot, own, dice);
        inside.push(levels);
        dated = kind != "csv" || as_of;
        if (as_of && !plot.zoned) || dice.in_ten(1) {
            inside.push("timezone \"Europe/Lisbon\"".to_owned());
        }
    }
    if own.counts() {
        acknowledging(plot, own, &mut inside, dice);
        if dice.in_ten(3) {
            inside.push("stale-after \"45m\"".to_owned());
            if !dated {
                inside.push("allow age-unknown reason=\"the feed is written whole\"".to_owned());
            }
        }
    }
    if own.sells() {
        match own.orders {
            Orders::Unsold => inside.push("orders none".to_owned()),
            Orders::Direct => inside.push("orders direct to=erp within=\"5m\"".to_owned()),
            Orders::Collected => inside.extend(movements(plot, own, dice)),
        }
    }
    if own.role == "erp" {
        // A flow may collect its transfers.
        inside.extend(movements(plot, own, dice));
    }
    traffic(&mut inside, dice);
    format!("system {name} kind={kind} role={role}{was} {{\n    {}\n}}", inside.join("\n    "))
}

fn traffic(inside: &mut Vec<String>, dice: &mut Dice) {
    if dice.in_ten(3) {
        let burst = maybe(dice, 5, " burst=20 concurrency=2");
        let takes = maybe(dice, 5, " takes=\"50ms\"");
        let writes = maybe(dice, 5, " writes=\"2000/d\"");
        let page = maybe(dice, 5, " page=100 batch=50");
        inside.push(format!("limit \"20/s\"{burst}{takes}{writes}{page}"));
    }
    inside.push(maybe(dice, 2, "timeout \"30s\""));
    inside.push(maybe(dice, 2, "retry attempts=5 within=\"10m\""));
    inside.push(maybe(dice, 2, "credential expires=\"2099-01-31\""));
    inside.retain(|line| !line.is_empty());
}

/// Where the movements of a system are read, for a kind that must be told.
fn movements(plot: &Plot, own: &System, dice: &mut Dice) -> Option<String> {
    let at = if plot.zoned { maybe(dice, 5, "; at happened") } else { String::new() };
    let of = maybe(dice, 5, "; of-document order_no; of-line order_line");
    let words = maybe(dice, 5, "; word SALE order; word QUOTE none");
    let columns = format!("{{ kind what; document doc; line line; code sku; quantity qty{of}{at}{words} }}");
    match own.kind {
        "csv" => Some(format!("movements \"moves/*.csv\"{} {columns}", maybe(dice, 3, " files=newest"))),
        "sql" => {
            let since = maybe(dice, 5, " where changed >= :since");
            Some(format!("movements \"select * from moves{since}\" {columns}"))
        }
        _ => None,
    }
}

fn acknowledging(plot: &Plot, own: &System, inside: &mut Vec<String>, dice: &mut Dice) {
    if own.kind == "tryton" {
        inside.push(maybe(dice, 3, "acknowledges lines"));
        return;
    }
    let as_of = if plot.zoned { "; as-of at" } else { "" };
    let columns =
        format!("{{ document order_no; line line_no; code sku; location site; unit uom; open qty{as_of} }}");
    match (dice.below(3), own.kind) {
        (0, "csv") => {
            inside.push(format!("lines \"open.csv\" delimiter=\";\" encoding=latin1 decimal=\",\" {columns}"))
        }
        (0, "sql") => inside.push(format!("lines \"select * from open_lines\" {columns}")),
        (1, _) => inside.push("acknowledges never".to_owned()),
        _ => inside.push("acknowledges counts after=\"2h\"".to_owned()),
    }
    if inside.iter().any(|line| line.starts_with("lines")) && dice.in_ten(5) {
        inside.push("acknowledges lines".to_owned());
    }
}

fn connection(own: &System, dice: &mut Dice) -> String {
    let upper = own.name.to_uppercase().replace('-', "_");
    let url = match dice.below(4) {
        0 => format!("url \"https://{}.example.com\"", own.name),
        1 => format!("url \"http://{}.lan\"; allow plain-http reason=\"a network of its own\"", own.name),
        _ => format!("url (env){upper}_URL"),
    };
    match own.kind {
        "tryton" => format!("{url}; database inv; user (env){upper}_USER; password (env){upper}_PASSWORD"),
        "vendure" if dice.in_ten(5) => {
            let channel = maybe(dice, 5, "; channel (env)SHOP_CHANNEL");
            format!("{url}; key (file)\"/run/secrets/{}\"{channel}", own.name)
        }
        "vendure" => format!("{url}; user admin; password (env){upper}_PASSWORD"),
        "sql" => one_of(dice, &[format!("url \"sqlite:{}.db\"", own.name), format!("url (env){upper}_URL")]),
        _ => String::new(),
    }
}

/// A `levels` node with what is beside it, and whether it dates its rows.
fn levels(plot: &Plot, own: &System, dice: &mut Dice) -> (String, bool) {
    let mut lines = vec!["code sku".to_owned()];
    if own.located {
        lines.push("location site".to_owned());
    }
    lines.push(maybe(dice, 4, "unit uom"));
    let as_of = dice.in_ten(4);
    if as_of {
        lines.push("as-of at".to_owned());
    }
    lines.push(maybe(dice, 3, "changed moved"));
    lines.extend(counts(plot, own, dice));
    if dice.in_ten(5) {
        lines.push(
            one_of(dice, &["complete", "complete rows-at-least=\"80%\"", "complete rows-at-least=5"])
                .to_owned(),
        );
        lines.push(maybe(dice, 5, "absent zero"));
    }
    lines.push(maybe(dice, 2, "rows add-up"));
    lines.push(maybe(dice, 2, "only state \"live\""));
    lines.retain(|line| !line.is_empty());
    let lines = lines.join("\n        ");
    let name = &own.name;
    let block = format!("{{\n        {lines}\n    }}");
    let text = match own.kind {
        "csv" => {
            let files = maybe(dice, 3, " files=all") + &maybe(dice, 3, " delimiter=\";\"");
            let text = maybe(dice, 3, " encoding=latin1") + &maybe(dice, 2, " decimal=\",\"");
            format!("levels \"feeds/{name}-*.csv\"{files}{text} {block}\n    publish \"out/{name}.csv\"")
        }
        "sql" => format!("levels \"select * from stock\" {block}\n    {}", statements(dice)),
        _ => format!("levels {block}"),
    };
    (text, as_of)
}

fn statements(dice: &mut Dice) -> String {
    let places = "where sku = :code and site = :location";
    let set = match dice.in_ten(8) {
        true => format!("set \"update stock set qty = :after {places} and qty = :before\""),
        false => format!(
            "set \"update stock set qty = :after {places}\"\n    \
             allow absolute-write reason=\"nobody else writes\""
        ),
    };
    let create = "create \"insert into stock (sku, site, qty) values (:code, :location, :after)\"";
    set + &maybe(dice, 5, &format!("\n    {create}"))
}

fn counts(plot: &Plot, own: &System, dice: &mut Dice) -> Vec<String> {
    if own.sells() {
        let net = one_of(dice, &["own-sales", "own-sales", "reserved own-sales"]);
        let published = plot.flows.iter().find(|flow| plot.systems[flow.to].name == own.name);
        let quantity = published.map_or("available", |flow| flow.quantity.as_str());
        return match quantity != "available" || dice.in_ten(8) {
            true => vec![format!("{quantity} qty {{ net-of {net} }}")],
            false => vec!["on-hand qty".to_owned(), "reserved held".to_owned()],
        };
    }
    if own.role == "reporting" {
        let named = plot.quantities.iter().map(|(name, _)| format!("{name} q_{}", name.replace('-', "_")));
        let base = ["on-hand whole", "available free", "incoming due"].map(str::to_owned);
        return base.into_iter().chain(named).collect();
    }
    let mut counts = match own.net {
        true => vec!["on-hand free_qty { net-of reserved }".to_owned()],
        false => vec!["on-hand qty".to_owned(), "reserved held".to_owned()],
    };
    counts.extend(own.extra.iter().map(|name| format!("{name} q_{}", name.replace('-', "_"))));
    counts
}
