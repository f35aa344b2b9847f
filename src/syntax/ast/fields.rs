//! A node that was read against the table: what it says, typed, by place or name.

use super::spec::Spec;
use super::value::{Given, Spanned, Word};
use crate::model::quantity::{Decimal, Ratio};
use crate::model::system::Setting;
use crate::model::time::{Date, Rate, TimeOfDay};
use crate::source::Span;
use crate::syntax::Node;
use std::time::Duration;

/// One value and its place.
#[derive(Clone, Debug)]
pub struct Slot {
    pub(super) given: Given,
    pub(super) span: Span,
}

/// A node that was read against its entry in the table.
pub struct Fields<'d> {
    /// The node.
    pub node: Node<'d>,
    /// Arguments, which have no name, and properties, in order of writing; `None` where one is there and
    /// cannot be used. One list holds both, since topologies have nodes by the hundred thousand.
    pub(super) slots: Vec<(Option<&'static str>, Option<Slot>)>,
    /// How many of them are arguments.
    pub(super) count: usize,
    pub(super) named: Vec<(Word, Option<Slot>)>,
    pub(super) children: Vec<(&'d Spec, Node<'d>)>,
}

impl<'d> Fields<'d> {
    /// The node without its block.
    pub fn origin(&self) -> Span {
        self.node.head_span()
    }

    /// Whether a child of this name is there.
    pub fn has(&self, name: &str) -> bool {
        self.children.iter().any(|(spec, _)| spec.name == name)
    }

    /// Whether a property of this name is there, usable or not.
    pub fn has_prop(&self, name: &str) -> bool {
        self.slots.iter().any(|(own, _)| *own == Some(name))
    }

    /// The children of one name.
    pub fn all(&self, name: &'static str) -> impl Iterator<Item = Node<'d>> + use<'_, 'd> {
        self.children.iter().filter(move |(spec, _)| spec.name == name).map(|(_, node)| *node)
    }

    /// What can be read of the children of one name. Large topologies hold a hundred thousand such lists, so
    /// they take no more room than they need.
    pub fn read_all<T>(&self, name: &'static str, read: impl FnMut(Node<'d>) -> Option<T>) -> Vec<T> {
        let mut list = Vec::with_capacity(self.all(name).count());
        list.extend(self.all(name).filter_map(read));
        list
    }

    /// The child of one name.
    pub fn child(&self, name: &'static str) -> Option<Node<'d>> {
        self.all(name).next()
    }

    /// All children with their entries in the table.
    pub fn nodes(&self) -> impl Iterator<Item = (&'d Spec, Node<'d>)> + use<'_, 'd> {
        self.children.iter().copied()
    }

    /// How many arguments are there, usable or not.
    pub fn count(&self) -> usize {
        self.count
    }

    fn args(&self) -> impl Iterator<Item = Option<&Slot>> {
        self.slots.iter().filter(|(name, _)| name.is_none()).map(|(_, slot)| slot.as_ref())
    }

    fn arg(&self, index: usize) -> Option<&Slot> {
        self.args().nth(index)?
    }

    fn prop(&self, name: &str) -> Option<&Slot> {
        self.slots.iter().find(|(own, _)| *own == Some(name))?.1.as_ref()
    }

    /// A name or text at a place among the arguments.
    pub fn word(&self, index: usize) -> Option<Word> {
        self.arg(index)?.word()
    }

    /// A name or text at a place among the arguments, moved out: for what is read in bulk, and once.
    pub fn take_word(&mut self, index: usize) -> Option<Word> {
        let mut args = self.slots.iter_mut().filter(|(name, _)| name.is_none());
        args.nth(index)?.1.take()?.into_word()
    }

    /// The names from a place on.
    pub fn words(&self, from: usize) -> Vec<Word> {
        self.args().skip(from).flatten().filter_map(Slot::word).collect()
    }

    /// A name given as a property.
    pub fn word_prop(&self, name: &str) -> Option<Word> {
        self.prop(name)?.word()
    }

    /// A name given as a property, moved out.
    pub fn take_word_prop(&mut self, name: &str) -> Option<Word> {
        self.slots.iter_mut().find(|(own, _)| *own == Some(name))?.1.take()?.into_word()
    }

    /// Text given as a property.
    pub fn text_prop(&self, name: &str) -> Option<Word> {
        self.word_prop(name)
    }

    /// All values of a property that may be repeated.
    pub fn word_props(&self, name: &str) -> Vec<Word> {
        let own = self.slots.iter().filter(|(own, _)| *own == Some(name));
        own.filter_map(|(_, slot)| slot.as_ref()?.word()).collect()
    }

    /// What stands at a place among the arguments.
    pub fn given(&self, index: usize) -> Option<Spanned<Given>> {
        self.arg(index).map(|slot| Spanned { value: slot.given.clone(), span: slot.span })
    }

    /// What a property says.
    pub fn given_prop(&self, name: &str) -> Option<Spanned<Given>> {
        self.prop(name).map(|slot| Spanned { value: slot.given.clone(), span: slot.span })
    }

    /// A number among the arguments.
    pub fn number(&self, index: usize) -> Option<Spanned<Decimal>> {
        self.arg(index)?.number()
    }

    /// A whole number given as a property.
    pub fn whole_prop(&self, name: &str) -> Option<i64> {
        self.prop(name)?.number().and_then(|number| i64::try_from(number.value.digits).ok())
    }

    /// A duration among the arguments.
    pub fn duration(&self, index: usize) -> Option<Duration> {
        self.arg(index)?.duration()
    }

    /// A duration given as a property.
    pub fn duration_prop(&self, name: &str) -> Option<Duration> {
        self.prop(name)?.duration()
    }

    /// Usable numbers given as properties under names of the topology's own.
    pub fn named_numbers(&self) -> Vec<(Word, Spanned<Decimal>)> {
        let all = self.named.iter();
        all.filter_map(|(name, slot)| Some((name.clone(), slot.as_ref()?.number()?))).collect()
    }

    /// A day given as a property.
    pub fn date_prop(&self, name: &str) -> Option<Spanned<Date>> {
        let slot = self.prop(name)?;
        match slot.given {
            Given::Date(value) => Some(Spanned { value, span: slot.span }),
            _ => None,
        }
    }

    /// A time of day given as a property.
    pub fn time_prop(&self, name: &str) -> Option<Spanned<TimeOfDay>> {
        self.prop(name)?.time()
    }

    /// A time of day among the arguments.
    pub fn time(&self, index: usize) -> Option<Spanned<TimeOfDay>> {
        self.arg(index)?.time()
    }

    /// A rate among the arguments.
    pub fn rate(&self, index: usize) -> Option<Spanned<Rate>> {
        self.arg(index)?.rate()
    }

    /// A rate given as a property.
    pub fn rate_prop(&self, name: &str) -> Option<Spanned<Rate>> {
        self.prop(name)?.rate()
    }

    /// A value or reference given as a property.
    pub fn setting_prop(&self, name: &str) -> Option<Spanned<Setting>> {
        let slot = self.prop(name)?;
        match &slot.given {
            Given::Setting(setting) => Some(Spanned { value: setting.clone(), span: slot.span }),
            _ => None,
        }
    }

    /// What all usable arguments from a place on say.
    pub fn givens(&self, from: usize) -> impl Iterator<Item = (&Given, Span)> {
        self.args().skip(from).flatten().map(|slot| (&slot.given, slot.span))
    }

    /// A share given as a property.
    pub fn share_prop(&self, name: &str) -> Option<Ratio> {
        match self.prop(name)?.given {
            Given::Share(ratio) => Some(ratio),
            _ => None,
        }
    }

    /// A word of a closed list among the arguments.
    pub fn choice(&self, index: usize) -> Option<&'static str> {
        self.arg(index)?.choice()
    }

    /// A word of a closed list given as a property.
    pub fn choice_prop(&self, name: &str) -> Option<&'static str> {
        self.prop(name)?.choice()
    }

    /// A character given as a property.
    pub fn character_prop(&self, name: &str) -> Option<u8> {
        match self.prop(name)?.given {
            Given::Character(byte) => Some(byte),
            _ => None,
        }
    }

    /// A value or reference among the arguments.
    pub fn setting(&self, index: usize) -> Option<Spanned<Setting>> {
        let slot = self.arg(index)?;
        match &slot.given {
            Given::Setting(setting) => Some(Spanned { value: setting.clone(), span: slot.span }),
            _ => None,
        }
    }
}

impl Slot {
    fn into_word(self) -> Option<Word> {
        match self.given {
            Given::Text(value) => Some(Spanned { value, span: self.span }),
            _ => None,
        }
    }

    fn word(&self) -> Option<Word> {
        match &self.given {
            Given::Text(text) => Some(Spanned { value: text.clone(), span: self.span }),
            _ => None,
        }
    }

    fn number(&self) -> Option<Spanned<Decimal>> {
        match self.given {
            Given::Number(number) => Some(Spanned { value: number, span: self.span }),
            _ => None,
        }
    }

    fn time(&self) -> Option<Spanned<TimeOfDay>> {
        match self.given {
            Given::Time(value) => Some(Spanned { value, span: self.span }),
            _ => None,
        }
    }

    fn rate(&self) -> Option<Spanned<Rate>> {
        match self.given {
            Given::Rate(value) => Some(Spanned { value, span: self.span }),
            _ => None,
        }
    }

    fn duration(&self) -> Option<Duration> {
        match self.given {
            Given::Duration(duration) => Some(duration),
            _ => None,
        }
    }

    fn choice(&self) -> Option<&'static str> {
        match self.given {
            Given::Choice(word) => Some(word),
            _ => None,
        }
    }
}
