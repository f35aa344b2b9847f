//! Reads nodes against the table of the language: what fits comes back typed, what does not is a finding.

use super::fields::{Fields, Slot};
use super::spec::{Field, Spec};
use super::value::{Given, Spanned, literal_secret, one_of, read, rename, show};
use crate::diagnostic::{Diagnostic, Severity, code, is_lone, nearest};
use crate::model::capability::Descriptor;
use crate::model::id::Lately;
use crate::model::system::Setting;
use crate::model::time::Date;
use crate::model::{Allow, Name};
use crate::source::Span;
use crate::syntax::{Entry, Node, Value};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// What is carried from node to node.
pub struct Reader<'k> {
    /// The kinds of systems.
    pub kinds: &'k [&'static Descriptor],
    /// Folder of the file being read, relative to the topology.
    pub dir: String,
    /// What was found.
    pub diagnostics: Vec<Diagnostic>,
    /// Every `allow` met.
    pub allows: Vec<Allow>,
    /// Secrets written into the text, to be hidden.
    pub secrets: Vec<Span>,
    /// Names of nodes that nobody knows: they may be declared by a word with a slip in it.
    pub lost: Vec<Name>,
    /// Nodes in which a word has a slip, with the word that is meant: it is not missing as well.
    slips: BTreeSet<(Span, &'static str)>,
    lately: RefCell<Lately>,
}

/// The nodes that may stand inside another.
#[derive(Clone, Copy)]
pub struct Known<'d> {
    /// By name.
    pub specs: &'d [&'d Spec],
    /// What every other node is read as; `None` where others are mistakes.
    pub other: Option<&'d Spec>,
}

impl<'k> Reader<'k> {
    /// A reader for the files of one folder.
    pub fn new(kinds: &'k [&'static Descriptor], dir: String) -> Reader<'k> {
        Reader {
            kinds,
            dir,
            diagnostics: Vec::new(),
            allows: Vec::new(),
            secrets: Vec::new(),
            lost: Vec::new(),
            slips: BTreeSet::new(),
            lately: RefCell::default(),
        }
    }
}

impl Reader<'_> {
    /// Reports a finding.
    pub fn report(&mut self, finding: Diagnostic) {
        if finding.rule != code::MISSING_ARGUMENT || !self.slipped(&finding) {
            self.diagnostics.push(finding);
        }
    }

    /// Whether what is missing is there, with a slip in it: then it has been said what is meant.
    fn slipped(&self, finding: &Diagnostic) -> bool {
        let place = finding.primary.span;
        // Some findings name what is missing, and others only the node.
        let general = finding.message.matches('`').count() <= 2;
        let slips = self.slips.range((place, "")..).take_while(|(node, _)| *node == place);
        slips.into_iter().any(|(_, meant)| general || finding.message.contains(&format!("`{meant}")))
    }

    /// Reads a node whose children are those of the table.
    pub fn open<'d>(&mut self, node: Node<'d>, spec: &'d Spec) -> Fields<'d> {
        let mut fields = self.head(node, spec);
        self.children(&mut fields, spec, Known { specs: spec.children, other: None });
        fields
    }

    /// Reads arguments and properties only.
    pub fn head<'d>(&mut self, node: Node<'d>, spec: &'d Spec) -> Fields<'d> {
        if let Some(annotation) = node.annotation() {
            let message = format!("`({})` before `{}` means nothing", annotation.name, spec.name);
            self.report(
                Diagnostic::new(code::UNEXPECTED_ARGUMENT, annotation.span, message)
                    .here("not taken here")
                    .help("nodes take no mark in brackets: remove it"),
            );
        }
        let entries = node.entries();
        let slots = Vec::with_capacity(entries.len());
        let mut fields = Fields { node, slots, count: 0, named: Vec::new(), children: Vec::new() };
        for entry in entries {
            match entry.name() {
                None => self.argument(&mut fields, &entry, spec),
                Some(name) => self.property(&mut fields, &entry, &name, spec),
            }
        }
        self.missing(&fields, spec);
        fields
    }

    fn argument(&mut self, fields: &mut Fields<'_>, entry: &Entry<'_>, spec: &Spec) {
        let Some(field) = spec.args.get(fields.count).or(spec.rest.as_ref()) else {
            self.unexpected(entry, spec);
            return;
        };
        let own = fields.node.name();
        let slot = self.slot(entry, field, if spec.name.is_empty() { &own } else { spec.name });
        fields.slots.push((None, slot));
        fields.count += 1;
    }

    fn unexpected(&mut self, entry: &Entry<'_>, spec: &Spec) {
        let text = match entry.value() {
            Value::Text(text) => show(&text),
            Value::Number(written) => written.to_owned(),
            Value::Missing => return,
            _ => "this value".to_owned(),
        };
        let message = match spec.args.len() {
            0 => format!("`{}` takes no argument, and `{text}` stands there", spec.name),
            _ => format!("`{text}` is one argument too many for `{}`", spec.name),
        };
        let hint = spec.props.iter().find(|prop| prop.name == text);
        let child = spec.children.iter().find(|child| child.name == text);
        let help = match (hint, child, spec.args) {
            (Some(prop), ..) => format!("write `{}=` and its value", prop.name),
            (_, Some(child), _) => format!("`{}` stands inside the braces", child.name),
            (_, _, []) => "remove it".to_owned(),
            (.., args) => {
                let names: Vec<&str> = args.iter().map(|field| field.name).collect();
                format!("`{}` takes: {}; remove the rest", spec.name, names.join(", "))
            }
        };
        let found = Diagnostic::new(code::UNEXPECTED_ARGUMENT, entry.span(), message);
        self.report(found.here("one too many").help(help));
    }

    fn property(&mut self, fields: &mut Fields<'_>, entry: &Entry<'_>, name: &str, spec: &Spec) {
        let span = entry.name_span().unwrap_or(entry.span());
        let Some(field) = spec.props.iter().find(|field| field.name == name) else {
            match &spec.named {
                Some(field) => self.named(fields, entry, (name, field), spec),
                None => self.unknown_property(fields.node.head_span(), (entry, name), spec),
            }
            return;
        };
        // A selector's `tag=` adds up; every other property stands once.
        if field.name != "tag" && fields.has_prop(field.name) {
            self.property_twice(name, span, spec);
            return;
        }
        let slot = self.slot(entry, field, spec.name);
        fields.slots.push((Some(field.name), slot));
    }

    fn property_twice(&mut self, name: &str, span: Span, spec: &Spec) {
        let message = format!("`{}=` stands twice in one `{}`", show(name), spec.name);
        let found = Diagnostic::second(span, None, message);
        self.report(found.help("only one can hold: remove the other"));
    }

    /// A property under a name of the topology's own.
    fn named(
        &mut self,
        fields: &mut Fields<'_>,
        entry: &Entry<'_>,
        (name, field): (&str, &Field),
        spec: &Spec,
    ) {
        let span = entry.name_span().unwrap_or(entry.span());
        if fields.named.iter().any(|(own, _)| *own.value == *name) {
            self.property_twice(name, span, spec);
            return;
        }
        let slot = self.slot(entry, field, spec.name);
        fields.named.push((Spanned { value: Name::from(name), span }, slot));
    }

    fn unknown_property(&mut self, node: Span, (entry, name): (&Entry<'_>, &str), spec: &Spec) {
        let span = entry.name_span().unwrap_or(entry.span());
        let message = format!("`{}` takes no property `{}`", spec.name, show(name));
        let found = Diagnostic::new(code::UNKNOWN_PROPERTY, span, message);
        let known: Vec<&'static str> = spec.props.iter().map(|field| field.name).collect();
        let near = nearest(name, known.iter().copied());
        self.slips.extend(near.map(|near| (node, near)));
        let found = match near {
            Some(near) => rename(found, span, near)
                .help(format!("its properties are {}", one_of(&known)))
                .guess_unless(is_lone(name, near, known.iter().copied())),
            None if spec.children.iter().any(|child| child.name == name) => {
                found.here("not a property").help(format!("`{name}` stands inside the braces"))
            }
            None if known.is_empty() => found.here("not known here").help("it takes none: remove it"),
            None => found.here("not known here").help(format!("its properties are {}", one_of(&known))),
        };
        self.report(found);
    }

    /// Keeps every literal below a node that may be a secret out of all snippets, under whatever name
    /// and at whatever place it was written by mistake.
    pub fn hide_below(&mut self, node: Node<'_>) {
        let name = node.name();
        for entry in node.entries().filter(|entry| entry.annotation().is_none()) {
            let own = entry.name().is_some_and(|name| may_be_secret(&name));
            let address = matches!(entry.value(), Value::Text(text) if carries_credentials(&text));
            // The day on which credentials run out is none of them.
            let day = matches!(entry.value(), Value::Text(text) if Date::parse(&text).is_some());
            if day && entry.name().is_some_and(|name| name == "expires") {
                continue;
            }
            if own || address || may_be_secret(&name) {
                self.secrets.push(entry.value_span());
            }
        }
        node.children().for_each(|child| self.hide_below(child));
    }

    fn slot(&mut self, entry: &Entry<'_>, field: &Field, node: &str) -> Option<Slot> {
        match read(entry, field, node, &self.lately) {
            Ok(Given::Setting(Setting::Literal(text))) if carries_credentials(&text) => {
                self.secrets.push(entry.value_span());
                self.report(literal_secret(entry.value_span(), "password in the address"));
                None
            }
            Ok(given) => Some(Slot { given, span: entry.value_span() }),
            Err(finding) => {
                if let Some(finding) = finding {
                    if finding.rule == code::LITERAL_SECRET {
                        self.secrets.push(entry.value_span());
                    }
                    self.report(*finding);
                }
                None
            }
        }
    }

    fn missing(&mut self, fields: &Fields<'_>, spec: &Spec) {
        let given = fields.count;
        let place = fields.node.head_span();
        if let Some(field) = spec.args.get(given..).and_then(|rest| rest.iter().find(|f| f.required)) {
            self.report(missing(spec.name, &format!("needs its {}", field.name), place).help(format!(
                "write {} here: {}",
                article(field.name),
                field.says
            )));
            return;
        }
        if let Some(rest) = spec.rest.filter(|rest| rest.required && given <= spec.args.len()) {
            let needs = format!("needs at least one {}", rest.name);
            self.report(missing(spec.name, &needs, place).help(rest.says));
        }
        for field in spec.props.iter().filter(|field| field.required) {
            if !fields.has_prop(field.name) {
                self.report(
                    missing(spec.name, &format!("needs `{}=`", field.name), place)
                        .help(format!("add `{}=`: {}", field.name, field.says)),
                );
            }
        }
    }

    /// Reads the names of the children; their insides are read later, by their own readers.
    pub fn children<'d>(&mut self, fields: &mut Fields<'d>, spec: &Spec, known: Known<'d>) {
        let node = fields.node;
        for child in node.children() {
            let name = child.name();
            if name == "allow" {
                self.allow(child, node.span());
                continue;
            }
            match known.specs.iter().find(|known| known.name == name).or(known.other.as_ref()) {
                Some(found) if !found.many && fields.has(found.name) => {
                    self.twice(fields, found, child);
                }
                Some(found) => fields.children.push((found, child)),
                None => {
                    let near = nearest(&name, known.specs.iter().map(|spec| spec.name));
                    self.slips.extend(near.map(|near| (node.head_span(), near)));
                    self.lost.extend(super::first_word(&child).map(Name::from));
                    self.unknown_node(child, known.specs, spec);
                }
            }
        }
        for needed in known.specs.iter().filter(|child| child.required) {
            if !fields.has(needed.name) {
                let found = missing(spec.name, &format!("needs `{}`", needed.name), node.head_span());
                self.report(found.help(format!("add `{}` inside it: {}", needed.name, needed.says)));
            }
        }
    }

    fn twice(&mut self, fields: &Fields<'_>, spec: &Spec, child: Node<'_>) {
        let first = fields.children.iter().find(|(own, _)| own.name == spec.name);
        let message = format!("a second `{}` in one `{}`", spec.name, fields.node.name());
        let found = Diagnostic::second(child.name_span(), first.map(|(_, first)| first.name_span()), message);
        self.report(found.help("only one can hold: remove the other"));
    }

    /// A node that the language does not know, or that does not belong here.
    pub fn unknown_node(&mut self, node: Node<'_>, known: &[&Spec], parent: &Spec) {
        let name = node.name();
        let span = node.name_span();
        let place = match parent.name {
            "" => "at the top of a file".to_owned(),
            parent => format!("inside `{parent}`"),
        };
        let message = format!("there is no node `{}` {place}", show(&name));
        let found = Diagnostic::new(code::UNKNOWN_NODE, span, message);
        let near = nearest(&name, known.iter().map(|spec| spec.name).chain(["allow"]));
        let found = match near {
            Some(near) => rename(found, span, near)
                .help("everything in a topology is spelled out: a word that onhand does not know is refused")
                .guess_unless(is_lone(&name, near, known.iter().map(|spec| spec.name).chain(["allow"]))),
            None => found.here("not known here").help(self.where_it_belongs(&name, known, parent)),
        };
        self.report(found);
    }

    fn where_it_belongs(&self, name: &str, known: &[&Spec], parent: &Spec) -> String {
        if name == "allow" {
            return "`allow` accepts a warning of the node that it stands in: move it inside one".to_owned();
        }
        if parent.props.iter().any(|field| field.name == name) {
            return format!("`{name}` is a property: write `{name}=` before the braces");
        }
        if super::TOP.iter().any(|spec| spec.name == name) {
            return format!("`{name}` stands at the top of a file: move it out of `{}`", parent.name);
        }
        let holds = |spec: &&&Spec| spec.children.iter().any(|child| child.name == name);
        if let Some(home) = super::TOP.iter().find(holds) {
            return format!("`{name}` stands inside `{}`", home.name);
        }
        match known {
            [] => format!("`{}` holds no nodes: remove it", parent.name),
            known => {
                let names: Vec<&str> = known.iter().map(|spec| spec.name).collect();
                format!("known here: {}", one_of(&names))
            }
        }
    }

    fn allow(&mut self, node: Node<'_>, within: Span) {
        let before = self.diagnostics.len();
        let fields = self.open(node, &super::ALLOW);
        let Some(slug) = fields.word(0) else { return };
        let rule = code::find(&slug.value);
        let slug = match rule {
            Some(rule) if rule.severity == Severity::Warning => rule.slug,
            Some(rule) => {
                let message = format!("`{}` is an error, and errors cannot be allowed", rule.slug);
                let found = Diagnostic::new(code::UNKNOWN_CHOICE, slug.span, message).here("an error");
                self.report(found.help("mend what it reports; `allow` accepts warnings only"));
                return;
            }
            None => {
                let message = format!("there is no rule `{}`", show(&slug.value));
                let warnings = code::ALL.iter().filter(|rule| rule.severity == Severity::Warning);
                let near = nearest(&slug.value, warnings.map(|rule| rule.slug));
                let found = Diagnostic::new(code::UNKNOWN_CHOICE, slug.span, message);
                self.report(match near {
                    Some(near) => rename(found, slug.span, near)
                        .help("`allow` takes the name of a warning, as `check` prints it in brackets"),
                    None => found
                        .here("not a rule")
                        .help("write the name of a warning, as `check` prints it in brackets"),
                });
                return;
            }
        };
        // Even without its reason it silences: the missing reason is one finding, the warning not two.
        let reason = fields.text_prop("reason").map_or_else(|| Name::from(""), |reason| reason.value);
        if self.diagnostics.len() == before && reason.trim().is_empty() {
            let found = missing("allow", "needs a reason", node.head_span());
            self.report(found.help("say why the warning is accepted, for whoever reads it next"));
        }
        self.allows.push(Allow { slug, reason, within, origin: node.head_span() });
    }
}

/// Whether a field of this name, be it misspelled, would hold a secret.
fn may_be_secret(name: &str) -> bool {
    const WORDS: [&str; 5] = ["pass", "secret", "token", "key", "credential"];
    let lower = name.to_lowercase();
    let near = nearest(&lower, ["password", "key", "secret", "token"]).is_some();
    near || WORDS.iter().any(|word| lower.contains(word))
}

/// Whether an address holds a user and a password.
fn carries_credentials(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let login = authority.rsplit_once('@').and_then(|(login, _)| login.split_once(':'));
    let in_query = rest.split(['?', '&']).skip(1).any(|pair| {
        let key = pair.split('=').next().unwrap_or("").to_lowercase();
        ["password", "token", "secret", "api_key", "apikey", "key", "access_token"].contains(&key.as_str())
    });
    login.is_some_and(|(_, password)| !password.is_empty()) || in_query
}

/// Something that must be there is not.
pub fn missing(node: &str, needs: &str, place: Span) -> Diagnostic {
    Diagnostic::new(code::MISSING_ARGUMENT, place, format!("`{node}` {needs}")).here("something is missing")
}

fn article(name: &str) -> String {
    match name.starts_with(['a', 'e', 'i', 'o', 'u']) {
        true => format!("an {name}"),
        false => format!("a {name}"),
    }
}

/// The right type in a bad form or size.
pub fn bad(span: Span, message: &str) -> Diagnostic {
    Diagnostic::new(code::BAD_VALUE, span, message).here("cannot be used")
}

/// An argument where none is taken.
pub fn unexpected(span: Span, message: &str) -> Diagnostic {
    Diagnostic::new(code::UNEXPECTED_ARGUMENT, span, message).here("not taken here")
}
