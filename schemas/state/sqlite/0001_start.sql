-- Runs, their journal, the queue of failures, plans written, and what was last written and used.
create table run (
  id       text primary key,
  plan     text not null,
  digest   text not null,
  topology text not null,
  actor    text not null,
  began    integer not null,
  ended    integer,
  status   integer
) strict;

create table lease (
  only_one integer primary key check (only_one = 1),
  holder   text not null,
  host     text not null,
  process  text not null,
  expires  integer not null
) strict;

create table journal (
  seq           integer primary key,
  run           text not null references run (id),
  change_id     text not null,
  attempt       integer not null,
  write_key     text not null,
  event         text not null check (event in ('intent', 'sent', 'outcome')),
  columns_before text,
  value_after   integer,
  outcome       text,
  reason        text,
  at            integer not null
) strict;
create index journal_by_run on journal (run, seq);

create table queue (
  id         integer primary key autoincrement,
  flow       text not null,
  system     text not null,
  location   text not null,
  item       text not null,
  field      text not null,
  code       text not null,
  record     text not null,
  reason     text not null,
  change_id  text not null,
  next_try   integer,
  attempts   integer not null,
  first_seen integer not null,
  last_seen  integer not null,
  closed_at  integer,
  closed_how text
) strict;
create unique index queue_open on queue (flow, system, location, item, field) where closed_at is null;

create table plan (
  digest     text not null,
  id         text not null,
  created    integer not null,
  applied_by text,
  primary key (digest, id)
) strict;

create table written (
  system      text not null,
  location    text not null,
  code        text not null,
  column_name text not null,
  value       integer not null,
  shown       integer,
  at          integer not null,
  run         text not null,
  seen        integer not null,
  primary key (system, location, code, column_name)
) strict, without rowid;

create table known (
  system   text not null,
  location text not null,
  item     text not null,
  quantity text not null,
  value    integer not null,
  as_of    integer,
  primary key (system, location, item, quantity)
) strict, without rowid;
