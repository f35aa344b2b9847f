//! The language server, driven as editors drive it: the real binary over pipes.

mod actions;
mod completion;
mod edits;
mod files;
mod names;
mod protocol;
mod speed;
mod text;

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Longer than any answer may take on a machine under load: then the server hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// A topology whose every part refers to another.
pub const SHOP: &str = r#"onhand language=1
unit ea
system erp kind=memory role=erp {
    levels { code sku; location site; on-hand qty; reserved res }
}
system web kind=memory role=channel {
    levels { code sku; location site; available shown { net-of own-sales } }
    orders none
}
location paris { in erp PAR; in web Paris }
item TSHIRT-M unit=ea {
    tag apparel
    pack case 12
    in erp TSH-M
    in web TSHIRT-M unit=case
}
owner erp { of on-hand reserved; at paris }
flow web-stock {
    publish available to=web
    at paris
    lag "10m" every="5m"
    guard max-changed="30%"
}
alert { to webhook=(env)OPS_WEBHOOK }
review { by "ops@example.com"; daily "09:00" }
rollback keep="30d"
"#;

/// A client, the server that it started, and the folder that both look at.
pub struct Client {
    child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    /// What was published last, by URI.
    pub published: BTreeMap<String, Value>,
    /// Other notices and requests of the server.
    pub told: Vec<Value>,
    next_id: i64,
    versions: BTreeMap<String, i64>,
    /// The folder.
    pub folder: tempfile::TempDir,
}

impl Client {
    /// A server on a folder with these files, not yet greeted.
    pub fn start(files: &[(&str, &str)]) -> Client {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_onhand"));
        command.arg("lsp").current_dir(folder.path());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take();
        let (published, told, versions) = Default::default();
        Client { child, input, messages, published, told, next_id: 0, versions, folder }
    }

    /// A server that knows the folder as its workspace, and counts in bytes.
    pub fn open(files: &[(&str, &str)]) -> Client {
        let mut client = Client::start(files);
        client.greet("utf-8");
        client
    }

    /// Greets the server; answers what it can do.
    pub fn greet(&mut self, encoding: &str) -> Value {
        let folder = self.uri("");
        let answer = self.ask(
            "initialize",
            json!({
                "processId": null,
                "rootUri": null,
                "workspaceFolders": [{ "uri": folder, "name": "shop" }],
                "capabilities": { "general": { "positionEncodings": [encoding] } },
            }),
        );
        self.tell("initialized", json!({}));
        answer["capabilities"].clone()
    }

    /// The URI of a file in the folder.
    pub fn uri(&self, name: &str) -> String {
        let path = self.folder.path().join(name);
        format!("file://{}", path.to_str().unwrap().trim_end_matches('/'))
    }

    /// Sends bytes as they are.
    pub fn send_raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    /// Sends one message.
    pub fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.send_raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    /// Sends a notice.
    pub fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request without waiting; answers its id.
    pub fn send_request(&mut self, method: &str, params: Value) -> i64 {
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// The next message of the server, after it was noted.
    pub fn next(&mut self) -> Value {
        let message = self.messages.recv_timeout(PATIENCE).expect("the server answers");
        if message["method"] == "textDocument/publishDiagnostics" {
            let uri = message["params"]["uri"].as_str().unwrap().to_owned();
            self.published.insert(uri, message["params"].clone());
        } else if message.get("method").is_some() {
            self.told.push(message.clone());
        }
        message
    }

    /// The answer to a request that was sent: the whole message.
    pub fn answer(&mut self, id: i64) -> Value {
        loop {
            let message = self.next();
            if message["id"] == json!(id) && message.get("method").is_none() {
                return message;
            }
        }
    }

    /// Asks, and answers the result; an error of the protocol fails the test.
    #[track_caller]
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.send_request(method, params);
        let answer = self.answer(id);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Asks for what must be refused; answers the code of the error.
    #[track_caller]
    pub fn refused(&mut self, method: &str, params: Value) -> i64 {
        let id = self.send_request(method, params);
        let answer = self.answer(id);
        answer["error"]["code"].as_i64().unwrap_or_else(|| panic!("{method} was answered: {answer}"))
    }

    /// Opens a file of the folder, with the text on disk or another.
    pub fn open_file(&mut self, name: &str, text: Option<&str>) {
        let on_disk = || std::fs::read_to_string(self.folder.path().join(name)).unwrap();
        let text = text.map_or_else(on_disk, str::to_owned);
        let uri = self.uri(name);
        self.versions.insert(uri.clone(), 1);
        let item = json!({ "uri": uri, "languageId": "kdl", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": item }));
    }

    /// Replaces the whole text of an open file.
    pub fn replace(&mut self, name: &str, text: &str) {
        self.change(name, &[json!({ "text": text })]);
    }

    /// Sends changes of an open file; answers the new version.
    pub fn change(&mut self, name: &str, changes: &[Value]) -> i64 {
        let uri = self.uri(name);
        let version = self.versions.get_mut(&uri).unwrap();
        *version += 1;
        let version = *version;
        let params = json!({ "textDocument": { "uri": uri, "version": version }, "contentChanges": changes });
        self.tell("textDocument/didChange", params);
        version
    }

    /// What is found in an open file as it is now.
    pub fn findings(&mut self, name: &str) -> Vec<Value> {
        let uri = self.uri(name);
        let version = self.versions.get(&uri).copied();
        loop {
            if let Some(known) = self.published.get(&uri).filter(|known| known["version"].as_i64() == version)
            {
                return known["diagnostics"].as_array().unwrap().clone();
            }
            self.next();
        }
    }

    /// The rules of what is found in an open file as it is now.
    pub fn rules(&mut self, name: &str) -> Vec<String> {
        let found = self.findings(name);
        found.iter().map(|one| one["code"].as_str().unwrap_or("").to_owned()).collect()
    }

    /// Waits for what a test waits for.
    pub fn until(&mut self, what: impl Fn(&Client) -> bool) {
        while !what(self) {
            self.next();
        }
    }

    /// Asks about a place: `text` is the text of the file, `needle` a part of it with `|` at the place.
    #[track_caller]
    pub fn at(&mut self, method: &str, name: &str, (text, needle): (&str, &str)) -> Value {
        let params = self.place(name, (text, needle));
        self.ask(&format!("textDocument/{method}"), params)
    }

    /// The parameters that name a place; columns are bytes.
    #[track_caller]
    pub fn place(&self, name: &str, (text, needle): (&str, &str)) -> Value {
        json!({ "textDocument": { "uri": self.uri(name) }, "position": position(text, needle) })
    }

    /// Ends the conversation as it should; answers the exit status.
    pub fn end(mut self) -> i32 {
        assert_eq!(self.ask("shutdown", Value::Null), Value::Null);
        self.tell("exit", Value::Null);
        self.exit_status()
    }

    /// The status with which the server ends.
    pub fn exit_status(&mut self) -> i32 {
        self.child.wait().unwrap().code().expect("no signal ends it")
    }

    /// Closes the pipe to the server.
    pub fn hang_up(&mut self) {
        self.input = None;
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            header => length = header.strip_prefix("Content-Length: ")?.parse().ok()?,
        }
    }
    let mut bytes = vec![0; length];
    output.read_exact(&mut bytes).ok()?;
    Some(serde_json::from_slice(&bytes).expect("the server writes JSON"))
}

/// The position of `|` in a part of a text, in bytes of its line.
#[track_caller]
pub fn position(text: &str, needle: &str) -> Value {
    let plain = needle.replacen('|', "", 1);
    let start = text.find(&plain).unwrap_or_else(|| panic!("`{plain}` is not in the text"));
    let byte = start + needle.find('|').unwrap();
    let line = text[..byte].matches('\n').count();
    let column = byte - text[..byte].rfind('\n').map_or(0, |at| at + 1);
    json!({ "line": line, "character": column })
}

/// The texts of the lines at which locations point, with the file's name.
pub fn pointed(locations: &Value) -> Vec<String> {
    let all = locations.as_array().unwrap().iter().map(|one| {
        let path = one["uri"].as_str().unwrap().strip_prefix("file://").unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        let line = one["range"]["start"]["line"].as_u64().unwrap() as usize;
        let name = Path::new(path).file_name().unwrap().to_str().unwrap();
        format!("{name}: {}", text.lines().nth(line).unwrap_or("").trim())
    });
    all.collect()
}

/// A text after the edits of a code action or of formatting, applied from the last to the first.
pub fn applied(text: &str, edits: &Value) -> String {
    let byte = |at: &Value| {
        let line = at["line"].as_u64().unwrap() as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        start + at["character"].as_u64().unwrap() as usize
    };
    let mut all: Vec<(usize, usize, &str)> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            (byte(&range["start"]), byte(&range["end"]), edit["newText"].as_str().unwrap())
        })
        .collect();
    all.sort();
    let mut new = text.to_owned();
    for (start, end, with) in all.into_iter().rev() {
        new.replace_range(start..end, with);
    }
    new
}
