-- A customer who asked to be called back keeps the place in line without an open page. When the turn comes an agent rings;
-- who does not come is rung again after a rest, and given up in the end.
alter table tickets add column callback_way text;
alter table tickets add column rests_until bigint;
alter table tickets add column rings bigint not null default 0;
-- Since when the customer is being rung; the ticket counts as offered to the agent who rings.
alter table tickets add column rung_at bigint;
-- Whether supervisors were told that this customer waits long.
alter table tickets add column is_long_noted bigint not null default 0;

-- Where a customer who asked to be called back is written to.
create table callbacks (
  ticket_id text primary key references tickets (id),
  address text not null,
  asked_at bigint not null
);

-- A ring is for an appointment or for a ticket.
create table rings_now (
  id text primary key,
  booking_id text references bookings (id),
  ticket_id text references tickets (id),
  dossier_id text not null references dossiers (id),
  agent_id text not null references staff (id),
  agent_name text not null,
  state text not null,
  started_at bigint not null,
  until bigint not null,
  ended_at bigint,
  link_nonce text not null default '',
  constraint rings_state check (state in ('ringing', 'answered', 'declined', 'expired', 'withdrawn')),
  constraint rings_what check ((booking_id is null) <> (ticket_id is null))
);
insert into rings_now (id, booking_id, dossier_id, agent_id, agent_name, state, started_at, until, ended_at)
  select id, booking_id, dossier_id, agent_id, agent_name, state, started_at, until, ended_at from rings;
drop table rings;
alter table rings_now rename to rings;
create unique index rings_open_agent on rings (agent_id) where state = 'ringing';
create unique index rings_open_dossier on rings (dossier_id) where state = 'ringing';

create table queue_notes_now (
  id text primary key,
  at bigint not null,
  kind text not null,
  agent_id text references staff (id),
  ticket_id text references tickets (id),
  seen_at bigint,
  seen_by text references staff (id),
  constraint queue_notes_kind check (kind in ('missed_offers', 'ticket_escalated', 'agent_lost', 'long_wait', 'not_reached'))
);
insert into queue_notes_now (id, at, kind, agent_id, ticket_id, seen_at, seen_by)
  select id, at, kind, agent_id, ticket_id, seen_at, seen_by from queue_notes;
drop table queue_notes;
alter table queue_notes_now rename to queue_notes;
create index queue_notes_unseen on queue_notes (at) where seen_at is null;
