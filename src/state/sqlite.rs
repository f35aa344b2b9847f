//! State in one SQLite file: write-ahead log, synchronous full, strict tables.

use super::row::{Reader, entry_binds, key_binds};
use super::schema::{self, broken};
use super::{
    Entry, Fault, Kept, Known, Lease, PlanSeen, QueueEntry, QueueKey, Run, StateError, Store, Written,
    check_note, lease_lost,
};
use crate::model::time::Moment;
use crate::world::sqlite::Sqlite;
use crate::world::{Bind, Database, Rows};
use std::time::Duration;

/// How long a statement waits for another process that is writing.
const PATIENCE: Duration = Duration::from_secs(5);

/// State in a SQLite file.
pub struct SqliteStore {
    database: Sqlite,
}

impl SqliteStore {
    /// Opens the file at `path`, makes it and its folder if need be, and brings it to this version.
    /// After a run that did not end the file is checked before it is used.
    pub async fn open(path: &str) -> Result<SqliteStore, StateError> {
        let folder = std::path::Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            std::fs::create_dir_all(folder).map_err(|why| {
                let folder = folder.display();
                StateError::Broken(format!("the folder `{folder}` for the state cannot be made: {why}"))
            })?;
        }
        let named = |error: StateError| named(error, path);
        let database = Sqlite::open(path, true, PATIENCE).map_err(broken).map_err(named)?;
        SqliteStore::prepare(database, Some(path)).await.map_err(named)
    }

    /// State in a database in memory, for tests.
    pub async fn in_memory() -> Result<SqliteStore, StateError> {
        SqliteStore::prepare(Sqlite::in_memory().map_err(broken)?, None).await
    }

    async fn prepare(mut database: Sqlite, path: Option<&str>) -> Result<SqliteStore, StateError> {
        let pragmas = "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on";
        database.batch(pragmas).await.map_err(broken)?;
        schema::migrate(&mut database, schema::SQLITE, path).await?;
        let mut store = SqliteStore { database };
        let unclean = "select 1 from lease union all select 1 from run where ended is null limit 1";
        if !store.rows(unclean, &[]).await?.rows.is_empty() {
            store.check().await?;
        }
        Ok(store)
    }

    /// Whether the file is whole: SQLite's own look at every page.
    pub async fn check(&mut self) -> Result<(), StateError> {
        let answer = self.rows("pragma quick_check", &[]).await?;
        let first = answer.rows.into_iter().next().and_then(|row| row.into_iter().next()).flatten();
        match first.as_deref() {
            Some("ok") => Ok(()),
            found => Err(StateError::Broken(format!(
                "the state file is damaged ({}); restore a backup, or move the file away to start anew: \
                 then the first run reads everything again",
                found.unwrap_or("its check gave no answer")
            ))),
        }
    }

    async fn rows(&mut self, sql: &str, binds: &[Bind]) -> Result<Rows, StateError> {
        self.database.query(sql, binds).await.map_err(broken)
    }

    async fn run_sql(&mut self, sql: &str, binds: &[Bind]) -> Result<u64, StateError> {
        self.database.execute(sql, binds).await.map_err(broken)
    }

    async fn all<T>(
        &mut self,
        sql: &str,
        binds: &[Bind],
        read: fn(Reader) -> Result<T, StateError>,
    ) -> Result<Vec<T>, StateError> {
        let answer = self.rows(sql, binds).await?;
        answer.rows.into_iter().map(|row| read(Reader::new(row))).collect()
    }

    async fn open_transaction(&mut self) -> Result<(), StateError> {
        self.database.batch("begin immediate").await.map_err(broken)
    }

    /// Commits what went well, and undoes what did not.
    async fn close<T>(&mut self, outcome: Result<T, StateError>) -> Result<T, StateError> {
        let closed = match &outcome {
            Ok(_) => self.database.batch("commit").await.map_err(broken),
            Err(_) => Err(StateError::Broken(String::new())),
        };
        match closed {
            Ok(()) => outcome,
            Err(error) => {
                // A failed statement may have ended the transaction already: nothing is left to undo.
                let _ = self.database.batch("rollback").await;
                outcome.and(Err(error))
            }
        }
    }

    /// Runs one statement for each set of binds, all or none; answers the sum of rows touched.
    async fn many(&mut self, sql: &str, binds: impl Iterator<Item = Vec<Bind>>) -> Result<u64, StateError> {
        self.open_transaction().await?;
        let mut touched = Ok(0);
        for row in binds {
            match self.run_sql(sql, &row).await {
                Ok(count) => touched = touched.map(|sum| sum + count),
                Err(error) => {
                    touched = Err(error);
                    break;
                }
            }
        }
        self.close(touched).await
    }

    async fn held(&mut self) -> Result<Option<Lease>, StateError> {
        let found = self.all("select holder, host, process, expires from lease", &[], Reader::lease).await?;
        Ok(found.into_iter().next())
    }

    async fn try_take(&mut self, lease: &Lease, now: Moment) -> Result<Option<Lease>, StateError> {
        let held = self.held().await?;
        if let Some(other) = held.filter(|held| held.holder != lease.holder && held.expires > now) {
            return Ok(Some(other));
        }
        let sql = "insert or replace into lease (only_one, holder, host, process, expires) \
                   values (1, ?1, ?2, ?3, ?4)";
        let binds: [Bind; 4] = [
            lease.holder.as_str().into(),
            lease.host.as_str().into(),
            lease.process.as_str().into(),
            lease.expires.0.into(),
        ];
        self.run_sql(sql, &binds).await.map(|_| None)
    }

    async fn try_append(&mut self, entries: &[Entry]) -> Result<(), StateError> {
        let Some(first) = entries.first() else { return Ok(()) };
        if self.held().await?.is_none_or(|lease| lease.holder != first.run) {
            return Err(lease_lost(&first.run));
        }
        let sql = "insert into journal (run, change_id, attempt, write_key, event, columns_before, \
                   value_after, outcome, reason, at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        for entry in entries {
            self.run_sql(sql, &entry_binds(entry)?).await?;
        }
        Ok(())
    }

    async fn try_report(&mut self, faults: &[Fault], at: Moment) -> Result<u64, StateError> {
        let again = "update queue set code = ?6, record = ?7, reason = ?8, change_id = ?9, next_try = ?10, \
                     attempts = attempts + 1, last_seen = ?11 where flow = ?1 and system = ?2 \
                     and location = ?3 and item = ?4 and field = ?5 and closed_at is null";
        let fresh = "insert into queue (flow, system, location, item, field, code, record, reason, \
                     change_id, next_try, attempts, first_seen, last_seen) \
                     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1, ?11, ?11)";
        let mut opened = 0;
        for fault in faults {
            let mut binds = key_binds(&fault.key);
            let texts = [&fault.code, &fault.record, &fault.reason, &fault.change];
            binds.extend(texts.map(|text| Bind::from(text.as_str())));
            binds.extend([fault.next.map(|at| at.0).into(), at.0.into()]);
            if self.run_sql(again, &binds).await? == 0 {
                opened += self.run_sql(fresh, &binds).await?;
            }
        }
        Ok(opened)
    }
}

/// The path says which of several state files is meant.
fn named(error: StateError, path: &str) -> StateError {
    match error {
        StateError::Locked(text) => StateError::Locked(format!("`{path}`: {text}")),
        StateError::Newer(text) => StateError::Newer(format!("`{path}`: {text}")),
        StateError::Broken(text) => StateError::Broken(format!("`{path}`: {text}")),
    }
}

impl Store for SqliteStore {
    fn take<'a>(&'a mut self, lease: &'a Lease, now: Moment) -> Kept<'a, Option<Lease>> {
        Box::pin(async move {
            self.open_transaction().await?;
            let outcome = self.try_take(lease, now).await;
            self.close(outcome).await
        })
    }

    fn free<'a>(&'a mut self, holder: &'a str) -> Kept<'a, ()> {
        Box::pin(async move {
            self.run_sql("delete from lease where holder = ?1", &[holder.into()]).await.map(|_| ())
        })
    }

    fn begin<'a>(&'a mut self, run: &'a Run) -> Kept<'a, ()> {
        Box::pin(async move {
            let sql = "insert into run (id, plan, digest, topology, actor, began) \
                       values (?1, ?2, ?3, ?4, ?5, ?6)";
            let texts = [&run.id, &run.plan, &run.digest, &run.topology, &run.actor];
            let mut binds = texts.map(|text| Bind::from(text.as_str())).to_vec();
            binds.push(run.began.0.into());
            self.run_sql(sql, &binds).await.map(|_| ())
        })
    }

    fn end<'a>(&'a mut self, run: &'a str, at: Moment, status: u8) -> Kept<'a, ()> {
        Box::pin(async move {
            let sql = "update run set ended = ?2, status = ?3 where id = ?1 and ended is null";
            let binds = [run.into(), at.0.into(), i64::from(status).into()];
            self.open_transaction().await?;
            let outcome = match self.run_sql(sql, &binds).await {
                Ok(_) => self.free(run).await,
                Err(error) => Err(error),
            };
            self.close(outcome).await
        })
    }

    fn append<'a>(&'a mut self, entries: &'a [Entry]) -> Kept<'a, ()> {
        Box::pin(async move {
            self.open_transaction().await?;
            let outcome = self.try_append(entries).await;
            self.close(outcome).await
        })
    }

    fn entries<'a>(&'a mut self, run: &'a str) -> Kept<'a, Vec<Entry>> {
        Box::pin(async move {
            let sql = "select run, change_id, attempt, write_key, event, columns_before, value_after, \
                       outcome, reason, at from journal where run = ?1 order by seq";
            self.all(sql, &[run.into()], Reader::entry).await
        })
    }

    fn unfinished(&mut self) -> Kept<'_, Vec<Run>> {
        Box::pin(async move {
            let sql = "select id, plan, digest, topology, actor, began, ended, status from run \
                       where ended is null order by began, id";
            self.all(sql, &[], Reader::run).await
        })
    }

    fn remember_plan<'a>(&'a mut self, plan: &'a PlanSeen) -> Kept<'a, ()> {
        Box::pin(async move {
            let sql = "insert into plan (digest, id, created, applied_by) values (?1, ?2, ?3, ?4) \
                       on conflict (digest, id) do update set \
                       applied_by = coalesce(excluded.applied_by, plan.applied_by)";
            let applied = plan.applied_by.as_deref().into();
            let binds =
                [plan.digest.as_str().into(), plan.id.as_str().into(), plan.created.0.into(), applied];
            self.run_sql(sql, &binds).await.map(|_| ())
        })
    }

    fn plan<'a>(&'a mut self, digest: &'a str, id: &'a str) -> Kept<'a, Option<PlanSeen>> {
        Box::pin(async move {
            let sql = "select digest, id, created, applied_by from plan where digest = ?1 and id = ?2";
            Ok(self.all(sql, &[digest.into(), id.into()], Reader::plan).await?.into_iter().next())
        })
    }

    fn report<'a>(&'a mut self, faults: &'a [Fault], at: Moment) -> Kept<'a, u64> {
        Box::pin(async move {
            self.open_transaction().await?;
            let outcome = self.try_report(faults, at).await;
            self.close(outcome).await
        })
    }

    fn settle<'a>(&'a mut self, keys: &'a [QueueKey], note: &'a str, at: Moment) -> Kept<'a, u64> {
        Box::pin(async move {
            let sql = "update queue set closed_at = ?6, closed_how = ?7 where flow = ?1 and system = ?2 \
                       and location = ?3 and item = ?4 and field = ?5 and closed_at is null";
            let binds = keys.iter().map(|key| {
                let mut binds = key_binds(key);
                binds.extend([at.0.into(), note.into()]);
                binds
            });
            self.many(sql, binds).await
        })
    }

    fn queue(&mut self, open_only: bool) -> Kept<'_, Vec<QueueEntry>> {
        Box::pin(async move {
            let sql = "select id, flow, system, location, item, field, code, record, reason, change_id, \
                       next_try, attempts, first_seen, last_seen, closed_at, closed_how from queue \
                       where closed_at is null or ?1 = 0 order by id";
            self.all(sql, &[i64::from(open_only).into()], Reader::queued).await
        })
    }

    fn resolve<'a>(&'a mut self, id: i64, note: &'a str, at: Moment) -> Kept<'a, bool> {
        Box::pin(async move {
            check_note(note)?;
            let sql = "update queue set closed_at = ?2, closed_how = ?3 where id = ?1 and closed_at is null";
            Ok(self.run_sql(sql, &[id.into(), at.0.into(), note.into()]).await? > 0)
        })
    }

    fn retry(&mut self, id: i64) -> Kept<'_, bool> {
        Box::pin(async move {
            let sql = "update queue set next_try = null where id = ?1 and closed_at is null";
            Ok(self.run_sql(sql, &[id.into()]).await? > 0)
        })
    }

    fn written<'a>(&'a mut self, system: &'a str) -> Kept<'a, Vec<Written>> {
        Box::pin(async move {
            let sql = "select system, location, code, column_name, value, shown, at, run, seen \
                       from written where system = ?1 order by location, code, column_name";
            self.all(sql, &[system.into()], Reader::written).await
        })
    }

    fn remember_written<'a>(&'a mut self, cells: &'a [Written]) -> Kept<'a, ()> {
        Box::pin(async move {
            let sql = "insert or replace into written (system, location, code, column_name, value, shown, \
                       at, run, seen) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
            let binds = cells.iter().map(|cell| {
                let texts = [&cell.system, &cell.location, &cell.code, &cell.column];
                let mut binds = texts.map(|text| Bind::from(text.as_str())).to_vec();
                binds.extend([cell.value.into(), cell.shown.into(), cell.at.0.into()]);
                binds.extend([cell.run.as_str().into(), i64::from(cell.seen).into()]);
                binds
            });
            self.many(sql, binds).await.map(|_| ())
        })
    }

    fn known<'a>(&'a mut self, system: &'a str) -> Kept<'a, Vec<Known>> {
        Box::pin(async move {
            let sql = "select system, location, item, quantity, value, as_of from known \
                       where system = ?1 order by location, item, quantity";
            self.all(sql, &[system.into()], Reader::known).await
        })
    }

    fn remember_known<'a>(&'a mut self, cells: &'a [Known]) -> Kept<'a, ()> {
        Box::pin(async move {
            let sql = "insert or replace into known (system, location, item, quantity, value, as_of) \
                       values (?1, ?2, ?3, ?4, ?5, ?6)";
            let binds = cells.iter().map(|cell| {
                let texts = [&cell.system, &cell.location, &cell.item, &cell.quantity];
                let mut binds = texts.map(|text| Bind::from(text.as_str())).to_vec();
                binds.extend([cell.value.into(), cell.as_of.map(|at| at.0).into()]);
                binds
            });
            self.many(sql, binds).await.map(|_| ())
        })
    }
}
