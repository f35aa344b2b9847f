-- The entries of a run are found by the index that begins with it: one index less to write for each of them.
drop index journal_by_run;
