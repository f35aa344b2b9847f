//! HTTP by reqwest: rustls, no redirects, every answer bounded. The only home of reqwest and flate2.

use super::{Http, HttpError, Request, Response, Task, tls};
use flate2::write::GzDecoder;
use std::io::Write;

/// How many times its own size an answer may unpack to, once it is larger than [`SMALL`]. JSON that repeats
/// itself comes to about 50.
const SWELLS: usize = 200;
/// What is too small to hurt, however well it was packed.
const SMALL: usize = 1024 * 1024;

/// The real transport.
pub struct Web {
    client: Result<reqwest::Client, String>,
    writes: bool,
}

impl Web {
    /// A transport. `writes`: whether unsafe requests may leave.
    pub fn new(writes: bool) -> Web {
        // Answers are unpacked here, where their packed size is known.
        let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Web { client: builder.build().map_err(|error| cause(&error)), writes }
    }
}

impl Http for Web {
    fn send(&self, request: Request) -> Task<'_, Result<Response, HttpError>> {
        Box::pin(async move {
            if !request.safe && !self.writes {
                return Err(HttpError::Unsafe);
            }
            let client = self.client.as_ref().map_err(|why| HttpError::NotSent(why.clone()))?;
            let limit = request.limit;
            let sent = build(client, request)?.send().await.map_err(classify)?;
            let status = sent.status().as_u16();
            let text =
                |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            let headers: Vec<_> =
                sent.headers().iter().map(|(k, v)| (k.as_str().to_owned(), text(v))).collect();
            let body = read_body(sent, &headers, limit).await?;
            Ok(Response { status, headers, body })
        })
    }
}

fn build(client: &reqwest::Client, request: Request) -> Result<reqwest::RequestBuilder, HttpError> {
    let method = match request.method {
        "GET" => reqwest::Method::GET,
        _ => reqwest::Method::POST,
    };
    let mut builder = client.request(method, &request.url).timeout(request.timeout).body(request.body);
    builder = builder.header("accept-encoding", "gzip");
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    for (name, value) in &request.secrets {
        let mut value = reqwest::header::HeaderValue::from_str(value.reveal()).map_err(|_| {
            HttpError::NotSent(format!("the value for header `{name}` cannot stand in a header"))
        })?;
        value.set_sensitive(true);
        builder = builder.header(name, value);
    }
    Ok(builder)
}

async fn read_body(
    mut sent: reqwest::Response,
    headers: &[(String, String)],
    limit: usize,
) -> Result<Vec<u8>, HttpError> {
    let packings = headers.iter().filter(|(name, _)| name == "content-encoding");
    let packings: Vec<String> = packings.map(|(_, value)| value.trim().to_ascii_lowercase()).collect();
    let mut body = match packings.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] | ["identity" | ""] => Body::Plain(Vec::new()),
        ["gzip" | "x-gzip"] => {
            Body::Packed(Box::new(GzDecoder::new(Bounded { limit, ..Bounded::default() })))
        }
        _ => {
            let named = packings.join(", ");
            return Err(HttpError::NoAnswer(format!(
                "the answer is packed as `{named}`, which was not asked for"
            )));
        }
    };
    while let Some(chunk) = sent.chunk().await.map_err(|error| HttpError::NoAnswer(cause(&error)))? {
        body.take(&chunk, limit)?;
    }
    body.finish()
}

/// A body on its way.
enum Body {
    Plain(Vec<u8>),
    Packed(Box<GzDecoder<Bounded>>),
}

impl Body {
    fn take(&mut self, chunk: &[u8], limit: usize) -> Result<(), HttpError> {
        match self {
            Body::Plain(bytes) if bytes.len() + chunk.len() > limit => Err(HttpError::TooLarge(limit)),
            Body::Plain(bytes) => {
                bytes.extend_from_slice(chunk);
                Ok(())
            }
            Body::Packed(packed) => {
                packed.get_mut().packed += chunk.len();
                let taken = packed.write_all(chunk);
                taken.map_err(|error| packed.get_ref().judge(&error))
            }
        }
    }

    fn finish(self) -> Result<Vec<u8>, HttpError> {
        match self {
            Body::Plain(bytes) => Ok(bytes),
            // An answer without any bytes (to a redirect, say) may name a packing all the same.
            Body::Packed(packed) if packed.get_ref().packed == 0 => Ok(Vec::new()),
            Body::Packed(mut packed) => {
                if let Err(error) = packed.try_finish() {
                    return Err(packed.get_ref().judge(&error));
                }
                Ok(std::mem::take(&mut packed.get_mut().bytes))
            }
        }
    }
}

/// What comes out of the unpacking, as much of it as is taken.
#[derive(Default)]
struct Bounded {
    bytes: Vec<u8>,
    packed: usize,
    limit: usize,
    refused: Option<HttpError>,
}

impl Bounded {
    fn judge(&self, error: &std::io::Error) -> HttpError {
        let torn = || HttpError::NoAnswer(format!("the packed answer was cut or damaged: {error}"));
        self.refused.clone().unwrap_or_else(torn)
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let size = self.bytes.len() + bytes.len();
        if size > self.limit {
            self.refused = Some(HttpError::TooLarge(self.limit));
        } else if size > SMALL && size / SWELLS > self.packed {
            self.refused = Some(HttpError::Swells(SWELLS));
        }
        if self.refused.is_some() {
            return Err(std::io::Error::other("refused"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn classify(error: reqwest::Error) -> HttpError {
    if error.is_connect() || error.is_builder() {
        HttpError::NotSent(cause(&error))
    } else {
        HttpError::NoAnswer(cause(&error))
    }
}

/// The innermost cause says most; the address stays out, since it may carry credentials.
fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    let text = last.to_string();
    let text = text.split(" for url (").next().unwrap_or("request failed");
    tls::in_words(text).map_or_else(|| text.to_owned(), str::to_owned)
}
