//! Makes one input from others: by bytes, by tokens, by lines.

use crate::support::chance::Dice;
use onhand::syntax::ast::TOP;
use onhand::syntax::ast::spec::Spec;
use onhand::syntax::lexer;

/// The longest input, in bytes.
pub const LONGEST: usize = 6_000;

/// Pieces of text that mean something to a reader of KDL, of numbers or of CSV.
const PIECES: &[&str] = &[
    "{",
    "}",
    "{}",
    "(",
    ")",
    "(env)",
    "(file)",
    "(const)",
    "=",
    ";",
    "\n",
    "\r\n",
    "\r",
    " ",
    "\t",
    "\\\n",
    "/-",
    "/*",
    "*/",
    "//",
    "\"",
    "\"\"",
    "\"\"\"",
    "#\"",
    "\"#",
    "#\"\"\"",
    "\"\"\"#",
    "#true",
    "#null",
    "#inf",
    "#nan",
    "true",
    "\\u{41}",
    "\\u{110000}",
    "\\s",
    "\\",
    "0",
    "-1",
    "1e400",
    "0x",
    "0xFF",
    "1_000",
    "9223372036854775808",
    "1000000000000000",
    "0.000000000000000001",
    "0.1",
    "1,5",
    "3pl",
    "\"10%\"",
    "\"101%\"",
    "\"90s\"",
    "\"0s\"",
    "\"99999999999d\"",
    "\"2026-12-25\"",
    "\"2026-02-30\"",
    "\"24:00\"",
    "\"4/s\"",
    "*",
    "**",
    "[a-",
    "\"*\"",
    "é",
    "\u{FEFF}",
    "\u{2028}",
    "\u{202E}",
    "\u{0}",
    "\u{7F}",
    "😀",
    "e\u{301}",
    "“",
    "'",
    ",",
    ";;",
    ".",
    "-",
    "+",
    "#",
    "~",
    "allow",
    "reason=x",
    "onhand language=1",
    "onhand language=2",
    "include \"*.kdl\"",
    "include \"../x\"",
    "on-hand",
    "reserved",
    "available",
    "tag=x",
    "//=== c.csv\n",
    "//=== b.kdl\n",
    "\"c.csv\"",
    "kind=csv",
    "kind=sql",
    "kind=memory",
    "kind=tryton",
    "kind=vendure",
];

/// Every word that the language gives a meaning to.
pub fn words() -> Vec<String> {
    fn gather(spec: &Spec, depth: usize, words: &mut Vec<String>) {
        words.push(spec.name.to_owned());
        words.extend(spec.props.iter().map(|field| format!("{}=", field.name)));
        if depth > 0 {
            spec.children.iter().for_each(|child| gather(child, depth - 1, words));
        }
    }
    let mut words: Vec<String> = PIECES.iter().map(|piece| (*piece).to_owned()).collect();
    TOP.iter().for_each(|spec| gather(spec, 4, &mut words));
    words.sort();
    words.dedup();
    words
}

/// A child of one input, with material of another.
pub fn mutate(dice: &mut Dice, own: &[u8], other: &[u8], words: &[String]) -> Vec<u8> {
    let mut bytes = own.to_vec();
    for _ in 0..1 + dice.below(4) {
        match dice.below(12) {
            0 => change_byte(dice, &mut bytes),
            1 | 2 => {
                let at = dice.below(bytes.len() + 1);
                let word = &words[dice.below(words.len())];
                bytes.splice(at..at, word.bytes());
            }
            3 => drop(bytes.drain(range(dice, bytes.len(), 40))),
            4 => repeat(dice, &mut bytes),
            5 | 6 => tokens(dice, &mut bytes, other, words),
            7 | 8 => lines(dice, &mut bytes, other),
            9 => {
                let (from, at) = (range(dice, other.len(), 400), range(dice, bytes.len(), 40));
                bytes.splice(at, other[from].iter().copied());
            }
            10 => bytes.truncate(dice.below(bytes.len() + 1).max(bytes.len() / 2)),
            _ => tokens(dice, &mut bytes, own, words),
        }
        bytes.truncate(LONGEST);
    }
    bytes
}

/// Up to `most` places somewhere in a text.
fn range(dice: &mut Dice, length: usize, most: usize) -> std::ops::Range<usize> {
    let start = dice.below(length + 1);
    start..(start + dice.below(most)).min(length)
}

fn change_byte(dice: &mut Dice, bytes: &mut [u8]) {
    if !bytes.is_empty() {
        let at = dice.below(bytes.len());
        bytes[at] = dice.below(256) as u8;
    }
}

/// Repeats a piece a few times, sometimes many: what nests deep or counts high.
fn repeat(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let piece = bytes[range(dice, bytes.len(), 60)].to_vec();
    let times = if dice.in_ten(2) { 200 } else { 1 + dice.below(4) };
    let at = dice.below(bytes.len() + 1);
    let room = LONGEST.saturating_sub(bytes.len());
    let many: Vec<u8> = piece.iter().copied().cycle().take((piece.len() * times).min(room)).collect();
    bytes.splice(at..at, many);
}

/// Puts a token of another text, or a word of the language, in the place of a token or beside it, or takes it
/// out.
fn tokens(dice: &mut Dice, bytes: &mut Vec<u8>, other: &[u8], words: &[String]) {
    let span = |dice: &mut Dice, bytes: &[u8]| {
        let text = std::str::from_utf8(bytes).ok()?;
        let all: Vec<_> = lexer::tokens(text).map(|token| token.start as usize..token.end as usize).collect();
        (!all.is_empty()).then(|| all[dice.below(all.len())].clone())
    };
    let Some(at) = span(dice, bytes) else { return change_byte(dice, bytes) };
    let new = match (dice.below(3), span(dice, other)) {
        (0, _) => words[dice.below(words.len())].clone().into_bytes(),
        (1, Some(from)) => other[from].to_vec(),
        _ => Vec::new(),
    };
    let at = if dice.in_ten(3) { at.start..at.start } else { at };
    bytes.splice(at, new);
}

/// Moves, drops or brings in whole lines: topologies are made of them.
fn lines(dice: &mut Dice, bytes: &mut Vec<u8>, other: &[u8]) {
    let split = |bytes: &[u8]| -> Vec<Vec<u8>> {
        bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
    };
    let (mut own, theirs) = (split(bytes), split(other));
    if own.is_empty() {
        return;
    }
    let at = dice.below(own.len());
    match dice.below(4) {
        0 => drop(own.remove(at)),
        1 => {
            let to = dice.below(own.len());
            own.swap(at, to);
        }
        2 => own.insert(at, own[dice.below(own.len())].clone()),
        _ => {
            let from = range(dice, theirs.len(), 12);
            own.splice(at..at, theirs[from].iter().cloned());
        }
    }
    *bytes = own.concat();
}
