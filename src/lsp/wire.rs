//! Frames of the protocol: `Content-Length: N`, an empty line, and N bytes of JSON.

use gen_lsp_types::json_rpc::{Error, Id, ResponseObject};
use gen_lsp_types::{ErrorCodes, LspErrorCodes};
use serde_json::{Value, json};
use std::io::{BufRead, Read, Write};

/// The largest message that is read, in bytes: a file of 64 MiB with every character escaped.
const MOST: u64 = 256 << 20;

/// The longest header line that is read.
const LONGEST: u64 = 4096;

/// What came in.
#[derive(Debug)]
pub enum Incoming {
    /// A request, which wants an answer.
    Request {
        /// By which the answer is known.
        id: Id,
        /// What is asked.
        method: String,
        /// About what.
        params: Value,
    },
    /// A notification, which wants none.
    Notice {
        /// What happened.
        method: String,
        /// To what.
        params: Value,
    },
    /// An answer to a request of ours.
    Answer,
    /// Something that is no message: the error that says so.
    Broken(Id, Error),
}

/// An error of the protocol.
pub fn error(code: ErrorCodes, message: impl Into<String>) -> Error {
    Error { code, message: message.into(), data: None }
}

/// An error of the language server's own list of codes.
pub fn lsp_error(code: LspErrorCodes, message: &str) -> Error {
    error(ErrorCodes::Custom(code.into()), message)
}

/// The next message; `None` at the end of the input.
pub fn read(input: &mut dyn BufRead) -> std::io::Result<Option<Incoming>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if input.take(LONGEST).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        match (line.trim_end(), length) {
            // Whatever stands before a header is skipped: the next one leads back into step.
            ("", None) => {}
            ("", Some(length)) => return body(input, length).map(Some),
            (header, _) => {
                let (name, value) = header.split_once(':').unwrap_or((header, ""));
                if name.eq_ignore_ascii_case("content-length") {
                    length = value.trim().parse().ok();
                }
            }
        }
    }
}

fn body(input: &mut dyn BufRead, length: u64) -> std::io::Result<Incoming> {
    if length > MOST {
        std::io::copy(&mut input.take(length), &mut std::io::sink())?;
        let message = format!("a message of {length} bytes is larger than {MOST}");
        return Ok(Incoming::Broken(Id::Null, error(ErrorCodes::InvalidRequest, message)));
    }
    let mut bytes = Vec::new();
    if input.take(length).read_to_end(&mut bytes)? as u64 != length {
        let message = "the input ended within a message";
        return Ok(Incoming::Broken(Id::Null, error(ErrorCodes::ParseError, message)));
    }
    Ok(match serde_json::from_slice(&bytes) {
        Ok(value) => message(value),
        Err(why) => {
            let message = format!("the message is no JSON: {why}");
            Incoming::Broken(Id::Null, error(ErrorCodes::ParseError, message))
        }
    })
}

fn message(mut value: Value) -> Incoming {
    let id: Option<Result<Id, _>> = value.get_mut("id").map(|id| serde_json::from_value(id.take()));
    let params = value.get_mut("params").map(Value::take).unwrap_or_default();
    let method = value.get("method").and_then(Value::as_str).map(str::to_owned);
    match (id, method) {
        (None, Some(method)) => Incoming::Notice { method, params },
        (Some(Ok(id)), Some(method)) => Incoming::Request { id, method, params },
        (Some(_), None) if value.get("result").is_some() || value.get("error").is_some() => Incoming::Answer,
        (id, _) => {
            let id = id.and_then(Result::ok).unwrap_or(Id::Null);
            let message = "a message is an object with a method, and an id where it wants an answer";
            Incoming::Broken(id, error(ErrorCodes::InvalidRequest, message))
        }
    }
}

/// Writes one message.
fn write(output: &mut dyn Write, value: &Value) -> std::io::Result<()> {
    let text = value.to_string();
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}

/// Answers a request.
pub fn answer(output: &mut dyn Write, id: Id, result: Result<Value, Error>) -> std::io::Result<()> {
    match result {
        Ok(result) => write(output, &json!({ "jsonrpc": "2.0", "id": id, "result": result })),
        Err(error) => write(output, &serde_json::to_value(ResponseObject::from_error(id, error))?),
    }
}

/// Tells the client something; with an id it is asked for an answer.
pub fn tell(output: &mut dyn Write, method: &str, params: Value, id: Option<&str>) -> std::io::Result<()> {
    let mut message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
    if let Some(id) = id {
        message["id"] = Value::from(id);
    }
    write(output, &message)
}
