//! Files as editors name them (`file:///a/b%20c.kdl`) and as paths.

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

/// The URI of an absolute path.
pub fn uri_of(path: &str) -> String {
    let mut uri = String::from("file://");
    let slashed = path.replace('\\', "/");
    if !slashed.starts_with('/') {
        uri.push('/');
    }
    for byte in slashed.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(byte as char)
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
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

/// A path without `.`, `..` and doubled slashes. `..` above the root stays at the root.
pub fn tidy(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let tidy = parts.join("/");
    if path.starts_with('/') { format!("/{tidy}") } else { tidy }
}

/// The folder of a path; `None` for the root.
pub fn folder_of(path: &str) -> Option<&str> {
    let (folder, name) = path.rsplit_once('/')?;
    match (folder, name) {
        ("", "") => None,
        ("", _) => Some("/"),
        _ => Some(folder),
    }
}

/// A path in a folder; an absolute one stays as it is.
pub fn join(folder: &str, relative: &str) -> String {
    match relative.starts_with('/') {
        true => tidy(relative),
        false => tidy(&format!("{folder}/{relative}")),
    }
}
