-- Calls: who with whom, how both ends are doing, what was said, how it looked.

create table calls (
  id text primary key,
  version bigint not null,
  ticket_id text not null,
  dossier_id text not null references dossiers (id),
  agent_id text not null references staff (id),
  state text not null,
  customer_seat text,
  agent_seat text,
  customer_issued bigint not null default 0,
  customer_joined bigint not null default 0,
  agent_issued bigint not null default 0,
  agent_joined bigint not null default 0,
  started_at bigint not null,
  live_at bigint,
  ended_at bigint,
  end_reason text,
  constraint calls_state check (state in ('connecting','live','ended')),
  constraint calls_ended check ((state = 'ended') = (ended_at is not null) and (ended_at is null) = (end_reason is null)),
  constraint calls_seats check ((state = 'ended') = (customer_seat is null) and (state = 'ended') = (agent_seat is null)),
  constraint calls_live check (state <> 'live' or live_at is not null),
  constraint calls_end_reason check (end_reason in ('hung_up','customer_lost','agent_lost','server_lost','recorder_failed'))
);
create unique index calls_one_per_agent on calls (agent_id) where ended_at is null;
create unique index calls_one_per_dossier on calls (dossier_id) where ended_at is null;
create index calls_dossier on calls (dossier_id, started_at);
create index calls_agent on calls (agent_id, started_at);

create table chat_lines (
  id text primary key,
  call_id text not null references calls (id),
  party text not null,
  body text not null,
  at bigint not null,
  constraint chat_lines_party check (party in ('customer','agent'))
);
create index chat_lines_call on chat_lines (call_id, id);

-- How the call looked from one end, over the whole call.
create table call_qualities (
  call_id text not null references calls (id),
  party text not null,
  samples bigint not null,
  rtt_ms_mean double precision not null,
  rtt_ms_worst double precision not null,
  loss_mean double precision not null,
  loss_worst double precision not null,
  jitter_ms_mean double precision not null,
  video_kbps_mean double precision not null,
  video_kbps_least double precision not null,
  primary key (call_id, party)
);
