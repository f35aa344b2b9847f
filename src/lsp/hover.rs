//! What an editor shows under the pointer: what a name is and where it is used, what a field takes.

use super::checker::Checked;
use super::cursor::{self, Spot};
use super::desk::Desk;
use super::find::named;
use super::names::{Refers, refers};
use crate::check::{lag, pages};
use crate::model::item::Item;
use crate::model::location::Location;
use crate::model::system::{Role, System};
use crate::model::{Model, SystemId};
use crate::resolve::index::{Index, Mention};
use crate::source::Span;
use crate::syntax::ast::spec::{Field, Spec, Type};
use crate::syntax::ast::value::one_of;
use crate::syntax::{Entry, Value, parse};
use gen_lsp_types::{Contents, Hover, HoverParams, MarkupContent, MarkupKind};
use std::collections::BTreeSet;

/// What is known about a place in a text.
pub fn hover(desk: &Desk, params: &HoverParams) -> Option<Hover> {
    let place = &params.text_document_position_params;
    let uri = &place.text_document.uri.0;
    let doc = desk.doc(uri)?;
    if let Some(named) = named(desk, place) {
        let text = describe(&named.checked, &named.mention)?;
        return Some(shown(text, Some(named.checked.range(named.mention.at, desk.units))));
    }
    let byte = doc.text.byte(place.position, desk.units);
    let source = desk.checked(uri).map_or(crate::source::SourceId(0), |(_, source)| source);
    let parsed = parse(source, &doc.text.text);
    let cursor = cursor::at(parsed.document.nodes(&doc.text.text), &doc.text.text, byte, desk.kinds);
    let (text, span) = match cursor.spot {
        Spot::Name(Some(place)) => (node(&place.spec?), place.node.name_span()),
        Spot::Property(place, entry) => {
            let spec = place.spec?;
            let name = entry.name()?;
            let own = spec.props.iter().find(|own| own.name == name);
            (property(own.or(spec.named.as_ref())?), entry.name_span()?)
        }
        Spot::Value(place, own, Some(entry)) => {
            (value(desk, &place.spec?, &own?, &entry)?, entry.value_span())
        }
        _ => return None,
    };
    Some(shown(text, Some(doc.text.range((span.start, span.end), desk.units))))
}

fn shown(text: String, range: Option<gen_lsp_types::Range>) -> Hover {
    let contents = MarkupContent { kind: MarkupKind::Markdown, value: text };
    Hover { contents: Contents::MarkupContent(contents), range }
}

/// What a value is: the kind of a system, a rule, or what its field takes.
fn value(desk: &Desk, spec: &Spec, own: &Field, entry: &Entry<'_>) -> Option<String> {
    let Value::Text(text) = entry.value() else { return Some(field(own)) };
    match refers(spec.name, own) {
        Refers::Kind => {
            let kind = desk.kinds.iter().find(|kind| kind.kind == text)?;
            let fields: Vec<&str> = kind.fields.iter().map(|field| field.name).collect();
            Some(format!("**kind `{}`**\n\n{}\n\nReached by {}.", kind.kind, kind.summary, one_of(&fields)))
        }
        Refers::Rule => rule(&text),
        _ => Some(field(own)),
    }
}

/// The first paragraph of a rule's page.
fn rule(slug: &str) -> Option<String> {
    let page = pages::page(slug)?;
    let mut paragraphs = page.split("\n\n").map(str::trim).filter(|one| !one.is_empty());
    let first = paragraphs.find(|one| !one.starts_with('#'))?;
    Some(format!("**`{slug}`**\n\n{first}\n\n`onhand explain {slug}` has the whole page."))
}

/// A node of the language.
pub fn node(spec: &Spec) -> String {
    let mut text = match spec.name {
        "" => format!("A name of the topology's own: {}.", spec.says),
        name => format!("**`{name}`**: {}.", spec.says),
    };
    let mut rows: Vec<String> = spec.args.iter().map(|own| format!("- {}", field(own))).collect();
    rows.extend(spec.rest.iter().map(|own| format!("- {}, any number of them", field(own))));
    rows.extend(spec.props.iter().map(|own| format!("- {}", property(own))));
    rows.extend(spec.named.iter().map(|own| format!("- {}, any number of them", property(own))));
    if !rows.is_empty() {
        text += &format!("\n\n{}", rows.join("\n"));
    }
    let inside: Vec<&str> =
        spec.children.iter().map(|child| child.name).filter(|name| !name.is_empty()).collect();
    if !inside.is_empty() && !spec.open {
        text += &format!(
            "\n\nInside: {}.",
            inside.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
        );
    }
    text
}

fn field(own: &Field) -> String {
    let needed = if own.required { "" } else { "; may be left out" };
    format!("**{}**: {} ({}{needed})", own.name, own.says, form(own.form))
}

/// A property of the language.
pub fn property(own: &Field) -> String {
    let needed = if own.required { "" } else { "; may be left out" };
    format!("**`{}=`**: {} ({}{needed})", own.name, own.says, form(own.form))
}

/// The form of a value in a few words.
pub fn form(form: Type) -> String {
    match form {
        Type::Name => "a name".to_owned(),
        Type::Text => "text".to_owned(),
        Type::Path => "a path or glob, or `(env)NAME`".to_owned(),
        Type::Setting => "text, `(env)NAME` or `(file)\"PATH\"`".to_owned(),
        Type::Secret => "`(env)NAME` or `(file)\"PATH\"`, never the value itself".to_owned(),
        Type::Column => "a column, or `(const)text`".to_owned(),
        Type::CountColumn => "a column, or `(const)12`".to_owned(),
        Type::Whole(least, most) => format!("a whole number from {least} to {most}"),
        Type::Number => "an exact number".to_owned(),
        Type::Amount => "a number, or a share such as `\"10%\"`".to_owned(),
        Type::Duration => "a duration such as `\"10m\"`".to_owned(),
        Type::Delay => "a duration such as `\"10m\"`, 0 included".to_owned(),
        Type::Share => "a share such as `\"30%\"`".to_owned(),
        Type::Choice(words) => one_of(words),
        Type::Character => "one ASCII character".to_owned(),
        Type::ShareOr(words) => format!("a share such as `\"30%\"`, or {}", one_of(words)),
        Type::NumberOr(words) => format!("a number, or {}", one_of(words)),
        Type::Date => "a day such as `\"2026-12-25\"`".to_owned(),
        Type::DateOr(words) => format!("a day such as `\"2026-12-25\"`, or {}", one_of(words)),
        Type::Time => "a time such as `\"16:00\"`".to_owned(),
        Type::Rate => "so many in a time, such as `\"4/s\"`, `\"120/m\"` or `\"250/d\"`".to_owned(),
    }
}

/// What a name is, where it is declared and how often it is used.
fn describe(checked: &Checked, mention: &Mention) -> Option<String> {
    let model = &checked.compiled.model;
    let name = &*mention.name;
    let what = match mention.what {
        "system" => model.systems.iter().find(|own| *own.name == *name).map(system),
        "location" => model.locations.iter().find(|own| *own.name == *name).map(|own| location(model, own)),
        "item or bundle" => thing(model, name),
        "unit" => unit(model, name),
        "quantity" => quantity(model, name),
        "pack" => pack(model, mention),
        "flow" => flow(checked, name),
        _ => None,
    };
    let what = what.unwrap_or_else(|| format!("{} `{name}`", mention.what));
    let (title, more) = what.split_once('\n').unwrap_or((&what, ""));
    let index = checked.compiled.index.as_ref()?;
    let more = if more.is_empty() { String::new() } else { format!("{more}.\n\n") };
    Some(format!("**{title}**\n\n{more}{}", uses(checked, index, mention)))
}

fn uses(checked: &Checked, index: &Index, mention: &Mention) -> String {
    let sources = &checked.compiled.sources;
    let place = |span: Span| format!("{}:{}", sources.file(span.source).name(), sources.position(span).line);
    let mut used = 0;
    let mut files = BTreeSet::new();
    let mut declared = Vec::new();
    for one in index.all(mention) {
        if one.declares {
            declared.push(one.at);
        } else {
            used += 1;
            files.insert(one.at.source);
        }
    }
    let declared = match declared.as_slice() {
        [] => "Part of the language".to_owned(),
        [one] => format!("Declared in {}", place(*one)),
        [first, rest @ ..] => format!("Stands in {} and {} more", place(*first), rest.len()),
    };
    match (used, files.len()) {
        (0, _) => format!("{declared}; used nowhere."),
        (1, _) => format!("{declared}; used once."),
        (_, 1) => format!("{declared}; used {used} times."),
        (_, files) => format!("{declared}; used {used} times in {files} files."),
    }
}

fn system(own: &System) -> String {
    let role = match own.role {
        Role::Erp => "erp",
        Role::Warehouse => "warehouse",
        Role::Channel => "channel",
        Role::Reporting => "reporting",
    };
    format!("system `{}`\nKind `{}`, role {role}: {}", own.name, own.kind.kind, own.kind.summary)
}

fn codes(model: &Model, all: impl Iterator<Item = (SystemId, String)>) -> String {
    let words = all.map(|(system, code)| format!("{code} in `{}`", model.system(system).name));
    words.collect::<Vec<_>>().join(", ")
}

fn location(model: &Model, own: &Location) -> String {
    let code = |code: &crate::model::location::LocationCode| {
        (code.system, code.code.as_ref().map_or_else(|| "all".to_owned(), |code| format!("`{code}`")))
    };
    let codes = codes(model, own.codes.iter().map(code));
    let pool: Vec<String> = own.pool.iter().map(|id| format!("`{}`", model.location(*id).name)).collect();
    match pool.is_empty() {
        true => format!("location `{}`\nCalled {codes}", own.name),
        false => format!("location `{}`\nThe sum of {}. Called {codes}", own.name, pool.join(", ")),
    }
}

fn thing(model: &Model, name: &str) -> Option<String> {
    if let Some(item) = model.items.iter().find(|own| *own.name == *name) {
        let packs: Vec<String> =
            item.packs().iter().map(|pack| format!("`{}` of {}", pack.name, pack.ratio)).collect();
        let packs = if packs.is_empty() { String::new() } else { format!("; packs: {}", packs.join(", ")) };
        return Some(format!("item `{name}`\nCounted in `{}`{packs}", base_unit(model, item)));
    }
    let bundle = model.bundles.iter().find(|own| *own.name == *name)?;
    let parts = bundle.components.iter().take(20);
    let parts: Vec<String> =
        parts.map(|part| format!("{} `{}`", part.quantity, model.item(part.item).name)).collect();
    Some(format!("bundle `{name}`\nOne takes {}", parts.join(", ")))
}

fn base_unit<'m>(model: &'m Model, item: &Item) -> &'m str {
    model.units.all.get(item.unit.index()).map_or("", |unit| &unit.name)
}

fn unit(model: &Model, name: &str) -> Option<String> {
    let own = model.units.all.iter().find(|own| *own.name == *name)?;
    let root = &model.units.get(own.root).name;
    let ratio = match root == &own.name {
        true => "A base unit".to_owned(),
        false => format!("{} `{root}`", own.ratio),
    };
    let words = codes(model, own.words.iter().map(|(system, word)| (*system, format!("`{word}`"))));
    let words = if words.is_empty() { String::new() } else { format!("; called {words}") };
    Some(format!("unit `{name}`\n{ratio}{words}"))
}

fn quantity(model: &Model, name: &str) -> Option<String> {
    let own = model.quantities.iter().find(|own| *own.name == *name)?;
    let mut sum = String::new();
    for (base, times) in &own.terms {
        let sign = if *times < 0 { "−" } else { "+" };
        let many =
            if times.unsigned_abs() == 1 { String::new() } else { format!("{} × ", times.unsigned_abs()) };
        let gap = if sum.is_empty() { "" } else { " " };
        sum += &format!("{gap}{sign} {many}{}", model.quantity(*base).name);
    }
    let sum = sum.trim_start_matches("+ ");
    match sum == name {
        true => Some(format!("quantity `{name}`\nA base quantity: it is read, not computed")),
        false => Some(format!("quantity `{name}`\n= {sum}")),
    }
}

fn pack(model: &Model, mention: &Mention) -> Option<String> {
    let home = mention.home?;
    let own = |item: &&Item| item.packs().iter().any(|pack| pack.origin == home && pack.name == mention.name);
    let item = model.items.iter().find(own)?;
    let pack = item.packs().iter().find(|pack| pack.name == mention.name)?;
    let base = base_unit(model, item);
    Some(format!("pack `{}` of `{}`\n{} `{base}`", pack.name, item.name, pack.ratio))
}

/// What a flow does, and what its worst case is made of.
fn flow(checked: &Checked, name: &str) -> Option<String> {
    let (model, graph) = (&checked.compiled.model, &checked.compiled.graph);
    let timed = lag::timed(model, graph).into_iter().find(|own| own.name == name)?;
    let system = &model.system(timed.system).name;
    let does = match model.flows.iter().find(|own| *own.name == *name) {
        Some(own) => format!("Publishes `{}` to `{system}`", model.quantity(own.quantity).name),
        None => format!("Collects movements from `{system}`"),
    };
    let worst = timed.path.judged().total();
    let limit = match timed.target() {
        Some((target, _)) if worst > target => format!(", above its lag of {}", lag::show_us(target)),
        Some((target, _)) => format!(", within its lag of {}", lag::show_us(target)),
        None => String::new(),
    };
    let terms = lag::terms(model, timed.path, &|sum| sum.total());
    Some(format!("flow `{name}`\n{does}\n\nAt worst {} late{limit}: {terms}", lag::show_us(worst)))
}
