//! What a refused TLS connection means, in words for people.

/// Parts of what rustls says, and what each means. The first that fits counts.
const WORDS: &[(&[&str], &str)] = &[
    (
        &["NotValidForName", "not valid for name"],
        "the server's certificate is for another name, so another server may be answering; correct the host \
         in `url`, or the certificate",
    ),
    (
        &["Expired", "certificate expired"],
        "the server's certificate has expired; renew it there (or correct the clock of this machine)",
    ),
    (
        &["NotValidYet", "not valid yet"],
        "the server's certificate is not valid yet; correct the clock of this machine, or the certificate",
    ),
    (&["Revoked", "revoked"], "the server's certificate was revoked; it must not be trusted"),
    (
        &["UnknownIssuer", "CaUsedAsEndEntity", "SelfSigned", "BadSignature", "bad signature"],
        "the server's certificate is signed by nobody whom this machine trusts; where the authority is your \
         own, add it to the trusted certificates of this machine",
    ),
    (
        &["invalid peer certificate"],
        "the server's certificate is not accepted; `openssl s_client -connect HOST:443` shows it",
    ),
    (
        &["ProtocolVersion", "peer is incompatible", "HandshakeFailure", "handshake failure"],
        "the server speaks no TLS that is safe: 1.2 or newer is needed there",
    ),
    (
        &["InvalidMessage", "received corrupt message"],
        "what answers there does not speak TLS; is `url` to begin with http://, or is the port another one?",
    ),
];

/// The meaning of what rustls says; `None` where it is not about TLS.
pub fn in_words(said: &str) -> Option<&'static str> {
    let fits = |(parts, _): &&(&[&str], &'static str)| parts.iter().any(|part| said.contains(part));
    WORDS.iter().find(fits).map(|(_, words)| *words)
}
