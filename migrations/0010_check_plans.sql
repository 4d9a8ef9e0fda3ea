-- The drawn order of a call's checks: the seed is told to nobody before the call is over, its commitment at once.

create table check_plans (
  call_id text primary key references calls (id),
  seed text not null,
  commitment text not null,
  nonce text,
  nonce_at bigint,
  -- The whole rule profile, as it was then.
  profile text not null,
  -- Once a check was asked nothing of the draw may change.
  is_bound bigint not null default 0,
  created_at bigint not null,
  constraint check_plans_nonce check ((nonce is null) = (nonce_at is null))
);

-- Checks of more kinds; a movement may be asked more than once; what the draw asked for, and why the agent chose otherwise.
create table checks_next (
  id text primary key,
  call_id text not null references calls (id),
  dossier_id text not null references dossiers (id),
  agent_id text not null references staff (id),
  kind text not null,
  state text not null,
  reason text,
  asked_at bigint not null,
  asked_media_ms bigint not null,
  judged_at bigint,
  judged_media_ms bigint,
  still_path text,
  still_sha256 text,
  still_size bigint,
  still_at bigint,
  measured_verdict text,
  measured_detail text,
  measured_at bigint,
  challenge text,
  chosen_because text,
  constraint checks_kind check (kind in ('frontal','left','right','up','down','hand','digits','document_tilt','document_cover','document_number')),
  constraint checks_state check (state in ('asked','passed','failed','skipped')),
  constraint checks_judged check ((state = 'asked') = (judged_at is null) and (judged_at is null) = (judged_media_ms is null)),
  constraint checks_reason check (state not in ('failed','skipped') or reason is not null),
  constraint checks_still check ((still_path is null) = (still_sha256 is null)),
  constraint checks_measured check ((measured_verdict is null) = (measured_at is null) and (measured_verdict is null or measured_verdict in ('passed','failed','unclear')))
);
-- What was asked before there was a draw was the agent's choice.
insert into checks_next
  select id, call_id, dossier_id, agent_id, kind, state, reason, asked_at, asked_media_ms, judged_at, judged_media_ms,
    still_path, still_sha256, still_size, still_at, measured_verdict, measured_detail, measured_at, null, 'led'
  from checks;
drop table checks;
alter table checks_next rename to checks;
create unique index checks_one_asked on checks (call_id) where state = 'asked';
create index checks_call on checks (call_id, id);

-- A second person's word on a decision. Whoever decided cannot be the second person: the database refuses it.
alter table decisions add column needs_second bigint not null default 0;
alter table decisions add column flags text not null default '';
create unique index decisions_agent on decisions (call_id, agent_id);
create table second_opinions (
  call_id text primary key,
  dossier_id text not null references dossiers (id),
  agent_id text not null,
  checker_id text not null references staff (id),
  outcome text not null,
  reason text not null,
  note text,
  at bigint not null,
  foreign key (call_id, agent_id) references decisions (call_id, agent_id),
  constraint second_opinions_somebody_else check (checker_id <> agent_id),
  constraint second_opinions_outcome check (outcome in ('approve','reject','redo'))
);
