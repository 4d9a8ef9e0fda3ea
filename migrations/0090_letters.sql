-- What became of a letter or text message. Its name says which one it was; nothing of its words or its address is kept.
create table letters (
  name text primary key,
  dossier_id text not null references dossiers (id),
  way text not null,
  state text not null,
  changed_at bigint not null,
  constraint letters_way check (way in ('email','sms')),
  constraint letters_state check (state in ('handing','handed','refused','arrived','lost'))
);
