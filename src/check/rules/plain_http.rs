//! `plain-http`: credentials go over http.

use crate::check::Facts;
use crate::diagnostic::{Diagnostic, code};
use crate::model::system::{Setting, System};

pub(super) fn check(facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for system in facts.model.systems.iter().filter(|system| has_credentials(system)) {
        for (setting, place) in system.settings.values() {
            let Setting::Literal(url) = setting else { continue };
            if !is_plain(url) {
                continue;
            }
            found.push(
                Diagnostic::new(
                    code::PLAIN_HTTP,
                    *place,
                    format!("the credentials of `{}` go over plain http", system.name),
                )
                .here("readable by everyone on the way")
                .help(
                    "Whoever reads them along the way can change stock and prices in your name. Use \
                     `https://`. On a network that you trust, accept it: `allow plain-http reason=\"…\"` in \
                     the system.",
                ),
            );
        }
    }
    found
}

fn has_credentials(system: &System) -> bool {
    let secret = system.kind.fields.iter().filter(|field| field.secret);
    secret.into_iter().any(|field| system.settings.contains_key(field.name))
}

/// Whether a URL leaves this machine without encryption.
fn is_plain(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    if !scheme.eq_ignore_ascii_case("http") {
        return false;
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let numbers = name.parse::<std::net::IpAddr>();
    let loopback = numbers.map_or_else(|_| name.eq_ignore_ascii_case("localhost"), |ip| ip.is_loopback());
    !loopback
}
