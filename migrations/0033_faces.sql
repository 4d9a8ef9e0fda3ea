-- How alike the portrait of the document and the live face are: a machine's hint, and the agent's own comparison.

create table face_likenesses (
  check_id text primary key references checks (id),
  -- Null where a face could not be seen in one of the two pictures.
  distance double precision,
  portrait_sha256 text not null,
  still_sha256 text not null,
  network text not null,
  at bigint not null
);

create table face_comparisons (
  call_id text not null references calls (id),
  item text not null,
  mark text not null,
  marked_media_ms bigint not null,
  primary key (call_id, item),
  constraint face_comparisons_mark check (mark in ('alike','differs','not_visible'))
);
