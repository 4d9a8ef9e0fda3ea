-- How a call sounded and how long its pictures stood still, over the whole call and in steps of ten seconds.
alter table call_qualities add column mos_mean double precision;
alter table call_qualities add column mos_worst double precision;
alter table call_qualities add column freezes bigint not null default 0;
alter table call_qualities add column frozen_ms double precision not null default 0;
alter table call_qualities add column sent_kbps_mean double precision not null default 0;

create table call_quality_marks (
  call_id text not null references calls (id),
  party text not null,
  viewer text not null,
  at_ms bigint not null,
  mos double precision,
  rtt_ms double precision not null,
  loss double precision not null,
  jitter_ms double precision not null,
  video_kbps double precision not null,
  sent_kbps double precision not null,
  frozen_ms double precision not null,
  constraint call_quality_marks_viewer check (viewer in ('page','server')),
  primary key (call_id, party, viewer, at_ms)
);
