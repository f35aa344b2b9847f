//! SQLite alone: the rows that a run has left, committed again in the same batches, under the same schema and
//! with the same care for what the disk has.

use crate::Time;
use onhand::state::schema::SQLITE;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use std::path::Path;

/// The tables that a run fills in one commit each, beside its journal.
const WHOLE: [&str; 4] = ["run", "cell", "written", "known"];

/// A table's rows in their order, and how many each commit has.
struct Rows {
    insert: String,
    rows: Vec<Vec<Value>>,
    batches: Vec<usize>,
}

/// All that a run has left.
pub struct Kept {
    journal: Rows,
    others: Vec<Rows>,
    changes: usize,
}

impl Kept {
    /// Reads the state that a run has left; `batches` is how many entries each commit of its journal had.
    pub fn of(path: &Path, batches: &[usize]) -> Kept {
        let state = Connection::open(path).expect("the state opens");
        let count = "select count(distinct change_id) from journal where event = 'outcome'";
        let changes: i64 = state.query_row(count, [], |row| row.get(0)).expect("the journal is counted");
        let mut journal = rows(&state, "journal");
        journal.batches = batches.to_vec();
        assert_eq!(journal.rows.len(), batches.iter().sum::<usize>(), "every entry was in a commit");
        let others = WHOLE.map(|table| rows(&state, table)).into_iter().collect();
        Kept { journal, others, changes: usize::try_from(changes).expect("a count") }
    }

    /// How many changes have an outcome.
    pub fn changes(&self) -> usize {
        self.changes
    }

    /// Commits the journal's batches to a new file, or `all` that the run has left; answers the time.
    pub fn commit(&self, path: &Path, all: bool) -> Time {
        let mut file = Connection::open(path).expect("a new file opens");
        let pragmas = "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on";
        file.execute_batch(pragmas).expect("it takes them");
        SQLITE.iter().for_each(|script| file.execute_batch(script).expect("the schema is good"));
        if !all {
            // The journal's rows belong to their run.
            self.others[0].commit(&mut file);
        }
        let start = Time::now();
        if all {
            self.others.iter().for_each(|rows| rows.commit(&mut file));
        }
        self.journal.commit(&mut file);
        start.since()
    }
}

impl Rows {
    fn commit(&self, file: &mut Connection) {
        let mut from = 0;
        for size in &self.batches {
            let batch = file.transaction().expect("a transaction begins");
            let mut insert = batch.prepare_cached(&self.insert).expect("the statement is good");
            for row in &self.rows[from..from + size] {
                insert.execute(params_from_iter(row)).expect("a row that was there goes in");
            }
            drop(insert);
            batch.commit().expect("it commits");
            from += size;
        }
    }
}

/// A table's rows in the order of writing, as one batch.
fn rows(state: &Connection, table: &str) -> Rows {
    let select = format!("select * from {table} order by rowid");
    let mut select = state.prepare(&select).or_else(|_| state.prepare(&format!("select * from {table}")));
    let select = select.as_mut().expect("the table is there");
    let width = select.column_count();
    let row = |row: &rusqlite::Row<'_>| (0..width).map(|at| row.get(at)).collect::<Result<Vec<Value>, _>>();
    let rows: Vec<_> = select.query_map([], row).expect("it reads").map(|row| row.expect("a row")).collect();
    let marks = vec!["?"; width].join(", ");
    let batches = vec![rows.len()];
    Rows { insert: format!("insert into {table} values ({marks})"), rows, batches }
}
