//! The server itself: takes messages one by one, and answers each request once.

use super::checker::{self, Checked, Job};
use super::desk::Desk;
use super::text::Units;
use super::wire::{self, Incoming, error, lsp_error};
use super::{actions, complete, find, hover, layout, symbols};
use crate::model::capability::Descriptor;
use crate::world::World;
use gen_lsp_types as lsp;
use gen_lsp_types::json_rpc::{Error, Id};
use gen_lsp_types::{ErrorCodes, LspErrorCodes};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{BufRead, Write};
use std::sync::mpsc::{Receiver, Sender, channel};

/// Something that happened.
enum Event {
    Incoming(Incoming),
    /// The input has ended.
    Closed,
    Checked(Box<Checked>),
}

/// How far the conversation has come.
#[derive(PartialEq, Eq)]
enum Phase {
    /// Nobody has said who they are.
    New,
    /// At work.
    Open,
    /// Asked to end.
    Shut,
}

/// What a client can do, as far as it matters here.
#[derive(Default)]
struct Client {
    /// It watches files for a server that asks.
    watches: bool,
    /// It takes edits of a certain version of a text.
    versions: bool,
}

struct Server<'o> {
    desk: Desk,
    phase: Phase,
    client: Client,
    output: &'o mut dyn Write,
    events: VecDeque<Event>,
    /// Requests that wait for a compilation.
    waiting: Vec<(Id, String, Value)>,
    jobs: Sender<Job>,
    busy: bool,
}

/// Serves one client until it says goodbye or its pipe ends; answers the exit status: 0 where it asked
/// to end before it did, else 1. Messages go to `output` and nowhere else.
pub fn serve(
    mut input: Box<dyn BufRead + Send>,
    output: &mut dyn Write,
    kinds: &'static [&'static Descriptor],
    world: fn() -> World,
) -> u8 {
    let (to_server, events) = channel();
    let (jobs, work) = channel::<Job>();
    let results = to_server.clone();
    std::thread::spawn(move || {
        let world = world();
        for job in work {
            let checked = checker::check(job, kinds, &world);
            if results.send(Event::Checked(Box::new(checked))).is_err() {
                return;
            }
        }
    });
    std::thread::spawn(move || {
        while let Ok(Some(incoming)) = wire::read(&mut *input) {
            if to_server.send(Event::Incoming(incoming)).is_err() {
                return;
            }
        }
        let _ = to_server.send(Event::Closed);
    });
    let mut server = Server {
        desk: Desk::new(kinds, world()),
        phase: Phase::New,
        client: Client::default(),
        output,
        events: VecDeque::new(),
        waiting: Vec::new(),
        jobs,
        busy: false,
    };
    // A client that no longer reads has gone: nothing is left to do.
    server.run(&events).unwrap_or(1)
}

impl Server<'_> {
    fn run(&mut self, events: &Receiver<Event>) -> std::io::Result<u8> {
        loop {
            let Some(event) = self.events.pop_front().or_else(|| events.recv().ok()) else { return Ok(1) };
            self.events.extend(events.try_iter());
            match event {
                Event::Closed => return Ok(1),
                Event::Checked(checked) => {
                    self.busy = false;
                    self.desk.take(*checked);
                    self.answer_waiting()?;
                }
                Event::Incoming(Incoming::Answer) => {}
                Event::Incoming(Incoming::Broken(id, error)) => wire::answer(self.output, id, Err(error))?,
                Event::Incoming(Incoming::Notice { method, .. }) if method == "exit" => {
                    return Ok(u8::from(self.phase != Phase::Shut));
                }
                Event::Incoming(Incoming::Notice { method, params }) => self.notice(&method, params)?,
                Event::Incoming(Incoming::Request { id, method, params }) => {
                    self.request(id, method, params)?;
                }
            }
            if self.events.is_empty() {
                self.settle()?;
            }
        }
    }

    /// Nothing is queued: whatever has changed is compiled, whatever is known is shown.
    fn settle(&mut self) -> std::io::Result<()> {
        if self.phase != Phase::Open {
            return Ok(());
        }
        if !self.busy
            && let Some(job) = self.desk.next_job()
        {
            self.busy = self.jobs.send(job).is_ok();
        }
        for (uri, version, diagnostics) in self.desk.findings() {
            let params = lsp::PublishDiagnosticsParams { uri: lsp::Uri(uri), version, diagnostics };
            wire::tell(self.output, "textDocument/publishDiagnostics", value(params), None)?;
        }
        Ok(())
    }

    fn request(&mut self, id: Id, method: String, params: Value) -> std::io::Result<()> {
        let result = match (&self.phase, method.as_str()) {
            (Phase::New, "initialize") => Ok(self.initialize(&params)),
            (Phase::New, _) => Err(error(ErrorCodes::ServerNotInitialized, "`initialize` comes first")),
            (Phase::Shut, _) => Err(error(ErrorCodes::InvalidRequest, "the server is shutting down")),
            (Phase::Open, "initialize") => {
                Err(error(ErrorCodes::InvalidRequest, "`initialize` was answered already"))
            }
            (Phase::Open, "shutdown") => {
                self.phase = Phase::Shut;
                self.drop_waiting(|_| true, "the server is shutting down")?;
                Ok(Value::Null)
            }
            (Phase::Open, _) if self.cancelled(&id) => {
                Err(lsp_error(LspErrorCodes::RequestCancelled, "the client took the request back"))
            }
            (Phase::Open, _) if self.must_wait(&method, &params) => {
                self.waiting.push((id, method, params));
                return Ok(());
            }
            (Phase::Open, _) => self.handle(&method, params),
        };
        wire::answer(self.output, id, result)
    }

    /// Whether a notice that takes the request back is queued behind it.
    fn cancelled(&self, id: &Id) -> bool {
        let own = value(id);
        self.events.iter().any(|event| match event {
            Event::Incoming(Incoming::Notice { method, params }) => {
                method == "$/cancelRequest" && params.get("id") == Some(&own)
            }
            _ => false,
        })
    }

    /// Whether a request is about places in a text whose compilation is still under way. What is completed
    /// is the text as it is, with the names that were known last.
    fn must_wait(&self, method: &str, params: &Value) -> bool {
        const EXACT: [&str; 4] = [
            "textDocument/hover",
            "textDocument/definition",
            "textDocument/references",
            "textDocument/codeAction",
        ];
        let Some(uri) = params.pointer("/textDocument/uri").and_then(Value::as_str) else { return false };
        let names = method == "textDocument/completion" && self.desk.checked(uri).is_none();
        (names || EXACT.contains(&method)) && self.desk.waits(uri)
    }

    fn answer_waiting(&mut self) -> std::io::Result<()> {
        for (id, method, params) in std::mem::take(&mut self.waiting) {
            if self.must_wait(&method, &params) {
                self.waiting.push((id, method, params));
            } else {
                let result = self.handle(&method, params);
                wire::answer(self.output, id, result)?;
            }
        }
        Ok(())
    }

    /// Ends waiting requests that are stale, taken back, or too late.
    fn drop_waiting(
        &mut self,
        which: impl Fn(&(Id, String, Value)) -> bool,
        why: &str,
    ) -> std::io::Result<()> {
        for waiting in std::mem::take(&mut self.waiting) {
            if which(&waiting) {
                wire::answer(self.output, waiting.0, Err(lsp_error(LspErrorCodes::RequestCancelled, why)))?;
            } else {
                self.waiting.push(waiting);
            }
        }
        Ok(())
    }

    fn handle(&mut self, method: &str, params: Value) -> Result<Value, Error> {
        let desk = &self.desk;
        match method {
            "textDocument/hover" => read(params).map(|params| value(hover::hover(desk, &params))),
            "textDocument/definition" => read(params).map(|params| value(find::definition(desk, &params))),
            "textDocument/references" => read(params).map(|params| value(find::references(desk, &params))),
            "textDocument/completion" => read(params).map(|params| value(complete::complete(desk, &params))),
            "textDocument/documentSymbol" => {
                read(params).map(|params| value(symbols::symbols(desk, &params)))
            }
            "textDocument/formatting" => read(params).and_then(|params| {
                let edits = layout::layout(desk, &params);
                edits.map(value).map_err(|why| lsp_error(LspErrorCodes::RequestFailed, why))
            }),
            "textDocument/codeAction" => {
                let versions = self.client.versions;
                read(params).map(|params| value(actions::actions(desk, &params, versions)))
            }
            _ => Err(error(ErrorCodes::MethodNotFound, format!("there is no method `{method}`"))),
        }
    }

    fn initialize(&mut self, params: &Value) -> Value {
        let can = |path: &str| params.pointer(&format!("/capabilities/{path}"));
        let told = |path: &str| can(path).and_then(Value::as_bool).unwrap_or(false);
        self.client.watches = told("workspace/didChangeWatchedFiles/dynamicRegistration");
        self.client.versions = told("workspace/workspaceEdit/documentChanges");
        let offered = can("general/positionEncodings").and_then(Value::as_array);
        // The client's order is its wish; whoever offers nothing counts as the protocol always did.
        let wish = offered.into_iter().flatten().find_map(|one| match one.as_str()? {
            "utf-8" => Some(Units::Utf8),
            "utf-16" => Some(Units::Utf16),
            _ => None,
        });
        self.desk.units = wish.unwrap_or_default();
        let folders = params.get("workspaceFolders").and_then(Value::as_array).filter(|all| !all.is_empty());
        let folders = folders.into_iter().flatten().filter_map(|folder| folder.get("uri"));
        let mut folders: Vec<&Value> = folders.collect();
        if folders.is_empty() {
            folders.extend(params.get("rootUri"));
        }
        folders.iter().filter_map(|uri| uri.as_str()).for_each(|uri| self.desk.folder(uri, true));
        self.desk.find_roots();
        self.phase = Phase::Open;
        value(lsp::InitializeResult {
            capabilities: capabilities(self.desk.units),
            server_info: Some(lsp::ServerInfo {
                name: "onhand".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
        })
    }

    fn notice(&mut self, method: &str, params: Value) -> std::io::Result<()> {
        if self.phase != Phase::Open {
            return Ok(());
        }
        let taken = match method {
            "initialized" => self.register(),
            "textDocument/didOpen" => read(params).map(|params: lsp::DidOpenTextDocumentParams| {
                let doc = params.text_document;
                self.desk.open(doc.uri.0, doc.version, doc.text);
                Ok(())
            }),
            "textDocument/didChange" => read(params).map(|params| self.change(params)),
            "textDocument/didClose" => read(params).map(|params: lsp::DidCloseTextDocumentParams| {
                self.desk.close(&params.text_document.uri.0);
                Ok(())
            }),
            "workspace/didChangeWatchedFiles" | "textDocument/didSave" => {
                self.desk.files_changed();
                Ok(Ok(()))
            }
            "workspace/didChangeWorkspaceFolders" => {
                read(params).map(|params: lsp::DidChangeWorkspaceFoldersParams| {
                    params.event.removed.iter().for_each(|folder| self.desk.folder(&folder.uri.0, false));
                    params.event.added.iter().for_each(|folder| self.desk.folder(&folder.uri.0, true));
                    self.desk.find_roots();
                    Ok(())
                })
            }
            "$/cancelRequest" => {
                let id = params.get("id").cloned().unwrap_or_default();
                let own = |waiting: &(Id, String, Value)| value(&waiting.0) == id;
                Ok(self.drop_waiting(own, "the client took the request back"))
            }
            // Notices that are not known may be ignored, says the protocol.
            _ => Ok(Ok(())),
        };
        match taken {
            Ok(done) => done,
            // A notice has no answer, so that it could not be read goes to the client's log.
            Err(error) => self.log(&format!("`{method}` was ignored: {}", error.message)),
        }
    }

    fn log(&mut self, message: &str) -> std::io::Result<()> {
        let params = json!({ "type": lsp::MessageType::Warning, "message": message });
        wire::tell(self.output, "window/logMessage", params, None)
    }

    fn change(&mut self, params: lsp::DidChangeTextDocumentParams) -> std::io::Result<()> {
        let (uri, units) = (params.text_document.text_document_identifier.uri.0, self.desk.units);
        let known = self.desk.change(&uri, params.text_document.version, |text| {
            for change in &params.content_changes {
                use lsp::TextDocumentContentChangeEvent as Change;
                match change {
                    Change::TextDocumentContentChangePartial(part) => {
                        text.edit(Some(part.range), &part.text, units);
                    }
                    Change::TextDocumentContentChangeWholeDocument(whole) => {
                        text.edit(None, &whole.text, units)
                    }
                }
            }
        });
        if !known {
            return self.log(&format!("an edit was ignored: {uri} is not open"));
        }
        // What was asked about the text as it was cannot be answered about the text as it is.
        for waiting in std::mem::take(&mut self.waiting) {
            if waiting.2.pointer("/textDocument/uri").and_then(Value::as_str) == Some(&uri) {
                let stale = lsp_error(LspErrorCodes::ContentModified, "the text has changed since");
                wire::answer(self.output, waiting.0, Err(stale))?;
            } else {
                self.waiting.push(waiting);
            }
        }
        Ok(())
    }

    /// Asks the client to tell when files change that nobody has open.
    fn register(&mut self) -> Result<std::io::Result<()>, Error> {
        if !self.client.watches {
            return Ok(Ok(()));
        }
        let watchers = json!([{ "globPattern": "**/*.kdl" }, { "globPattern": "**/*.csv" }]);
        let watch = json!({
            "id": "files",
            "method": "workspace/didChangeWatchedFiles",
            "registerOptions": { "watchers": watchers },
        });
        let params = json!({ "registrations": [watch] });
        Ok(wire::tell(self.output, "client/registerCapability", params, Some("onhand-files")))
    }
}

fn capabilities(units: Units) -> lsp::ServerCapabilities {
    let encoding = match units {
        Units::Utf16 => lsp::PositionEncodingKind::UTF16,
        Units::Utf8 => lsp::PositionEncodingKind::UTF8,
    };
    lsp::ServerCapabilities {
        position_encoding: Some(encoding),
        text_document_sync: Some(lsp::TextDocumentSync::Options(lsp::TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(lsp::TextDocumentSyncKind::Incremental),
            save: Some(lsp::Save::Bool(true)),
            ..lsp::TextDocumentSyncOptions::default()
        })),
        completion_provider: Some(lsp::CompletionOptions {
            trigger_characters: Some([" ", "=", "\""].map(str::to_owned).to_vec()),
            ..lsp::CompletionOptions::default()
        }),
        hover_provider: Some(lsp::HoverProvider::Bool(true)),
        definition_provider: Some(lsp::DefinitionProvider::Bool(true)),
        references_provider: Some(lsp::ReferencesProvider::Bool(true)),
        document_formatting_provider: Some(lsp::DocumentFormattingProvider::Bool(true)),
        document_symbol_provider: Some(lsp::DocumentSymbolProvider::Bool(true)),
        code_action_provider: Some(lsp::CodeActionProvider::CodeActionOptions(lsp::CodeActionOptions {
            code_action_kinds: Some(vec![lsp::CodeActionKind::QuickFix]),
            ..lsp::CodeActionOptions::default()
        })),
        workspace: Some(lsp::WorkspaceOptions {
            workspace_folders: Some(lsp::WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(lsp::ChangeNotifications::Bool(true)),
            }),
            ..lsp::WorkspaceOptions::default()
        }),
        ..lsp::ServerCapabilities::default()
    }
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T, Error> {
    serde_json::from_value(params).map_err(|why| error(ErrorCodes::InvalidParams, why.to_string()))
}

fn value(answer: impl Serialize) -> Value {
    serde_json::to_value(answer).expect("protocol types hold texts, numbers and lists only")
}
