-- One recording per call: the logs written while it ran and the files made from them.
create table recordings (
  call_id text primary key,
  dossier_id text not null references dossiers (id),
  state text not null,
  folder text not null,
  started_at bigint not null,
  stopped_at bigint,
  finished_at bigint,
  duration_ms bigint,
  failure text,
  constraint recordings_state check (state in ('recording', 'sealing', 'sealed', 'failed')),
  constraint recordings_stopped check (state = 'recording' or stopped_at is not null),
  constraint recordings_sealed check (state <> 'sealed' or duration_ms is not null),
  constraint recordings_failed check (state <> 'failed' or failure is not null)
);
create index recordings_dossier on recordings (dossier_id);
create index recordings_unfinished on recordings (call_id) where state in ('recording', 'sealing');

-- One log per join of one participant.
create table recording_segments (
  call_id text not null references recordings (call_id),
  party text not null,
  seq bigint not null,
  path text not null,
  opened_at bigint not null,
  constraint recording_segments_place primary key (call_id, party, seq),
  constraint recording_segments_party check (party in ('customer', 'agent'))
);

-- The files for people. The hash is over the plain bytes.
create table recording_files (
  call_id text not null references recordings (call_id),
  name text not null,
  party text,
  path text not null,
  size bigint not null,
  sha256 text not null,
  offset_ms bigint not null,
  constraint recording_files_name primary key (call_id, name)
);
