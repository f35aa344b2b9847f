//! What the language knows, as data: nodes, their arguments, properties and children.

/// The form of one value.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// A name or code, letter for letter.
    Name,
    /// Free text.
    Text,
    /// A path or glob, or `(env)NAME` that holds one.
    Path,
    /// Text, `(env)NAME` or `(file)"PATH"`.
    Setting,
    /// `(env)NAME` or `(file)"PATH"`, never the value itself.
    Secret,
    /// The name of a column, or `(const)"text"`.
    Column,
    /// The name of a column, or `(const)12`.
    CountColumn,
    /// A whole number within these bounds.
    Whole(i64, i64),
    /// An exact decimal.
    Number,
    /// A number, or a share such as `"10%"`.
    Amount,
    /// A duration such as `"10m"`, above 0.
    Duration,
    /// A duration, 0 included.
    Delay,
    /// A share from `"0%"` to `"100%"`.
    Share,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A share, or one of these words.
    ShareOr(&'static [&'static str]),
    /// A number, or one of these words.
    NumberOr(&'static [&'static str]),
    /// One ASCII character.
    Character,
    /// A day such as `"2026-12-25"`.
    Date,
    /// A day such as `"2026-12-25"`, or one of these words.
    DateOr(&'static [&'static str]),
    /// A time of day such as `"16:00"`.
    Time,
    /// So much in a time, such as `"4/s"`.
    Rate,
}

/// An argument or property.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// What stands there; for a property the word before `=`.
    pub name: &'static str,
    /// What it means, for help, completion and the reference.
    pub says: &'static str,
    /// Its form.
    pub form: Type,
    /// Whether it must be there.
    pub required: bool,
    /// What holds where it is left out, in words; empty where nothing does.
    pub default: &'static str,
}

/// A node.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Its name.
    pub name: &'static str,
    /// What it means, for help, completion and the reference.
    pub says: &'static str,
    /// The node as somebody might write it; empty where its parent's example shows it.
    pub example: &'static str,
    /// What its name stands for where the topology chooses it, in capitals: `QUANTITY`.
    pub called: &'static str,
    /// Arguments in order.
    pub args: &'static [Field],
    /// Any number of further arguments.
    pub rest: Option<Field>,
    /// Properties.
    pub props: &'static [Field],
    /// Properties under any other name, where the name is one of the topology's own.
    pub named: Option<Field>,
    /// Nodes inside.
    pub children: &'static [&'static Spec],
    /// Whether it may stand more than once beside its likes.
    pub many: bool,
    /// Whether its parent needs it.
    pub required: bool,
    /// Whether its children depend on more than its name (`system`, `levels`).
    pub open: bool,
}

impl Spec {
    /// A node without arguments, at most once, optional.
    pub const EMPTY: Spec = Spec {
        name: "",
        says: "",
        example: "",
        called: "",
        args: &[],
        rest: None,
        props: &[],
        named: None,
        children: &[],
        many: false,
        required: false,
        open: false,
    };

    /// A node with one argument that must be there.
    pub const fn one(name: &'static str, says: &'static str, args: &'static [Field]) -> Spec {
        Spec { name, says, args, ..Spec::EMPTY }
    }
}

impl Spec {
    /// The same node with an example.
    pub const fn like(self, example: &'static str) -> Spec {
        Spec { example, ..self }
    }
}

impl Field {
    /// The same field with what holds where it is left out.
    pub const fn or(self, default: &'static str) -> Field {
        Field { default, ..self }
    }
}

/// A field that must be there.
pub const fn must(name: &'static str, form: Type, says: &'static str) -> Field {
    Field { name, says, form, required: true, default: "" }
}

/// A field that may be left out.
pub const fn may(name: &'static str, form: Type, says: &'static str) -> Field {
    Field { name, says, form, required: false, default: "" }
}
