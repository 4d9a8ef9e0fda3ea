-- Decisions on files.

create table decisions (
  id text primary key,
  dossier_id text not null references dossiers (id),
  call_id text not null references calls (id),
  agent_id text not null references staff (id),
  outcome text not null,
  reason text not null,
  note text,
  at bigint not null,
  constraint decisions_outcome check (outcome in ('approve','reject','redo')),
  constraint decisions_once unique (call_id)
);
create index decisions_dossier on decisions (dossier_id, at);
