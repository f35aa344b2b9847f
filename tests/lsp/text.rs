//! Texts under edits, against a model that knows nothing of lines.

use crate::support::chance::{Dice, seeds};
use gen_lsp_types::{Position, Range};
use onhand::lsp::path::{path_of, uri_of};
use onhand::lsp::text::{Text, Units};

const PIECES: [&str; 14] =
    ["a", "é", "🎽", "\n", "\r\n", "\r", "item X", "{", "}", "\"", "\u{301}", "漢", " ", "//"];

/// Any text of a few pieces.
pub fn some_text(dice: &mut Dice, most: usize) -> String {
    (0..dice.below(most)).map(|_| PIECES[dice.below(PIECES.len())]).collect()
}

/// The byte of a position by walking the text letter by letter.
fn byte_of(text: &str, at: Position, units: Units) -> usize {
    let (mut line, mut column) = (0, 0);
    let mut before = ' ';
    for (byte, c) in text.char_indices() {
        // Between `\r` and `\n` there is no place: the line has ended before both.
        let inside_break = before == '\r' && c == '\n';
        let next = match units {
            Units::Utf16 => c.len_utf16() as u32,
            Units::Utf8 => c.len_utf8() as u32,
        };
        if line == at.line && !inside_break {
            if c == '\n' || c == '\r' || column + next > at.character {
                return byte;
            }
            column += next;
        }
        if c == '\n' || c == '\r' && !text[byte + 1..].starts_with('\n') {
            line += 1;
            column = 0;
        }
        before = c;
    }
    text.len()
}

#[test]
fn edits_of_ranges_are_edits_of_the_text() {
    for seed in seeds(2_000) {
        let mut dice = Dice(seed);
        let units = if dice.in_ten(5) { Units::Utf8 } else { Units::Utf16 };
        let mut model = some_text(&mut dice, 30);
        let mut text = Text::new(model.clone());
        for _ in 0..8 {
            let at =
                |dice: &mut Dice| Position { line: dice.roll(9) as u32, character: dice.roll(12) as u32 };
            let range = Range { start: at(&mut dice), end: at(&mut dice) };
            let new = some_text(&mut dice, 4);
            let [one, other] = [range.start, range.end].map(|place| byte_of(&model, place, units));
            model.replace_range(one.min(other)..one.max(other), &new);
            text.edit(Some(range), &new, units);
            assert_eq!(text.text, model, "seed {seed}");
            // Every place of the text is found again.
            for (byte, _) in
                model.char_indices().filter(|(byte, c)| *c != '\n' || !model[..*byte].ends_with('\r'))
            {
                let place = text.lines.position(&model, byte as u32, units);
                assert_eq!(text.byte(place, units) as usize, byte, "seed {seed}: {place:?} of {model:?}");
            }
        }
    }
}

#[test]
fn paths_survive_being_uris() {
    for path in ["/a/b.kdl", "/with space/ü/漢.kdl", "/100%/a#b?c.kdl", "/a+b&c/;=@.kdl"] {
        assert_eq!(path_of(&uri_of(path)).as_deref(), Some(path));
    }
    assert_eq!(path_of("file:///c%3A/shop/onhand.kdl").as_deref(), Some("c:/shop/onhand.kdl"));
    assert_eq!(path_of("file://localhost/a.kdl").as_deref(), Some("/a.kdl"));
    for none in
        ["file://server/share/a.kdl", "untitled:1", "file:///a%zz", "file:///a%ff", "file:///a%00", "file:a"]
    {
        assert_eq!(path_of(none), None, "{none}");
    }
}
