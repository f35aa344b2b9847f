-- When each flow ran last: what `apply --due` goes by.
create table ran (
  flow text primary key,
  at   integer not null,
  run  text not null
) strict, without rowid;
