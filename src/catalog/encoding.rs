//! Bytes to text in the encodings that catalogs may have.

/// The text of a file in one of [`crate::model::system::ENCODINGS`], without its byte order mark; or
/// what stands in the way, in words that follow "the file".
pub fn decode(mut bytes: Vec<u8>, encoding: &str) -> Result<String, String> {
    match encoding {
        "utf-8" => {
            if bytes.starts_with(b"\xEF\xBB\xBF") {
                bytes.drain(..3);
            }
            String::from_utf8(bytes).map_err(|wrong| {
                let sound = &wrong.as_bytes()[..wrong.utf8_error().valid_up_to()];
                let line = 1 + sound.iter().filter(|byte| **byte == b'\n').count();
                format!("is not in utf-8: line {line} holds a byte that no utf-8 text has")
            })
        }
        "utf-16" => utf_16(&bytes),
        // Each byte is the character of that number.
        "latin1" => Ok(bytes.iter().map(|byte| char::from(*byte)).collect()),
        "windows-1252" => {
            let (text, lossy) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes);
            if lossy { Err("is not in windows-1252".to_owned()) } else { Ok(text.into_owned()) }
        }
        other => Err(format!("is in `{other}`, which this version does not read")),
    }
}

fn utf_16(bytes: &[u8]) -> Result<String, String> {
    let (encoding, rest) = match bytes {
        [0xFE, 0xFF, rest @ ..] => (encoding_rs::UTF_16BE, rest),
        [0xFF, 0xFE, rest @ ..] => (encoding_rs::UTF_16LE, rest),
        rest => (encoding_rs::UTF_16LE, rest),
    };
    let (text, lossy) = encoding.decode_without_bom_handling(rest);
    if lossy { Err("is not in utf-16".to_owned()) } else { Ok(text.into_owned()) }
}
