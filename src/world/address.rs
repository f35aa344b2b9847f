//! Addresses of web services: where an answer sends one on to, and whether that is the same place.

use url::Url;

/// What an answer's redirect comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Onward {
    /// The same request may go there: it is the same scheme, host and port.
    Follow(String),
    /// It leads to another origin, which is named; nothing may go there.
    Elsewhere(String),
    /// It asks for another request than the one that was sent, as every 301, 302 and 303 to a POST does.
    OtherRequest,
    /// It names no address that can be one.
    Nowhere,
}

/// What a redirect comes to: the request's method and address, the answer's status and `Location`. Which
/// host is asked is thus said by the topology alone, never by what a server sends.
pub fn onward(method: &str, from: &str, status: u16, location: Option<&str>) -> Onward {
    let base = Url::parse(from).ok();
    let Some((base, to)) = base.and_then(|base| {
        let to = base.join(location?).ok()?;
        Some((base, to))
    }) else {
        return Onward::Nowhere;
    };
    if !matches!(to.scheme(), "http" | "https") || to.host().is_none() {
        return Onward::Nowhere;
    }
    if to.origin() != base.origin() || !to.username().is_empty() || to.password().is_some() {
        return Onward::Elsewhere(to.origin().ascii_serialization());
    }
    match (status, method) {
        (307 | 308, _) | (301..=303, "GET") => Onward::Follow(to.into()),
        _ => Onward::OtherRequest,
    }
}
