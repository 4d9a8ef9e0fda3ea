-- Intake: photographs, what was read on them, the form, consents, resume links.

-- How far a file is in its intake. A new round begins when another document is chosen or the customer is asked to do it
-- again: photographs of earlier rounds are kept and no longer used.
create table intakes (
  dossier_id text primary key references dossiers (id),
  round bigint not null,
  is_typed bigint not null,
  is_restarted bigint not null,
  reading text not null,
  draft_email text,
  draft_phone text,
  draft_saved_at bigint,
  constraint intakes_reading check (reading in ('not_started','running','done','failed'))
);

-- Every photograph that was judged. A refused one is filed without its picture.
create table captures (
  id text primary key,
  dossier_id text not null references dossiers (id),
  round bigint not null,
  kind text not null,
  side text not null,
  accepted bigint not null,
  is_flagged bigint not null,
  problems text not null,
  width bigint not null,
  height bigint not null,
  path text,
  sha256 text,
  size bigint,
  taken_at bigint not null,
  removed_at bigint,
  constraint captures_side check (side in ('front','back')),
  constraint captures_picture check (accepted = 0 or path is not null or removed_at is not null)
);
create index captures_dossier on captures (dossier_id, round, side, id);

-- One row per photograph that was read, also when nothing was found on it or it could not be read.
create table readings (
  capture_id text primary key references captures (id),
  dossier_id text not null references dossiers (id),
  failure text,
  mrz_lines text,
  mrz_valid bigint,
  mrz_repaired bigint,
  doubtful text not null,
  read_at bigint not null
);

-- Every value found, from every source.
create table reading_fields (
  id text primary key,
  capture_id text not null references readings (capture_id),
  name text not null,
  value text not null,
  source text not null,
  confidence double precision not null,
  place text
);
create index reading_fields_capture on reading_fields (capture_id, id);

-- The form: what the reading proposes beside what stands there now.
create table details (
  dossier_id text not null references dossiers (id),
  name text not null,
  value text not null,
  is_edited bigint not null,
  read_value text,
  source text,
  confidence double precision,
  capture_id text,
  place text,
  doubtful bigint not null,
  updated_at bigint not null,
  primary key (dossier_id, name)
);

-- What was confirmed, each time it was.
create table confirmations (
  id text primary key,
  dossier_id text not null references dossiers (id),
  document_kind text not null,
  email text not null,
  phone text not null,
  at bigint not null
);
create index confirmations_dossier on confirmations (dossier_id, id);

create table confirmed_fields (
  confirmation_id text not null references confirmations (id),
  name text not null,
  value text not null,
  read_value text,
  source text,
  confidence double precision,
  origin text not null,
  doubtful bigint not null,
  primary key (confirmation_id, name),
  constraint confirmed_fields_origin check (origin in ('match','changed','new'))
);

-- The exact words that were agreed to, once per text.
create table consent_texts (
  sha256 text primary key,
  kind text not null,
  version text not null,
  locale text not null,
  text text not null
);

create table consents (
  id text primary key,
  confirmation_id text not null references confirmations (id),
  dossier_id text not null references dossiers (id),
  kind text not null,
  text_sha256 text not null references consent_texts (sha256),
  given bigint not null,
  address text,
  session_id text,
  at bigint not null
);
create index consents_dossier on consents (dossier_id, id);

-- Secrets of resume links, as digests. Each lives until its time is over, the file is decided, or a new link replaces it.
create table resume_links (
  digest text primary key,
  dossier_id text not null references dossiers (id),
  created_at bigint not null,
  expires_at bigint not null
);
create index resume_links_dossier on resume_links (dossier_id);
