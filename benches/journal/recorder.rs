//! A state that notes how many entries each commit of the journal has, and is otherwise the one behind it.

use onhand::state::sqlite::SqliteStore;

/// The state, and what it has noted.
pub struct Recorder {
    inner: SqliteStore,
    /// How many entries each commit had, in order.
    pub batches: Vec<usize>,
}

impl Recorder {
    /// Notes what goes into a state.
    pub fn over(inner: SqliteStore) -> Recorder {
        Recorder { inner, batches: Vec::new() }
    }
}

macro_rules! through {
    ($($name:ident($($given:ident: $kind:ty),*) -> $out:ty;)*) => {$(
        fn $name<'a>(&'a mut self, $($given: $kind),*) -> Kept<'a, $out> {
            self.inner.$name($($given),*)
        }
    )*};
}

/// The one method that is noted.
macro_rules! noted {
    (append($fence:ident: $number:ty, $entries:ident: $list:ty) -> $out:ty;) => {
        fn append<'a>(&'a mut self, $fence: $number, $entries: $list) -> Kept<'a, $out> {
            if !$entries.is_empty() {
                self.batches.push($entries.len());
            }
            self.inner.append($fence, $entries)
        }
    };
}

onhand::state::state_through!(Recorder, through, through, noted);
