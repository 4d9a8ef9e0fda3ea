-- Contradictions found when a file's photographs were read. Those of an earlier reading stay and are ended.
create table disagreements (
  id text primary key,
  dossier_id text not null references dossiers (id),
  code text not null,
  fields text not null,
  readings text not null,
  found_at bigint not null,
  ended_at bigint
);
create index disagreements_dossier on disagreements (dossier_id, id);

-- The customer was asked to look at the field and said what is right.
alter table details add column is_checked bigint not null default 0;
