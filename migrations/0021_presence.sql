-- What an agent wrote down while finishing a call, for whoever decides about the file.
create table wrap_up_notes (
  id text primary key,
  dossier_id text not null references dossiers (id),
  agent_id text not null references staff (id),
  body text not null,
  at bigint not null
);
create index wrap_up_notes_dossier on wrap_up_notes (dossier_id, id);

