//! A password that is known to the environment stays there.

use super::Place;

/// A password with letters that URLs and base64 write in other ways.
pub const CANARY: &str = "can/ary+pass%word&7Zq?x";

/// The canary as it might be written somewhere.
pub fn forms() -> Vec<Vec<u8>> {
    let encoded = |upper: bool| percent(CANARY, upper).into_bytes();
    let mut forms = vec![CANARY.as_bytes().to_vec(), encoded(true), encoded(false)];
    let hex: String = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
    forms.extend([hex.to_uppercase().into_bytes(), hex.into_bytes()]);
    // Within a longer text, base64 depends on where the text stands: the part that is the same for each.
    for lead in 0..3 {
        let text = format!("{}{CANARY}", "x".repeat(lead));
        let whole = base64(text.as_bytes());
        forms.push(whole.as_bytes()[4..whole.len() - 4].to_vec());
    }
    forms
}

/// A text as it stands in a URL.
pub fn percent(text: &str, upper: bool) -> String {
    let code = |byte: u8| if upper { format!("%{byte:02X}") } else { format!("%{byte:02x}") };
    let letter = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => char::from(byte).to_string(),
        false => code(byte),
    };
    text.bytes().map(letter).collect()
}

/// Base64, padded.
pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let of = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let word = of(0) << 16 | of(1) << 8 | of(2);
        (0..=chunk.len())
            .for_each(|at| text.push(char::from(LETTERS[(word >> (18 - 6 * at) & 63) as usize])));
        (chunk.len()..3).for_each(|_| text.push('='));
    }
    text
}

#[test]
fn base64_is_base64() {
    assert_eq!(base64(b"Many hands"), "TWFueSBoYW5kcw==");
}

/// Checks that bytes hold the canary in no form.
#[track_caller]
pub fn hidden(what: &str, bytes: &[u8]) {
    for form in forms() {
        let found = bytes.windows(form.len()).any(|window| window == form);
        assert!(!found, "{what} holds {}", String::from_utf8_lossy(&form));
    }
}

/// Runs everything that meets the systems, and looks at every word and every file.
fn canary(place: &Place, cell: &str, status: i32) {
    let commands = [
        "check".to_owned(),
        "check --format json".to_owned(),
        "check --diff".to_owned(),
        "fmt --diff".to_owned(),
        "plan --out plan.jsonl".to_owned(),
        "apply --auto-approve --format json".to_owned(),
        format!("explain {cell}"),
        "queue list".to_owned(),
        "graph --format json".to_owned(),
    ];
    // Reaching for what is not there takes its time: an empty cell leaves the explanation out.
    for words in commands.into_iter().filter(|words| words != "explain ") {
        let done = place.run(&words);
        assert!(!done.err.contains("panicked"), "{words}: {}", done.err);
        let outside = ["plan", "apply", "explain"].iter().any(|word| words.starts_with(word));
        assert_eq!(done.status, if outside { status } else { 0 }, "{words}\n{}\n{}", done.out, done.err);
        hidden(&words, done.out.as_bytes());
        hidden(&words, done.err.as_bytes());
    }
    assert!(look(place) >= 3, "topology, plan and state were looked at");
}

/// Looks at every file of a folder; answers how many there are.
pub fn look(place: &Place) -> usize {
    let mut looked = 0;
    let mut folders = vec![place.path("")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                hidden(&path.display().to_string(), &std::fs::read(&path).unwrap());
                looked += 1;
            }
        }
    }
    looked
}

/// A port of this host that nobody listens on.
pub fn closed() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_database_url() {
    let place = super::small(1);
    place.change("onhand.kdl", "url \"sqlite:shop.db\"", "url (env)SHOP_DATABASE");
    let password = "can%2Fary%2Bpass%25word%267Zq%3Fx";
    let place =
        place.env("SHOP_DATABASE", &format!("postgres://shop:{password}@127.0.0.1:{}/shop", closed()));
    canary(&place, "I0@shop", 7);
    let place = place.env("SHOP_DATABASE", &format!("postgrs://shop:{CANARY}@127.0.0.1/shop"));
    canary(&place, "I0@shop", 7);
}

#[test]
fn an_erp_and_a_shop() {
    let place = Place::empty();
    crate::support::example::copy("erp", &place.path(""));
    let here = format!("http://127.0.0.1:{}", closed());
    let place = place.env("ERP_URL", &here).env("ERP_DATABASE", "erp").env("ERP_USER", "admin");
    let place = place.env("ERP_PASSWORD", CANARY).env("SHOP_URL", &here).env("SHOP_KEY", CANARY);
    canary(&place, "", 7);
}
