//! Parameters inside SQL text: found where they are code, left alone in strings, names and comments.

/// A piece of SQL text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text that is passed on as it stands.
    Text(&'a str),
    /// `:name`, without the colon.
    Named(&'a str),
    /// `?N`: the number.
    Numbered(usize),
    /// A parameter in a form of which nobody can say what it stands for: a bare `?`, `$1`, `@name`.
    Strange(&'a str),
}

/// Which database reads the text: the two differ in what a string is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// Splits a statement, in one pass. What is unfinished runs to the end of the text.
pub fn pieces(sql: &str, dialect: Dialect) -> Vec<Piece<'_>> {
    let mut scan = Scan { sql, bytes: sql.as_bytes(), dialect, at: 0, text_from: 0, pieces: Vec::new() };
    while scan.at < sql.len() {
        let from = scan.at;
        if let Some(end) = scan.opaque() {
            scan.at = end;
        } else if let Some((piece, end)) = scan.parameter() {
            scan.text_until(from);
            scan.pieces.push(piece);
            (scan.at, scan.text_from) = (end, end);
        } else {
            scan.at += scan.plain();
        }
    }
    scan.text_until(sql.len());
    scan.pieces
}

struct Scan<'a> {
    sql: &'a str,
    bytes: &'a [u8],
    dialect: Dialect,
    at: usize,
    text_from: usize,
    pieces: Vec<Piece<'a>>,
}

impl<'a> Scan<'a> {
    fn text_until(&mut self, end: usize) {
        if self.text_from < end {
            self.pieces.push(Piece::Text(&self.sql[self.text_from..end]));
        }
        self.text_from = end;
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// How many bytes to step over here: a whole word or number, so that nothing inside one is taken for
    /// the start of something else; `::` and `:=` as one.
    fn plain(&self) -> usize {
        let word = self.bytes[self.at..].iter().take_while(|byte| in_name(**byte)).count();
        match (word, self.peek(0), self.peek(1)) {
            (0, b':', b':' | b'=') => 2,
            (0, _, _) => 1,
            (word, _, _) => word,
        }
    }

    /// The end of the string, quoted name or comment that starts here.
    fn opaque(&self) -> Option<usize> {
        let postgres = self.dialect == Dialect::Postgres;
        match (self.peek(0), self.peek(1)) {
            (b'-', b'-') => Some(self.after(self.at, b"\n")),
            (b'/', b'*') => Some(self.comment(postgres)),
            (b'\'', _) => Some(self.quoted(self.at + 1, b'\'', false)),
            (b'e' | b'E', b'\'') if postgres => Some(self.quoted(self.at + 2, b'\'', true)),
            (b'"', _) => Some(self.quoted(self.at + 1, b'"', false)),
            (b'`', _) if !postgres => Some(self.quoted(self.at + 1, b'`', false)),
            (b'[', _) if !postgres => Some(self.after(self.at, b"]")),
            (b'$', _) if postgres => self.dollar(),
            _ => None,
        }
    }

    /// The place behind the next `end`, from `from` on.
    fn after(&self, from: usize, end: &[u8]) -> usize {
        let found = self.bytes[from..].windows(end.len()).position(|window| window == end);
        found.map_or(self.bytes.len(), |at| from + at + end.len())
    }

    /// A doubled quote is read as the end of one string and the start of the next, which comes to the same.
    fn quoted(&self, from: usize, quote: u8, backslash: bool) -> usize {
        let mut at = from;
        while let Some(byte) = self.bytes.get(at) {
            match *byte {
                b'\\' if backslash => at += 2,
                byte if byte == quote && backslash && self.bytes.get(at + 1) == Some(&quote) => at += 2,
                byte if byte == quote => return at + 1,
                _ => at += 1,
            }
        }
        self.bytes.len()
    }

    fn comment(&self, nested: bool) -> usize {
        let (mut at, mut depth) = (self.at + 2, 1);
        while at < self.bytes.len() {
            match &self.bytes[at..self.bytes.len().min(at + 2)] {
                b"*/" if depth == 1 => return at + 2,
                b"*/" => (depth, at) = (depth - 1, at + 2),
                b"/*" if nested => (depth, at) = (depth + 1, at + 2),
                _ => at += 1,
            }
        }
        self.bytes.len()
    }

    /// `$tag$ … $tag$`; `None` where the dollar starts no such string.
    fn dollar(&self) -> Option<usize> {
        let tag =
            self.bytes[self.at + 1..].iter().take_while(|byte| in_name(**byte) && **byte != b'$').count();
        let end = self.at + 1 + tag;
        let starts_with_digit = self.peek(1).is_ascii_digit();
        if self.bytes.get(end) != Some(&b'$') || starts_with_digit {
            return None;
        }
        Some(self.after(end + 1, &self.bytes[self.at..=end]))
    }

    fn parameter(&self) -> Option<(Piece<'a>, usize)> {
        let rest = &self.bytes[self.at + 1..];
        let name = rest.iter().take_while(|byte| in_name(**byte)).count();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let start = self.at + 1;
        let strange =
            |length: usize| Some((Piece::Strange(&self.sql[self.at..start + length]), start + length));
        let postgres = self.dialect == Dialect::Postgres;
        match self.peek(0) {
            b':' if name > 0 && !rest[0].is_ascii_digit() => {
                Some((Piece::Named(&self.sql[start..start + name]), start + name))
            }
            b'?' if digits > 0 => {
                let number = self.sql[start..start + digits].parse().unwrap_or(usize::MAX);
                Some((Piece::Numbered(number), start + digits))
            }
            // In PostgreSQL `?`, `?|` and `?&` are operators on JSON, and `@` starts operators too.
            b'?' if !postgres => strange(0),
            b'@' if !postgres && name > 0 => strange(name),
            b'$' if name > 0 => strange(name),
            _ => None,
        }
    }
}

/// Bytes of names and numbers; those of letters beyond ASCII too.
fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}
