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
    /// One ASCII character.
    Character,
    /// Known to the language, not carried out yet.
    NotYet,
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
}

/// A node.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Its name.
    pub name: &'static str,
    /// What it means, for help, completion and the reference.
    pub says: &'static str,
    /// Arguments in order.
    pub args: &'static [Field],
    /// Any number of further arguments.
    pub rest: Option<Field>,
    /// Properties.
    pub props: &'static [Field],
    /// Nodes inside.
    pub children: &'static [&'static Spec],
    /// Whether it may stand more than once beside its likes.
    pub many: bool,
    /// Whether its parent needs it.
    pub required: bool,
    /// Whether its children depend on more than its name (`system`, `levels`).
    pub open: bool,
    /// Whether this version carries it out.
    pub built: bool,
}

impl Spec {
    /// A node without arguments, at most once, optional.
    pub const EMPTY: Spec = Spec {
        name: "",
        says: "",
        args: &[],
        rest: None,
        props: &[],
        children: &[],
        many: false,
        required: false,
        open: false,
        built: true,
    };

    /// A node of the language that this version does not carry out.
    pub const fn not_yet(name: &'static str, says: &'static str) -> Spec {
        Spec { name, says, many: true, built: false, ..Spec::EMPTY }
    }

    /// A node with one argument that must be there.
    pub const fn one(name: &'static str, says: &'static str, args: &'static [Field]) -> Spec {
        Spec { name, says, args, ..Spec::EMPTY }
    }
}

/// A field that must be there.
pub const fn must(name: &'static str, form: Type, says: &'static str) -> Field {
    Field { name, says, form, required: true }
}

/// A field that may be left out.
pub const fn may(name: &'static str, form: Type, says: &'static str) -> Field {
    Field { name, says, form, required: false }
}
