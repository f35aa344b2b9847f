//! The text encodings of catalogs and feeds: bytes to text and back. The only home of encoding_rs.

use encoding_rs::WINDOWS_1252;

/// How the bytes of a text were laid out beyond their encoding, so that it can be written the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Layout {
    /// Whether a byte order mark stood first.
    pub mark: bool,
    /// UTF-16 only: whether the high byte comes first.
    pub high_first: bool,
}

/// The first byte of a file that is not in its encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strange {
    /// Its place, in bytes from 0.
    pub at: usize,
    /// The byte; 0 where the file ends too early.
    pub byte: u8,
    /// The line that it stands on, from 1.
    pub line: usize,
}

impl Strange {
    fn new(bytes: &[u8], at: usize, lines_before: usize) -> Strange {
        Strange { at, byte: bytes.get(at).copied().unwrap_or_default(), line: lines_before + 1 }
    }

    fn behind(bytes: &[u8], at: usize) -> Strange {
        Strange::new(bytes, at, bytes[..at].iter().filter(|byte| **byte == b'\n').count())
    }
}

/// Decodes a whole file from one of [`super::system::ENCODINGS`]; a byte order mark is taken off. Fails
/// with the first byte that is not in the encoding.
///
/// `latin1` has no printable character from 0x80 to 0x9F: such a byte means that the file is really
/// `windows-1252`, so it is refused rather than read as an invisible control character.
pub fn decode(bytes: Vec<u8>, encoding: &str) -> Result<(String, Layout), Strange> {
    match encoding {
        "utf-16" => utf_16(&bytes),
        "latin1" => match bytes.iter().position(|byte| (0x80..0xA0).contains(byte)) {
            Some(at) => Err(Strange::behind(&bytes, at)),
            None => Ok((bytes.iter().map(|byte| char::from(*byte)).collect(), Layout::default())),
        },
        "windows-1252" => {
            let (text, _) = WINDOWS_1252.decode_without_bom_handling(&bytes);
            Ok((text.into_owned(), Layout::default()))
        }
        _ => {
            let mark = bytes.starts_with(b"\xEF\xBB\xBF");
            let mut text = String::from_utf8(bytes).map_err(|error| {
                let at = error.utf8_error().valid_up_to();
                Strange::behind(error.as_bytes(), at)
            })?;
            if mark {
                text.drain(..3);
            }
            Ok((text, Layout { mark, high_first: false }))
        }
    }
}

/// The mark says which byte comes first. Without one, a zero as the very first byte does: files of rows
/// begin with a Latin letter or a quote.
fn utf_16(bytes: &[u8]) -> Result<(String, Layout), Strange> {
    let mark = bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF");
    let high_first = bytes.starts_with(b"\xFE\xFF") || (!mark && bytes.first() == Some(&0));
    let start = if mark { 2 } else { 0 };
    let (pairs, rest) = bytes[start..].as_chunks::<2>();
    let units = pairs.iter().map(|pair| match high_first {
        true => u16::from_be_bytes(*pair),
        false => u16::from_le_bytes(*pair),
    });
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut at = start;
    for unit in char::decode_utf16(units) {
        let strange = |_| Strange::new(bytes, at, text.matches('\n').count());
        let letter = unit.map_err(strange)?;
        at += letter.len_utf16() * 2;
        text.push(letter);
    }
    match rest {
        [] => Ok((text, Layout { mark, high_first })),
        _ => Err(Strange::new(bytes, at, text.matches('\n').count())),
    }
}

/// Encodes a text the way `layout` says. Fails with the first character that the encoding does not have.
pub fn encode(text: &str, encoding: &str, layout: Layout) -> Result<Vec<u8>, char> {
    let mut bytes = Vec::with_capacity(text.len() + 3);
    match encoding {
        "utf-16" => {
            let mark = layout.mark.then_some('\u{FEFF}');
            let mut two = [0_u16; 2];
            for letter in mark.into_iter().chain(text.chars()) {
                for unit in letter.encode_utf16(&mut two) {
                    let pair = if layout.high_first { unit.to_be_bytes() } else { unit.to_le_bytes() };
                    bytes.extend_from_slice(&pair);
                }
            }
        }
        "latin1" => {
            for letter in text.chars() {
                let byte = u8::try_from(letter).ok().filter(|byte| !(0x80..0xA0).contains(byte));
                bytes.push(byte.ok_or(letter)?);
            }
        }
        "windows-1252" => {
            let (encoded, _, lossy) = WINDOWS_1252.encode(text);
            if lossy {
                let strange = |letter: &char| WINDOWS_1252.encode(letter.encode_utf8(&mut [0; 4])).2;
                return Err(text.chars().find(strange).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            bytes.extend_from_slice(&encoded);
        }
        _ => {
            if layout.mark {
                bytes.extend_from_slice(b"\xEF\xBB\xBF");
            }
            bytes.extend_from_slice(text.as_bytes());
        }
    }
    Ok(bytes)
}
