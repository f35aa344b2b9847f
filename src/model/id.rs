//! Ids: small typed indexes into the vectors of a model, and shared names.

/// A name or code: up to 15 bytes of it stand in the value itself, longer ones are shared, so that clones
/// cost next to nothing.
pub type Name = ecow::EcoString;

/// What is looked up by name or id, and never walked through. A large catalog asks millions of times, and
/// spends a quarter of a check in the standard hasher; this one too is seeded anew in each process, so that
/// nobody can prepare names that collide.
pub type Lookup<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;

/// Names met lately: one that returns, as systems and units do in every item, is not made again.
#[derive(Debug, Default)]
pub struct Lately {
    slots: Vec<Name>,
}

impl Lately {
    const SLOTS: usize = 256;

    /// The name of a text.
    pub fn name(&mut self, text: &str) -> Name {
        if self.slots.is_empty() {
            self.slots = vec![Name::from(""); Lately::SLOTS];
        }
        let byte = |at: Option<&u8>| at.map_or(0, |byte| usize::from(*byte));
        let bytes = text.as_bytes();
        let place = byte(bytes.first()) ^ byte(bytes.last()) << 3 ^ bytes.len() << 5;
        let slot = &mut self.slots[place % Lately::SLOTS];
        if **slot != *text {
            *slot = Name::from(text);
        }
        slot.clone()
    }
}

macro_rules! ids {
    ($($id:ident $what:literal;)*) => {$(
        #[doc = $what]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
        pub struct $id(pub u32);

        impl $id {
            /// The id of the thing at a place in its vector.
            pub fn at(index: usize) -> $id {
                $id(index as u32)
            }

            /// The place in the vector.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    UnitId "A unit of measure.";
    SystemId "A system: an ERP, a warehouse, a channel.";
    LocationId "A location or pool.";
    ItemId "An item.";
    BundleId "A bundle.";
    CodeId "One code under which a system knows an item or bundle.";
    QuantityId "A quantity, base or derived.";
    OwnerId "An `owner` node.";
    FlowId "A flow that publishes.";
    CollectId "A flow that collects movements.";
    CalendarId "A calendar.";
    AllocationId "An allocation.";
}
