-- Opening hours and days closed as supervisors set them; without a row those of the settings file hold.
create table site_hours (
  site text primary key,
  version bigint not null,
  week text not null,
  closures text not null,
  changed_at bigint not null,
  changed_by text not null references staff (id)
);
