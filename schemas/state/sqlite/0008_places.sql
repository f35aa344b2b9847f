-- The rows of a run by their place in its plan, and its journal too: ids of changes are digests, and an index of
-- them is written all over for every batch.
create table cell_new (
  run          text not null references run (id),
  place        integer not null,
  change_id    text not null,
  flow         text not null,
  system       text not null,
  location     text not null,
  item         text not null,
  code         text not null,
  quantity     text not null,
  unit         text not null,
  shown_before integer,
  shown_after  integer not null,
  reason       text not null,
  primary key (run, place)
) strict, without rowid;
-- Nobody knows the order of plans that were kept before; any will do that is the same for a run and its journal.
insert into cell_new
  select run, row_number() over (partition by run order by change_id) - 1, change_id, flow, system, location, item,
    code, quantity, unit, shown_before, shown_after, reason
  from cell;

alter table journal add column place integer;
create index cell_by_change on cell_new (run, change_id);
update journal set place =
  (select c.place from cell_new c where c.run = journal.run and c.change_id = journal.change_id);
drop index cell_by_change;
drop table cell;
alter table cell_new rename to cell;
create index cell_by_item on cell (item, run);
drop index journal_by_change;
-- What belongs to no row of the plan's changes, such as a posting, has no place.
create index journal_by_place on journal (run, place);
