//! Paths as text, with `/` between parts: what can be said of them without looking at a disk.

use std::fmt::Write;

/// A path below a folder, part by part as it is written; an absolute path stays as it is.
pub fn join(dir: &str, path: &str) -> String {
    if dir.is_empty() || path.starts_with('/') {
        return path.to_owned();
    }
    format!("{}/{path}", dir.trim_end_matches('/'))
}

/// A path without `.`, `..` and doubled slashes. `..` above the root stays at the root; a relative path keeps
/// the `..` that lead out of where it starts.
pub fn tidy(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match (part, parts.last()) {
            ("" | ".", _) => {}
            ("..", None) if absolute => {}
            ("..", Some(last)) if *last != ".." => {
                parts.pop();
            }
            (part, _) => parts.push(part),
        }
    }
    let tidy = parts.join("/");
    if absolute { format!("/{tidy}") } else { tidy }
}

/// A relative path below a relative folder, made tidy; `None` for one that leads out of where both start.
pub fn inside(dir: &str, path: &str) -> Option<String> {
    let whole = tidy(&join(dir, path));
    (whole != ".." && !whole.starts_with("../")).then_some(whole)
}

/// The folder of a path; `None` for the root, and for a name alone.
pub fn folder_of(path: &str) -> Option<&str> {
    let (folder, name) = path.rsplit_once('/')?;
    match (folder, name) {
        ("", "") => None,
        ("", _) => Some("/"),
        _ => Some(folder),
    }
}

/// A path as a URI: every byte that has no business in one is written as `%XX`; an absolute path becomes
/// `file:///…`.
pub fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len() + 8);
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing into a String cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
