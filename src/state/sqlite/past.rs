//! What runs were to change and what came of it, in SQLite.

use super::{Places, SqliteStore};
use crate::model::time::Moment;
use crate::state::row::{Reader, turn_binds};
use crate::state::trouble::second_plan;
use crate::state::{Happened, Kept, Leaving, Past, Planned, StateError, Turn, Turned};
use crate::world::Bind;
use std::collections::HashMap;

/// What is kept of a change, with the last outcome and the last intent of its run's journal.
const HAPPENED: &str = "select c.run, r.actor, r.revision, r.undoes, c.change_id, c.flow, c.system, \
    c.location, c.item, c.code, c.quantity, c.unit, c.shown_before, c.shown_after, c.reason, \
    o.outcome, o.reason, o.at, \
    (select j.value_after from journal j where j.run = c.run and j.place = c.place \
     and j.event = 'intent' and exists (select 1 from journal s where s.run = c.run \
     and s.place = c.place and s.event = 'sent' and s.seq > j.seq) order by j.seq desc limit 1) \
    from cell c join run r on r.id = c.run left join journal o on o.run = c.run \
    and o.place = c.place and o.seq = (select max(l.seq) from journal l where l.run = c.run \
    and l.place = c.place and l.event = 'outcome')";

/// The binds of a change of a run, at its place in the plan.
fn cell_binds(run: &str, own: &Planned, place: i64) -> [Bind; 13] {
    [
        run.into(),
        own.change.as_str().into(),
        own.flow.as_str().into(),
        own.system.as_str().into(),
        own.location.as_str().into(),
        own.item.as_str().into(),
        own.code.as_str().into(),
        own.quantity.as_str().into(),
        own.unit.as_str().into(),
        own.reason.as_str().into(),
        own.before.into(),
        own.after.into(),
        place.into(),
    ]
}

impl SqliteStore {
    async fn try_keep_plan(
        &mut self,
        run: &str,
        (text, changes): (&str, &[Planned]),
        places: &HashMap<String, i64>,
    ) -> Result<(), StateError> {
        let sql = "update run set plan_text = ?2 where id = ?1 and plan_text is null \
                   and not exists (select 1 from cell where cell.run = run.id)";
        if self.run_sql(sql, &[run.into(), text.into()]).await? == 0 {
            return Err(second_plan(run));
        }
        let sql = "insert into cell (run, change_id, flow, system, location, item, code, quantity, unit, \
                   reason, shown_before, shown_after, place)";
        let rows = (0_i64..).zip(changes).map(|(place, own)| Ok(cell_binds(run, own, place)));
        self.insert(sql, rows).await?;
        // An apply keeps its plan before it writes an entry; what is there all the same goes with the changes
        // that it names.
        let entries = "select change_id, seq from journal where run = ?1";
        for (change, seq) in self.all(entries, &[run.into()], Reader::placed).await? {
            if let Some(place) = places.get(&change) {
                let placed = "update journal set place = ?2 where seq = ?1";
                self.run_sql(placed, &[seq.into(), (*place).into()]).await?;
            }
        }
        Ok(())
    }
}

impl Past for SqliteStore {
    fn keep_plan<'a>(&'a mut self, run: &'a str, text: &'a str, changes: &'a [Planned]) -> Kept<'a, ()> {
        Box::pin(async move {
            let of: HashMap<String, i64> = changes.iter().map(|own| own.change.clone()).zip(0..).collect();
            if of.len() < changes.len() {
                return Err(second_plan(run));
            }
            self.open_transaction().await?;
            let outcome = self.try_keep_plan(run, (text, changes), &of).await;
            self.close(outcome).await?;
            self.places = Some(Places { run: run.to_owned(), of });
            Ok(())
        })
    }

    fn plan_text<'a>(&'a mut self, run: &'a str) -> Kept<'a, Option<String>> {
        Box::pin(async move {
            let answer = self.rows("select plan_text from run where id = ?1", &[run.into()]).await?;
            Ok(answer.rows.into_iter().next().and_then(|row| row.into_iter().next()).flatten())
        })
    }

    fn forget_plans(&mut self, before: Moment) -> Kept<'_, u64> {
        Box::pin(async move {
            let sql = "update run set plan_text = null where plan_text is not null and ended < ?1";
            self.run_sql(sql, &[before.0.into()]).await
        })
    }

    fn leavings<'a>(&'a mut self, system: &'a str, after: Moment) -> Kept<'a, Vec<Leaving>> {
        Box::pin(async move {
            // Runs that had ended before are left out first, so that the journal is not read whole.
            let sql = "select c.location, c.code, j.at from run r join journal j on j.run = r.id \
                       join cell c on c.run = j.run and c.place = j.place \
                       where (r.ended is null or r.ended > ?2) and j.event = 'sent' and j.at > ?2 \
                       and c.system = ?1 order by j.seq";
            self.all(sql, &[system.into(), after.0.into()], Reader::leaving).await
        })
    }

    fn happened<'a>(&'a mut self, run: &'a str) -> Kept<'a, Vec<Happened>> {
        Box::pin(async move {
            let sql = format!("{HAPPENED} where c.run = ?1 order by c.change_id");
            self.all(&sql, &[run.into()], Reader::happened).await
        })
    }

    fn history<'a>(&'a mut self, item: &'a str) -> Kept<'a, Vec<Happened>> {
        Box::pin(async move {
            let sql = format!("{HAPPENED} where c.item = ?1 order by r.began, r.rowid, c.change_id");
            self.all(&sql, &[item.into()], Reader::happened).await
        })
    }

    fn remember_turns<'a>(&'a mut self, turns: &'a [Turn]) -> Kept<'a, ()> {
        Box::pin(async move {
            let sql = "insert into turn (run, flow, began, whole, through, held, owed, moved) \
                       values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) on conflict (run, flow) do update set \
                       through = excluded.through, held = excluded.held, owed = excluded.owed, \
                       moved = excluded.moved";
            self.many(sql, turns.iter().map(turn_binds)).await.map(|_| ())
        })
    }

    fn turns<'a>(&'a mut self, flow: &'a str, since: Moment) -> Kept<'a, Vec<Turned>> {
        Box::pin(async move {
            let sql = "select t.run, t.flow, t.began, t.whole, t.through, t.held, t.owed, t.moved, r.ended, \
                       r.status from turn t join run r on r.id = t.run where t.flow = ?1 and t.began >= \
                       coalesce((select max(began) from turn where flow = ?1 and began < ?2), ?2) \
                       order by t.began, t.run";
            self.all(sql, &[flow.into(), since.0.into()], Reader::turn).await
        })
    }
}
