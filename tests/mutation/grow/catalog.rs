//! Units, items with their packs and codes, bundles, and the CSV files that hold some of them.

use super::{Bundle, Code, Item, Part, Plot, TAGS, maybe, one_of};
use crate::support::chance::Dice;

/// Base units with their larger relative.
const FAMILIES: [(&str, &str); 3] = [("ea", "doz"), ("g", "kg"), ("ml", "l")];

pub(super) fn choose(plot: &mut Plot, dice: &mut Dice) {
    let channels = plot.systems_that(|system| system.sells());
    for at in 0..6 + dice.below(10) {
        let (base, _) = if at < 2 { FAMILIES[0] } else { one_of(dice, &FAMILIES) };
        let family = one_of(dice, &["TSH", "MUG", "TEA"]);
        let mut item = Item {
            name: format!("{family}-{at:02}"),
            base,
            packs: Vec::new(),
            tags: TAGS[1..].iter().copied().filter(|_| dice.in_ten(3)).collect(),
            codes: Vec::new(),
        };
        if at == 0 || (at > 1 && dice.in_ten(4)) {
            item.tags.push(TAGS[0]);
        }
        if dice.in_ten(4) {
            item.packs.push(("case", 12, None));
        }
        if !item.packs.is_empty() && dice.in_ten(3) {
            item.packs.push(("pallet", 40, Some("case")));
        }
        plot.items.push(item);
        let sold = match at {
            0 | 1 => vec![channels[0]],
            _ if at - 2 < channels.len() => vec![channels[at - 2]],
            _ if plot.shares => channels.iter().copied().filter(|_| dice.in_ten(5)).collect(),
            _ => one_of(dice, &channels.iter().map(|own| vec![*own]).chain([vec![]]).collect::<Vec<_>>()),
        };
        codes(plot, at, &sold, dice);
    }
    for at in 0..dice.below(5) {
        bundle(plot, at, &channels, dice);
    }
}

fn codes(plot: &mut Plot, at: usize, sold: &[usize], dice: &mut Dice) {
    let mut codes: Vec<Code> = Vec::new();
    for system in 0..plot.systems.len() {
        let own = &plot.systems[system];
        let times = match own.role {
            "erp" | "warehouse" => 1 + usize::from(dice.in_ten(1)),
            "channel" if !sold.contains(&system) => 0,
            "channel" => 1 + usize::from(plot.shares && dice.in_ten(2)),
            _ => usize::from(at < 2 || dice.in_ten(7)),
        };
        for time in 0..times {
            let item = &plot.items[at];
            let code = match dice.in_ten(3) {
                true => format!("{}", 4_006_381_000_000 + system * 10_000 + at * 10 + time),
                false => format!("{}-{system}{at:02}{time}", own.name[..2].to_uppercase()),
            };
            let larger = FAMILIES.iter().find(|(base, _)| *base == item.base).map(|(_, larger)| *larger);
            let mut units: Vec<Option<&str>> = vec![None, None, larger];
            units.extend(item.packs.iter().map(|(name, ..)| Some(*name)));
            let mapped = plot.mapped(system);
            let place = (own.sells() && at > 5 && dice.in_ten(2)).then(|| one_of(dice, &mapped));
            codes.push(Code { system, code, unit: one_of(dice, &units), at: place });
        }
    }
    plot.items[at].codes = codes;
}

fn bundle(plot: &mut Plot, at: usize, channels: &[usize], dice: &mut Dice) {
    let count = plot.items.len();
    let mut parts: Vec<(usize, u64)> = Vec::new();
    for _ in 0..1 + dice.below(3) {
        let part = match at > 0 && dice.in_ten(3) {
            true => count + dice.below(at),
            false => dice.below(count),
        };
        if parts.iter().all(|(other, _)| *other != part) {
            parts.push((part, 1 + dice.roll(3)));
        }
    }
    let mut codes = Vec::new();
    for system in channels.iter().copied().filter(|_| plot.shares) {
        if at == 0 && codes.is_empty() || dice.in_ten(5) {
            codes.push(Code { system, code: format!("KIT-{system}{at}"), unit: None, at: None });
        }
    }
    if codes.is_empty() {
        // Known somewhere, where nobody sells it beside its parts: in a system that only looks, or nowhere.
        let Some(view) = plot.systems_that(|system| system.role == "reporting").first().copied() else {
            return;
        };
        codes.push(Code { system: view, code: format!("KIT-{view}{at}"), unit: None, at: None });
    }
    if plot.bundles.len() != at {
        return;
    }
    let tags = TAGS.iter().copied().filter(|_| dice.in_ten(3)).collect();
    plot.bundles.push(Bundle { name: format!("KIT-{at}"), parts, tags, codes });
}

pub(super) fn write(plot: &mut Plot, dice: &mut Dice) {
    units(plot, dice);
    let mut listed: Vec<usize> = Vec::new();
    for at in 0..plot.items.len() {
        let item = &plot.items[at];
        let simple = item.packs.len() < 2 && item.tags.len() < 2 && dice.in_ten(5);
        let single = |code: &Code| item.codes.iter().filter(|own| own.system == code.system).count() == 1;
        match simple && item.codes.iter().all(single) {
            true => listed.push(at),
            false => {
                let text = node(plot, at, dice);
                plot.say(Part::Items, text);
            }
        }
    }
    if listed.len() > 1 {
        table(plot, &listed, dice);
    } else {
        for at in listed {
            let text = node(plot, at, dice);
            plot.say(Part::Items, text);
        }
    }
    if dice.in_ten(3) {
        let text = "item RETIRED unit=ea { allow item-unmapped reason=\"sold out, kept for its history\" }";
        plot.say(Part::Items, text.to_owned());
    }
    let kits = plot.bundles.len();
    let simple = plot.bundles.iter().all(|kit| kit.tags.len() < 2);
    if kits > 1 && simple && dice.in_ten(7) {
        kit_table(plot, dice);
    } else {
        (0..kits).for_each(|at| {
            let text = kit(plot, at, dice);
            plot.say(Part::Bundles, text);
        });
    }
}

fn units(plot: &mut Plot, dice: &mut Dice) {
    let words = match dice.in_ten(5) {
        true => format!(" {{ in {} PCE STK }}", plot.system(0)),
        false => String::new(),
    };
    plot.say(Part::Units, format!("unit ea{words}"));
    for text in ["unit doz 12 ea", "unit g", "unit kg 1000 g", "unit ml", "unit l 1000 ml"] {
        plot.say(Part::Units, text.to_owned());
    }
    for (name, promises) in plot.quantities.clone() {
        let text = match promises {
            true => format!("quantity {name} {{ plus on-hand incoming; minus reserved damaged }}"),
            false => format!("quantity {name} {{ plus on-hand; minus reserved damaged }}"),
        };
        plot.say(Part::Units, text);
    }
}

fn code_text(plot: &Plot, code: &Code) -> String {
    let unit = code.unit.map(|unit| format!(" unit={unit}")).unwrap_or_default();
    let at = code.at.map(|at| format!(" at={}", plot.places[at].name)).unwrap_or_default();
    format!("in {} \"{}\"{unit}{at}", plot.system(code.system), code.code)
}

fn node(plot: &Plot, at: usize, dice: &mut Dice) -> String {
    let item = &plot.items[at];
    let mut inside = Vec::new();
    if !item.tags.is_empty() {
        inside.push(format!("tag {}", item.tags.join(" ")));
    }
    for (order, (name, size, of)) in item.packs.iter().enumerate() {
        let of = of.map(|of| format!(" {of}")).unwrap_or_default();
        let word = format!(" {{ in {} P{order}{at} }}", plot.system(0));
        inside.push(format!("pack {name} {size}{of}{}", maybe(dice, 3, &word)));
    }
    inside.extend(item.codes.iter().map(|code| code_text(plot, code)));
    let was = maybe(dice, 1, &format!(" was=OLD-{}", item.name));
    format!("item {} unit={}{was} {{\n    {}\n}}", item.name, item.base, inside.join("\n    "))
}

fn kit(plot: &Plot, at: usize, dice: &mut Dice) -> String {
    let kit = &plot.bundles[at];
    let mut inside: Vec<String> = Vec::new();
    for (part, count) in &kit.parts {
        let larger = match plot.items.get(*part) {
            Some(item) if !item.packs.is_empty() => maybe(dice, 3, " unit=case"),
            _ => String::new(),
        };
        inside.push(format!("component {} {count}{larger}", name(plot, *part)));
    }
    if !kit.tags.is_empty() {
        inside.push(format!("tag {}", kit.tags.join(" ")));
    }
    inside.extend(kit.codes.iter().map(|code| code_text(plot, code)));
    let was = maybe(dice, 1, &format!(" was=OLD-{}", kit.name));
    format!("bundle {}{was} {{ {} }}", kit.name, inside.join("; "))
}

fn name(plot: &Plot, part: usize) -> &str {
    match part.checked_sub(plot.items.len()) {
        Some(bundle) => &plot.bundles[bundle].name,
        None => &plot.items[part].name,
    }
}

/// How a catalog is written: what stands between its fields, in which encoding, and the properties saying so.
fn form(dice: &mut Dice) -> (&'static str, &'static str, &'static str) {
    one_of(
        dice,
        &[
            (",", "utf-8", ""),
            (",", "utf-8", ""),
            (";", "utf-8", " delimiter=\";\""),
            ("\t", "latin1", " delimiter=\"\\t\" encoding=latin1"),
            (",", "windows-1252", " encoding=windows-1252 bad-rows=2"),
            (";", "utf-16", " delimiter=\";\" encoding=utf-16"),
        ],
    )
}

fn bytes(rows: &[Vec<String>], mark: &str, encoding: &str) -> Vec<u8> {
    let lines: Vec<String> = rows.iter().map(|row| row.join(mark) + "\n").collect();
    match encoding {
        "utf-16" => {
            let units = std::iter::once(0xFEFF).chain(lines.concat().encode_utf16().collect::<Vec<_>>());
            units.flat_map(u16::to_le_bytes).collect()
        }
        // All of it is ASCII, which is the same in the others.
        _ => lines.concat().into_bytes(),
    }
}

fn table(plot: &mut Plot, listed: &[usize], dice: &mut Dice) {
    let (mark, encoding, props) = form(dice);
    let mut head = vec!["sku".to_owned(), "uom".to_owned(), "brand".to_owned(), "old_sku".to_owned()];
    head.push("case_qty".to_owned());
    let word = maybe(dice, 5, &format!(" {{ in {} CRT }}", plot.system(0)));
    let mut inside = vec![format!("sku sku; unit uom; tag brand; was old_sku; pack case case_qty{word}")];
    if dice.in_ten(2) {
        inside[0].push_str("; tag (const)listed");
    }
    let used =
        |system: &usize| listed.iter().any(|at| plot.items[*at].codes.iter().any(|c| c.system == *system));
    let systems: Vec<usize> = (0..plot.systems.len()).filter(used).collect();
    for system in &systems {
        let name = plot.system(*system);
        let column = name.replace('-', "_");
        head.extend([format!("{column}_code"), format!("{column}_unit"), format!("{column}_at")]);
        inside.push(format!("in {name} {column}_code unit={column}_unit at={column}_at"));
    }
    let mut rows = vec![head];
    for at in listed {
        let item = &plot.items[*at];
        let case = item.packs.first().map(|(_, size, _)| size.to_string()).unwrap_or_default();
        let tag = item.tags.first().copied().unwrap_or_default().to_owned();
        let was = maybe(dice, 1, &format!("OLD-{}", item.name));
        let mut row = vec![item.name.clone(), item.base.to_owned(), tag, was, case];
        for system in &systems {
            let code = item.codes.iter().find(|code| code.system == *system);
            let at = code.and_then(|code| code.at).map(|at| plot.places[at].name.clone());
            row.push(code.map(|code| code.code.clone()).unwrap_or_default());
            row.push(code.and_then(|code| code.unit).unwrap_or_default().to_owned());
            row.push(at.unwrap_or_default());
        }
        rows.push(row);
    }
    plot.folder.insert("catalog.csv".to_owned(), bytes(&rows, mark, encoding));
    let path = one_of(dice, &["\"catalog.csv\"", "\"catalog.csv\"", "(env)CATALOG"]);
    plot.say(Part::Items, format!("items {path}{props} {{\n    {}\n}}", inside.join("\n    ")));
}

fn kit_table(plot: &mut Plot, dice: &mut Dice) {
    let (mark, encoding, props) = form(dice);
    let used = |at: &usize| plot.bundles.iter().any(|kit| kit.codes.iter().any(|code| code.system == *at));
    let systems: Vec<usize> = (0..plot.systems.len()).filter(used).collect();
    let mut head: Vec<String> =
        ["kit", "part", "qty", "uom", "theme", "old_kit"].iter().map(|name| name.to_string()).collect();
    let mut inside =
        vec!["sku kit; component part; quantity qty; unit uom; tag theme; was old_kit".to_owned()];
    for system in &systems {
        let column = plot.system(*system).replace('-', "_");
        head.push(format!("{column}_code"));
        head.push(format!("{column}_at"));
        inside.push(format!("in {} {column}_code at={column}_at", plot.system(*system)));
    }
    let mut rows = vec![head];
    for kit in &plot.bundles {
        let tag = kit.tags.first().copied().unwrap_or_default().to_owned();
        let was = maybe(dice, 1, &format!("OLD-{}", kit.name));
        for (part, count) in &kit.parts {
            let part = name(plot, *part).to_owned();
            let mut row =
                vec![kit.name.clone(), part, count.to_string(), String::new(), tag.clone(), was.clone()];
            for system in &systems {
                let code = kit.codes.iter().find(|code| code.system == *system);
                row.push(code.map(|code| code.code.clone()).unwrap_or_default());
                row.push(String::new());
            }
            rows.push(row);
        }
    }
    plot.folder.insert("kits.csv".to_owned(), bytes(&rows, mark, encoding));
    plot.say(Part::Bundles, format!("bundles \"kits.csv\"{props} {{\n    {}\n}}", inside.join("\n    ")));
}
