//! A Markdown page that never grows beyond a number of bytes: what does not fit is counted instead.

/// A page in the making.
pub(super) struct Sheet {
    text: String,
    most: usize,
    /// Bytes kept free for what must still be said.
    kept: usize,
}

impl Sheet {
    /// An empty page of at most `most` bytes, of which `kept` are for [`Sheet::end`].
    pub(super) fn new(most: usize, kept: usize) -> Sheet {
        Sheet { text: String::new(), most, kept }
    }

    /// Bytes that are still free.
    pub(super) fn room(&self) -> usize {
        self.most.saturating_sub(self.kept + self.text.len())
    }

    /// Adds a piece if it fits.
    pub(super) fn add(&mut self, piece: &str) -> bool {
        let fits = piece.len() <= self.room();
        if fits {
            self.text.push_str(piece);
        }
        fits
    }

    /// Adds a table or list: its head, then as many of its rows as fit within `room` bytes with what `rest`
    /// says of those left out (how many were shown, how many not). Nothing where not even the head fits.
    pub(super) fn rows(
        &mut self,
        head: &str,
        rows: impl Iterator<Item = String>,
        room: usize,
        rest: &dyn Fn(usize) -> String,
    ) -> usize {
        let room = room.min(self.room());
        let mut piece = head.to_owned();
        let mut shown = 0;
        for row in rows {
            if piece.len() + row.len() + rest(shown + 1).len() > room {
                break;
            }
            piece.push_str(&row);
            shown += 1;
        }
        piece.push_str(&rest(shown));
        if piece.len() > room || !self.add(&piece) {
            return 0;
        }
        shown
    }

    /// The page with its last words, for which room was kept; cut, should they be longer.
    pub(super) fn end(mut self, last: &str) -> String {
        let room = self.most.saturating_sub(self.text.len());
        let end = last.floor_char_boundary(room.min(last.len()));
        self.text.push_str(&last[..end]);
        self.text
    }
}
