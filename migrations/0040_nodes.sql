-- Which server process carries a call, and when each was last alive: a call outlives a server that comes back soon.

create table nodes (
  name text primary key,
  alive_at bigint not null
);
alter table calls add column node text not null default 'one';
create index calls_open on calls (node) where ended_at is null;
