-- Who may serve whom: what a ticket is about, what agents can do, what supervisors have to know of the queue.

alter table tickets add column product text not null default '';
alter table tickets add column has_special_needs bigint not null default 0;
-- Offers made so far, and when they were too many.
alter table tickets add column tries bigint not null default 0;
alter table tickets add column escalated_at bigint;
-- What was expected when the ticket was taken, and what it was in the end, for the honesty of estimates.
alter table tickets add column expected_ms bigint;
alter table tickets add column waited_ms bigint;
create index tickets_waited on tickets (accepted_at) where waited_ms is not null;

create table agent_skills (
  staff_id text not null references staff (id),
  kind text not null,
  name text not null,
  level bigint not null,
  primary key (staff_id, kind, name),
  constraint agent_skills_kind check (kind in ('language', 'product')),
  constraint agent_skills_level check (level between 1 and 9)
);

create table queue_notes (
  id text primary key,
  at bigint not null,
  kind text not null,
  agent_id text references staff (id),
  ticket_id text references tickets (id),
  seen_at bigint,
  seen_by text references staff (id),
  constraint queue_notes_kind check (kind in ('missed_offers', 'ticket_escalated', 'agent_lost'))
);
create index queue_notes_unseen on queue_notes (at) where seen_at is null;
