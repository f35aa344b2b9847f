//! `system erp kind=tryton role=erp { … }`: how it is reached, what it shows, where its orders go.

use super::fields::Fields;
use super::item::WAS;
use super::levels::{self, Levels};
use super::limit::{self, Traffic};
use super::lines::{self, Lines};
use super::movements::{self, Movements};
use super::reader::{Known, Reader, bad, missing};
use super::spec::{Field, Spec, Type, may, must};
use super::value::{Spanned, Word, one_of, rename, show};
use crate::diagnostic::{Diagnostic, code, nearest};
use crate::model::capability::{Descriptor, Required};
use crate::model::system::{Acknowledges, Role, Setting};
use crate::model::system::{PARAMETERS, parameters};
use crate::source::Span;
use crate::syntax::Node;
use std::collections::BTreeMap;
use std::time::Duration;

const ROLES: [&str; 4] = ["erp", "warehouse", "channel", "reporting"];

/// Something that holds counts. Connection fields and generic nodes come from its kind.
pub static SPEC: Spec = Spec {
    name: "system",
    says: "something that holds counts: an ERP, a warehouse, a channel",
    example: concat!(
        "system web kind=vendure role=channel {\n",
        "    url (env)SHOP_URL\n",
        "    key (env)SHOP_KEY\n",
        "    orders direct to=erp within=\"5m\"\n",
        "}",
    ),
    args: &[must("name", Type::Name, "what the topology calls the system")],
    props: &[
        must("kind", Type::Name, "what it is, such as `tryton` or `csv`"),
        must("role", Type::Choice(&ROLES), "its part: erp, warehouse, channel or reporting"),
        WAS,
    ],
    children: &[
        &ORDERS,
        &STALE_AFTER,
        &TIMEZONE,
        &limit::LIMIT,
        &limit::TIMEOUT,
        &limit::RETRY,
        &limit::CREDENTIAL,
        &lines::ACKNOWLEDGES,
    ],
    many: true,
    open: true,
    ..Spec::EMPTY
};

static ORDERS: Spec = Spec {
    name: "orders",
    says: "where the orders of a channel go",
    example: "orders direct to=erp within=\"5m\"",
    args: &[must("road", Type::Choice(&["none", "direct"]), "`none` or `direct`")],
    props: &[
        may("to", Type::Name, "the owner that takes the orders itself"),
        may("within", Type::Delay, "how late it takes them at most"),
    ],
    ..Spec::EMPTY
};

static STALE_AFTER: Spec = Spec::one(
    "stale-after",
    "the age from which its counts only lower",
    &[must("age", Type::Duration, "a duration such as \"30m\"")],
)
.like("stale-after \"30m\"");

static TIMEZONE: Spec =
    Spec::one("timezone", "the zone of its stamps", &[must("zone", Type::Name, "an IANA name")])
        .like("timezone \"Europe/Lisbon\"");

static SET: Spec = Spec::one(
    "set",
    "the statement that writes one row",
    &[must("statement", Type::Text, "one statement with :before, :after, :code, :location, :unit, :key")],
)
.like("set \"update stock set qty = :after where sku = :code and qty = :before\"");
static CREATE: Spec = Spec::one(
    "create",
    "the statement that creates one row",
    &[must("statement", Type::Text, "one statement with :before, :after, :code, :location, :unit, :key")],
)
.like("create \"insert into stock (sku, site, qty) values (:code, :location, :after)\"");
static PUBLISH: Spec =
    Spec::one("publish", "the file that is written", &[must("path", Type::Path, "relative to this file")])
        .like("publish \"out/wms.csv\"");

const PLAIN: &[Field] = &[must("value", Type::Setting, "the value, or `(env)NAME`")];
const SECRET: &[Field] = &[must("value", Type::Secret, "`(env)NAME` or `(file)\"PATH\"`")];

/// The nodes that a generic kind takes beside its connection.
pub fn generic(kind: &str) -> &'static [&'static Spec] {
    static CSV: &[&Spec] = &[&levels::CSV, &PUBLISH, &lines::CSV, &movements::CSV];
    static SQL: &[&Spec] = &[&levels::SQL, &SET, &CREATE, &lines::SQL, &movements::SQL];
    static MEMORY: &[&Spec] = &[&levels::MEMORY, &lines::MEMORY];
    match kind {
        "csv" => CSV,
        "sql" => SQL,
        "memory" => MEMORY,
        _ => &[],
    }
}

/// Every node that may stand inside a system of a kind.
pub fn inside(kind: &'static Descriptor) -> Vec<Spec> {
    let own = generic(kind.kind).iter().chain(SPEC.children).map(|spec| **spec);
    connection(kind).into_iter().chain(own).collect()
}

/// A `system` node.
#[derive(Debug)]
pub struct System {
    /// Its name.
    pub name: Word,
    /// Its kind; `None` where it cannot be used.
    pub kind: Option<&'static Descriptor>,
    /// Its part.
    pub role: Option<Role>,
    /// Connection fields.
    pub settings: BTreeMap<&'static str, (Setting, Span)>,
    /// Folder of the file, relative to the topology.
    pub dir: String,
    /// Its `levels`.
    pub levels: Option<Levels>,
    /// Its `set`.
    pub set: Option<Word>,
    /// Its `create`.
    pub create: Option<Word>,
    /// Its `publish`.
    pub publish: Option<Spanned<Setting>>,
    /// Its `lines`.
    pub lines: Option<Lines>,
    /// Its `movements`.
    pub movements: Option<Movements>,
    /// Its `acknowledges`.
    pub acknowledges: Option<(Acknowledges, Span)>,
    /// What it says about requests.
    pub traffic: Traffic,
    /// Its `orders`.
    pub orders: Option<(Orders, Span)>,
    /// Its `stale-after`.
    pub stale_after: Option<(Duration, Span)>,
    /// Its `timezone`.
    pub timezone: Option<Word>,
    /// The name it had before.
    pub was: Option<Word>,
    /// The node without its block.
    pub origin: Span,
}

/// What an `orders` node says.
#[derive(Debug)]
pub enum Orders {
    /// Nothing is sold there.
    Nothing,
    /// This owner takes them, this late; `None` where that cannot be used.
    Direct(Option<Word>, Option<Duration>),
}

/// Reads a `system` node.
pub fn read(reader: &mut Reader<'_>, node: Node<'_>) -> Option<System> {
    let mut fields = reader.head(node, &SPEC);
    let kind = fields.word_prop("kind").and_then(|word| find_kind(reader, &word));
    if let Some(kind) = kind {
        let inside = inside(kind);
        let known: Vec<&Spec> = inside.iter().collect();
        return finish(reader, fields, &known, kind);
    }
    // Without a kind nobody knows what belongs inside.
    reader.children(&mut fields, &SPEC, Known { specs: &[], other: Some(&ANYTHING) });
    Some(System {
        name: fields.word(0)?,
        kind: None,
        role: fields.choice_prop("role").map(role),
        settings: BTreeMap::new(),
        dir: reader.dir.clone(),
        levels: None,
        set: None,
        create: None,
        publish: None,
        lines: None,
        movements: None,
        acknowledges: None,
        traffic: Traffic::default(),
        orders: None,
        stale_after: None,
        timezone: None,
        was: None,
        origin: fields.origin(),
    })
}

static ANYTHING: Spec = Spec { many: true, ..Spec::EMPTY };

/// A statement that binds what has no value, or that does not say where the count goes.
fn unbound(name: &str, statement: &Word) -> Option<Diagnostic> {
    let bound = parameters(&statement.value);
    if let Some(strange) = bound.iter().find(|own| !PARAMETERS.contains(own)) {
        let near = nearest(strange, PARAMETERS).map(|near| format!("did you mean `:{near}`? "));
        let message = format!("`{name}` has the parameter `:{}`, for which there is no value", show(strange));
        return Some(bad(statement.span, &message).help(format!(
            "{}the parameters are `:before`, `:after`, `:code`, `:location`, `:unit` and `:key`",
            near.unwrap_or_default()
        )));
    }
    let writes = bound.contains(&"after");
    let message = format!("`{name}` has no `:after`, so it cannot write the count");
    (!writes).then(|| bad(statement.span, &message).help("write `:after` where the new count goes"))
}

fn finish<'d>(
    reader: &mut Reader<'_>,
    mut fields: Fields<'d>,
    known: &'d [&'d Spec],
    kind: &'static Descriptor,
) -> Option<System> {
    reader.children(&mut fields, &SPEC, Known { specs: known, other: None });
    let settings = read_settings(reader, &fields, kind);
    let spec_of = |name: &str| generic(kind.kind).iter().find(|spec| spec.name == name).copied();
    let levels = fields.child("levels").zip(spec_of("levels"));
    let levels = levels.map(|(node, spec)| levels::read(reader, node, spec));
    let mut word = |name, spec| fields.child(name).and_then(|node| reader.open(node, spec).word(0));
    let (set, create) = (word("set", &SET), word("create", &CREATE));
    let timezone = word("timezone", &TIMEZONE);
    for (name, statement) in [("set", &set), ("create", &create)] {
        statement.iter().filter_map(|own| unbound(name, own)).for_each(|found| reader.report(found));
    }
    let publish = fields.child("publish").and_then(|node| reader.open(node, &PUBLISH).setting(0));
    let stale_after = fields.child("stale-after").and_then(|node| {
        let own = reader.open(node, &STALE_AFTER);
        Some((own.duration(0)?, own.origin()))
    });
    let orders = fields.child("orders").and_then(|node| read_orders(reader, node));
    let lines = fields.child("lines").zip(spec_of("lines"));
    let lines = lines.map(|(node, spec)| lines::read(reader, node, spec));
    let movements = fields.child("movements").zip(spec_of("movements"));
    let movements = movements.map(|(node, spec)| movements::read(reader, node, spec));
    let acknowledges = fields.child("acknowledges").and_then(|node| lines::read_acknowledges(reader, node));
    let traffic = limit::read(reader, &fields);
    Some(System {
        name: fields.word(0)?,
        kind: Some(kind),
        role: fields.choice_prop("role").map(role),
        settings,
        dir: reader.dir.clone(),
        levels,
        set,
        create,
        publish,
        lines,
        movements,
        acknowledges,
        traffic,
        orders,
        stale_after,
        timezone,
        was: fields.word_prop("was"),
        origin: fields.origin(),
    })
}

fn role(word: &str) -> Role {
    match word {
        "erp" => Role::Erp,
        "warehouse" => Role::Warehouse,
        "channel" => Role::Channel,
        _ => Role::Reporting,
    }
}

fn find_kind(reader: &mut Reader<'_>, word: &Word) -> Option<&'static Descriptor> {
    let found = reader.kinds.iter().find(|kind| *kind.kind == *word.value);
    if found.is_none() {
        let known: Vec<&str> = reader.kinds.iter().map(|kind| kind.kind).collect();
        let message = format!("there is no kind of system `{}`", word.value);
        let finding = Diagnostic::new(code::UNKNOWN_CHOICE, word.span, message)
            .help(format!("this version knows {}", one_of(&known)));
        reader.report(match nearest(&word.value, known.iter().copied()) {
            Some(near) => rename(finding, word.span, near),
            None => finding.here("not a kind"),
        });
    }
    found.copied()
}

/// The connection fields of a kind, as nodes.
pub fn connection(kind: &'static Descriptor) -> Vec<Spec> {
    let spec = |field: &'static crate::model::capability::Field| {
        Spec::one(field.name, field.says, if field.secret { SECRET } else { PLAIN })
    };
    kind.fields.iter().map(spec).collect()
}

fn read_settings(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    kind: &'static Descriptor,
) -> BTreeMap<&'static str, (Setting, Span)> {
    let mut settings = BTreeMap::new();
    for field in kind.fields {
        let Some(node) = fields.child(field.name) else { continue };
        let spec = Spec::one(field.name, field.says, if field.secret { SECRET } else { PLAIN });
        let given = reader.open(node, &spec).setting(0);
        if let Some(setting) = given.filter(|setting| known_scheme(reader, kind, field.name, setting)) {
            settings.insert(field.name, (setting.value, node.head_span()));
        }
    }
    let absent = |name: &str| !fields.has(name);
    for field in kind.fields.iter().filter(|field| field.required == Required::Always) {
        if absent(field.name) {
            let needs = format!("of kind `{}` needs `{}`", kind.kind, field.name);
            let found = missing("system", &needs, fields.origin());
            reader.report(found.help(format!("add `{}` inside it: {}", field.name, field.says)));
        }
    }
    // Fields that stand for each other are one finding together.
    let instead = |field: &&crate::model::capability::Field| match field.required {
        Required::Unless(other) => absent(field.name) && absent(other),
        _ => false,
    };
    let lacking: Vec<&str> = kind.fields.iter().filter(instead).map(|field| field.name).collect();
    if !lacking.is_empty() {
        let other = kind.fields.iter().find_map(|field| match field.required {
            Required::Unless(other) if field.name == lacking[0] => Some(other),
            _ => None,
        });
        let needs = match (lacking.as_slice(), other) {
            ([one], Some(other)) => format!("needs `{one}`, or `{other}` in its place"),
            _ => format!("needs credentials: {}", one_of(&lacking)),
        };
        let found = missing("system", &format!("of kind `{}` {needs}", kind.kind), fields.origin());
        reader.report(found.help("write them as references: `(env)NAME` or `(file)\"PATH\"`"));
    }
    settings
}

fn known_scheme(reader: &mut Reader<'_>, kind: &Descriptor, field: &str, setting: &Spanned<Setting>) -> bool {
    let Setting::Literal(text) = &setting.value else { return true };
    let schemes: &[&str] = match (field, kind.kind) {
        ("url", "sql") => &["sqlite:", "postgres://", "postgresql://"],
        ("url", "tryton" | "vendure") => &["https://", "http://"],
        _ => return true,
    };
    let known = schemes.iter().any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
    if !known {
        let message = format!("the url of a system of kind `{}` begins with {}", kind.kind, one_of(schemes));
        reader.report(
            bad(setting.span, &message).help("write the whole address, or `(env)NAME` that holds it"),
        );
    }
    known
}

fn read_orders(reader: &mut Reader<'_>, node: Node<'_>) -> Option<(Orders, Span)> {
    let fields = reader.open(node, &ORDERS);
    let extra = ["to", "within"].into_iter().find(|name| fields.has_prop(name));
    match (fields.choice(0)?, extra) {
        ("none", None) => Some((Orders::Nothing, fields.origin())),
        ("none", Some(name)) => {
            let span = node.property(name).map_or(fields.origin(), |entry| entry.span());
            let message = format!("`orders none` takes no property `{name}`");
            let found = Diagnostic::new(code::UNKNOWN_PROPERTY, span, message).here("not known here");
            reader.report(found.help("either nothing is sold there, or `orders direct` says who takes it"));
            Some((Orders::Nothing, fields.origin()))
        }
        _ => {
            for name in ["to", "within"].into_iter().filter(|name| !fields.has_prop(name)) {
                let found = missing("orders direct", &format!("needs `{name}=`"), fields.origin());
                reader.report(found.help("write `orders direct to=SYSTEM within=\"5m\"`"));
            }
            let direct = Orders::Direct(fields.word_prop("to"), fields.duration_prop("within"));
            Some((direct, fields.origin()))
        }
    }
}
