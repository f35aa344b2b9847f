//! Servers on loopback that misbehave as they are told, and a web shop among them: as much of Vendure's API as
//! a whole apply needs.

use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What a server heard: the request line and headers as they came, and the body.
#[derive(Debug, Clone)]
pub struct Heard {
    /// Request line and headers.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Heard {
    /// The method, such as `POST`.
    pub fn method(&self) -> &str {
        self.head.split(' ').next().unwrap_or_default()
    }
}

/// What a server does with its connection after what it has sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Closes it.
    Close,
    /// Keeps it open in silence until the other side gives up.
    Stall,
}

type Handler = dyn Fn(&Heard) -> (Vec<u8>, End) + Send + Sync;

/// A server, with everything that it heard.
#[derive(Clone)]
pub struct Server {
    /// Its address, as `http://127.0.0.1:PORT`.
    pub url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Server {
    /// Serves until the process ends.
    pub fn start(handler: impl Fn(&Heard) -> (Vec<u8>, End) + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (log, handler): (_, Arc<Handler>) = (heard.clone(), Arc::new(handler));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, handler) = (log.clone(), handler.clone());
                std::thread::spawn(move || serve(stream, &log, &*handler));
            }
        });
        Server { url, heard }
    }

    /// What it heard so far.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().expect("nobody panicked").clone()
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<Heard>>, handler: &Handler) {
    let Some(heard) = listen(&mut stream) else { return };
    log.lock().expect("nobody panicked").push(heard.clone());
    let (bytes, end) = handler(&heard);
    // Whoever has gone away hears no more; that is the other side's business.
    let _ = stream.write_all(&bytes).and_then(|()| stream.flush());
    if end == End::Stall {
        let mut rest = [0; 64];
        while stream.read(&mut rest).is_ok_and(|count| count > 0) {}
    }
}

fn listen(stream: &mut TcpStream) -> Option<Heard> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 16 * 1024]);
    loop {
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&buffer[..count]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        let body = end + 4;
        while bytes.len() < body + length.unwrap_or(0) {
            let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
            bytes.extend_from_slice(&buffer[..count]);
        }
        return Some(Heard { head, body: String::from_utf8_lossy(&bytes[body..]).into_owned() });
    }
}

/// An answer as it goes over the line.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status} Answer\r\nconnection: close\r\n");
    headers.iter().for_each(|(name, value)| text.push_str(&format!("{name}: {value}\r\n")));
    text.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// What a server at this address (`HOST:PORT`) answers to a request that another one heard.
pub fn forward(address: &str, heard: &Heard) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.write_all(format!("{}\r\n\r\n{}", heard.head, heard.body).as_bytes()).expect("it hears");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it answers");
    answer
}

/// A text as gzip.
pub fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(text).expect("memory takes all");
    packed.finish().expect("memory takes all")
}

/// How one request goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Silence instead of an answer. Nothing is done.
    StallBeforeHead,
    /// It is done; the answer stops halfway, and silence follows.
    StallMidBody,
    /// It is done; the answer is cut.
    Torn,
    /// It is done; the packed answer is cut.
    TornGzip,
    /// It is done; the connection closes without a word.
    ResetAfterCommit,
    /// A status without anything being done, with `Retry-After` if so.
    Refused(u16, Option<&'static str>),
    /// It is done; a proxy says otherwise.
    DoneButSays(u16),
    /// A good status with an error in the body. Nothing is done.
    ErrorBody,
    /// It is done twice.
    Twice,
    /// It is done; the answer never ends.
    TooLarge,
    /// It is done; the answer is a bomb.
    Bomb,
    /// A redirect with this status. Nothing is done.
    Redirect(u16),
}

/// One variant's count, its log, and what it was before anything was written.
#[derive(Debug, Clone)]
struct Variant {
    on_hand: i64,
    log: u64,
}

/// What a shop holds.
#[derive(Default)]
struct Stock {
    variants: BTreeMap<String, Variant>,
    faults: VecDeque<Fault>,
    /// Every number that was set, by SKU, in order.
    written: Vec<(String, i64)>,
}

/// A web shop with one location, `Main`.
#[derive(Clone)]
pub struct Shop {
    /// The server.
    pub server: Server,
    stock: Arc<Mutex<Stock>>,
}

impl Shop {
    /// A shop that shows these counts, whose next writes go wrong like this, one after the other.
    pub fn new(counts: &[(&str, i64)], faults: &[Fault]) -> Shop {
        let variant = |on_hand| Variant { on_hand, log: 1 };
        let variants = counts.iter().map(|(sku, count)| ((*sku).to_owned(), variant(*count))).collect();
        let stock = Stock { variants, faults: faults.iter().copied().collect(), written: Vec::new() };
        let stock = Arc::new(Mutex::new(stock));
        let inside = stock.clone();
        let server = Server::start(move |heard| inside.lock().expect("nobody panicked").hear(heard));
        Shop { server, stock }
    }

    /// What it shows, by SKU.
    pub fn shows(&self) -> Vec<(String, i64)> {
        let stock = self.stock.lock().expect("nobody panicked");
        stock.variants.iter().map(|(sku, variant)| (sku.clone(), variant.on_hand)).collect()
    }

    /// Every number that was set, in order.
    pub fn written(&self) -> Vec<(String, i64)> {
        self.stock.lock().expect("nobody panicked").written.clone()
    }

    /// Faults that nobody has met.
    pub fn unmet(&self) -> usize {
        self.stock.lock().expect("nobody panicked").faults.len()
    }
}

const JSON: (&str, &str) = ("content-type", "application/json");

impl Stock {
    fn hear(&mut self, heard: &Heard) -> (Vec<u8>, End) {
        let asked: Value = serde_json::from_str(&heard.body).unwrap_or_default();
        let query = asked["query"].as_str().unwrap_or_default();
        let variables = &asked["variables"];
        let plain =
            |data: Value| (answer(200, &[JSON], json!({"data": data}).to_string().as_bytes()), End::Close);
        if query.contains("updateProductVariants") {
            return match self.faults.pop_front() {
                Some(fault) => self.misbehave(fault, variables),
                None => plain(self.update(variables)),
            };
        }
        if query.contains("stockLocations") {
            let list = json!({"totalItems": 1, "items": [{"id": "1", "name": "Main"}]});
            return plain(json!({"activeChannel": {"token": "web"}, "stockLocations": list}));
        }
        plain(self.list(variables))
    }

    fn misbehave(&mut self, fault: Fault, variables: &Value) -> (Vec<u8>, End) {
        let whole = |data: &Value| json!({"data": data}).to_string().into_bytes();
        let close = |bytes: Vec<u8>| (bytes, End::Close);
        let cut = |bytes: Vec<u8>, by: usize| bytes[..bytes.len() - by].to_vec();
        match fault {
            Fault::StallBeforeHead => (Vec::new(), End::Stall),
            Fault::StallMidBody => {
                (cut(answer(200, &[JSON], &whole(&self.update(variables))), 9), End::Stall)
            }
            Fault::Torn => close(cut(answer(200, &[JSON], &whole(&self.update(variables))), 9)),
            Fault::TornGzip => {
                let packed = gzip(&whole(&self.update(variables)));
                close(answer(200, &[JSON, ("content-encoding", "gzip")], &packed[..packed.len() - 11]))
            }
            Fault::ResetAfterCommit => {
                self.update(variables);
                close(Vec::new())
            }
            Fault::Refused(status, wait) => {
                let wait = wait.map(|wait| ("retry-after", wait));
                close(answer(status, &wait.into_iter().collect::<Vec<_>>(), b"<html>later</html>"))
            }
            Fault::DoneButSays(status) => {
                self.update(variables);
                close(answer(status, &[], b"<html>bad gateway</html>"))
            }
            Fault::ErrorBody => {
                let error = json!({"errors": [{"message": "out of order"}], "data": null}).to_string();
                close(answer(200, &[JSON], error.as_bytes()))
            }
            Fault::Twice => {
                self.update(variables);
                close(answer(200, &[JSON], &whole(&self.update(variables))))
            }
            Fault::TooLarge => {
                self.update(variables);
                close(answer(200, &[JSON], &vec![b' '; 65 * 1024 * 1024]))
            }
            Fault::Bomb => {
                self.update(variables);
                let bomb = gzip(&vec![b' '; 8 * 1024 * 1024]);
                close(answer(200, &[JSON, ("content-encoding", "gzip")], &bomb))
            }
            Fault::Redirect(status) => {
                close(answer(status, &[("location", "http://127.0.0.1:1/admin-api")], b""))
            }
        }
    }

    fn update(&mut self, variables: &Value) -> Value {
        let mut answered = Vec::new();
        for variant in variables["i"].as_array().into_iter().flatten() {
            let sku = variant["id"].as_str().unwrap_or_default();
            let after = variant["stockLevels"][0]["stockOnHand"].as_i64().expect("a count");
            let known = self.variants.get_mut(sku).expect("ids are SKUs here");
            // Vendure notes an adjustment where the number differs.
            known.log += u64::from(known.on_hand != after);
            known.on_hand = after;
            self.written.push((sku.to_owned(), after));
            answered
                .push(json!({"id": sku, "stockLevels": [{"stockLocationId": "1", "stockOnHand": after}]}));
        }
        json!({"updateProductVariants": answered})
    }

    fn list(&self, variables: &Value) -> Value {
        let wanted = variables["o"]["filter"]["sku"]["in"].as_array();
        let kept = |sku: &&String| wanted.is_none_or(|wanted| wanted.iter().any(|one| one == sku.as_str()));
        let from = variables["o"]["skip"].as_u64().unwrap_or(0);
        let found: Vec<&String> = self.variants.keys().filter(kept).collect();
        let total = found.len();
        let page = found.into_iter().skip(usize::try_from(from).expect("small")).map(|sku| {
            let variant = &self.variants[sku];
            let level = json!({"stockLocationId": "1", "stockOnHand": variant.on_hand, "stockAllocated": 0});
            json!({"id": sku, "sku": sku, "trackInventory": "TRUE", "outOfStockThreshold": 0,
                   "useGlobalOutOfStockThreshold": false, "stockLevels": [level],
                   "stockMovements": {"totalItems": variant.log}})
        });
        let items: Vec<Value> = page.collect();
        let settings = json!({"trackInventory": true, "outOfStockThreshold": 0});
        json!({"globalSettings": settings, "productVariants": {"totalItems": total, "items": items}})
    }
}
