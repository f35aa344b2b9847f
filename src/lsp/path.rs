//! Files as editors name them (`file:///a/b%20c.kdl`) and as paths.

use crate::source::path::uri;

/// The path of a URI; `None` where it names no file of this machine.
pub fn path_of(uri: &str) -> Option<String> {
    let rest = uri.strip_prefix("file://")?;
    // Between the slashes stands a host: none, or this one.
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    if !rest.starts_with('/') {
        return None;
    }
    let path = decode(rest.split(['?', '#']).next()?)?;
    let drive = path.as_bytes().get(2) == Some(&b':') && path.as_bytes()[1].is_ascii_alphabetic();
    Some(if drive { path[1..].to_owned() } else { path })
}

/// The URI of an absolute path, whichever way its slashes lean; one that starts with a drive is absolute too.
pub fn uri_of(path: &str) -> String {
    let slashed = path.replace('\\', "/");
    match slashed.starts_with('/') {
        true => uri(&slashed),
        false => uri(&format!("/{slashed}")),
    }
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| (byte? as char).to_digit(16);
        let (high, low) = (digit(rest.next())?, digit(rest.next())?);
        bytes.push((high * 16 + low) as u8);
    }
    String::from_utf8(bytes).ok().filter(|path| !path.contains('\0'))
}
