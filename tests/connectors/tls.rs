//! TLS is verified: what cannot be trusted is refused in words, and nothing is asked there.

use crate::cli::{Place, SMALL};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// A certificate with its key.
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
}

/// An authority of this test, which only those trust who are told.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new(name: &str) -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Authority { issuer: Issuer::new(params, key), pem }
    }

    fn signs(&self, params: &CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity { chain: vec![certificate.der().clone()], key: key.serialize_der() }
    }
}

fn named(name: &str) -> CertificateParams {
    CertificateParams::new(vec![name.to_owned()]).unwrap()
}

/// Serves one way for ever, and answers the port.
fn serve(answer: impl Fn(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().flatten().for_each(answer));
    port
}

/// A server with this certificate; it refuses whatever it is asked.
fn with(identity: Identity) -> u16 {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key));
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(identity.chain, key).unwrap());
    serve(move |stream| {
        let mut stream = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream);
        let mut asked = [0; 4096];
        if stream.read(&mut asked).is_ok_and(|count| count > 0) {
            let _ = stream.write_all(b"HTTP/1.1 403 No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
            let _ = stream.flush();
        }
    })
}

/// A server that speaks no more than TLS 1.1: its hello says so, whatever it is offered.
fn old() -> u16 {
    serve(|mut stream| {
        let mut hello = [0; 4096];
        let _ = stream.read(&mut hello);
        let mut said = vec![0x16, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
        said.extend([7; 32]);
        said.extend([0, 0xc0, 0x13, 0]);
        let _ = stream.write_all(&said);
        let _ = stream.read(&mut hello);
    })
}

/// What `plan` says of a shop at this port of `localhost`; `trusted` is the only authority that it trusts.
fn told(port: u16, trusted: &str) -> String {
    let sql = SMALL.find("system shop").unwrap();
    let end = sql + SMALL[sql..].find("\n}").unwrap() + 3;
    let shop =
        "system shop kind=vendure role=channel { url (env)SHOP_URL; key (env)SHOP_KEY; orders none }\n";
    let text =
        format!("{}{shop}{}item MUG unit=ea {{ in depot MUG; in shop MUG }}\n", &SMALL[..sql], &SMALL[end..]);
    let place = Place::with(&text.replace("in shop }", "in shop Main }"));
    place.write("feed.csv", "sku,qty\nMUG,5\n");
    place.write("trusted.pem", trusted);
    let trusted = place.path("trusted.pem").to_str().unwrap().to_owned();
    let place = place.env("SSL_CERT_FILE", &trusted).env("SHOP_KEY", "canary-key");
    let done = place.env("SHOP_URL", &format!("https://localhost:{port}")).run("plan").ends(7);
    let said = format!("{}{}", done.out, done.err).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(!said.contains("canary"), "{said}");
    said
}

#[test]
fn only_a_server_that_proves_its_name_is_asked() {
    let (ours, other) = (Authority::new("ours"), Authority::new("other"));
    let imposter = Authority::new("ours");
    let mut expired = named("localhost");
    (expired.not_before, expired.not_after) =
        (rcgen::date_time_ymd(2019, 1, 1), rcgen::date_time_ymd(2020, 1, 1));
    let mut early = named("localhost");
    (early.not_before, early.not_after) =
        (rcgen::date_time_ymd(2090, 1, 1), rcgen::date_time_ymd(2095, 1, 1));
    let key = KeyPair::generate().unwrap();
    let own = named("localhost").self_signed(&key).unwrap();
    let own = Identity { chain: vec![own.der().clone()], key: key.serialize_der() };
    let cases = [
        ("good", with(ours.signs(&named("localhost"))), "access is refused (HTTP 403)"),
        (
            "wrong name",
            with(ours.signs(&named("other.test"))),
            "the server's certificate is for another name",
        ),
        ("expired", with(ours.signs(&expired)), "the server's certificate has expired"),
        ("early", with(ours.signs(&early)), "the server's certificate is not valid yet"),
        ("self-signed", with(own), "signed by nobody whom this machine trusts"),
        (
            "unknown authority",
            with(other.signs(&named("localhost"))),
            "signed by nobody whom this machine trusts",
        ),
        ("imposter", with(imposter.signs(&named("localhost"))), "signed by nobody whom this machine trusts"),
        ("old", old(), "1.2 or newer is needed there"),
        (
            "plain",
            serve(|mut stream| {
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
            }),
            "does not speak TLS",
        ),
    ];
    for (case, port, words) in cases {
        let said = told(port, &ours.pem);
        assert!(said.contains(words), "{case}: {said}");
        println!("{case}: {words}");
    }
}
