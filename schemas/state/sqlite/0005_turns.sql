-- What each run came to for each of its flows, and movements by time: for whoever asks how late a flow is and
-- how fast goods sell.
create table turn (
  run     text not null references run (id),
  flow    text not null,
  began   integer not null,
  whole   integer not null check (whole in (0, 1)),
  through integer not null check (through in (0, 1)),
  held    integer,
  owed    integer,
  moved   integer,
  primary key (run, flow)
) strict, without rowid;
create index turn_by_flow on turn (flow, began);
-- Of the runs before nobody has kept what was held, or whether they looked at all of a flow.
insert into turn (run, flow, began, whole, through)
  select run.id, old.flow, run.began, 0, 0
  from (select run, flow from ran union select run, flow from cell) old join run on run.id = old.run;

create index movement_by_time on movement (system, coalesce(at, seen));
