//! What a number looks like; its value is never worked out here.

/// Whether the word is a number of KDL 2: decimal, `0x`, `0o` or `0b`, with `_` between digits.
pub(super) fn is_number(word: &[u8]) -> bool {
    let unsigned = match word.first() {
        Some(b'+' | b'-') => &word[1..],
        _ => word,
    };
    match unsigned {
        [b'0', b'x', rest @ ..] => is_digits(rest, |b| b.is_ascii_hexdigit()),
        [b'0', b'o', rest @ ..] => is_digits(rest, |b| matches!(b, b'0'..=b'7')),
        [b'0', b'b', rest @ ..] => is_digits(rest, |b| matches!(b, b'0' | b'1')),
        _ => is_decimal(unsigned),
    }
}

fn is_digits(digits: &[u8], digit: impl Fn(u8) -> bool) -> bool {
    digits.first().is_some_and(|b| digit(*b)) && digits.iter().all(|b| *b == b'_' || digit(*b))
}

fn is_decimal(word: &[u8]) -> bool {
    let decimal = |digits: &[u8]| is_digits(digits, |b| b.is_ascii_digit());
    let (number, exponent) = match word.iter().position(|b| matches!(b, b'e' | b'E')) {
        Some(at) => (&word[..at], Some(&word[at + 1..])),
        None => (word, None),
    };
    let good_exponent = exponent.is_none_or(|exponent| match exponent.first() {
        Some(b'+' | b'-') => decimal(&exponent[1..]),
        _ => decimal(exponent),
    });
    let good_number = match number.iter().position(|b| *b == b'.') {
        Some(at) => decimal(&number[..at]) && decimal(&number[at + 1..]),
        None => decimal(number),
    };
    good_exponent && good_number
}
