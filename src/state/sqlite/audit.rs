//! Looking over a SQLite file: its pages, its references, its values, and what they say together.

use super::SqliteStore;
use crate::state::StateError;
use crate::state::audit::{BROKE_OFF, Broken};
use crate::state::row::Reader;

/// Values that no version writes, by what they are in words. The tables are strict, so that only words and
/// columns that depend on each other are left to look at.
const VALUES: [(&str, &str); 8] = [
    (
        "select count(*) from journal where event = 'intent' \
         and (value_after is null or columns_before is null or not json_valid(columns_before))",
        "intents of the journal cannot be read",
    ),
    (
        "select count(*) from journal where event = 'outcome' and (outcome is null or outcome not in \
         ('verified', 'unverified', 'unchanged', 'sent', 'moved', 'held', 'failed', 'skipped'))",
        "outcomes of the journal cannot be read",
    ),
    (
        "select count(*) from journal j where place is not null and not exists (select 1 from cell c \
         where c.run = j.run and c.place = j.place and c.change_id = j.change_id)",
        "entries of the journal stand with the row of another change",
    ),
    (
        "select count(*) from run where (ended is null) <> (status is null) or status not between 0 and 255",
        "runs have an end that cannot be read",
    ),
    (
        "select count(*) from queue where attempts < 1 or (closed_at is null) <> (closed_how is null) \
         or (quiet_until is null) <> (quiet_note is null)",
        "entries of the queue cannot be read",
    ),
    (
        "select count(*) from (select 1 from account group by item having sum(amount) <> 0)",
        "items have accounts in the books that do not balance",
    ),
    (
        "select count(*) from order_line where cancelled < 0 or shipped < 0 or returned < 0 \
         or cancelled + shipped > ordered or returned > shipped",
        "order lines of the books come to more than was ordered or shipped",
    ),
    (
        "select count(*) from order_line l where l.movement = 'orders' and l.ordered <> \
         (select coalesce(sum(m.amount), 0) from movement m where m.system = l.system \
         and m.movement = l.movement and m.order_document = l.document and m.order_line = l.line \
         and m.item = l.item)",
        "order lines of the books say something else than their movements",
    ),
];

/// How often an invariant is broken.
fn counted(what: Broken) -> String {
    match what {
        Broken::TwoOutcomes => "select count(*) from (select 1 from journal where event = 'outcome' \
            and outcome <> 'skipped' group by run, change_id having count(*) > 1)"
            .to_owned(),
        Broken::NoOutcome => format!(
            "select count(*) from cell c join run r on r.id = c.run where r.ended is not null \
             and r.status not in ({}) and not exists (select 1 from journal j where j.run = c.run \
             and j.place = c.place and j.event = 'outcome')",
            BROKE_OFF.map(|status| status.to_string()).join(", ")
        ),
        Broken::Unannounced => "select count(*) from journal j where j.event = 'sent' and not exists \
            (select 1 from journal i where i.run = j.run and i.place is j.place \
            and i.change_id = j.change_id and i.event = 'intent' and i.seq < j.seq)"
            .to_owned(),
        // A run that was interrupted may be gone on with.
        Broken::LockOfEnded => "select count(*) from lease l join run r on r.id = l.run \
            where l.holder is not null and r.ended is not null and r.status <> 130"
            .to_owned(),
        Broken::FenceBack => "select count(*) from lease l where exists (select 1 from unlocked u \
            where u.fence > l.fence or (u.fence = l.fence and l.holder is not null))"
            .to_owned(),
    }
}

impl SqliteStore {
    /// What is wrong with the file, or with what it says.
    pub(super) async fn faults_of_file(&mut self) -> Result<Vec<String>, StateError> {
        let mut faults = self.faults_of_pages().await?;
        if !faults.is_empty() {
            // What torn pages say is not worth adding up.
            return Ok(faults);
        }
        for (sql, what) in VALUES {
            match self.count(sql).await? {
                0 => {}
                found => faults.push(format!("{found} {what}")),
            }
        }
        for what in Broken::ALL {
            match self.count(&counted(what)).await? {
                0 => {}
                found => faults.push(what.told(found)),
            }
        }
        Ok(faults)
    }

    async fn faults_of_pages(&mut self) -> Result<Vec<String>, StateError> {
        let answer = self.rows("pragma integrity_check(5)", &[]).await?;
        let told: Vec<String> = answer.rows.into_iter().flatten().flatten().collect();
        if told != ["ok"] {
            return Ok(told.iter().map(|found| format!("the file is damaged: {found}")).collect());
        }
        let stray = self.rows("pragma foreign_key_check", &[]).await?.rows.len();
        let told = format!("{stray} rows belong to a run that is not there");
        Ok(if stray > 0 { vec![told] } else { Vec::new() })
    }

    async fn count(&mut self, sql: &str) -> Result<i64, StateError> {
        Ok(self.all(sql, &[], Reader::count).await?.into_iter().next().unwrap_or(0))
    }
}
