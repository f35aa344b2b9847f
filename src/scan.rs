//! Where bytes stand in a text, many of them looked at at once.

/// How often a byte stands there.
pub fn count(bytes: &[u8], wanted: u8) -> usize {
    memchr::memchr_iter(wanted, bytes).count()
}

/// Where a byte stands, from the first to the last.
pub fn each(bytes: &[u8], wanted: u8) -> impl Iterator<Item = usize> + '_ {
    memchr::memchr_iter(wanted, bytes)
}

/// Whether a byte stands there at all.
pub fn has(bytes: &[u8], wanted: u8) -> bool {
    memchr::memchr(wanted, bytes).is_some()
}

/// Where a field of a row ends that has no quotes from here on: at the next delimiter or line end, or with
/// the text. Most fields are short, so eight bytes are looked at in one go, and no more made ready for it.
#[inline]
pub fn field_end(bytes: &[u8], from: usize, delimiter: u8) -> usize {
    const EACH: u64 = u64::from_ne_bytes([1; 8]);
    // The lowest bit set is that of the first byte that is none; those above it may be wrong.
    let none = |word: u64| word.wrapping_sub(EACH) & !word & (EACH << 7);
    let mut at = from;
    while let Some((word, _)) = bytes[at..].split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*word);
        let wanted = |byte: u8| none(word ^ (EACH * u64::from(byte)));
        let found = wanted(delimiter) | wanted(b'\n') | wanted(b'\r');
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let ends = |byte: &u8| *byte == delimiter || *byte == b'\n' || *byte == b'\r';
    bytes[at..].iter().position(ends).map_or(bytes.len(), |more| at + more)
}

/// Some rows without quotes in so many parts, each up to the end of a line: where each ends. The first has
/// about `first` bytes, the others about as many as each other.
pub fn parts(bytes: &[u8], first: usize, count: usize) -> Vec<usize> {
    let mut ends: Vec<usize> = Vec::with_capacity(count);
    for left in (1..=count).rev() {
        let start = ends.last().copied().unwrap_or(0);
        let size = if left == count { first } else { (bytes.len() - start) / left };
        let least = bytes.len().min(start + size);
        let end = memchr::memchr(b'\n', &bytes[least..]).filter(|_| left > 1);
        ends.push(end.map_or(bytes.len(), |more| least + more + 1));
    }
    ends
}
