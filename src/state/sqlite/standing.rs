//! What holds until it is changed, in SQLite.

use super::SqliteStore;
use crate::state::row::{Reader, key_binds};
use crate::state::{Kept, Lifted, Limit, Pause, QueueKey, Ran, Scope, Size, Standing, StateError};
use crate::world::Bind;
use std::collections::BTreeSet;

impl SqliteStore {
    async fn try_remember_limits(&mut self, limits: &[Limit]) -> Result<(), StateError> {
        for limit in limits {
            self.run_sql("delete from guard_limit where flow = ?1", &[limit.flow.as_str().into()]).await?;
        }
        let sql = "insert or replace into guard_limit (flow, guard, numerator, denominator) \
                   values (?1, ?2, ?3, ?4)";
        for limit in limits {
            let binds: [Bind; 4] = [
                limit.flow.as_str().into(),
                limit.guard.as_str().into(),
                limit.numerator.into(),
                limit.denominator.into(),
            ];
            self.run_sql(sql, &binds).await?;
        }
        Ok(())
    }

    async fn try_count_moved(
        &mut self,
        moved: &[QueueKey],
        ended: &[QueueKey],
    ) -> Result<Vec<u32>, StateError> {
        let end = "delete from streak where flow = ?1 and system = ?2 and location = ?3 and item = ?4 \
                   and field = ?5";
        // Most runs end all of their rows, and few rows have ever moved.
        let begun = "select flow, system, location, item, field from streak";
        let begun: BTreeSet<QueueKey> = self.all(begun, &[], Reader::queue_key).await?.into_iter().collect();
        for key in ended.iter().filter(|key| begun.contains(key)) {
            self.run_sql(end, &key_binds(key)).await?;
        }
        let count = "insert into streak (flow, system, location, item, field, runs) \
                     values (?1, ?2, ?3, ?4, ?5, 1) on conflict do update set runs = runs + 1 returning runs";
        let mut runs = Vec::with_capacity(moved.len());
        for key in moved {
            let counted = self.all(count, &key_binds(key), Reader::count).await?;
            runs.push(counted.first().map_or(1, |count| u32::try_from(*count).unwrap_or(u32::MAX)));
        }
        Ok(runs)
    }
}

impl Standing for SqliteStore {
    fn pause<'a>(&'a mut self, pause: &'a Pause) -> Kept<'a, ()> {
        Box::pin(async move {
            let sql = "insert or replace into pause (kind, name, holds, reason, actor, since) \
                       values (?1, ?2, ?3, ?4, ?5, ?6)";
            let holds = if pause.holds_all { "all" } else { "raises" };
            let texts = [pause.scope.word(), &pause.name, holds, &pause.reason, &pause.actor];
            let mut binds = texts.map(Bind::from).to_vec();
            binds.push(pause.since.0.into());
            self.run_sql(sql, &binds).await.map(|_| ())
        })
    }

    fn unpause<'a>(&'a mut self, scope: Scope, name: &'a str) -> Kept<'a, bool> {
        Box::pin(async move {
            let sql = "delete from pause where kind = ?1 and name = ?2";
            Ok(self.run_sql(sql, &[scope.word().into(), name.into()]).await? > 0)
        })
    }

    fn pauses(&mut self) -> Kept<'_, Vec<Pause>> {
        Box::pin(async move {
            let sql = "select kind, name, holds, reason, actor, since from pause order by kind, name";
            let mut found = self.all(sql, &[], Reader::pause).await?;
            found.sort_by(|a, b| (a.scope, &a.name).cmp(&(b.scope, &b.name)));
            Ok(found)
        })
    }

    fn lift<'a>(&'a mut self, lifted: &'a Lifted) -> Kept<'a, ()> {
        Box::pin(async move {
            let sql = "insert or replace into lifted (plan, guard, reason, actor, at, expires) \
                       values (?1, ?2, ?3, ?4, ?5, ?6)";
            let texts = [&lifted.plan, &lifted.guard, &lifted.reason, &lifted.actor];
            let mut binds = texts.map(|text| Bind::from(text.as_str())).to_vec();
            binds.extend([lifted.at.0.into(), lifted.expires.0.into()]);
            self.run_sql(sql, &binds).await.map(|_| ())
        })
    }

    fn lifted<'a>(&'a mut self, plan: &'a str) -> Kept<'a, Vec<Lifted>> {
        Box::pin(async move {
            let sql = "select plan, guard, reason, actor, at, expires from lifted where plan = ?1 \
                       order by guard";
            self.all(sql, &[plan.into()], Reader::lifted).await
        })
    }

    fn limits(&mut self) -> Kept<'_, Vec<Limit>> {
        Box::pin(async move {
            let sql = "select flow, guard, numerator, denominator from guard_limit order by flow, guard";
            self.all(sql, &[], Reader::limit).await
        })
    }

    fn remember_limits<'a>(&'a mut self, limits: &'a [Limit]) -> Kept<'a, ()> {
        Box::pin(async move {
            self.open_transaction().await?;
            let outcome = self.try_remember_limits(limits).await;
            self.close(outcome).await
        })
    }

    fn sizes(&mut self) -> Kept<'_, Vec<Size>> {
        Box::pin(async move {
            let sql = "select system, what, rows, at from read_size order by system, what";
            self.all(sql, &[], Reader::size).await
        })
    }

    fn remember_sizes<'a>(&'a mut self, sizes: &'a [Size]) -> Kept<'a, ()> {
        Box::pin(async move {
            let sql = "insert or replace into read_size (system, what, rows, at) values (?1, ?2, ?3, ?4)";
            let binds = sizes.iter().map(|size| {
                let rows = i64::try_from(size.rows).unwrap_or(i64::MAX);
                vec![size.system.as_str().into(), size.what.as_str().into(), rows.into(), size.at.0.into()]
            });
            self.many(sql, binds).await.map(|_| ())
        })
    }

    fn ran(&mut self) -> Kept<'_, Vec<Ran>> {
        Box::pin(
            async move { self.all("select flow, at, run from ran order by flow", &[], Reader::ran).await },
        )
    }

    fn remember_ran<'a>(&'a mut self, ran: &'a [Ran]) -> Kept<'a, ()> {
        Box::pin(async move {
            let sql = "insert or replace into ran (flow, at, run) values (?1, ?2, ?3)";
            let binds = ran
                .iter()
                .map(|own| vec![own.flow.as_str().into(), own.at.0.into(), own.run.as_str().into()]);
            self.many(sql, binds).await.map(|_| ())
        })
    }

    fn count_moved<'a>(&'a mut self, moved: &'a [QueueKey], ended: &'a [QueueKey]) -> Kept<'a, Vec<u32>> {
        Box::pin(async move {
            self.open_transaction().await?;
            let outcome = self.try_count_moved(moved, ended).await;
            self.close(outcome).await
        })
    }
}
