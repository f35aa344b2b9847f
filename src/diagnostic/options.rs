//! How findings are laid out for people.

/// How findings are laid out for people. Formats for programs have no use for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// Columns of the terminal; used between 40 and 200.
    pub width: usize,
    /// Whether colours may be used.
    pub colour: bool,
    /// Whether lines may be drawn with more than ASCII.
    pub unicode: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { width: 80, colour: false, unicode: true }
    }
}
