//! The real binary, run as people and pipelines run it.

mod apply;
mod canary;
mod check;
mod demo;
mod diff;
mod divided;
mod drift;
mod due;
mod explain;
mod faults;
mod fix;
mod fmt;
mod full;
mod gates;
mod graph;
mod hostile;
mod init;
mod interrupted;
mod killed;
mod lag;
mod leaks;
mod lifting;
mod next;
mod plan;
mod progress;
mod queue;
mod refused;
mod secrets;
mod snapshot;
mod state;
mod status;
mod stopped;
mod test;
mod undo;
mod words;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What a command printed and how it ended.
#[derive(Debug)]
pub struct Done {
    /// What it printed as results.
    pub out: String,
    /// What it said beside them.
    pub err: String,
    /// Its exit status; 255 where a signal ended it.
    pub status: i32,
}

impl Done {
    fn of(output: Output) -> Done {
        Done {
            out: String::from_utf8(output.stdout).expect("results are UTF-8"),
            err: String::from_utf8(output.stderr).expect("talk is UTF-8"),
            status: output.status.code().unwrap_or(255),
        }
    }

    /// Checks the exit status, and that nothing panicked; answers itself.
    #[track_caller]
    pub fn ends(self, status: i32) -> Done {
        assert!(!self.err.contains("panicked"), "{self:#?}");
        assert_eq!(self.status, status, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Checks that the results hold each text, whatever the line breaks.
    #[track_caller]
    pub fn tells(self, texts: &[&str]) -> Done {
        let words = flat(&self.out);
        texts.iter().for_each(|text| assert!(words.contains(text), "`{text}` is missing in\n{}", self.out));
        self
    }

    /// Checks that the talk holds each text, whatever the line breaks.
    #[track_caller]
    pub fn says(self, texts: &[&str]) -> Done {
        let words = flat(&self.err);
        texts.iter().for_each(|text| assert!(words.contains(text), "`{text}` is missing in\n{}", self.err));
        self
    }

    /// Checks that there is no result.
    #[track_caller]
    pub fn tells_nothing(self) -> Done {
        assert_eq!(self.out, "", "stderr:\n{}", self.err);
        self
    }

    /// Checks that nothing is said beside the results.
    #[track_caller]
    pub fn says_nothing(self) -> Done {
        assert_eq!(self.err, "", "stdout:\n{}", self.out);
        self
    }

    /// The results as JSON, one value a line.
    #[track_caller]
    pub fn json(&self) -> Vec<serde_json::Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
    }
}

/// A text with every run of white space as one space.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A folder of its own, with commands run inside it.
pub struct Place {
    folder: tempfile::TempDir,
    env: Vec<(String, String)>,
}

impl Place {
    /// An empty one.
    pub fn empty() -> Place {
        Place { folder: tempfile::tempdir().unwrap(), env: Vec::new() }
    }

    /// A copy of the shipped example `direct`, its shop as before the first apply.
    pub fn direct() -> Place {
        let place = Place::empty();
        crate::support::example::copy("direct", place.folder.path());
        place
    }

    /// A folder with one file, the topology.
    pub fn with(topology: &str) -> Place {
        let place = Place::empty();
        place.write("onhand.kdl", topology);
        place
    }

    /// Sets a variable for every command that follows.
    pub fn env(mut self, name: &str, value: &str) -> Place {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A path inside it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file inside it.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A file's text.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Changes a file's text; the old part must be there.
    #[track_caller]
    pub fn change(&self, name: &str, old: &str, new: &str) {
        let text = self.read(name);
        assert!(text.contains(old), "`{old}` stands in {name}");
        self.write(name, &text.replacen(old, new, 1));
    }

    /// The command, not started yet; words are split at spaces.
    pub fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onhand"));
        command.args(words.split(' ').filter(|word| !word.is_empty())).current_dir(self.folder.path());
        command.stdin(Stdio::null());
        command.env_remove("CI").env("COLUMNS", "80").env("NO_COLOR", "1").env("LC_ALL", "C.UTF-8");
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, words: &str) -> Done {
        Done::of(self.command(words).output().unwrap())
    }

    /// What the shop of `direct` shows: `sku/site` and count, sorted.
    pub fn shop(&self) -> Vec<(String, i64)> {
        let sql = "select sku || '/' || site, qty from stock order by 1";
        let rows = query(&self.path("shop.db"), sql);
        rows.into_iter().map(|row| (row[0].clone(), row[1].parse().unwrap())).collect()
    }
}

/// Rows of a SQLite file, as texts.
pub fn query(path: &Path, sql: &str) -> Vec<Vec<String>> {
    use onhand::world::Database;
    let path = path.to_str().unwrap().to_owned();
    crate::support::run(async {
        let wait = std::time::Duration::from_secs(10);
        let mut file = onhand::world::sqlite::Sqlite::open(&path, true, wait).unwrap();
        let rows = file.query(sql, &[]).await.unwrap().rows;
        rows.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect()).collect()
    })
}

/// Runs statements on a SQLite file.
pub fn batch(path: &Path, sql: &str) {
    use onhand::world::Database;
    let path = path.to_str().unwrap().to_owned();
    crate::support::run(async {
        let wait = std::time::Duration::from_secs(10);
        let mut file = onhand::world::sqlite::Sqlite::open(&path, true, wait).unwrap();
        file.batch(sql).await.unwrap();
    });
}

/// One feed, one shop in SQLite, one item: as small as a sync gets. `%` stands for what the flow says more.
pub const SMALL: &str = r#"
onhand language=1
unit ea
system depot kind=csv role=warehouse {
    levels "feed.csv" { code sku; on-hand qty { net-of reserved }; complete }
}
system shop kind=sql role=channel {
    url "sqlite:shop.db"
    levels "select sku, qty from stock" { code sku; available qty { net-of own-sales } }
    set "update stock set qty = :after where sku = :code and qty = :before"
    orders none
}
location hall { in depot; in shop }
owner depot { of on-hand }
flow counts { publish available to=shop; lag "10m" every="5m" }
alert { to webhook=(env)OPS_WEBHOOK }
review { by "ops@example.com"; daily "09:00" }
rollback keep="30d"
"#;

/// [`SMALL`] with so many items `I0`, `I1`, …: the depot has 5 of each, the shop shows 9.
pub fn small(items: usize) -> Place {
    let mut text = SMALL.to_owned();
    let (mut feed, mut shop) = ("sku,qty\n".to_owned(), String::new());
    for at in 0..items {
        text.push_str(&format!("item I{at} unit=ea {{ in depot I{at}; in shop I{at} }}\n"));
        feed.push_str(&format!("I{at},5\n"));
        shop.push_str(&format!("insert into stock values ('I{at}', 9);\n"));
    }
    let place = Place::with(&text);
    place.write("feed.csv", &feed);
    let table = "create table stock (sku text primary key, qty integer not null);";
    batch(&place.path("shop.db"), &format!("{table}\n{shop}"));
    place
}
