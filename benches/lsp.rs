//! How long an editor waits for the language server: from a keystroke to findings, hints and completion.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods)]

use onhand::check::Scene;
use onhand::compile::{Compiled, Inputs, compile, compile_with_index};
use onhand::connectors::KINDS;
use onhand::lsp::serve;
use onhand::model::time::Moment;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, PipeReader, PipeWriter, Read, Write};
use std::time::{Duration, Instant};

const HEAD: &str = r#"onhand language=1
unit ea
alert { to webhook=(env)OPS_WEBHOOK }
review { by "ops@example.com"; daily "09:00" }
rollback keep="30d"
system erp kind=memory role=erp { levels { code sku; location site; on-hand qty; reserved res } }
system web kind=memory role=channel {
    levels { code sku; location site; available shown { net-of own-sales } }
    orders none
}
location paris { in erp PAR; in web Paris }
owner erp { of on-hand reserved }
flow web-stock {
    publish available to=web
    lag "10m" every="5m"
}
"#;
const LINES: usize = 10_000;
const KEYSTROKES: usize = 50;

fn main() {
    let mut text = HEAD.to_owned();
    let mut at = 0;
    let mut lines = HEAD.lines().count();
    while lines < LINES {
        write!(text, "item SKU-{at} unit=ea {{\n    tag t{}\n    pack case 12\n", at % 50).unwrap();
        write!(text, "    in erp E-{at}\n    in web W-{at}\n}}\n").unwrap();
        (at, lines) = (at + 1, lines + 6);
    }
    compilation("10,000 lines", &[("onhand.kdl", &text)]);
    let mut editor = Editor::open(&[("onhand.kdl", &text)]);
    editor.report(&format!("{lines} lines"), &text);
    for rows in [10_000, 100_000] {
        let mut csv = "sku,unit,erp,web\n".to_owned();
        (0..rows).for_each(|n| writeln!(csv, "SKU-{n},ea,E{n},W{n}").unwrap());
        let text = format!("{HEAD}items \"all.csv\" {{ sku sku; unit unit; in erp erp; in web web }}\n");
        let files = [("onhand.kdl", text.as_str()), ("all.csv", csv.as_str())];
        compilation(&format!("catalog of {rows} rows"), &files);
        let mut editor = Editor::open(&files);
        editor.report(&format!("catalog of {rows} rows"), &text);
    }
}

/// What the index of names adds to a compilation.
fn compilation(what: &str, files: &[(&str, &str)]) {
    let folder: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    let best = |compile: fn(&Inputs<'_>) -> Compiled| {
        let once = |_| {
            let began = Instant::now();
            let scene = Scene { now: Moment(1_790_000_000_000), thrown_away: &|_| false };
            let inputs = Inputs { folder: &folder, root: "onhand.kdl", kinds: KINDS, env: &|_| None, scene };
            assert!(compile(&inputs).diagnostics.is_empty(), "the generated topology is good");
            began.elapsed()
        };
        (0..5).map(once).min().unwrap()
    };
    println!("{what}: compiled in {:.1?}, with the index in {:.1?}", best(compile), best(compile_with_index));
}

/// A client with a server on a thread of its own.
struct Editor {
    to_server: PipeWriter,
    from_server: BufReader<PipeReader>,
    uri: String,
    version: i64,
    _folder: tempfile::TempDir,
}

impl Editor {
    fn open(files: &[(&str, &str)]) -> Editor {
        let folder = tempfile::tempdir().unwrap();
        files.iter().for_each(|(name, text)| std::fs::write(folder.path().join(name), text).unwrap());
        let (input, to_server) = std::io::pipe().unwrap();
        let (from_server, mut output) = std::io::pipe().unwrap();
        std::thread::spawn(move || {
            serve(Box::new(BufReader::new(input)), &mut output, KINDS, || onhand::world::real::world(false))
        });
        let uri = format!("file://{}/onhand.kdl", folder.path().display());
        let from_server = BufReader::new(from_server);
        let mut editor = Editor { to_server, from_server, uri, version: 1, _folder: folder };
        editor.send(json!({ "id": 0, "method": "initialize", "params": { "capabilities": {} } }));
        editor.next();
        let item = json!({ "uri": editor.uri, "languageId": "kdl", "version": 1, "text": files[0].1 });
        editor.send(json!({ "method": "textDocument/didOpen", "params": { "textDocument": item } }));
        editor.findings();
        editor
    }

    fn send(&mut self, message: Value) {
        let text = message.to_string();
        write!(self.to_server, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
    }

    fn next(&mut self) -> Value {
        let mut header = String::new();
        self.from_server.read_line(&mut header).unwrap();
        let length = header.trim_end().strip_prefix("Content-Length: ").unwrap().parse().unwrap();
        self.from_server.read_line(&mut String::new()).unwrap();
        let mut bytes = vec![0; length];
        self.from_server.read_exact(&mut bytes).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    /// Waits for the findings of the text as it is now.
    fn findings(&mut self) {
        let version = self.version;
        while self.next()["params"]["version"] != version {}
    }

    /// Types a letter into the comment at the end of the text.
    fn keystroke(&mut self, line: usize) {
        self.version += 1;
        let end = json!({ "line": line, "character": 0 });
        let change = json!({ "range": { "start": end, "end": end }, "text": "//\n" });
        let document = json!({ "uri": self.uri, "version": self.version });
        let params = json!({ "textDocument": document, "contentChanges": [change] });
        self.send(json!({ "method": "textDocument/didChange", "params": params }));
    }

    fn report(&mut self, what: &str, text: &str) {
        let line = text.lines().count();
        let at = text.lines().position(|line| line.contains("publish available")).unwrap();
        let params =
            json!({ "textDocument": { "uri": self.uri }, "position": { "line": at, "character": 15 } });
        for asked in ["findings", "completion", "hover", "definition"] {
            let mut took: Vec<Duration> = Vec::new();
            for n in 0..KEYSTROKES {
                let began = Instant::now();
                self.keystroke(line);
                if asked == "findings" {
                    self.findings();
                } else {
                    let method = format!("textDocument/{asked}");
                    self.send(json!({ "id": n, "method": method, "params": params }));
                    while self.next().get("id").is_none() {}
                }
                took.push(began.elapsed());
            }
            took.sort();
            let (middle, worst) = (took[KEYSTROKES / 2], took[KEYSTROKES - 1]);
            println!("{what}: from a keystroke to {asked} {middle:.1?}, at worst {worst:.1?}");
        }
    }
}
