-- What every step of the journey writes to: staff, customer files, the audit journal, the outbox, jobs.

create table staff (
  id text primary key,
  sign_in_name text not null,
  display_name text not null,
  password_hash text not null,
  roles text not null,
  languages text not null,
  created_at bigint not null,
  disabled_at bigint,
  constraint staff_sign_in_name unique (sign_in_name)
);

create table staff_sessions (
  id text primary key,
  staff_id text not null references staff (id),
  token_digest text not null,
  created_at bigint not null,
  seen_at bigint not null,
  expires_at bigint not null,
  ended_at bigint,
  constraint staff_sessions_token unique (token_digest)
);

create table sign_in_attempts (
  id text primary key,
  bucket text not null,
  at bigint not null
);
create index sign_in_attempts_bucket on sign_in_attempts (bucket, at);

create table dossiers (
  id text primary key,
  version bigint not null,
  state text not null,
  locale text not null,
  time_zone text not null,
  document_kind text,
  holder_name text,
  holder_name_folded text,
  document_number text,
  birth_date text,
  email text,
  phone text,
  reference text not null,
  resume_digest text not null,
  outcome text,
  created_at bigint not null,
  updated_at bigint not null,
  constraint dossiers_state check (state in ('draft','captured','read','confirmed','booked','waiting','in_call','called','approved','rejected','redo','expired')),
  constraint dossiers_reference unique (reference),
  constraint dossiers_resume unique (resume_digest)
);
create index dossiers_holder_name_folded on dossiers (holder_name_folded);
create index dossiers_document_number on dossiers (document_number);
create index dossiers_updated_at on dossiers (updated_at);

-- A browser that may act for one customer file. Several per file: a second device may take over.
create table customer_sessions (
  id text primary key,
  dossier_id text not null references dossiers (id),
  token_digest text not null,
  created_at bigint not null,
  expires_at bigint not null,
  constraint customer_sessions_token unique (token_digest)
);

-- The timeline of a file, for people. Details never hold personal data.
create table dossier_events (
  id text primary key,
  dossier_id text not null references dossiers (id),
  at bigint not null,
  kind text not null,
  actor text not null,
  detail text not null
);
create index dossier_events_dossier on dossier_events (dossier_id, id);

-- Who did what, why; each line carries the hash of the line before it.
create table audit_lines (
  seq bigint primary key,
  at bigint not null,
  actor text not null,
  act text not null,
  dossier_id text,
  purpose text,
  detail text not null,
  previous_hash text not null,
  hash text not null
);
create index audit_lines_dossier on audit_lines (dossier_id, seq);
create table audit_head (
  id bigint primary key,
  seq bigint not null,
  hash text not null
);
insert into audit_head (id, seq, hash) values (1, 0, '');

create table outbox (
  id text primary key,
  destination text not null,
  topic text not null,
  payload text not null,
  created_at bigint not null,
  delivered_at bigint,
  attempts bigint not null default 0,
  constraint outbox_destination check (destination in ('push','event'))
);
create index outbox_undelivered on outbox (id) where delivered_at is null;

create table jobs (
  id text primary key,
  kind text not null,
  subject text not null,
  payload text not null,
  state text not null,
  attempts bigint not null,
  run_at bigint not null,
  lease_until bigint,
  last_error text,
  created_at bigint not null,
  finished_at bigint,
  constraint jobs_state check (state in ('queued','running','done','failed'))
);
create index jobs_due on jobs (run_at) where state in ('queued','running');
create unique index jobs_once on jobs (kind, subject) where state in ('queued','running');
