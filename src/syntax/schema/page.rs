//! The reference at the end of `docs/language.md`: every node with its fields, in Markdown.

use super::form::{form, forms, words};
use super::walk::{children, nodes};
use crate::model::capability::{Descriptor, Required};
use crate::syntax::ast::spec::{Field, Spec, Type};
use crate::syntax::format;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The reference as Markdown, its headings on the third level and below.
pub fn page(kinds: &[&'static Descriptor]) -> String {
    let mut page = Page { text: String::new(), homes: BTreeMap::new() };
    page.forms();
    for spec in nodes() {
        page.node(spec, code(name_of(spec)));
        if spec.name == "system" {
            kinds.iter().for_each(|kind| page.kind(kind));
        }
    }
    page.text
}

struct Page {
    text: String,
    /// Where a node that stands inside several others is described: its place in the program → its heading.
    homes: BTreeMap<*const Spec, String>,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn forms(&mut self) {
        self.line("### Forms of values\n");
        self.line("| form | what it is | such as |");
        self.line("|---|---|---|");
        for form in forms() {
            let examples: Vec<String> = form.examples.iter().map(|own| code(own)).collect();
            self.line(&row(&[form.name, form.says, &examples.join(" ")]));
        }
    }

    /// A node with a section of its own, then the sections of those inside that need one.
    fn node(&mut self, spec: &'static Spec, title: String) {
        let level = if title.contains(' ') { "####" } else { "###" };
        self.line(&format!("\n{level} {title}\n"));
        self.homes.insert(std::ptr::from_ref(spec), title);
        self.body(spec);
        let (named, other) = children(spec);
        for child in named.iter().copied().chain(other) {
            self.node_inside(child, &code(name_of(spec)));
        }
    }

    /// The section of a node inside another, unless a line says all of it or it stands elsewhere.
    fn node_inside(&mut self, spec: &'static Spec, parent: &str) {
        if !simple(spec) && !self.homes.contains_key(&std::ptr::from_ref(spec)) {
            self.node(spec, inside(spec, parent));
        }
    }

    fn body(&mut self, spec: &'static Spec) {
        let often = match (spec.required, spec.many) {
            (true, true) => " Must be there, and may stand more than once.",
            (true, false) => " Must be there.",
            (false, true) => " May stand more than once.",
            (false, false) => "",
        };
        self.line(&format!("{}.{often}\n", sentence(spec.says)));
        self.line(&format!("```text\n{}\n```", syntax(spec)));
        if !spec.example.is_empty() {
            // As `fmt` lays it out: a reader copies what stands here.
            let example = format::format(spec.example).unwrap_or_else(|_| spec.example.to_owned());
            self.line(&format!("\nFor example:\n\n```kdl fragment\n{}\n```", example.trim_end()));
        }
        let args = spec.args.iter().map(|field| (placeholder(field), field));
        let rest = spec.rest.iter().map(|field| (format!("{}…", placeholder(field)), field));
        let props = spec.props.iter().map(|field| (format!("{}=", field.name), field));
        let named = spec.named.iter().map(|field| (format!("{}=", field.name.to_uppercase()), field));
        let fields: Vec<_> = args.chain(rest).chain(props).chain(named).collect();
        if !fields.is_empty() {
            self.line("\n| field | form | if left out | meaning |");
            self.line("|---|---|---|---|");
        }
        for (label, field) in fields {
            let absent = match (field.required, field.default) {
                (true, _) => "must be there",
                (false, "") => "–",
                (false, default) => default,
            };
            self.line(&row(&[&code(&label), &form_of(field), absent, field.says]));
        }
        let (named, other) = children(spec);
        let all: Vec<_> = named.iter().copied().chain(other).collect();
        self.children(&all, &code(name_of(spec)));
        if spec.name == "system" {
            self.line("\nMore belongs inside by its kind, see below.");
        }
    }

    fn children(&mut self, all: &[&'static Spec], parent: &str) {
        if all.is_empty() {
            return;
        }
        self.line("\n| inside | how often | meaning |");
        self.line("|---|---|---|");
        for child in all.iter().copied() {
            let often = match (child.required, child.many) {
                (true, true) => "at least once",
                (true, false) => "once",
                (false, true) => "any number",
                (false, false) => "at most once",
            };
            let (label, says) = match simple(child) {
                true => (code(&syntax(child)), in_short(child)),
                false => {
                    let home = self.homes.get(&std::ptr::from_ref(child)).cloned();
                    let home = home.unwrap_or_else(|| inside(child, parent));
                    (format!("[{}](#{})", code(name_of(child)), anchor(&home)), child.says.to_owned())
                }
            };
            self.line(&row(&[&label, often, &says]));
        }
    }

    fn kind(&mut self, kind: &'static Descriptor) {
        self.line(&format!("\n#### `system` of kind `{}`\n", kind.kind));
        self.line(&format!("{}.", sentence(kind.summary)));
        if !kind.fields.is_empty() {
            self.line("\n| inside | form | if left out | meaning |");
            self.line("|---|---|---|---|");
        }
        for field in kind.fields {
            let absent = match field.required {
                Required::Always => "must be there".to_owned(),
                Required::Optional => "–".to_owned(),
                Required::Unless(other) => format!("`{other}` must be there"),
            };
            let form = form(if field.secret { Type::Secret } else { Type::Setting }).name;
            self.line(&row(&[&code(field.name), form, &absent, field.says]));
        }
        let generic = crate::syntax::ast::system::generic(kind.kind);
        let title = format!("kind `{}`", kind.kind);
        self.children(generic, &title);
        if !kind.generic {
            let shows: Vec<String> = kind.shows.iter().map(|own| code(own.quantity)).collect();
            let takes: Vec<String> = kind.takes.iter().map(|own| code(own.quantity)).collect();
            self.line(&format!("\nIt shows {} and takes {}.", shows.join(", "), takes.join(", ")));
        }
        self.movements(kind);
        for spec in generic {
            self.node_inside(spec, &title);
        }
    }

    /// What flows that collect movements may ask of it.
    fn movements(&mut self, kind: &'static Descriptor) {
        let collects: Vec<&str> = kind.collects.iter().map(|own| own.word()).collect();
        if !collects.is_empty() {
            self.line(&format!("\nA flow may `collect` from it: {}.", listed(&collects)));
        }
        if !kind.posts.is_empty() {
            self.line(&format!("\nA flow may `post` to it as {}.", listed(kind.posts)));
        }
        if !kind.post_fields.is_empty() {
            self.line("\n| inside `post` | form | if left out | meaning |");
            self.line("|---|---|---|---|");
        }
        for field in kind.post_fields {
            let form = if field.words.is_empty() { "setting".to_owned() } else { listed(field.words) };
            let absent = if field.required { "must be there" } else { "–" };
            self.line(&row(&[&code(field.name), &form, absent, field.says]));
        }
    }
}

/// The heading of a node inside another.
fn inside(spec: &Spec, parent: &str) -> String {
    format!("`{}` in {parent}", name_of(spec))
}

/// Whether a line in its parent's table says all of a node: arguments only, and few.
fn simple(spec: &Spec) -> bool {
    let (named, other) = children(spec);
    spec.props.is_empty()
        && spec.named.is_none()
        && named.is_empty()
        && other.is_none()
        && spec.args.len() <= 1
}

/// What a simple node means, with its arguments and an example.
fn in_short(spec: &Spec) -> String {
    let mut says = spec.says.to_owned();
    for field in spec.args.iter().chain(&spec.rest) {
        // The line shows its words already.
        if matches!(field.form, Type::Choice(words) if words.len() <= FEW) {
            continue;
        }
        let mut notes = match field.form {
            Type::Name => Vec::new(),
            _ => vec![form_of(field)],
        };
        if !field.default.is_empty() {
            notes.push(format!("without it: {}", code(field.default)));
        }
        let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
        let _ = write!(says, "; {}: {}{notes}", code(&placeholder(field)), field.says);
    }
    if !spec.example.is_empty() {
        let _ = write!(says, "; for example {}", code(spec.example));
    }
    says
}

/// The name of a node; one that the topology chooses is written in capitals.
fn name_of(spec: &Spec) -> &'static str {
    if spec.name.is_empty() { spec.called } else { spec.name }
}

/// A node's line with a word in capitals for each value; what may be left out stands in brackets.
fn syntax(spec: &Spec) -> String {
    let mut line = name_of(spec).to_owned();
    let optional = |field: &Field, text: String| match field.required {
        true => format!(" {text}"),
        false => format!(" [{text}]"),
    };
    for field in spec.args {
        line.push_str(&optional(field, placeholder(field)));
    }
    if let Some(field) = &spec.rest {
        line.push_str(&optional(field, format!("{}…", placeholder(field))));
    }
    for field in spec.props {
        line.push_str(&optional(field, format!("{}={}", field.name, value_of(field))));
    }
    if let Some(field) = &spec.named {
        let _ = write!(line, " [{}={}…]", field.name.to_uppercase(), value_of(field));
    }
    let (named, other) = children(spec);
    if !named.is_empty() || other.is_some() || spec.open {
        line.push_str(" { … }");
    }
    line
}

/// An argument in a line: its name in capitals, or the words that may stand there.
fn placeholder(field: &Field) -> String {
    match field.form {
        Type::Choice(words) if words.len() <= FEW => words.join("|"),
        _ => field.name.to_uppercase(),
    }
}

/// So many words of a closed list are shown in a line.
const FEW: usize = 4;

/// The value of a property in a line.
fn value_of(field: &Field) -> String {
    match field.form {
        Type::Choice(words) if words.len() <= FEW => words.join("|"),
        Type::Choice(_) => "WORD".to_owned(),
        Type::Whole(..) | Type::Number => "NUMBER".to_owned(),
        Type::Share | Type::Amount => "SHARE".to_owned(),
        Type::Rate => "RATE".to_owned(),
        Type::Time => "TIME".to_owned(),
        Type::Date => "DATE".to_owned(),
        Type::Duration | Type::Delay => "DURATION".to_owned(),
        Type::Name if ["to", "from"].contains(&field.name) => "SYSTEM".to_owned(),
        _ => field.name.to_uppercase(),
    }
}

fn form_of(field: &Field) -> String {
    match field.form {
        Type::Choice(words) => listed(words),
        Type::Whole(least, most) => match most {
            crate::model::quantity::LARGEST => format!("whole number from {least}"),
            most => format!("whole number, {least} to {most}"),
        },
        other => match words(other) {
            [] => form(other).name.to_owned(),
            words => format!("{}: {}", form(other).name, listed(words)),
        },
    }
}

fn listed(words: &[&str]) -> String {
    words.iter().map(|word| code(word)).collect::<Vec<_>>().join(", ")
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

/// The first letter large, as a sentence begins.
fn sentence(says: &str) -> String {
    let mut letters = says.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A row of a table; a bar inside a cell would end it.
fn row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |", cells.join(" | "))
}

/// The anchor that a page gets for a heading: small letters, no marks, `-` for each space.
fn anchor(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}
