//! Selectors of things: names, globs and tags, in `items` and `except`.

use super::fields::Fields;
use super::reader::{Reader, missing};
use super::spec::{Field, Spec, Type, may};
use super::value::Word;

const NAME: Field = may("item", Type::Name, "an item, a bundle, or a glob such as \"TSH-*\"");
const TAG: Field = may("tag", Type::Name, "everything with this tag");

/// Which things count.
pub static ITEMS: Spec = Spec {
    name: "items",
    says: "only these things: names, globs, `tag=`",
    example: "items MUG \"TSH-*\" tag=apparel",
    rest: Some(NAME),
    props: &[TAG],
    many: true,
    ..Spec::EMPTY
};

/// Which things do not count.
pub static EXCEPT: Spec = Spec {
    name: "except",
    says: "not these things: names, globs, `tag=`",
    example: "except tag=samples",
    rest: Some(NAME),
    props: &[TAG],
    many: true,
    ..Spec::EMPTY
};

/// What `items` and `except` say.
#[derive(Debug, Clone, Default)]
pub struct Select {
    /// Names, globs and tags that count; `None` for everything.
    pub items: Option<Vec<Pick>>,
    /// Names, globs and tags that do not.
    pub except: Vec<Pick>,
}

/// One name, glob or tag.
#[derive(Debug, Clone)]
pub enum Pick {
    /// A name or glob.
    Name(Word),
    /// A tag.
    Tag(Word),
}

/// Reads the selectors of a node.
pub fn read(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Select {
    let mut select = Select::default();
    for node in fields.all("items") {
        let own = reader.open(node, &ITEMS);
        let picks = read_picks(reader, &own);
        select.items.get_or_insert_default().extend(picks);
    }
    for node in fields.all("except") {
        let own = reader.open(node, &EXCEPT);
        let picks = read_picks(reader, &own);
        select.except.extend(picks);
    }
    select
}

fn read_picks(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<Pick> {
    if fields.count() == 0 && !fields.has_prop("tag") {
        let found = missing(&fields.node.name(), "names nothing", fields.origin());
        reader.report(found.help("write names, globs such as \"TSH-*\", or `tag=…`"));
    }
    let names = fields.words(0).into_iter().map(Pick::Name);
    names.chain(fields.word_props("tag").into_iter().map(Pick::Tag)).collect()
}
