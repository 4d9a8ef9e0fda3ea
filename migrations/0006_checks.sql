-- Checks: what was asked when, how it went, the still filed with it.

create table checks (
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
  -- What a measuring engine finds in the recording, beside the agent's verdict; empty until one has measured.
  measured_verdict text,
  measured_detail text,
  measured_at bigint,
  constraint checks_kind check (kind in ('frontal','left','right','up','down')),
  constraint checks_state check (state in ('asked','passed','failed','skipped')),
  constraint checks_judged check ((state = 'asked') = (judged_at is null) and (judged_at is null) = (judged_media_ms is null)),
  constraint checks_reason check (state not in ('failed','skipped') or reason is not null),
  constraint checks_still check ((still_path is null) = (still_sha256 is null)),
  constraint checks_measured check ((measured_verdict is null) = (measured_at is null) and (measured_verdict is null or measured_verdict in ('passed','failed','unclear')))
);
create unique index checks_one_asked on checks (call_id) where state = 'asked';
create unique index checks_passed_once on checks (call_id, kind) where state = 'passed';
create index checks_call on checks (call_id, id);
