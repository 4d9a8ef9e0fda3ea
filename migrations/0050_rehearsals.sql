-- What a customer's page measured before a call: camera, microphone, light, the ways to the media server.
create table rehearsals (
  id text primary key,
  dossier_id text not null references dossiers (id),
  call_id text references calls (id),
  report text not null,
  at bigint not null
);
-- The newest one belongs to the next call; until then there is one at most.
create unique index rehearsals_next on rehearsals (dossier_id) where call_id is null;
create index rehearsals_call on rehearsals (call_id);
