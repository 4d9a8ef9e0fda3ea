-- Who a file is about, as keyed digests: tries, pauses, the negative list. No digest leads back to a name or a number.

create table negative_list (
  id text primary key,
  key_kind text not null,
  digest text not null,
  reason text not null,
  added_by text not null references staff (id),
  added_at bigint not null,
  ended_by text references staff (id),
  ended_at bigint,
  constraint negative_list_kind check (key_kind in ('document_number','name_birth')),
  constraint negative_list_ended check ((ended_by is null) = (ended_at is null))
);
create unique index negative_list_once on negative_list (key_kind, digest) where ended_at is null;

-- What the list said when a call began.
create table list_hits (
  call_id text not null references calls (id),
  entry_id text not null references negative_list (id),
  dossier_id text not null references dossiers (id),
  at bigint not null,
  primary key (call_id, entry_id)
);
create index list_hits_dossier on list_hits (dossier_id);

-- Calls that did not identify anybody, by person.
create table person_tries (
  person text not null,
  call_id text not null references calls (id),
  at bigint not null,
  primary key (person, call_id)
);
create index person_tries_at on person_tries (person, at);
create table person_pauses (
  person text primary key,
  until bigint not null
);
