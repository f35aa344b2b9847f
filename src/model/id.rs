//! Ids: small typed indexes into the vectors of a model, and shared names.

/// A name or code: shared, so that clones cost nothing.
pub type Name = std::sync::Arc<str>;

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
    FlowId "A flow.";
}
