-- Reversals and shipments that do not fit the books: tried again in every cycle, until they fit, are withdrawn or
-- are closed by hand.
create table parked (
  system      text not null,
  movement    text not null check (movement in ('cancellations', 'shipments', 'returns')),
  document    text not null,
  line        text not null,
  of_document text,
  of_line     text,
  code        text not null,
  location    text,
  quantity    text not null,
  unit        text,
  at          integer,
  closed      integer,
  primary key (system, movement, document, line)
) strict, without rowid;

-- Movements by when they were first seen here: for whoever asks what has happened lately.
create index movement_by_seen on movement (seen);
