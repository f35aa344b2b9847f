//! A canary in every place that a secret may be given in, and every command run, against systems that are not
//! there and systems that send credentials back: it is in nothing that is said, and in no file.

use super::secrets::{CANARY, forms};
use super::{Done, Place, batch};
use crate::support::fault::{End, Heard, Server, Shop, answer, forward};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Longest that any command may take.
const BOUND: Duration = Duration::from_secs(20);

/// The canary where a URL holds a password.
const IN_URL: &str = "can%2Fary%2Bpass%25word%267Zq%3Fx";

/// Looks for the canary in all of its forms, and counts the places.
struct Search {
    pattern: regex::bytes::Regex,
    /// How many forms it knows.
    forms: usize,
    places: usize,
    /// Where it was found, and how it was written there.
    found: Vec<String>,
    /// Where files were looked at, without their folder.
    names: BTreeSet<String>,
}

impl Search {
    fn new() -> Search {
        // In a URL's own alphabet base64 has two other letters.
        let url_safe = |form: &Vec<u8>| String::from_utf8_lossy(form).replace('+', "-").replace('/', "_");
        let mut all: Vec<String> =
            forms().iter().map(|form| String::from_utf8_lossy(form).into_owned()).collect();
        all.extend(forms().iter().skip(5).map(url_safe));
        let all: Vec<String> = all.iter().map(|form| format!("(?-u:{})", regex::escape(form))).collect();
        let pattern = regex::bytes::Regex::new(&all.join("|")).expect("a pattern");
        Search { pattern, forms: all.len(), places: 0, found: Vec::new(), names: BTreeSet::new() }
    }

    fn finds(&self, bytes: &[u8]) -> Option<String> {
        self.pattern.find(bytes).map(|found| String::from_utf8_lossy(found.as_bytes()).into_owned())
    }

    fn look(&mut self, what: &str, bytes: &[u8]) {
        self.places += 1;
        let found = self.finds(bytes).map(|found| format!("{what} holds the canary as `{found}`"));
        self.found.extend(found);
    }

    /// Looks at every file of a folder but the one that the secret was given in.
    fn files(&mut self, place: &Place) {
        let mut folders = vec![place.path("")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if !path.ends_with(KEY_FILE) {
                    self.look(&path.display().to_string(), &std::fs::read(&path).unwrap());
                    self.names.insert(path.file_name().unwrap().to_string_lossy().into_owned());
                }
            }
        }
    }

    /// Runs a command for so long at most, and looks at what it says.
    #[track_caller]
    fn run(&mut self, place: &Place, words: &str) -> Done {
        let said = tempfile::tempdir().unwrap();
        let file = |name: &str| -> (PathBuf, Stdio) {
            let path = said.path().join(name);
            let file = std::fs::File::create(&path).unwrap();
            (path, file.into())
        };
        let ((out, to_out), (err, to_err)) = (file("out"), file("err"));
        let began = Instant::now();
        let mut child = place.command(words).stdout(to_out).stderr(to_err).spawn().unwrap();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if began.elapsed() > BOUND {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("`onhand {words}` has not ended after {BOUND:?}");
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let text = |path: PathBuf| String::from_utf8(std::fs::read(path).unwrap()).expect("UTF-8");
        let done = Done { out: text(out), err: text(err), status: status.code().unwrap_or(255) };
        assert!(!done.err.contains("panicked") && done.status != 70, "{words}: {done:#?}");
        self.look(&format!("stdout of `{words}`"), done.out.as_bytes());
        self.look(&format!("stderr of `{words}`"), done.err.as_bytes());
        done
    }
}

const KEY_FILE: &str = "kiosk.key";

/// A depot and a shop that work, and a system for each way in which a secret is given.
const TOPOLOGY: &str = r#"onhand language=1 { state (env)STATE }
unit ea { in erp u }
system depot kind=csv role=warehouse {
    levels "feed.csv" { code sku; on-hand qty { net-of reserved }; complete }
}
system shop kind=sql role=channel {
    url "sqlite:shop.db"
    levels "select sku, qty from stock" { code sku; available qty { net-of own-sales } }
    set "update stock set qty = :after where sku = :code and qty = :before"
    orders none
}
system till kind=sql role=channel {
    url (env)TILL_DATABASE
    levels "select sku, qty from stock" { code sku; available qty { net-of own-sales } }
    set "update stock set qty = :after where sku = :code and qty = :before"
    orders none
    timeout "2s"
    retry attempts=1
}
system erp kind=tryton role=erp {
    url (env)ERP_URL; database erp; user sync; password (env)ERP_PASSWORD; timeout "2s"; retry attempts=1
}
system web kind=vendure role=channel {
    url (env)SHOP_URL; key (env)SHOP_KEY; orders none; timeout "2s"; retry attempts=1
}
system kiosk kind=vendure role=channel {
    url (env)SHOP_URL; key (file)"kiosk.key"; orders none; timeout "2s"; retry attempts=1
}
system stall kind=vendure role=channel {
    url (env)SHOP_URL; user clerk; password (env)STALL_PASSWORD; orders none; timeout "2s"; retry attempts=1
}
system booth kind=vendure role=channel {
    url (env)BOOTH_URL; key (env)SHOP_KEY; orders none; timeout "2s"; retry attempts=1
}
location hall {
    in depot; in shop; in till; in web Main; in kiosk Main; in stall Main; in booth Main
}
location annex { in erp A; in booth Annex }
item I0 unit=ea {
    in depot I0; in erp I0; in shop I0; in till I0; in web I0; in kiosk I0; in stall I0; in booth I0
}
item I1 unit=ea { in depot I1; in shop I1; in web I1 }
item I2 unit=ea { in depot I2; in erp I2; in booth I2 }
owner depot { of on-hand; at hall; allow transfer-untracked reason="a test" }
owner erp { of on-hand reserved; at annex; allow transfer-untracked reason="a test" }
alert { to webhook=(env)OPS_WEBHOOK }
review { by "ops@example.com"; daily "09:00" }
rollback keep="30d"
test "what is there is shown" {
    given depot on-hand at=hall { I0 5 }
    expect till available at=hall { I0 5 }
}
"#;

/// The topology, with a canary for each secret; web systems are at `url`.
fn place(url: &str, state: &str) -> Place {
    let mut text = TOPOLOGY.to_owned();
    for target in ["shop", "till", "web", "kiosk", "stall", "booth"] {
        text.push_str(&format!(
            "flow {target} {{ publish available to={target}; lag \"10m\" every=\"5m\"; \
             allow shared-pool reason=\"a test\" }}\n"
        ));
    }
    let place = Place::with(&text);
    place.write("feed.csv", "sku,qty\nI0,5\nI1,5\nI2,5\n");
    place.write(KEY_FILE, &format!("{CANARY}\n"));
    let table = "create table stock (sku text primary key, qty integer not null);
                 insert into stock values ('I0', 9), ('I1', 7);";
    batch(&place.path("shop.db"), table);
    let port = super::secrets::closed();
    let closed = format!("127.0.0.1:{port}");
    place
        .env("STATE", state)
        .env("TILL_DATABASE", &format!("postgres://till:{IN_URL}@{closed}/till"))
        .env("ERP_URL", url)
        .env("ERP_PASSWORD", CANARY)
        .env("SHOP_URL", url)
        .env("SHOP_KEY", CANARY)
        .env("STALL_PASSWORD", CANARY)
        .env("BOOTH_URL", &format!("http://clerk:{IN_URL}@{closed}/"))
        .env("OPS_WEBHOOK", &format!("http://{closed}/hook?token={IN_URL}"))
}

const STATE: &str = "sqlite:.onhand/state.db";

/// Every command, in an order in which each has something to say; `RUN` stands for a run.
const COMMANDS: &[&str] = &[
    "check",
    "check --format json",
    "check --format sarif",
    "check --format github",
    "check --diff",
    "fmt --check",
    "fmt --diff",
    "test",
    "graph",
    "simulate --hours 2",
    "graph --format json",
    "explain I0@till",
    "explain I0@web --format json",
    "explain plain-http",
    "plan",
    "plan --format json",
    "plan --format markdown",
    "plan --out p.jsonl",
    "snapshot --out seen.jsonl",
    "plan --snapshot seen.jsonl",
    "diff --snapshot seen.jsonl --a . --b .",
    "apply p.jsonl --format json",
    "apply --auto-approve",
    "apply --resume",
    "rollback RUN --out undo.jsonl",
    "history I0@shop",
    "history I1@web --format json",
    "queue list",
    "queue list --format json",
    "queue show 1",
    "queue retry 1",
    "queue ack 1 --until 2099-01-01 --note known",
    "queue check",
    "queue resolve 1 --note done",
    "pause shop --as flow --reason count",
    "pause",
    "resume shop --as flow",
    "state lock list",
    "state unlock RUN --reason gone",
    "state backup kept/copy.db",
    "state check",
    "init first --from direct",
    "demo direct --in shown",
    "lsp",
    "help",
    "status",
    "status --format json",
    "explain I0@shop --format json",
    "--version",
];

/// Runs every command; answers how many ran.
fn all(search: &mut Search, place: &Place) -> usize {
    std::fs::create_dir_all(place.path("kept")).unwrap();
    let mut run = "none".to_owned();
    let mut open = None;
    for words in COMMANDS {
        let done = search.run(place, &words.replace("RUN", &run));
        if words.starts_with("apply p.jsonl") {
            let last = done.out.lines().next_back().map(serde_json::from_str::<serde_json::Value>);
            run = last.and_then(|told| Some(told.ok()?["run"].as_str()?.to_owned())).unwrap_or(run);
        }
        let state = place.path(".onhand/state.db");
        if open.is_none() && state.exists() {
            // Somebody reads all the while, so the write-ahead log stays where it is.
            open = Some(reader(&state));
        }
    }
    search.files(place);
    COMMANDS.len()
}

/// A connection that has read.
fn reader(path: &std::path::Path) -> onhand::world::sqlite::Sqlite {
    use onhand::world::Database;
    let path = path.to_str().unwrap();
    let mut file = onhand::world::sqlite::Sqlite::open(path, true, Duration::from_secs(5)).unwrap();
    crate::support::run(async { file.query("select count(*) from run", &[]).await.unwrap() });
    file
}

/// How a server writes what it heard.
#[derive(Debug, Clone, Copy)]
enum Spelling {
    Plain,
    Percent,
    Hex,
    Base64(usize),
}

impl Spelling {
    fn of(self, text: &str) -> String {
        match self {
            Spelling::Plain => text.to_owned(),
            Spelling::Percent => super::secrets::percent(text, true),
            Spelling::Hex => text.bytes().map(|byte| format!("{byte:02x}")).collect(),
            Spelling::Base64(lead) => super::secrets::base64(format!("{}{text}", &"xxx"[..lead]).as_bytes()),
        }
    }
}

/// What a server that sends credentials back does.
#[derive(Debug, Clone, Copy)]
enum Echo {
    /// Every request gets this status, and what it said as the body and in a header.
    Status(u16),
    /// Every request gets an error in a good answer.
    Body,
    /// Every request is sent to an address that holds what it said.
    Redirect,
    /// Reads are answered well, and writes get an error in a good answer.
    Writes,
}

/// A server that sends back, in this spelling, the parts of each request that hold credentials.
fn echoing(echo: Echo, spelling: Spelling) -> Server {
    let shop = Shop::new(&[("I0", 9), ("I1", 8)], &[]);
    let address = shop.server.url.trim_start_matches("http://").to_owned();
    Server::start(move |heard| {
        let told = spelling.of(&credentials(heard));
        let graph = json!({"errors": [{"message": told, "extensions": {"code": "NO"}}], "data": null, "id": 1,
            "error": ["UserError", [told, told, null]]});
        let good = answer(200, &[("content-type", "application/json")], graph.to_string().as_bytes());
        let bytes = match echo {
            Echo::Writes if heard.body.contains("updateProductVariants") => good,
            Echo::Writes => forward(&address, heard),
            Echo::Body => good,
            Echo::Status(status) => {
                answer(status, &[("x-told", &told), ("retry-after", "1")], told.as_bytes())
            }
            Echo::Redirect => {
                let to = format!("http://127.0.0.1:1/{}", told.replace(['\r', '\n', ' '], "+"));
                answer(307, &[("location", &to)], told.as_bytes())
            }
        };
        (bytes, End::Close)
    })
}

/// The lines of a request that hold the canary, in one line.
fn credentials(heard: &Heard) -> String {
    let lines = heard.head.lines().chain(heard.body.lines());
    lines.filter(|line| line.contains(CANARY)).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_search_finds_what_is_planted_in_every_form() {
    let mut search = Search::new();
    let place = Place::empty();
    let mut planted = 0;
    for form in forms() {
        let text = [b"before ".as_slice(), &form, b" after\xff\x00"].concat();
        assert!(search.finds(&text).is_some(), "{}", String::from_utf8_lossy(&form));
        std::fs::write(place.path("planted"), &text).unwrap();
        search.files(&place);
        planted += 1;
        assert_eq!(search.found.len(), planted, "{:?}", search.found);
    }
    for lead in 0..3 {
        for spelling in [Spelling::Base64(lead), Spelling::Hex, Spelling::Percent, Spelling::Plain] {
            let text = spelling.of(&format!("\"password\":\"{CANARY}\"}}"));
            assert!(search.finds(text.as_bytes()).is_some(), "{spelling:?}: {text}");
        }
    }
    assert!(search.finds(CANARY.replace('Z', "z").as_bytes()).is_none());
    println!("{planted} planted, {} found", search.found.len());
}

#[test]
fn every_command_is_run_with_canaries() {
    let help = Place::empty().run("help").ends(0).out;
    let listed = help.lines().skip_while(|line| !line.starts_with("Commands:")).skip(1);
    let listed = listed.take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
    let mut count = 0;
    for line in listed {
        let name = line.split_whitespace().next().unwrap();
        let run = |words: &&&str| words.split(' ').next() == Some(name);
        assert!(COMMANDS.iter().any(|words| run(&words)), "`{name}` is not among the commands run");
        count += 1;
    }
    assert!(count > 15, "{help}");
}

#[test]
fn no_canary_is_in_anything_that_is_said_or_kept() {
    let mut search = Search::new();
    let mut ran = 0;
    // Nobody listens; the state is named by a secret; and a server sends back what it heard.
    let closed = format!("http://127.0.0.1:{}", super::secrets::closed());
    ran += all(&mut search, &place(&closed, STATE));
    ran += all(&mut search, &place(&closed, &format!("postgres://state:{IN_URL}@127.0.0.1:1/state")));
    ran += all(&mut search, &place(&closed, CANARY));
    let mut echoed = 0;
    let mut sent_back = |server: &Server| {
        let with = server.heard().iter().filter(|heard| !credentials(heard).is_empty()).count();
        assert!(with > 0, "the server heard no credential, so it sent none back");
        echoed += with;
    };
    let server = echoing(Echo::Writes, Spelling::Plain);
    let kept = place(&server.url, STATE);
    ran += all(&mut search, &kept);
    sent_back(&server);
    let failed =
        super::query(&kept.path(".onhand/state.db"), "select count(*) from queue where system <> 'shop'");
    assert_ne!(failed, [["0"]], "what a server said was kept with the row that failed");
    let spellings = [Spelling::Plain, Spelling::Percent, Spelling::Hex];
    let spellings = spellings.into_iter().chain((0..3).map(Spelling::Base64));
    let echoes = [400, 401, 403, 404, 429, 500, 503].map(Echo::Status).into_iter();
    let echoes = echoes.chain([Echo::Body, Echo::Redirect, Echo::Writes]);
    for (echo, spelling) in echoes.zip(spellings.cycle()) {
        let server = echoing(echo, spelling);
        let place = place(&server.url, STATE);
        for words in
            ["apply --auto-approve --format json", "plan --out p.jsonl", "queue list", "explain I0@web"]
        {
            search.run(&place, words);
            ran += 1;
        }
        search.files(&place);
        sent_back(&server);
    }
    for name in ["state.db", "state.db-wal", "copy.db", "p.jsonl", "undo.jsonl", "seen.jsonl"] {
        assert!(search.names.contains(name), "no `{name}` was looked at: {:?}", search.names);
    }
    let Search { places, forms, found, .. } = search;
    println!("{ran} commands, {places} places searched for {forms} forms of a canary: {} found", found.len());
    println!("{echoed} requests with a canary, each met by a server that sends it back or keeps it");
    assert_eq!(found, Vec::<String>::new());
}
