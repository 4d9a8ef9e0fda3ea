-- What a film is captioned with, how far it is made, and what of a party's file is missing.
alter table recordings add column captions text;
alter table recordings add column progress bigint not null default 0;
alter table recording_files add column gaps text not null default '[]';
alter table recording_files add column end_ms bigint not null default 0;
alter table recording_files add column lost_packets bigint not null default 0;
