//! Requests to a web service: sent with limits, and judged by status, so that each kind reads only answers.

use super::quota;
use super::redact::Redactor;
use super::{Context, Failure, Pace, setting};
use crate::model::Name;
use crate::model::time::Moment;
use crate::world::address::{Onward, onward};
use crate::world::{HttpError, Request, Response, Secret, World};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// How long a request may take, from sending to the last byte of the answer, where the topology says nothing.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// Largest answer, after decompression: 64 MB.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// Redirects of one request.
const MOST_REDIRECTS: usize = 5;

/// The way to one web service.
pub(crate) struct Wire {
    world: Rc<World>,
    system: Name,
    base: String,
    host: String,
    writes: bool,
    timeout: Duration,
    pace: Rc<Pace>,
    requests: Cell<u64>,
    redactor: Redactor,
}

/// One request with a JSON body.
pub(crate) struct Call<'a> {
    /// What comes after the service's address, with its slash.
    pub(crate) path: &'a str,
    /// Headers that may be shown.
    pub(crate) headers: Vec<(String, String)>,
    /// Headers that may not.
    pub(crate) secrets: Vec<(String, Secret)>,
    /// The body.
    pub(crate) body: String,
    /// Whether carrying it out changes nothing at the other side.
    pub(crate) safe: bool,
}

impl Wire {
    /// The way to the service at the system's `url`. An address that cannot be one, or that carries
    /// credentials, is [`Failure::Rejected`].
    pub(crate) fn open(context: &Context) -> Result<Wire, Failure> {
        let url = needed(context, "url")?;
        let url = url.reveal();
        let system = context.model.system(context.system).name.clone();
        let base = url.trim().trim_end_matches('/').to_owned();
        let host = host(&base).map_err(|why| Failure::Rejected {
            message: format!("system `{system}`: its `url` {why}; write it as https://erp.example.com"),
        })?;
        let (world, writes, pace) = (context.world.clone(), context.writes, context.pace.clone());
        let timeout = context.model.system(context.system).timeout.unwrap_or(TIMEOUT);
        let (requests, redactor) = (Cell::new(0), Redactor::default());
        Ok(Wire { world, system, base, host, writes, timeout, pace, requests, redactor })
    }

    /// The host and port, as the source that people know.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Whether the service's address ends with this.
    pub(crate) fn ends_with(&self, end: &str) -> bool {
        self.base.ends_with(end)
    }

    /// Requests sent so far.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.get()
    }

    /// How many requests may be under way at once.
    pub(crate) fn at_once(&self) -> usize {
        self.pace.at_once()
    }

    /// Now.
    pub(crate) fn now(&self) -> Moment {
        Moment(self.world.clock.now_ms())
    }

    /// Keeps a secret out of all messages from now on.
    pub(crate) fn hide(&mut self, secret: &Secret) {
        self.redactor.hide(secret);
    }

    /// A server's text, fit for a message.
    pub(crate) fn clean(&self, text: &str) -> String {
        self.redactor.clean(text)
    }

    /// A message that begins with whom it is about, without secrets.
    pub(crate) fn says(&self, what: &str) -> String {
        format!("system `{}` ({}): {}", self.system, self.host, self.redactor.clean(what))
    }

    /// A refusal that asking again would not change.
    pub(crate) fn rejected(&self, what: &str) -> Failure {
        Failure::Rejected { message: self.says(what) }
    }

    /// Missing, wrong or insufficient credentials.
    pub(crate) fn denied(&self, what: &str) -> Failure {
        Failure::Denied { message: self.says(what) }
    }

    /// An answer that cannot be understood: harmless for a question, unknown for a change.
    pub(crate) fn torn(&self, safe: bool, what: &str) -> Failure {
        match safe {
            true => Failure::Retry { after: None, message: self.says(what) },
            false => self.unknown(what),
        }
    }

    fn unknown(&self, what: &str) -> Failure {
        Failure::Unknown { message: self.says(&format!("{what}; whether the change was made is not known")) }
    }

    /// Sends one POST in its turn. Any answer is `Ok`, whatever its status; see [`Wire::judge`]. A redirect
    /// within the same origin is followed where that repeats a safe request as it is (307, 308), and nowhere
    /// else.
    pub(crate) async fn post(&self, call: Call<'_>) -> Result<Response, Failure> {
        if !call.safe && !self.writes {
            return Err(self.rejected("this session only reads, so it changes nothing there"));
        }
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        headers.extend(call.headers);
        let mut request = Request {
            method: "POST",
            url: format!("{}{}", self.base, call.path),
            headers,
            secrets: call.secrets,
            body: call.body.into_bytes(),
            timeout: self.timeout,
            limit: LARGEST_ANSWER,
            safe: call.safe,
        };
        for _ in 0..=MOST_REDIRECTS {
            self.pace.turn(&self.world).await;
            // Nothing is waited for between this look and the request's leaving.
            if !call.safe && self.world.too_late() {
                let message =
                    self.says("the run's lock ran out before this request left, so it was not sent");
                return Err(Failure::Retry { after: None, message });
            }
            self.requests.set(self.requests.get() + 1);
            let sent = self.world.http.send(request.clone()).await;
            let answer = sent.map_err(|error| self.unanswered(error, call.safe))?;
            if !(300..400).contains(&answer.status) {
                return Ok(answer);
            }
            request.url = self.redirected(&request, &answer)?;
        }
        Err(self.rejected(&format!("the server redirects more than {MOST_REDIRECTS} times: correct `url`")))
    }

    /// The address to which a redirect leads, if the same request may go there.
    fn redirected(&self, request: &Request, answer: &Response) -> Result<String, Failure> {
        let status = answer.status;
        let told = match onward(request.method, &request.url, status, answer.header("location")) {
            Onward::Follow(url) if request.safe => return Ok(url),
            Onward::Elsewhere(origin) => format!(
                "the server redirects (HTTP {status}) to {origin}, another origin, where credentials must \
                 not go; write the final address as `url`"
            ),
            Onward::Follow(_) | Onward::OtherRequest => format!(
                "the server redirects (HTTP {status}) what would have to be sent a second time, so it is not \
                 followed; write the final address as `url`"
            ),
            Onward::Nowhere => {
                format!("the server redirects (HTTP {status}) to no address that is one; correct `url`")
            }
        };
        Err(self.rejected(&told))
    }

    /// What it means that no answer came.
    fn unanswered(&self, error: HttpError, safe: bool) -> Failure {
        let too_much = |what: String| match safe {
            true => self.rejected(&format!("{what}, more than is ever read")),
            false => self.unknown(&what),
        };
        match error {
            HttpError::NotSent(why) => {
                Failure::Retry { after: None, message: self.says(&format!("cannot be reached: {why}")) }
            }
            HttpError::NoAnswer(why) => self.torn(safe, &format!("no whole answer came: {why}")),
            HttpError::TooLarge(limit) => too_much(format!("the answer is larger than {limit} bytes")),
            HttpError::Swells(times) => {
                too_much(format!("the answer unpacks to more than {times} times its size"))
            }
            HttpError::Unsafe => self.rejected("this run only reads, so it changes nothing there"),
        }
    }

    /// What the status of an answer means: `Ok` for 2xx, else the decision it calls for.
    pub(crate) fn judge(&self, answer: &Response, safe: bool) -> Result<(), Failure> {
        let status = answer.status;
        let quoted = quotation(answer).map(|text| format!(": {text}")).unwrap_or_default();
        match status {
            200..=299 => Ok(()),
            429 | 503 => Err(self.later(answer, &quoted)),
            403 if quota::spent(answer) => Err(self.later(answer, &quoted)),
            401 | 403 => Err(self.denied(&format!(
                "access is refused (HTTP {status}){quoted}; check the credentials and their rights"
            ))),
            404 => Err(self.rejected(&format!(
                "nothing answers at this address (HTTP 404){quoted}; check `url` and what it names"
            ))),
            400..=499 if status != 408 => {
                Err(self.rejected(&format!("the server refuses the request (HTTP {status}){quoted}")))
            }
            _ => Err(self.torn(safe, &format!("the server failed (HTTP {status}){quoted}"))),
        }
    }

    /// The server asks to come back later.
    fn later(&self, answer: &Response, quoted: &str) -> Failure {
        let status = answer.status;
        Failure::Retry {
            after: quota::wait(answer, self.now()),
            message: self.says(&format!("the server asks to come back later (HTTP {status}){quoted}")),
        }
    }
}

/// The value of a connection field; `None` where the topology does not set it. It stays secret, as nobody
/// knows what the environment holds.
pub(crate) fn optional(context: &Context, field: &str) -> Result<Option<Secret>, Failure> {
    let system = context.model.system(context.system);
    let Some((place, _)) = system.settings.get(field) else { return Ok(None) };
    let value = setting::reveal(context, field, place)?;
    if value.reveal().is_empty() || value.reveal().chars().any(char::is_control) {
        let what = "is empty or holds control characters: correct it where it is kept";
        return Err(Failure::Denied { message: format!("system `{}`: `{field}` {what}", system.name) });
    }
    Ok(Some(value))
}

/// The value of a connection field that must be there.
pub(crate) fn needed(context: &Context, field: &str) -> Result<Secret, Failure> {
    optional(context, field)?.ok_or_else(|| {
        let name = &context.model.system(context.system).name;
        Failure::Denied { message: format!("system `{name}`: `{field}` is not set: add it to the system") }
    })
}

/// What a JSON error answer says of itself: `message`, or the first of `errors`. Pages of HTML say
/// nothing that the status does not.
fn quotation(answer: &Response) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Plain {
        message: Option<String>,
        #[serde(default)]
        errors: Vec<Message>,
    }
    #[derive(serde::Deserialize)]
    struct Message {
        message: String,
    }
    let read: Plain = serde_json::from_slice(&answer.body).ok()?;
    read.errors.into_iter().next().map(|e| e.message).or(read.message).filter(|text| !text.is_empty())
}

/// Host and port of a service's address, or why it cannot be used.
fn host(url: &str) -> Result<String, &'static str> {
    let rest = after_scheme(url).ok_or("does not begin with https:// or http://")?;
    let host = authority(rest);
    if host.contains('@') {
        return Err("carries credentials, which belong into their own fields");
    }
    if host.is_empty() || !host.chars().all(|c| c.is_ascii_graphic()) {
        return Err("names no host");
    }
    if rest.contains(['?', '#']) || rest.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("has more than a path after the host");
    }
    Ok(host.to_owned())
}

fn after_scheme(url: &str) -> Option<&str> {
    url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))
}

fn authority(rest: &str) -> &str {
    &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())]
}
