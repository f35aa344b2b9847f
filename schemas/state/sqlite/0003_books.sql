-- The books of movements: what was sold, cancelled, shipped and returned, each once, and what that adds up to.
create table movement (
  system         text not null,
  movement       text not null check (movement in
    ('orders', 'cancellations', 'shipments', 'returns', 'transfers', 'adjustments', 'receipts')),
  document       text not null,
  line           text not null,
  item           text not null,
  part           integer not null,
  order_document text not null,
  order_line     text not null,
  location       text,
  to_location    text,
  amount         integer not null,
  at             integer,
  seen           integer not null,
  sellable       integer not null check (sellable in (0, 1)),
  primary key (system, movement, document, line, item, part)
) strict, without rowid;
create index movement_by_order on movement (system, order_document);

create table order_line (
  system           text not null,
  movement         text not null,
  document         text not null,
  line             text not null,
  item             text not null,
  flow             text not null,
  location         text,
  ordered          integer not null,
  cancelled        integer not null,
  shipped          integer not null,
  returned         integer not null,
  posted_ordered   integer not null,
  posted_cancelled integer not null,
  posted_shipped   integer not null,
  posted_returned  integer not null,
  taken_in         integer not null,
  closed           integer not null,
  placed           integer not null,
  seen             integer not null,
  late             integer not null check (late in (0, 1)),
  settled          integer,
  primary key (system, movement, document, line, item)
) strict, without rowid;
create index order_line_open on order_line (system) where settled is null;

create table account (
  item   text not null,
  place  text not null,
  bucket text not null,
  amount integer not null,
  primary key (item, place, bucket)
) strict, without rowid;

create table cursor (
  system text primary key,
  next   integer not null,
  whole  integer not null
) strict, without rowid;
