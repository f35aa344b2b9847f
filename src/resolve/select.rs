//! Selectors over the real catalog: names, globs and tags become sets of items and bundles.

use super::Scope;
use super::findings::Findings;
use super::glob::{Pattern, is_glob};
use crate::diagnostic::{Diagnostic, code};
use crate::model::item::Thing;
use crate::model::set::{Bits, Things};
use crate::model::{BundleId, ItemId, Lookup, Model, Name};
use crate::source::Span;
use crate::syntax::ast::Word;
use crate::syntax::ast::select::{Pick, Select};
use crate::syntax::ast::value::rename;
use std::cell::OnceCell;

/// Looks things up by name, glob and tag.
pub struct Picker {
    /// All names, sorted: a glob with a beginning looks at that part only. Made for the first glob.
    sorted: OnceCell<Vec<(Name, Thing)>>,
    tags: Lookup<Name, Vec<Thing>>,
    tag_names: Vec<Name>,
    items: usize,
    bundles: usize,
}

impl Picker {
    /// A picker over all things of a model.
    pub fn new(model: &Model) -> Picker {
        let items = model.items.iter().enumerate();
        let items = items.map(|(at, item)| (item.tags(), Thing::Item(ItemId::at(at))));
        let bundles = model.bundles.iter().enumerate();
        let bundles = bundles.map(|(at, kit)| (&kit.tags[..], Thing::Bundle(BundleId::at(at))));
        let mut picker = Picker {
            sorted: OnceCell::new(),
            tags: Lookup::default(),
            tag_names: Vec::new(),
            items: model.items.len(),
            bundles: model.bundles.len(),
        };
        for (tags, thing) in items.chain(bundles) {
            for tag in tags {
                let own = picker.tags.entry(tag.clone()).or_insert_with(|| {
                    picker.tag_names.push(tag.clone());
                    Vec::new()
                });
                own.push(thing);
            }
        }
        picker
    }

    fn sorted(&self, scope: &Scope) -> &[(Name, Thing)] {
        self.sorted.get_or_init(|| {
            let names = scope.things.names();
            let mut all: Vec<_> =
                names.filter_map(|name| Some((name.clone(), scope.things.get(name)?))).collect();
            all.sort();
            all
        })
    }

    /// The things that `items` and `except` choose; everything without `items`.
    pub fn pick(&self, select: &Select, scope: &Scope, findings: &mut Findings) -> Things {
        let mut chosen = match &select.items {
            None => Things { items: Bits::all(self.items), bundles: Bits::all(self.bundles) },
            Some(picks) => self.union(picks, scope, findings),
        };
        let except = self.union(&select.except, scope, findings);
        chosen.items.subtract(&except.items);
        chosen.bundles.subtract(&except.bundles);
        chosen
    }

    /// Bundles that `items` names one by one, with the place of each word.
    pub fn bundles_named(&self, select: &Select, scope: &Scope) -> Vec<(BundleId, Span)> {
        let named = select.items.iter().flatten().filter_map(|pick| match pick {
            Pick::Name(word) => Some((scope.things.get(&word.value)?, word.span)),
            Pick::Tag(_) => None,
        });
        named
            .filter_map(|(thing, span)| match thing {
                Thing::Bundle(id) => Some((id, span)),
                Thing::Item(_) => None,
            })
            .collect()
    }

    fn union(&self, picks: &[Pick], scope: &Scope, findings: &mut Findings) -> Things {
        let mut chosen = Things::default();
        for pick in picks {
            match pick {
                Pick::Tag(word) => match self.tags.get(&word.value) {
                    Some(things) => {
                        findings.used(super::names::TAG, word, None);
                        things.iter().for_each(|thing| add(&mut chosen, *thing));
                    }
                    None => self.unknown_tag(word, findings),
                },
                Pick::Name(word) if is_glob(&word.value) && !scope.things.knows(&word.value) => {
                    let pattern = Pattern::new(&word.value);
                    let sorted = self.sorted(scope);
                    let start = sorted.partition_point(|(name, _)| &**name < pattern.prefix());
                    let inside = sorted[start..].iter();
                    inside
                        .take_while(|(name, _)| name.starts_with(pattern.prefix()))
                        .filter(|(name, _)| pattern.matches(name))
                        .for_each(|(_, thing)| add(&mut chosen, *thing));
                }
                Pick::Name(word) => {
                    if let Some(thing) = scope.things.find(word, findings) {
                        add(&mut chosen, thing);
                    }
                }
            }
        }
        chosen
    }

    /// A tag is no declared name, so only one that is nearly another is taken for a mistake.
    fn unknown_tag(&self, word: &Word, findings: &mut Findings) {
        let Some(near) = findings.nearest(&word.value, self.tag_names.iter()).map(str::to_owned) else {
            return;
        };
        let message = format!("no item has the tag `{}`", word.value);
        let found = rename(Diagnostic::new(code::UNKNOWN_NAME, word.span, message), word.span, &near);
        findings.report(found.help("it would choose nothing: write a tag that some item has"));
    }
}

fn add(chosen: &mut Things, thing: Thing) {
    match thing {
        Thing::Item(id) => chosen.items.insert(id.index()),
        Thing::Bundle(id) => chosen.bundles.insert(id.index()),
    }
}
