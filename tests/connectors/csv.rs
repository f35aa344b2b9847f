//! Kind `csv`: conformance on a file that is read and published, and the traps of files.

use super::conformance::{self, Subject};
use super::{create, row};
use crate::support::chance::{self, Dice};
use crate::support::model::{self, BEANS, CASE, LYON, MUG, PARIS, SHIRT, SHOP};
use onhand::connectors::{self, Cell, Context, Failure, RowAnswer, Seen, Session, WriteRow, csv};
use onhand::model::CodeId;
use onhand::model::observation::Levels;
use onhand::model::quantity::{Decimal, RESERVED, Ratio};
use onhand::model::system::{self, Complete, Files, Setting, System};
use onhand::world::Task;
use onhand::world::memory::Memory;
use std::rc::Rc;

const MUG_PARIS: Cell = Cell { code: MUG, location: PARIS };
const MUG_LYON: Cell = Cell { code: MUG, location: LYON };
const SHIRT_PARIS: Cell = Cell { code: SHIRT, location: PARIS };

/// A shop whose counts are files of a folder in memory.
struct Shop {
    memory: Memory,
    context: Context,
}

impl Shop {
    /// Reads `feeds/*.csv`, publishes nothing; `change` sees `levels`.
    fn new(change: impl FnOnce(&mut system::Levels)) -> Shop {
        Shop::with(|system| change(system.levels.as_mut().unwrap()))
    }

    fn with(change: impl FnOnce(&mut System)) -> Shop {
        let model = model::shop(&csv::DESCRIPTOR, |system| {
            system.levels = Some(model::levels("feeds/*.csv"));
            system.dir = "sys".to_owned();
            change(system);
        });
        let memory = Memory::default();
        memory.now_ms.set(1_796_000_000_000);
        let world = Rc::new(memory.world());
        let context = Context {
            model: Rc::new(model),
            system: SHOP,
            world,
            writes: true,
            dir: "/top".to_owned(),
            pace: Rc::default(),
        };
        Shop { memory, context }
    }

    /// Reads and publishes one file.
    fn both(file: &str, text: &str, change: impl FnOnce(&mut system::Levels)) -> Shop {
        let shop = Shop::with(|system| {
            let levels = system.levels.as_mut().unwrap();
            levels.source = Setting::Literal(file.into());
            change(levels);
            system.publish = Some((Setting::Literal(file.into()), model::nowhere()));
        });
        shop.put(file, text);
        shop
    }

    fn put(&self, file: &str, bytes: impl AsRef<[u8]>) {
        let stored = (bytes.as_ref().to_vec(), self.memory.now_ms.get());
        self.memory.files.borrow_mut().insert(format!("/top/sys/{file}"), stored);
    }

    fn bytes(&self, file: &str) -> Vec<u8> {
        self.memory.files.borrow()[&format!("/top/sys/{file}")].0.clone()
    }

    fn text(&self, file: &str) -> String {
        String::from_utf8(self.bytes(file)).unwrap()
    }

    fn read(&self) -> Result<Levels, Failure> {
        wait(async { self.open().await.levels().await })
    }

    fn levels(&self) -> Levels {
        self.read().unwrap()
    }

    async fn open(&self) -> Box<dyn Session> {
        connectors::open(self.context.clone()).await.unwrap()
    }

    fn write(&self, rows: &[WriteRow]) -> Result<Vec<RowAnswer>, Failure> {
        wait(async { self.open().await.write(rows).await })
    }

    fn inspect(&self, cell: Cell) -> Seen {
        wait(async { self.open().await.inspect(&[cell]).await.unwrap().remove(0) })
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Every cell read, as `MUG@paris=5`, in order.
fn shown(levels: &Levels) -> Vec<String> {
    let names = ["TS", "TS-CS", "MUG", "BN", "BOX"];
    let rows = levels.codes.iter().zip(levels.locations.iter()).enumerate();
    rows.map(|(row, (code, location))| {
        let counts = levels.columns.iter().map(|column| column.values.get(row).unwrap().to_string());
        let place = if location == PARIS { "paris" } else { "lyon" };
        format!("{}@{place}={}", names[code.index()], counts.collect::<Vec<_>>().join("/"))
    })
    .collect()
}

fn rejection(answer: Result<Levels, Failure>) -> String {
    let Err(Failure::Rejected { message }) = answer else { panic!("{answer:?}") };
    message
}

/// Fields are looked through eight bytes at once, and only rows with doubled quotes are copied.
#[test]
fn a_field_ends_where_it_ends_at_every_length() {
    let shop = Shop::new(|_| ());
    for length in 0..=24 {
        let plain = "é".repeat(length / 3) + &"n".repeat(length % 3 + length / 3);
        let notes = [plain.clone(), format!("\"{plain}\""), format!("\"{plain}\"\"{plain},\"")];
        for (end, note) in
            ["\n", "\r\n", "\r"].iter().flat_map(|end| notes.iter().map(move |note| (end, note)))
        {
            let rows = [
                format!("{note},MUG,P1,{length}"),
                format!("{plain},TS,P1,7"),
                format!("{note},\"TS\",L1,\"{}\"", 10_u64.pow(length as u32 % 15)),
                format!(",MUG,L1,3{}", if length % 2 == 0 { *end } else { "" }),
            ];
            shop.put("feeds/a.csv", format!("note,sku,site,qty{end}{}", rows.join(end)));
            let wanted = [
                "TS@paris=7".to_owned(),
                format!("MUG@paris={length}"),
                format!("TS@lyon={}", 10_u64.pow(length as u32 % 15)),
                "MUG@lyon=3".to_owned(),
            ];
            let read = shop.levels();
            assert_eq!(shown(&read), wanted, "{note:?} {end:?}");
            assert_eq!((read.about.rows, read.failures.len()), (4, 0), "{note:?} {end:?}");
        }
    }
}

const WRITTEN: RowAnswer = RowAnswer::Written { compared: true };

/// The conformance subject: one file, edited line by line behind the connector's back.
struct OneFile(Shop);

impl OneFile {
    fn new() -> OneFile {
        OneFile(Shop::both("shop.csv", "sku,site,qty\n", |_| ()))
    }

    fn start(&self, cell: Cell) -> String {
        let code = &self.0.context.model.code(cell.code).code;
        format!("{code},{},", if cell.location == PARIS { "P1" } else { "L1" })
    }
}

impl Subject for OneFile {
    fn name(&self) -> String {
        "csv".to_owned()
    }

    fn context(&self, writes: bool) -> Context {
        Context { writes, ..self.0.context.clone() }
    }

    fn fractional(&self) -> Option<CodeId> {
        Some(BEANS)
    }

    fn set<'a>(&'a mut self, cell: Cell, value: Option<&'a str>) -> Task<'a, ()> {
        let start = self.start(cell);
        let text = self.0.text("shop.csv");
        let mut lines: Vec<String> =
            text.lines().filter(|line| !line.starts_with(&start)).map(str::to_owned).collect();
        lines.extend(value.map(|value| format!("{start}{value}")));
        self.0.put("shop.csv", lines.join("\n") + "\n");
        Box::pin(async {})
    }

    fn get(&mut self, cell: Cell) -> Task<'_, Option<String>> {
        let (start, text) = (self.start(cell), self.0.text("shop.csv"));
        let found = text.lines().find_map(|line| line.strip_prefix(&start)).map(str::to_owned);
        Box::pin(async { found })
    }

    fn strangers(&mut self) -> Task<'_, u64> {
        let text = self.0.text("shop.csv");
        self.0.put("shop.csv", format!("{text}NOBODY,P1,5\nMUG,X9,5\n"));
        Box::pin(async { 2 })
    }
}

#[test]
fn conforms() {
    conformance::run(&|| Box::pin(async { Box::new(OneFile::new()) as Box<dyn Subject> }));
}

#[test]
fn marks_line_ends_quotes_and_blank_lines_change_nothing() {
    let expected = ["TS@paris=7", "MUG@paris=5"];
    for text in [
        "sku,site,qty\nMUG,P1,5\nTS,P1,7\n",
        "\u{FEFF}sku,site,qty\r\nMUG,P1,5\r\nTS,P1,7\r\n",
        "sku,site,qty\rMUG,P1,5\rTS,P1,7",
        "\"sku\",\"site\",\"qty\"\n\"MUG\",\"P1\",\"5\"\n\n\r\nTS,P1,7",
        "note,qty,site,sku\n\"a, \"\"b\"\"\n c\",5,P1,MUG\n,7,P1,TS\n",
        "sku,site,qty,note,note\nMUG,P1, 5 ,x,y\nTS,P1,+7.0,,\n",
        "sku,site,qty\nMUG,P1,5,\nTS,P1,7,,\n",
    ] {
        let shop = Shop::new(|_| ());
        shop.put("feeds/a.csv", text);
        let levels = shop.levels();
        assert_eq!(shown(&levels), expected, "{text:?}");
        assert_eq!((levels.failures.len(), &levels.about.incomplete), (0, &None), "{text:?}");
    }
}

#[test]
fn records_are_lines_of_the_file() {
    let shop = Shop::new(|_| ());
    shop.put("feeds/a.csv", "sku,note,site,qty\n\nTS,\"two\nlines\",P1,7\nMUG,,P1,5\nBN,,P1,many\n");
    let levels = shop.levels();
    assert_eq!(levels.records, [3, 5]);
    let failure = &levels.failures[0];
    assert_eq!((failure.record.as_str(), failure.source.as_str()), ("row 6", "feeds/a.csv"));
    assert_eq!((failure.field.as_str(), failure.code), ("qty", Some(BEANS)));
    assert!(failure.reason.contains("`many` is not a count"), "{}", failure.reason);
}

#[test]
fn encodings_are_read_and_a_wrong_one_names_the_byte() {
    let text = "sku,site,qty,name\nMUG,P1,5,Tasse à café\n";
    let wide = |text: &str, big: bool, mark: &str| -> Vec<u8> {
        let all = format!("{mark}{text}");
        let pair = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        all.encode_utf16().flat_map(pair).collect()
    };
    let narrow: Vec<u8> = text.chars().map(|c| c as u32 as u8).collect();
    let mut euro = narrow.clone();
    euro.extend_from_slice(b"TS,P1,1,\x80 5\n");
    for (encoding, bytes) in [
        ("utf-8", text.as_bytes().to_vec()),
        ("utf-16", wide(text, false, "\u{FEFF}")),
        ("utf-16", wide(text, true, "\u{FEFF}")),
        ("utf-16", wide(text, false, "")),
        ("utf-16", wide(text, true, "")),
        ("latin1", narrow.clone()),
        ("windows-1252", euro.clone()),
    ] {
        let shop = Shop::new(|levels| levels.encoding = encoding);
        shop.put("feeds/a.csv", &bytes);
        assert!(shown(&shop.levels()).contains(&"MUG@paris=5".to_owned()), "{encoding}");
    }
    for (encoding, bytes, at) in [
        ("utf-8", narrow, "byte 33 (0xE0)"),
        ("latin1", euro, "(0x80)"),
        ("utf-16", b"\xFF\xFEs\0k\0\0".to_vec(), "byte 6"),
        ("utf-16", b"\xFF\xFE\x00\xD8s\0".to_vec(), "byte 2"),
    ] {
        let shop = Shop::new(|levels| levels.encoding = encoding);
        shop.put("feeds/a.csv", &bytes);
        let message = rejection(shop.read());
        assert!(message.contains(at) && message.contains("feeds/a.csv"), "{encoding}: {message}");
    }
}

#[test]
fn columns_are_found_by_name_or_the_file_is_refused() {
    for (header, expected) in [
        ("sku,site,quantity", "no column `qty`"),
        ("sku,site,Qty", "no column `qty`"),
        ("sku,site,qty ", "no column `qty`"),
        ("sku;site;qty", "no column `sku`"),
        ("sku,site,qty,qty", "two columns are called `qty`"),
    ] {
        let shop = Shop::new(|_| ());
        shop.put("feeds/a.csv", format!("{header}\nMUG,P1,5\n"));
        let message = rejection(shop.read());
        assert!(message.contains(expected) && message.contains("feeds/a.csv"), "{header}: {message}");
    }
}

#[test]
fn numbers_are_read_one_way_only() {
    let cases = [
        (b'.', "5", Some("5")),
        (b'.', "-3", Some("-3")),
        (b'.', "1e3", Some("1000")),
        (b'.', "2.50", Some("2.5")),
        (b'.', "\"1,5\"", None),
        (b'.', "\"1,500\"", None),
        (b'.', "1 500", None),
        (b'.', "1_500", None),
        (b'.', "1\u{A0}500", None),
        (b'.', "", None),
        (b'.', "  ", None),
        (b'.', "NaN", None),
        (b'.', "5 ea", None),
        (b'.', "0x10", None),
        (b'.', "2000000000000000", None),
        (b',', "\"1,5\"", Some("1.5")),
        (b',', "1.5", None),
        (b',', "\"1.234,5\"", None),
        (b',', "7", Some("7")),
    ];
    for (decimal, text, expected) in cases {
        let shop = Shop::new(|levels| levels.decimal = decimal);
        shop.put("feeds/a.csv", format!("sku,site,qty\nMUG,P1,{text}\nTS,P1,1\n"));
        let levels = shop.levels();
        let read = levels.find(MUG, PARIS).map(|row| levels.columns[0].values.get(row).unwrap());
        assert_eq!(read, expected.map(|text| Decimal::parse(text).unwrap()), "{text:?}");
        assert_eq!(levels.failures.len(), usize::from(expected.is_none()), "{text:?}");
        assert!(levels.find(SHIRT, PARIS).is_some(), "one bad row does not stop the others");
    }
}

#[test]
fn codes_are_letter_for_letter() {
    let shop = Shop::new(|_| ());
    shop.put("feeds/a.csv", "sku,site,qty\nMUG ,P1,5\n MUG,P1,5\nmug,P1,5\nMUG,P1 ,5\n,P1,5\n");
    let levels = shop.levels();
    assert_eq!((shown(&levels).len(), levels.about.rows, levels.about.ignored), (0, 5, 5));
    assert_eq!(levels.failures, [], "what the topology does not know is no failure");
}

#[test]
fn a_code_that_is_valid_at_one_place_is_ignored_at_others() {
    let mut shop = Shop::new(|_| ());
    let mut model = model::shop(&csv::DESCRIPTOR, |_| ());
    model.systems = shop.context.model.systems.clone();
    model.codes[MUG.index()].at = Some(LYON);
    shop.context.model = Rc::new(model);
    shop.put("feeds/a.csv", "sku,site,qty\nMUG,P1,5\nMUG,L1,6\n");
    let levels = shop.levels();
    assert_eq!(shown(&levels), ["MUG@lyon=6"]);
    assert_eq!(levels.about.ignored, 1);
}

#[test]
fn two_rows_of_one_cell_are_an_error_unless_they_add_up() {
    let text = "sku,site,qty\nMUG,P1,5\nTS,P1,1\nMUG,P1,1.5\nMUG,L1,2\n";
    let shop = Shop::new(|_| ());
    shop.put("feeds/a.csv", text);
    let levels = shop.levels();
    assert_eq!(shown(&levels), ["TS@paris=1", "MUG@lyon=2"], "neither of the two is used");
    let [failure] = &levels.failures[..] else { panic!("{:?}", levels.failures) };
    assert_eq!((failure.record.as_str(), failure.code), ("row 4", Some(MUG)));
    assert_eq!(failure.location, Some(PARIS));
    assert!(failure.reason.starts_with("row 2 is for the same"), "{}", failure.reason);
    assert!(shop.inspect(MUG_PARIS).refused.is_some(), "nothing is written to such a cell");

    let shop = Shop::new(|levels| levels.rows_add_up = true);
    shop.put("feeds/a.csv", text);
    assert_eq!(shown(&shop.levels()), ["TS@paris=1", "MUG@paris=6.5", "MUG@lyon=2"]);
    shop.put("feeds/a.csv", "sku,site,qty\nMUG,P1,5\nMUG,P1,x\nTS,P1,1\n");
    assert_eq!(shown(&shop.levels()), ["TS@paris=1"], "a sum with an unknown part is unknown");
}

#[test]
fn only_filters_rows() {
    let shop = Shop::new(|levels| {
        levels.only = vec![("state".into(), "ok".into()), ("state".into(), "new".into())];
    });
    shop.put("feeds/a.csv", "sku,site,qty,state\nMUG,P1,5,ok\nMUG,P1,9,blocked\nTS,P1,1,new\nBN,P1,1,\n");
    let levels = shop.levels();
    assert_eq!(shown(&levels), ["TS@paris=1", "MUG@paris=5"]);
    assert_eq!((levels.about.rows, levels.about.ignored, levels.failures.len()), (2, 0, 0));
}

#[test]
fn units_are_words_of_the_row() {
    let shop = Shop::new(|levels| levels.unit = Some("uom".into()));
    shop.put("feeds/a.csv", "sku,site,qty,uom\nMUG,P1,5,PCE\nTS,P1,1,\nTS-CS,P1,1,CRT\nBN,P1,2,g\n");
    let levels = shop.levels();
    let words: Vec<_> = levels.units.iter().map(|unit| unit.map(|at| &*levels.words[at as usize])).collect();
    assert_eq!(words, [None, Some("CRT"), Some("PCE"), Some("g")]);
    let refused = |code| shop.inspect(Cell { code, location: PARIS }).refused;
    assert_eq!((refused(MUG), refused(SHIRT), refused(CASE)), (None, None, None));
    let why = refused(BEANS).expect("beans are counted in kg here, and the row says g");
    assert!(why.contains("`g`") && why.contains("`kg`"), "{why}");
}

#[test]
fn stamps_are_read_in_the_zone_of_the_system_and_bad_ones_fail_their_row() {
    let shop = Shop::with(|system| {
        system.timezone = Some("America/New_York".into());
        system.levels.as_mut().unwrap().as_of = Some("at".into());
    });
    shop.put(
        "feeds/a.csv",
        "sku,site,qty,at\nMUG,P1,5,2026-01-05 12:00\nTS,P1,1,2026-01-05T12:00:00Z\nBN,P1,1,\nBOX,P1,1,5/1/26\n",
    );
    let levels = shop.levels();
    let stamps: Vec<_> = (0..3).map(|row| levels.as_of(row).map(|moment| moment.rfc3339())).collect();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(stamps, [text("2026-01-05T12:00:00Z"), text("2026-01-05T17:00:00Z"), None]);
    assert_eq!((levels.failures.len(), levels.failures[0].field.as_str()), (1, "at"));
    shop.put("feeds/a.csv", "sku,site,qty,at\nMUG,P1,5,2026-01-05 12:00\nTS,P1,1,2026-01-05 12:00\n");
    let one = shop.levels().about.as_of.map(|moment| moment.rfc3339());
    assert_eq!(one, text("2026-01-05T17:00:00Z"), "one moment for all is said once");
    let undated = Shop::new(|_| ());
    undated.put("feeds/a.csv", "sku,site,qty\nMUG,P1,5\n");
    assert_eq!(undated.levels().as_of(0), None, "a file that does not say is of unknown age");
}

#[test]
fn a_cut_file_is_incomplete_and_still_shown() {
    for (text, expected) in [
        ("", "is empty"),
        ("\u{FEFF}", "is empty"),
        ("sku,site,qty\nTS,P1,1\nMUG,P1", "line 3 ends after 2 of 3 fields"),
        ("sku,site,qty\nTS,P1,1\n\"MUG", "opens on line 3"),
        ("sku,site,qty\nTS,P1,1\nMUG,\"P1,5\nBN,L1,6\n", "opens on line 3"),
    ] {
        let shop = Shop::new(|_| ());
        shop.put("feeds/a.csv", text);
        let levels = shop.levels();
        let why = levels.about.incomplete.clone().unwrap_or_else(|| panic!("{text:?} is whole"));
        assert!(why.contains(expected) && why.contains("feeds/a.csv"), "{text:?}: {why}");
        assert_eq!(shown(&levels).len(), usize::from(text.contains("TS")), "{text:?}");
    }
    let shop = Shop::new(|_| ());
    shop.put("feeds/a.csv", "sku,site,qty\n");
    assert_eq!(
        (shop.levels().about.incomplete, shop.levels().about.rows),
        (None, 0),
        "a header is a whole file"
    );
}

#[test]
fn rows_that_do_not_fit_the_header_fail_alone() {
    let shop = Shop::new(|_| ());
    shop.put("feeds/a.csv", "sku,site,qty\nTS,P1\nMUG,P1,1,5\n\"BN\"x,P1,1\nBOX,P1,2\n");
    let levels = shop.levels();
    assert_eq!((shown(&levels), &levels.about.incomplete), (vec!["BOX@paris=2".to_owned()], &None));
    let failed: Vec<_> = levels.failures.iter().map(|f| (f.record.as_str(), f.code)).collect();
    assert_eq!(failed, [("row 2", Some(SHIRT)), ("row 3", Some(MUG)), ("row 4", None)]);
}

#[test]
fn fewer_rows_than_complete_asks_are_incomplete() {
    let text = "sku,site,qty\nTS,P1,1\nMUG,P1,1\nMUG,P1x,1\nBN,P1,x\n";
    // 5 codes at 2 locations are 10 cells; 3 of them are in the file, one unreadable.
    for (complete, whole) in [
        (Complete::Whole, true),
        (Complete::Rows(4), true),
        (Complete::Rows(5), false),
        (Complete::Share(Ratio { numerator: 3, denominator: 10 }), true),
        (Complete::Share(Ratio { numerator: 31, denominator: 100 }), false),
    ] {
        let shop = Shop::new(|levels| levels.complete = Some(complete));
        shop.put("feeds/a.csv", text);
        let about = shop.levels().about;
        assert_eq!(about.incomplete.is_none(), whole, "{complete:?}: {:?}", about.incomplete);
    }
}

#[test]
fn the_newest_file_is_read_or_all_of_them() {
    let shop = |files| {
        let shop = Shop::new(|levels| {
            levels.files = files;
            levels.source = Setting::Literal("feeds/depot-*.csv".into());
        });
        for (file, text) in [("b", "MUG,P1,1\nTS,P1,2"), ("c", "MUG,P1,3"), ("a", "BN,P1,4")] {
            shop.memory.now_ms.set(shop.memory.now_ms.get() + i64::from(file != "a"));
            shop.put(&format!("feeds/depot-{file}.csv"), format!("sku,site,qty\n{text}\n"));
        }
        shop.put("feeds/other.csv", "not ours");
        shop.put("feeds/.depot-x.csv", "hidden");
        shop
    };
    // c and a changed at the same moment: the later name counts.
    let newest = shop(Files::Newest).levels();
    assert_eq!(
        (shown(&newest), &*newest.about.source),
        (vec!["MUG@paris=3".to_owned()], "feeds/depot-c.csv")
    );
    let all = shop(Files::All).levels();
    assert_eq!(shown(&all), ["TS@paris=2", "BN@paris=4"]);
    assert_eq!((&*all.about.source, all.about.pages), ("feeds/depot-*.csv (3 files)", 3));
    assert!(all.failures[0].reason.starts_with("row 2 of feeds/depot-b.csv"), "{:?}", all.failures);
}

#[test]
fn globs_reach_into_folders() {
    for (glob, expected) in [
        ("*/in/*.csv", vec!["x/in/a.csv"]),
        ("**/a.csv", vec!["a.csv", "x/a.csv", "x/in/a.csv"]),
        ("x/?.csv", vec!["x/a.csv"]),
        ("x/**/*.csv", vec!["x/a.csv", "x/in/a.csv"]),
        ("./x/a.csv", vec!["x/a.csv"]),
    ] {
        let shop = Shop::new(|levels| {
            levels.files = Files::All;
            levels.rows_add_up = true;
            levels.source = Setting::Literal(glob.into());
        });
        for file in ["a.csv", "x/a.csv", "x/in/a.csv", "x/in/a.txt", "y/b.cs"] {
            shop.put(file, "sku,site,qty\nMUG,P1,1\n");
        }
        assert_eq!(shown(&shop.levels()), [format!("MUG@paris={}", expected.len())], "{glob}");
        assert_eq!(shop.levels().about.pages, expected.len() as u64, "{glob}");
    }
}

#[test]
fn no_file_is_an_unreadable_source() {
    let message = rejection(Shop::new(|_| ()).read());
    assert!(message.contains("no file matches `feeds/*.csv`"), "{message}");
    assert!(message.contains("/top/sys/feeds/*.csv"), "the place that was looked at: {message}");
}

#[test]
fn a_file_that_is_read_and_published_keeps_what_is_not_ours() {
    let before = "\u{FEFF}note;qty;sku;site\r\n\"a;\"\"b\"\"\";5;MUG;P1\r\n\r\n;\"7\";TS;P1\r\nx;9;NOBODY;P1\r\n'y;1;MUG;L1";
    let shop = Shop::both("shop.csv", before, |levels| levels.delimiter = b';');
    let rows =
        [row(MUG_PARIS, 5, 4), row(SHIRT_PARIS, 7, 12), create(Cell { code: BEANS, location: LYON }, 3)];
    assert_eq!(shop.write(&rows).unwrap(), [WRITTEN, WRITTEN, WRITTEN]);
    let after = "\u{FEFF}note;qty;sku;site\r\n\"a;\"\"b\"\"\";4;MUG;P1\r\n\r\n;12;TS;P1\r\nx;9;NOBODY;P1\r\n'y;1;MUG;L1\r\n;3;BN;L1\r\n";
    assert_eq!(shop.text("shop.csv"), after);
}

#[test]
fn encodings_survive_a_write() {
    for (encoding, mark) in [("utf-16", "\u{FEFF}"), ("windows-1252", "")] {
        let shop = Shop::both("shop.csv", "", |levels| levels.encoding = encoding);
        let encode = |text: &str| -> Vec<u8> {
            match encoding {
                "utf-16" => format!("{mark}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect(),
                _ => text.chars().map(|c| if c == '€' { 0x80 } else { c as u32 as u8 }).collect(),
            }
        };
        shop.put("shop.csv", encode("sku,site,qty,price\nMUG,P1,5,3 €é\n"));
        assert_eq!(shop.write(&[row(MUG_PARIS, 5, 4)]).unwrap(), [WRITTEN]);
        assert_eq!(shop.bytes("shop.csv"), encode("sku,site,qty,price\nMUG,P1,4,3 €é\n"), "{encoding}");
    }
}

#[test]
fn a_write_names_the_unit_the_filter_and_the_moment_of_a_new_row() {
    let header = "sku,site,qty,uom,state,at,extra\n";
    let shop = Shop::both("shop.csv", &format!("{header}MUG,P1,5,PCE,ok,2026-01-05,x\n"), |levels| {
        levels.unit = Some("uom".into());
        levels.only = vec![("state".into(), "ok".into()), ("state".into(), "new".into())];
        levels.as_of = Some("at".into());
    });
    let case = Cell { code: CASE, location: LYON };
    assert_eq!(shop.write(&[row(MUG_PARIS, 5, 4), create(case, 2)]).unwrap(), [WRITTEN, WRITTEN]);
    let stamp = "2026-11-30T00:53:20Z";
    let after = format!("{header}MUG,P1,4,PCE,ok,{stamp},x\nTS-CS,L1,2,CRT,ok,{stamp},\n");
    assert_eq!(shop.text("shop.csv"), after);
    assert_eq!(shown(&shop.levels()), ["MUG@paris=4", "TS-CS@lyon=2"]);
}

#[test]
fn what_cannot_be_written_into_the_file_is_refused_and_the_rest_goes_through() {
    let text = "sku,site,qty,held\nMUG,P1,5,0\nTS,P1,1,0\nTS,P1,2,0\nBN,P1,x,0\nBOX,P1,2,0\n";
    let shop = Shop::both("shop.csv", text, |levels| {
        levels.rows_add_up = true;
        levels.counts.push((RESERVED, "held".into()));
    });
    let at = |code| Cell { code, location: PARIS };
    let absent = row(MUG_LYON, 1, 2);
    let wrong = WriteRow { column: "damaged".to_owned(), ..row(MUG_PARIS, 4, 3) };
    let rows = [
        row(MUG_PARIS, 5, 4),
        row(at(SHIRT), 3, 2),
        row(at(BEANS), 3, 2),
        create(MUG_LYON, 2),
        WriteRow { before: Vec::new(), ..absent },
        WriteRow { before: vec![("available".to_owned(), 4)], ..wrong },
        row(at(model::BOX), 3, 1),
        row(MUG_PARIS, 4, 3),
    ];
    let answers = shop.write(&rows).unwrap();
    let kinds: Vec<&str> = answers
        .iter()
        .map(|answer| match answer {
            RowAnswer::Written { .. } => "written",
            RowAnswer::Moved { .. } => "moved",
            RowAnswer::Rejected { .. } => "rejected",
            RowAnswer::Sent => "sent",
        })
        .collect();
    let expected = ["written", "rejected", "rejected", "rejected", "moved", "rejected", "moved", "written"];
    assert_eq!(kinds, expected, "{answers:?}");
    assert_eq!(shop.text("shop.csv"), text.replace("MUG,P1,5", "MUG,P1,3"));
}

#[test]
fn nothing_is_written_from_a_file_that_is_not_whole_or_not_alone() {
    let cut = "sku,site,qty\nMUG,P1,5\nTS,P1";
    let shop = Shop::both("shop.csv", cut, |_| ());
    let answer = shop.write(&[row(MUG_PARIS, 5, 4)]);
    assert!(
        matches!(&answer, Err(Failure::Rejected { message }) if message.contains("was cut")),
        "{answer:?}"
    );
    assert_eq!(shop.text("shop.csv"), cut);

    let shop = Shop::both("out/shop.csv", "sku,site,qty\nMUG,P1,5\n", |levels| {
        levels.source = Setting::Literal("out/*.csv".into());
        levels.files = Files::All;
    });
    shop.put("out/more.csv", "sku,site,qty\nTS,P1,5\n");
    let answer = shop.write(&[row(MUG_PARIS, 5, 4)]);
    assert!(
        matches!(&answer, Err(Failure::Rejected { message }) if message.contains("one of 2")),
        "{answer:?}"
    );

    let shop = Shop::new(|_| ());
    let answer = shop.write(&[row(MUG_PARIS, 5, 4)]);
    assert!(matches!(&answer, Err(Failure::Rejected { message }) if message.contains("no `publish`")));
}

/// A feed of the depot, and a file of ours that the depot reads.
fn two_files(change: impl FnOnce(&mut system::Levels)) -> Shop {
    let shop = Shop::with(|system| {
        system.publish = Some((Setting::Literal("out/wms.csv".into()), model::nowhere()));
        change(system.levels.as_mut().unwrap());
    });
    shop.put("feeds/a.csv", "sku,site,qty\nMUG,P1,5\nMUG,L1,6\nTS,P1,7\n");
    shop
}

#[test]
fn a_file_for_others_is_sent_whole_with_held_cells_as_last_written() {
    let shop = two_files(|_| ());
    let answers = shop.write(&[row(MUG_LYON, 6, 1), row(MUG_PARIS, 5, 4)]).unwrap();
    assert_eq!(answers, [RowAnswer::Sent, RowAnswer::Sent]);
    assert_eq!(shop.text("out/wms.csv"), "sku,site,qty\nMUG,P1,4\nMUG,L1,1\n");
    // The feed does not show it yet: what the write depends on is what the feed shows.
    let beans = Cell { code: BEANS, location: PARIS };
    let answers = shop.write(&[row(MUG_PARIS, 5, 3), create(beans, 2), row(SHIRT_PARIS, 8, 1)]).unwrap();
    assert_eq!(answers[..2], [RowAnswer::Sent, RowAnswer::Sent]);
    let RowAnswer::Moved { found: Some(found) } = &answers[2] else { panic!("{answers:?}") };
    assert_eq!(found.value("available"), Some(7));
    assert_eq!(shop.text("out/wms.csv"), "sku,site,qty\nMUG,P1,3\nBN,P1,2\nMUG,L1,1\n");
}

#[test]
fn a_file_for_others_leaves_out_what_the_topology_no_longer_maps() {
    let shop = two_files(|_| ());
    shop.put("out/wms.csv", "sku,site,qty\r\nOLD,P1,4\r\nMUG,L1,1\r\n");
    assert_eq!(shop.write(&[row(SHIRT_PARIS, 7, 2)]).unwrap(), [RowAnswer::Sent]);
    assert_eq!(shop.text("out/wms.csv"), "sku,site,qty\r\nTS,P1,2\r\nMUG,L1,1\r\n");
    shop.put("out/wms.csv", "hello\n");
    let answer = shop.write(&[row(SHIRT_PARIS, 7, 2)]);
    assert!(
        matches!(&answer, Err(Failure::Rejected { message }) if message.contains("out/wms.csv")),
        "{answer:?}"
    );
    assert_eq!(shop.text("out/wms.csv"), "hello\n", "a file that is not ours is not overwritten");
}

#[test]
fn a_file_for_others_is_not_touched_when_no_row_may_be_written() {
    let shop = two_files(|_| ());
    let answers = shop.write(&[row(SHIRT_PARIS, 8, 2)]).unwrap();
    assert!(matches!(answers[..], [RowAnswer::Moved { .. }]), "{answers:?}");
    assert!(!shop.memory.files.borrow().contains_key("/top/sys/out/wms.csv"));
}

#[test]
fn a_file_for_others_has_the_columns_of_levels() {
    let shop = two_files(|levels| {
        levels.unit = Some("uom".into());
        levels.as_of = Some("at".into());
        levels.counts.push((RESERVED, "held".into()));
        levels.encoding = "utf-16";
        levels.delimiter = b';';
    });
    let feed = "\u{FEFF}sku;site;qty;held;uom;at\nMUG;P1;5;1;ea;2026-01-05\n";
    shop.put("feeds/a.csv", feed.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    let both = WriteRow {
        before: vec![("available".to_owned(), 5), ("reserved".to_owned(), 1)],
        ..row(MUG_PARIS, 5, 4)
    };
    assert_eq!(shop.write(&[both]).unwrap(), [RowAnswer::Sent]);
    let expected = "\u{FEFF}sku;site;uom;qty;held;at\nMUG;P1;PCE;4;;2026-11-30T00:53:20Z\n";
    let expected: Vec<u8> = expected.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(shop.bytes("out/wms.csv"), expected);
}

#[test]
fn damaged_files_never_panic() {
    let whole = "\u{FEFF}sku,site,qty,note\r\nMUG,P1,5,\"a \"\"b\"\"\r\nc\"\r\nTS,L1,7,\r\n";
    for cut in 0..=whole.len() {
        for insert in ["", "\"", ",", "\r", "\0", "\u{FF}"] {
            let mut bytes = whole.as_bytes()[..cut].to_vec();
            bytes.extend_from_slice(insert.as_bytes());
            let shop = Shop::new(|_| ());
            shop.put("feeds/a.csv", &bytes);
            if let Ok(levels) = shop.read() {
                assert!(levels.codes.len() <= 2);
            }
        }
    }
}

/// A quote anywhere makes a file one part; without one it is read by several hands at once, and what is not in
/// UTF-8 is not read block by block. Nobody can tell.
#[test]
fn a_large_file_is_read_in_parts_as_it_is_in_one() {
    let mut shown = 0;
    for seed in chance::seeds(6) {
        let dice = &mut Dice(seed);
        let mut text = "sku,site,qty,uom,at\n".to_owned();
        for stranger in 0..120_000 {
            text += &format!("unknown-{stranger},P1,{},PCE,2026-01-05 12:00", dice.below(900));
            text += ["\n", "\r\n", "\n\n", "\r"][dice.below(4)];
            if dice.below(3_000) == 0 {
                let code = ["TS", "TS-CS", "MUG", "BN", "BOX"][dice.below(5)];
                let count = ["7", "1.5", "0", "12", "-3", "many"][dice.below(6)];
                let (unit, never) = (["PCE", "CRT", "", "g"][dice.below(4)], dice.below(9) == 0);
                let at = if never { "never" } else { "2026-01-05 12:00" };
                let place = ["P1", "L1"][dice.below(2)];
                text += &format!("{code},{place},{count},{unit},{at}\n");
            }
            if dice.below(9_000) == 0 {
                text += "short,P1\n";
            }
        }
        let tail = ["MUG,L1,9,PCE,2026-01-06 12:00\n", "MUG,L1", ""][dice.below(3)];
        let adds_up = dice.below(2) == 0;
        let read = |last: &str, encoding: &'static str| {
            let shop = Shop::new(|levels| {
                levels.encoding = encoding;
                (levels.unit, levels.as_of) = (Some("uom".into()), Some("at".into()));
                levels.rows_add_up = adds_up;
            });
            let all = format!("{text}{last}{tail}");
            match encoding {
                "utf-16" => {
                    shop.put("feeds/a.csv", all.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>())
                }
                _ => shop.put("feeds/a.csv", all),
            }
            shop.levels()
        };
        let (parts, one) = (read("last,P1,1,,\n", "utf-8"), read("last,P1,1,\"\",\n", "utf-8"));
        let whole = read("last,P1,1,,\n", "utf-16");
        assert!(text.len() > 4 << 20, "more than a block");
        assert!(parts.failures.len() > 5, "{:?}", parts.failures);
        shown += parts.codes.len();
        assert_eq!(format!("{parts:?}"), format!("{one:?}"));
        assert_eq!(format!("{parts:?}"), format!("{whole:?}"));
    }
    assert!(shown > 0, "no cell could be read");
}
