-- Fenced leases, what a run was to change, what people have said about it, and what the last runs saw.
create table lease_new (
  only_one  integer primary key check (only_one = 1),
  holder    text,
  run       text not null,
  host      text not null,
  process   text not null,
  fence     integer not null,
  taken     integer not null,
  heartbeat integer not null,
  expires   integer not null
) strict;
-- Whoever holds the lock goes on holding it. Its holder was the run, and was last heard of when nobody knows.
insert into lease_new
  select l.only_one, l.holder, l.holder, l.host, l.process, 1, coalesce(r.began, 0), coalesce(r.began, 0), l.expires
  from lease l left join run r on r.id = l.holder;
drop table lease;
alter table lease_new rename to lease;

create table unlocked (
  fence  integer primary key,
  run    text not null,
  actor  text not null,
  reason text not null,
  at     integer not null
) strict;

alter table run add column revision text;
alter table run add column undoes text;
alter table run add column plan_text text;

create table cell (
  run          text not null references run (id),
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
  primary key (run, change_id)
) strict, without rowid;
create index cell_by_item on cell (item, run);

create table pause (
  kind   text not null check (kind in ('all', 'system', 'location', 'flow')),
  name   text not null,
  holds  text not null check (holds in ('raises', 'all')),
  reason text not null,
  actor  text not null,
  since  integer not null,
  primary key (kind, name)
) strict, without rowid;

create table lifted (
  plan    text not null,
  guard   text not null,
  reason  text not null,
  actor   text not null,
  at      integer not null,
  expires integer not null,
  primary key (plan, guard)
) strict, without rowid;

create table guard_limit (
  flow        text not null,
  guard       text not null,
  numerator   integer not null,
  denominator integer not null,
  primary key (flow, guard)
) strict, without rowid;

create table read_size (
  system text not null,
  what   text not null,
  rows   integer not null,
  at     integer not null,
  primary key (system, what)
) strict, without rowid;

create table streak (
  flow     text not null,
  system   text not null,
  location text not null,
  item     text not null,
  field    text not null,
  runs     integer not null,
  primary key (flow, system, location, item, field)
) strict, without rowid;

alter table queue add column request text not null default '';
alter table queue add column quiet_until integer;
alter table queue add column quiet_note text;

alter table plan add column seal text not null default '';

-- A row that moved is computed again in the same run, and the journal says so.
create table journal_new (
  seq            integer primary key,
  run            text not null references run (id),
  change_id      text not null,
  attempt        integer not null,
  write_key      text not null,
  event          text not null check (event in ('intent', 'sent', 'again', 'outcome')),
  columns_before text,
  value_after    integer,
  outcome        text,
  reason         text,
  at             integer not null
) strict;
insert into journal_new select * from journal;
drop table journal;
alter table journal_new rename to journal;
create index journal_by_run on journal (run, seq);
create index journal_by_change on journal (run, change_id, seq);
