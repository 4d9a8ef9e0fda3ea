-- Portraits cut out of photographs of documents. Erased with their photograph; the row stays and says when.
create table portraits (
  capture_id text primary key references captures (id),
  dossier_id text not null references dossiers (id),
  path text,
  sha256 text not null,
  size bigint not null,
  cut_at bigint not null,
  removed_at bigint,
  constraint portraits_picture check (path is not null or removed_at is not null)
);
create index portraits_dossier on portraits (dossier_id);
