//! Recorded exchanges: taken from a real server, and played back by a world in memory.

use onhand::world::memory::Memory;
use onhand::world::{Http, HttpError, Request, Response, Task};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;

/// A transport that notes everything that goes through it.
pub struct Recorder {
    inner: Box<dyn Http>,
    log: Rc<RefCell<Vec<Value>>>,
}

impl Recorder {
    /// A recorder around a transport, and its log.
    pub fn around(inner: Box<dyn Http>) -> (Recorder, Rc<RefCell<Vec<Value>>>) {
        let log = Rc::new(RefCell::new(Vec::new()));
        (Recorder { inner, log: log.clone() }, log)
    }
}

impl Http for Recorder {
    fn send(&self, request: Request) -> Task<'_, Result<Response, HttpError>> {
        Box::pin(async move {
            let asked = (path(&request), body(&request), request.safe);
            let answer = self.inner.send(request).await;
            if let Ok(answer) = &answer {
                let kept = ["content-type", "vendure-auth-token", "retry-after", "date"];
                let headers: Vec<_> =
                    answer.headers.iter().filter(|(k, _)| kept.contains(&k.as_str())).collect();
                let text = String::from_utf8_lossy(&answer.body);
                self.log.borrow_mut().push(json!({
                    "path": asked.0, "body": asked.1, "safe": asked.2,
                    "status": answer.status, "headers": headers, "answer": text,
                }));
            }
            answer
        })
    }
}

/// What comes after host and port.
fn path(request: &Request) -> String {
    let rest = request.url.split_once("://").map_or("", |(_, rest)| rest);
    rest.find('/').map_or("", |at| &rest[at..]).to_owned()
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).expect("requests hold JSON")
}

/// A recording: the server's version, and its exchanges in order.
pub struct Recording {
    exchanges: Vec<Value>,
}

impl Recording {
    /// Reads a recording: one exchange a line, after a first line that says where it comes from.
    pub fn read(text: &str) -> Recording {
        let lines = text.lines().skip(1);
        let exchanges =
            lines.map(|line| serde_json::from_str(line).expect("a recording is JSON lines")).collect();
        Recording { exchanges }
    }

    /// A world that answers as the server did.
    pub fn play(&self) -> Memory {
        let memory = Memory::default();
        let answers = self.exchanges.iter().map(|exchange| {
            Ok(Response {
                status: u16::try_from(exchange["status"].as_u64().expect("a status")).expect("a status"),
                headers: serde_json::from_value(exchange["headers"].clone()).expect("pairs"),
                body: exchange["answer"].as_str().expect("text").as_bytes().to_vec(),
            })
        });
        memory.answers.borrow_mut().extend(answers);
        memory
    }

    /// Checks that exactly the recorded questions were asked, so that no answer stands beside another question.
    pub fn check(&self, memory: &Memory) {
        let requests = memory.requests.borrow();
        for (at, (request, exchange)) in requests.iter().zip(&self.exchanges).enumerate() {
            assert_eq!(path(request), exchange["path"], "path of request {at}");
            assert_eq!(body(request), exchange["body"], "body of request {at}");
            assert_eq!(request.safe, exchange["safe"], "safety of request {at}");
        }
        assert_eq!(requests.len(), self.exchanges.len(), "number of requests");
    }
}

/// A recording that is kept beside the tests.
pub fn kept(name: &str) -> String {
    let path = format!("{}/tests/connectors/recorded/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The text of a recording. Each of `hidden` is replaced by its stand-in.
pub fn write(title: &str, log: &[Value], hidden: &[(&str, &str)]) -> String {
    let mut text = format!("{}\n", json!({"recorded": title}));
    for exchange in log {
        let mut line = exchange.to_string();
        for (secret, stand_in) in hidden {
            line = line.replace(secret, stand_in);
        }
        text.push_str(&line);
        text.push('\n');
    }
    text
}
