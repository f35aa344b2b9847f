//! What is published where, what is collected, and what an operator keeps beside it.

use super::{Flow, Orders, Part, Plot, Select, TAGS, maybe, one_of};
use crate::support::chance::Dice;
use std::collections::BTreeMap;

pub(super) fn choose(plot: &mut Plot, dice: &mut Dice) {
    let whole = plot.systems.iter().all(|system| !system.net || !system.counts());
    if dice.in_ten(6) {
        plot.quantities.push(("sellable".to_owned(), false));
    }
    if dice.in_ten(3) {
        plot.quantities.push(("promised".to_owned(), true));
    }
    for to in plot.systems_that(|system| system.sells()) {
        let mut known = vec!["available".to_owned(), "available".to_owned()];
        known.extend(plot.quantities.iter().map(|(name, _)| name.clone()));
        let quantity = one_of(dice, &known);
        for (at, select) in split(plot, to, dice) {
            let name = format!("{}-stock-{}", plot.system(to), plot.flows.len());
            let said = at != plot.mapped(to) || dice.in_ten(3);
            let mut flow = Flow {
                name,
                quantity: quantity.clone(),
                to,
                at,
                said,
                select,
                inside: Vec::new(),
                allows: Vec::new(),
            };
            if plot.quantities.iter().any(|(name, promises)| *promises && *name == quantity) {
                flow.allows.push("promise-incoming");
            }
            flow.inside = settings(plot, to, dice);
            if flow.inside[0].starts_with("lag \"30m\"") {
                flow.allows.push("lag-slow");
            }
            plot.flows.push(flow);
        }
    }
    for to in plot.systems_that(|system| system.role == "reporting") {
        let quantity = if whole { "on-hand" } else { "available" }.to_owned();
        let at = plot.mapped(to);
        let name = format!("{}-flow", plot.system(to));
        let inside =
            vec![one_of(dice, &["lag \"4h\" every=\"1h\"", "lag \"24h\" every=\"1h\" calendar=CAL"])];
        let inside = inside.into_iter().map(|text| calendar(plot, text)).collect();
        let (select, allows) = (Select::All, Vec::new());
        plot.flows.push(Flow { name, quantity, to, at, said: false, select, inside, allows });
    }
    if dice.in_ten(3) && plot.systems[0].kind != "tryton" {
        let name = "moves".to_owned();
        let (quantity, select) = (String::new(), Select::All);
        let inside = vec![
            "collect transfers adjustments receipts from=erp".to_owned(),
            "post none { reference \"{order}/{line}\" }".to_owned(),
            "lag \"1h\" every=\"15m\" reconcile=\"24h\"".to_owned(),
        ];
        let (at, allows) = (Vec::new(), Vec::new());
        plot.flows.push(Flow { name, quantity, to: 0, at, said: false, select, inside, allows });
    }
    let shelves = shelves(plot);
    match dice.in_ten(5) && all_share(plot, &shelves) {
        true => divide(plot, dice),
        false => accept(plot, &shelves),
    }
}

/// A `calendar=CAL` with the calendar that there is, or without.
fn calendar(plot: &Plot, text: &str) -> String {
    match plot.calendars.first() {
        Some(name) => text.replace("CAL", name),
        None => text.replace(" calendar=CAL", ""),
    }
}

/// How what a channel shows is divided among flows: not at all, by place, or by item.
fn split(plot: &Plot, to: usize, dice: &mut Dice) -> Vec<(Vec<usize>, Select)> {
    let mapped = plot.mapped(to);
    if mapped.len() > 1 && dice.in_ten(3) {
        let (some, others) = mapped.split_at(1 + dice.below(mapped.len() - 1));
        return vec![(some.to_vec(), Select::All), (others.to_vec(), Select::All)];
    }
    if dice.in_ten(4) {
        let prefix = one_of(dice, &["TSH-", "MUG-", "TEA-"]).to_owned();
        let tag = one_of(dice, &TAGS);
        let (one, other) = match dice.in_ten(5) {
            true => (Select::Tag(tag), Select::NotTag(tag)),
            false => (Select::Like(prefix.clone()), Select::NotLike(prefix)),
        };
        let sold = |select: &Select| {
            let items = plot.items.iter().filter(|item| select.takes(&item.name, &item.tags));
            items.flat_map(|item| &item.codes).any(|code| code.system == to && code.at.is_none())
        };
        if sold(&one) && sold(&other) {
            return vec![(mapped.clone(), one), (mapped, other)];
        }
    }
    vec![(mapped, Select::All)]
}

fn settings(plot: &Plot, to: usize, dice: &mut Dice) -> Vec<String> {
    let mut lines = vec![
        one_of(
            dice,
            &[
                "lag \"10m\" every=\"5m\"",
                "lag \"12m\" every=\"5m\" changes=\"20%\"",
                "lag \"30m\" every=\"5m\"",
                "lag \"15m\" every=\"4m\" calendar=CAL",
            ],
        )
        .to_owned(),
    ];
    lines[0] = calendar(plot, &lines[0]);
    if dice.in_ten(4) {
        let sold = plot.items.iter().filter(|item| item.codes.iter().any(|code| code.system == to));
        let sold: Vec<_> = sold.collect();
        let item = sold[dice.below(sold.len())];
        let pack = item.packs.first().map_or(item.base, |(name, ..)| name);
        lines.push(format!("keep-back 2 {pack} {{ items {} }}", item.name));
    }
    lines.push(maybe(dice, 2, "keep-back \"10%\" { items tag=gifts \"T*\"; except \"TEA-*\" }"));
    lines.push(maybe(dice, 3, "cap 99"));
    lines.push(maybe(
        dice,
        4,
        "guard max-changed=\"30%\" max-zeroed=\"5%\" max-raised=\"10%\" max-rows=5000",
    ));
    if let Some(name) = plot.calendars.first().filter(|_| lines[0].contains("calendar=") && dice.in_ten(5)) {
        lines.push(format!("window calendar={name}{}", maybe(dice, 5, " holds=all")));
    } else {
        lines.push(maybe(dice, 2, "window from=\"00:00\" to=\"24:00\" holds=raises"));
    }
    lines.push(one_of(dice, &["", "", "rollout \"10%\"", "rollout shadow", "rollout items=5"]).to_owned());
    lines.retain(|line| !line.is_empty());
    lines
}

/// What a flow draws on: place, item, and whether for a bundle; once for each code.
pub(super) fn draws(plot: &Plot, flow: &Flow) -> Vec<(usize, usize, bool)> {
    let mut draws = Vec::new();
    for shown in &flow.at {
        let valid = |code: &&super::Code| code.system == flow.to && code.at.is_none_or(|at| at == *shown);
        let mut items: Vec<(usize, bool)> = Vec::new();
        for (at, item) in plot.items.iter().enumerate() {
            if flow.select.takes(&item.name, &item.tags) {
                items.extend(item.codes.iter().filter(valid).map(|_| (at, false)));
            }
        }
        for (at, kit) in plot.bundles.iter().enumerate() {
            if flow.select.takes(&kit.name, &kit.tags) {
                let codes = kit.codes.iter().filter(valid);
                items.extend(codes.flat_map(|_| plot.made_of(at)).map(|item| (item, true)));
            }
        }
        for place in plot.stands_for(*shown) {
            draws.extend(items.iter().map(|(item, bundled)| (place, *item, *bundled)));
        }
    }
    draws
}

/// What draws on each shelf: by place and item the flows, and whether for a bundle.
type Shelves = BTreeMap<(usize, usize), Vec<(usize, bool)>>;

/// Whether each channel shares some shelf with another one.
fn all_share(plot: &Plot, shelves: &Shelves) -> bool {
    let channels = plot.systems_that(|system| system.sells());
    let shares = |channel: &usize| {
        shelves.values().any(|drawing| {
            let to: Vec<usize> = drawing.iter().map(|(flow, _)| plot.flows[*flow].to).collect();
            to.contains(channel) && to.iter().any(|other| other != channel)
        })
    };
    channels.len() > 1 && channels.iter().all(shares)
}

/// Divides all shelves among all channels.
fn divide(plot: &mut Plot, dice: &mut Dice) {
    let channels = plot.systems_that(|system| system.sells());
    let names: Vec<&str> = channels.iter().map(|channel| plot.system(*channel)).collect();
    let weights: Vec<String> = names.iter().map(|name| format!("{name}={}", 1 + dice.below(5))).collect();
    let sold = plot.items.iter().find(|item| item.codes.iter().any(|code| code.system == channels[0]));
    let inside = sold.map(|item| format!("; inside {} {}=3", names[0], item.name)).unwrap_or_default();
    let inside = maybe(dice, 5, &inside);
    let pooled = maybe(dice, 5, "; pooled-above 40");
    let text = format!(
        "allocation fronts {{ among {}; weights {}{inside}{pooled} }}",
        names.join(" "),
        weights.join(" ")
    );
    plot.say(Part::Flows, text);
}

fn shelves(plot: &Plot) -> Shelves {
    let mut shelves = Shelves::new();
    for (at, flow) in plot.flows.iter().enumerate().filter(|(_, flow)| plot.systems[flow.to].sells()) {
        for (place, item, bundled) in draws(plot, flow) {
            shelves.entry((place, item)).or_default().push((at, bundled));
        }
    }
    shelves
}

/// Lets each flow accept what it shares a shelf with.
fn accept(plot: &mut Plot, shelves: &Shelves) {
    for drawing in shelves.values() {
        for (order, (first, one)) in drawing.iter().enumerate() {
            for (second, other) in &drawing[order + 1..] {
                let rule = if *one || *other { "bundle-beside-component" } else { "shared-pool" };
                for flow in [*first, *second] {
                    let allows = &mut plot.flows[flow].allows;
                    if !allows.contains(&rule) {
                        allows.push(rule);
                    }
                }
            }
        }
    }
}

pub(super) fn write(plot: &mut Plot, dice: &mut Dice) {
    for at in 0..plot.flows.len() {
        let flow = &plot.flows[at];
        let mut inside = Vec::new();
        if !flow.quantity.is_empty() {
            inside.push(format!("publish {} to={}", flow.quantity, plot.system(flow.to)));
        }
        if flow.said {
            let names: Vec<&str> = flow.at.iter().map(|at| plot.places[*at].name.as_str()).collect();
            inside.push(format!("at {}", names.join(" ")));
        }
        inside.push(flow.select.text().trim_end_matches("; ").to_owned());
        inside.extend(flow.inside.iter().cloned());
        inside.extend(flow.allows.iter().map(|rule| format!("allow {rule} reason=\"it is known\"")));
        inside.retain(|line| !line.is_empty());
        let was = maybe(dice, 1, &format!(" was=old-{}", flow.name));
        let text = format!("flow {}{was} {{\n    {}\n}}", flow.name, inside.join("\n    "));
        plot.say(Part::Flows, text);
    }
    for channel in plot.systems_that(|system| system.sells() && system.orders == Orders::Collected) {
        let text = collecting(plot, channel, dice);
        plot.say(Part::Flows, text);
    }
    care(plot, dice);
    test(plot, dice);
}

fn collecting(plot: &Plot, channel: usize, dice: &mut Dice) -> String {
    let name = plot.system(channel);
    let more = maybe(dice, 5, " shipments");
    let reference = "reference \"{system}#{order}\"";
    let post = match plot.systems[0].kind {
        "tryton" => {
            let price = maybe(dice, 5, "; price zero");
            format!("post to=erp{} {{ party WEB{price}; {reference} }}", maybe(dice, 5, " as=sale"))
        }
        "memory" => format!("post to=erp as=sale {{ {reference} }}"),
        _ => format!("post none {{ {reference} }}"),
    };
    let restock = match (dice.below(3), plot.systems[channel].kind) {
        (0, _) => String::new(),
        (1, "vendure") => {
            "\n    restock returns=damaged\n    allow restock-window reason=\"seldom\"".to_owned()
        }
        (1, _) => "\n    restock returns=damaged".to_owned(),
        _ => "\n    restock returns=on-hand".to_owned(),
    };
    format!(
        "flow {name}-orders {{\n    collect orders cancellations returns{more} from={name}\n    {post}\n    \
         lag \"10m\" every=\"5m\" reconcile=\"24h\"{restock}\n}}"
    )
}

fn care(plot: &mut Plot, dice: &mut Dice) {
    let to = one_of(dice, &["to webhook=(env)OPS_WEBHOOK", "to mail=\"ops@example.com\""]);
    let on = maybe(dice, 5, "; on open-failures=10 lag guard stale credential");
    plot.say(Part::Care, format!("alert {{ {to}{on} }}"));
    let more = maybe(dice, 5, "; weekly mon; monthly 1");
    plot.say(Part::Care, format!("review {{ by \"ops@example.com\"; daily \"09:00\"{more} }}"));
    plot.say(Part::Care, "rollback keep=\"30d\"".to_owned());
}

fn test(plot: &mut Plot, dice: &mut Dice) {
    let flow = plot.flows.iter().find(|flow| plot.systems[flow.to].sells()).expect("a channel is fed");
    let (to, quantity) = (plot.system(flow.to), &flow.quantity);
    let place = &plot.places[plot.stands_for(flow.at[0])[0]];
    let shown = &plot.places[flow.at[0]].name;
    let sold = draws(plot, flow).into_iter().find(|(_, _, bundled)| !bundled);
    let Some((_, item, _)) = sold.filter(|_| dice.in_ten(6)) else { return };
    let tagged = plot.items[item].tags.contains(&TAGS[0]);
    let owner = place.beside.filter(|_| !tagged).unwrap_or(place.owner);
    let (item, base) = (&plot.items[item].name, plot.items[item].base);
    let given = one_of(dice, &[format!("10 {base}"), "5".to_owned(), "absent".to_owned()]);
    let due = if given == "absent" { "held" } else { "0" };
    let owner = plot.system(owner);
    let text = format!(
        "test \"what is there\" {{\n    given {owner} on-hand at={} {{ {item} {given} }}\n    \
         expect {to} {quantity} at={shown} {{ {item} {due} }}\n}}",
        place.name
    );
    plot.say(Part::Care, text);
}
