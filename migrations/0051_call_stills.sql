-- Photographs an agent asked for in a call, taken by the customer's page with all its camera has.
create table call_stills (
  id text primary key,
  call_id text not null references calls (id),
  dossier_id text not null references dossiers (id),
  agent_id text not null references staff (id),
  state text not null,
  reason text,
  camera text not null,
  asked_at bigint not null,
  asked_media_ms bigint not null,
  ended_at bigint,
  ended_media_ms bigint,
  -- What the page sent: both ends made the same hash of it. What is filed are its pixels alone.
  way text,
  sent_sha256 text,
  sent_size bigint,
  path text,
  sha256 text,
  size bigint,
  width bigint,
  height bigint,
  constraint call_stills_state check (state in ('asked','filed','declined','refused','withdrawn')),
  constraint call_stills_ended check ((state = 'asked') = (ended_at is null)),
  constraint call_stills_filed check ((state = 'filed') = (sha256 is not null) and (state = 'filed') = (sent_sha256 is not null)),
  constraint call_stills_camera check (camera in ('user','environment')),
  constraint call_stills_way check (way is null or way in ('channel','upload'))
);
create unique index call_stills_one_asked on call_stills (call_id) where state = 'asked';
create index call_stills_call on call_stills (call_id, id);
