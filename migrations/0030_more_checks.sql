-- Codes, questions and the place of the customer as checks; what is carried over from a call that broke off; hints of injected video.

create table checks_wider (
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
  -- Why it no longer counts and comes again: the connection broke.
  void_because text,
  constraint checks_kind check (kind in ('frontal','left','right','up','down','hand','digits','document_tilt','document_cover','document_number','code','questions','location')),
  constraint checks_state check (state in ('asked','passed','failed','skipped')),
  constraint checks_judged check ((state = 'asked') = (judged_at is null) and (judged_at is null) = (judged_media_ms is null)),
  constraint checks_reason check (state not in ('failed','skipped') or reason is not null),
  constraint checks_still check ((still_path is null) = (still_sha256 is null)),
  constraint checks_measured check ((measured_verdict is null) = (measured_at is null) and (measured_verdict is null or measured_verdict in ('passed','failed','unclear')))
);
insert into checks_wider
  select id, call_id, dossier_id, agent_id, kind, state, reason, asked_at, asked_media_ms, judged_at, judged_media_ms,
    still_path, still_sha256, still_size, still_at, measured_verdict, measured_detail, measured_at, challenge, chosen_because, null
  from checks;
drop table checks;
alter table checks_wider rename to checks;
create unique index checks_one_asked on checks (call_id) where state = 'asked';
create index checks_call on checks (call_id, id);

-- A one-time code: never itself, only a keyed digest of it.
create table check_codes (
  check_id text primary key references checks (id),
  way text not null,
  digest text not null,
  sends bigint not null,
  attempts bigint not null default 0,
  -- When the newest code was handed over; null while it is on its way, or could not be.
  sent_at bigint,
  failed_at bigint,
  expires_at bigint not null,
  matched_at bigint,
  constraint check_codes_way check (way in ('sms','email'))
);

-- Which questions a person was ever asked, by a keyed digest of who it is: none is asked twice.
create table asked_questions (
  person text not null,
  question text not null,
  check_id text not null,
  asked_at bigint not null,
  primary key (person, question)
);
create index asked_questions_check on asked_questions (check_id);
-- What was asked in one check, in the order of asking, and how each was answered.
create table check_questions (
  check_id text not null references checks (id),
  position bigint not null,
  question text not null,
  mark text,
  marked_media_ms bigint,
  primary key (check_id, position),
  constraint check_questions_mark check ((mark is null) = (marked_media_ms is null) and (mark is null or mark in ('right','wrong')))
);

-- Where the customer's browser said it was, with the customer's consent, or that there was none.
create table check_places (
  check_id text primary key references checks (id),
  outcome text not null,
  latitude double precision,
  longitude double precision,
  accuracy_m double precision,
  taken_at bigint,
  filed_at bigint not null,
  -- The words the customer agreed to.
  consent_text text,
  constraint check_places_outcome check (outcome in ('given','declined','unavailable')),
  constraint check_places_given check ((outcome = 'given') = (latitude is not null and longitude is not null and accuracy_m is not null and taken_at is not null and consent_text is not null))
);

-- Checks of an earlier call of the same file that count in this one.
alter table check_plans add column carried_from text;
alter table check_plans add column carried text not null default '';

-- Signs that a picture may not come from a camera. Hints for people, never a verdict.
create table call_hints (
  call_id text not null references calls (id),
  source text not null,
  code text not null,
  media_ms bigint not null,
  noticed_at bigint not null,
  times bigint not null default 1,
  primary key (call_id, source, code),
  constraint call_hints_source check (source in ('customer','agent','recording'))
);
