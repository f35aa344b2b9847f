//! State in one SQLite file: write-ahead log, synchronous full, strict tables.

mod audit;
mod books;
mod past;
mod standing;
mod statements;

use super::row::{Reader, entry_binds, key_binds};
use super::trouble::{self, broken, check_note, lease_lost, named, torn};
use super::{
    Entry, Fault, Kept, Known, Lease, PlanSeen, QueueEntry, QueueKey, Run, StateError, Store, Taken,
    Unlocked, Written, copy, schema,
};
use crate::model::time::Moment;
use crate::world::sqlite::Sqlite;
use crate::world::{Bind, Database};
use std::collections::HashMap;
use std::time::Duration;

/// How long a statement waits for another process that is writing.
const PATIENCE: Duration = Duration::from_secs(5);

/// State in a SQLite file.
pub struct SqliteStore {
    database: Sqlite,
    /// The rows of the run whose journal is being written.
    places: Option<Places>,
}

/// Of each change of a run its place in the plan. Ids of changes are digests: an index of them is written all
/// over the file for every batch, and one of places is written in a few pages.
struct Places {
    run: String,
    of: HashMap<String, i64>,
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
        schema::look(&mut database, schema::SQLITE).await?;
        // What a large apply writes into its indexes stands all over the file: with the 2 MB that SQLite
        // keeps by itself its pages are read and written again and again.
        let pragmas = "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; \
                       pragma cache_size = -65536; pragma wal_autocheckpoint = 8192";
        database.batch(pragmas).await.map_err(broken)?;
        schema::migrate(&mut database, schema::SQLITE, path).await?;
        let mut store = SqliteStore { database, places: None };
        let unclean = "select 1 from lease where holder is not null union all \
                       select 1 from run where ended is null limit 1";
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
            found => Err(torn(found.unwrap_or("its check gave no answer"))),
        }
    }

    /// The last fencing number that was given, and the lease where somebody has it.
    async fn held(&mut self) -> Result<(i64, Option<Lease>), StateError> {
        let sql = "select holder, run, host, process, fence, taken, heartbeat, expires from lease";
        Ok(self.all(sql, &[], Reader::lease).await?.into_iter().next().unwrap_or_default())
    }

    async fn try_take(&mut self, lease: &Lease, now: Moment) -> Result<Taken, StateError> {
        let (last, held) = self.held().await?;
        let (fence, taken) = match held {
            Some(own) if own.holder == lease.holder => (own.fence, own.taken),
            Some(other) if other.expires > now || lease.fence != 0 => return Ok(Taken::Theirs(other)),
            None if lease.fence != 0 => return Ok(Taken::Over),
            _ => (last + 1, now),
        };
        let sql = "insert or replace into lease (only_one, holder, run, host, process, fence, taken, \
                   heartbeat, expires) values (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let texts = [&lease.holder, &lease.run, &lease.host, &lease.process];
        let mut binds = texts.map(|text| Bind::from(text.as_str())).to_vec();
        binds.extend([fence, taken.0, now.0, lease.expires.0].map(Bind::from));
        self.run_sql(sql, &binds).await.map(|_| Taken::Ours(fence))
    }

    async fn try_unlock(&mut self, own: &Unlocked) -> Result<bool, StateError> {
        if !self.held_by(own.fence).await? {
            return Ok(false);
        }
        self.run_sql("update lease set holder = null", &[]).await?;
        let sql = "insert into unlocked (fence, run, actor, reason, at) values (?1, ?2, ?3, ?4, ?5)";
        let texts = [&own.run, &own.actor, &own.reason].map(|text| Bind::from(text.as_str()));
        let [run, actor, reason] = texts;
        self.run_sql(sql, &[own.fence.into(), run, actor, reason, own.at.0.into()]).await?;
        Ok(true)
    }

    async fn try_end(&mut self, fence: i64, run: &str, at: Moment, status: u8) -> Result<(), StateError> {
        if !self.held_by(fence).await? {
            return Err(lease_lost(run));
        }
        let sql = "update run set ended = ?2, status = ?3 where id = ?1 and (ended is null or status = 130)";
        self.run_sql(sql, &[run.into(), at.0.into(), i64::from(status).into()]).await?;
        self.run_sql("update lease set holder = null where run = ?1", &[run.into()]).await.map(|_| ())
    }

    async fn try_append(&mut self, fence: i64, entries: &[Entry]) -> Result<(), StateError> {
        let Some(first) = entries.first() else { return Ok(()) };
        if !self.held_by(fence).await? {
            return Err(lease_lost(&first.run));
        }
        let places = match self.places.take().filter(|own| own.run == first.run) {
            Some(own) => own,
            None => self.places_of(&first.run).await?,
        };
        let sql = "insert into journal (run, change_id, attempt, write_key, event, columns_before, \
                   value_after, outcome, reason, at, place)";
        let rows = entries.iter().map(|entry| entry_binds(entry, places.of.get(&entry.change).copied()));
        self.insert(sql, rows).await?;
        self.places = Some(places);
        Ok(())
    }

    async fn places_of(&mut self, run: &str) -> Result<Places, StateError> {
        let sql = "select change_id, place from cell where run = ?1";
        let of = self.all(sql, &[run.into()], Reader::placed).await?.into_iter().collect();
        Ok(Places { run: run.to_owned(), of })
    }

    async fn held_by(&mut self, fence: i64) -> Result<bool, StateError> {
        Ok(matches!(self.held().await?, (last, Some(_)) if last == fence))
    }

    async fn try_report(&mut self, faults: &[Fault], at: Moment) -> Result<u64, StateError> {
        let again = "update queue set code = ?6, record = ?7, reason = ?8, change_id = ?9, \
                     request = ?10, next_try = ?11, \
                     attempts = attempts + 1, last_seen = ?12 where flow = ?1 and system = ?2 \
                     and location = ?3 and item = ?4 and field = ?5 and closed_at is null";
        let fresh = "insert into queue (flow, system, location, item, field, code, record, reason, \
                     change_id, request, next_try, attempts, first_seen, last_seen) \
                     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1, ?12, ?12)";
        let mut opened = 0;
        for fault in faults {
            let mut binds = key_binds(&fault.key);
            let texts = [&fault.code, &fault.record, &fault.reason, &fault.change, &fault.request];
            binds.extend(texts.map(|text| Bind::from(text.as_str())));
            binds.extend([fault.next.map(|at| at.0).into(), at.0.into()]);
            if self.run_sql(again, &binds).await? == 0 {
                opened += self.run_sql(fresh, &binds).await?;
            }
        }
        Ok(opened)
    }
}

impl Store for SqliteStore {
    fn take<'a>(&'a mut self, lease: &'a Lease, now: Moment) -> Kept<'a, Taken> {
        Box::pin(async move {
            self.open_transaction().await?;
            let outcome = self.try_take(lease, now).await;
            self.close(outcome).await
        })
    }

    fn holds(&mut self, fence: i64) -> Kept<'_, bool> {
        Box::pin(self.held_by(fence))
    }

    fn lease(&mut self) -> Kept<'_, Option<Lease>> {
        Box::pin(async move { Ok(self.held().await?.1) })
    }

    fn free<'a>(&'a mut self, holder: &'a str) -> Kept<'a, ()> {
        Box::pin(async move {
            // The number stays: the next lease counts on from it.
            let sql = "update lease set holder = null where holder = ?1";
            self.run_sql(sql, &[holder.into()]).await.map(|_| ())
        })
    }

    fn unlock<'a>(&'a mut self, unlocked: &'a Unlocked) -> Kept<'a, bool> {
        Box::pin(async move {
            check_note(&unlocked.reason, trouble::FREED)?;
            self.open_transaction().await?;
            let outcome = self.try_unlock(unlocked).await;
            self.close(outcome).await
        })
    }

    fn unlocks(&mut self) -> Kept<'_, Vec<Unlocked>> {
        Box::pin(async move {
            let sql = "select fence, run, actor, reason, at from unlocked order by fence";
            self.all(sql, &[], Reader::unlocked).await
        })
    }

    fn begin<'a>(&'a mut self, run: &'a Run) -> Kept<'a, ()> {
        Box::pin(async move {
            let sql = "insert into run (id, plan, digest, topology, actor, began, revision, undoes) \
                       values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
            let texts = [&run.id, &run.plan, &run.digest, &run.topology, &run.actor];
            let mut binds = texts.map(|text| Bind::from(text.as_str())).to_vec();
            binds.push(run.began.0.into());
            binds.extend([run.revision.as_deref().into(), run.undoes.as_deref().into()]);
            self.run_sql(sql, &binds).await.map(|_| ())
        })
    }

    fn end<'a>(&'a mut self, fence: i64, run: &'a str, at: Moment, status: u8) -> Kept<'a, ()> {
        Box::pin(async move {
            self.open_transaction().await?;
            let outcome = self.try_end(fence, run, at, status).await;
            self.close(outcome).await
        })
    }

    fn append<'a>(&'a mut self, fence: i64, entries: &'a [Entry]) -> Kept<'a, ()> {
        Box::pin(async move {
            self.open_transaction().await?;
            let outcome = self.try_append(fence, entries).await;
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
            let sql = "select id, plan, digest, topology, actor, began, ended, status, revision, undoes \
                       from run where ended is null order by began, id";
            self.all(sql, &[], Reader::run).await
        })
    }

    fn run<'a>(&'a mut self, id: &'a str) -> Kept<'a, Option<Run>> {
        Box::pin(async move {
            let sql = "select id, plan, digest, topology, actor, began, ended, status, revision, undoes \
                       from run where id = ?1";
            Ok(self.all(sql, &[id.into()], Reader::run).await?.into_iter().next())
        })
    }

    fn runs(&mut self, most: u32) -> Kept<'_, Vec<Run>> {
        Box::pin(async move {
            let sql = "select id, plan, digest, topology, actor, began, ended, status, revision, undoes \
                       from run order by began desc, rowid desc limit ?1";
            self.all(sql, &[i64::from(most).into()], Reader::run).await
        })
    }

    fn remember_plan<'a>(&'a mut self, plan: &'a PlanSeen) -> Kept<'a, ()> {
        Box::pin(async move {
            let sql = "insert into plan (digest, id, seal, created, applied_by) values (?1, ?2, ?3, ?4, ?5) \
                       on conflict (digest, id) do update set \
                       applied_by = coalesce(excluded.applied_by, plan.applied_by)";
            let applied = plan.applied_by.as_deref().into();
            let mut binds =
                [&plan.digest, &plan.id, &plan.seal].map(|text| Bind::from(text.as_str())).to_vec();
            binds.extend([plan.created.0.into(), applied]);
            self.run_sql(sql, &binds).await.map(|_| ())
        })
    }

    fn plan<'a>(&'a mut self, digest: &'a str, id: &'a str) -> Kept<'a, Option<PlanSeen>> {
        Box::pin(async move {
            let sql = "select digest, id, seal, created, applied_by from plan where digest = ?1 and id = ?2";
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
                       request, next_try, attempts, first_seen, last_seen, closed_at, closed_how, \
                       quiet_until, quiet_note from queue \
                       where closed_at is null or ?1 = 0 order by id";
            self.all(sql, &[i64::from(open_only).into()], Reader::queued).await
        })
    }

    fn resolve<'a>(&'a mut self, id: i64, note: &'a str, at: Moment) -> Kept<'a, bool> {
        Box::pin(async move {
            check_note(note, trouble::SETTLED)?;
            let sql = "update queue set closed_at = ?2, closed_how = ?3 where id = ?1 and closed_at is null";
            Ok(self.run_sql(sql, &[id.into(), at.0.into(), note.into()]).await? > 0)
        })
    }

    fn hush<'a>(&'a mut self, id: i64, until: Moment, note: &'a str) -> Kept<'a, bool> {
        Box::pin(async move {
            check_note(note, trouble::KNOWN)?;
            let sql =
                "update queue set quiet_until = ?2, quiet_note = ?3 where id = ?1 and closed_at is null";
            Ok(self.run_sql(sql, &[id.into(), until.0.into(), note.into()]).await? > 0)
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
                       at, run, seen)";
            let rows = cells.iter().map(|cell| {
                let texts = [&cell.system, &cell.location, &cell.code, &cell.column];
                let [system, location, code, column] = texts.map(|text| Bind::from(text.as_str()));
                let (value, shown, at) = (cell.value.into(), cell.shown.into(), cell.at.0.into());
                let (run, seen) = (cell.run.as_str().into(), i64::from(cell.seen).into());
                [system, location, code, column, value, shown, at, run, seen]
            });
            self.insert_all(sql, rows).await
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
            let sql = "insert or replace into known (system, location, item, quantity, value, as_of)";
            let rows = cells.iter().map(|cell| {
                let texts = [&cell.system, &cell.location, &cell.item, &cell.quantity];
                let [system, location, item, quantity] = texts.map(|text| Bind::from(text.as_str()));
                let as_of = cell.as_of.map(|at| at.0).into();
                [system, location, item, quantity, cell.value.into(), as_of]
            });
            self.insert_all(sql, rows).await
        })
    }

    fn audit(&mut self) -> Kept<'_, Vec<String>> {
        Box::pin(self.faults_of_file())
    }

    fn backup<'a>(&'a mut self, path: &'a str) -> Kept<'a, ()> {
        Box::pin(async move { copy::copy(&mut self.database, path).await })
    }
}
