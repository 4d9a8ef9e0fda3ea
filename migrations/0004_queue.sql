-- The queue: tickets, what agents are doing, who refused what, booked calls that ring.

create table tickets (
  id text primary key,
  dossier_id text not null references dossiers (id),
  state text not null,
  epoch bigint not null,
  priority_at bigint not null,
  enqueued_at bigint not null,
  locale text not null,
  booking_id text references bookings (id),
  is_returning bigint not null,
  agent_id text references staff (id),
  offered_at bigint,
  offered_until bigint,
  call_id text,
  accepted_at bigint,
  ended_at bigint,
  end_reason text,
  handled_ms bigint,
  wait_low bigint,
  wait_high bigint,
  constraint tickets_state check (state in ('waiting', 'offered', 'accepted', 'abandoned', 'ended')),
  constraint tickets_offer check (state <> 'offered' or (agent_id is not null and offered_until is not null)),
  constraint tickets_accept check (state <> 'accepted' or (agent_id is not null and call_id is not null)),
  constraint tickets_waiting check (state <> 'waiting' or agent_id is null)
);
create unique index tickets_open_dossier on tickets (dossier_id) where state in ('waiting', 'offered', 'accepted');
create unique index tickets_open_agent on tickets (agent_id) where state in ('offered', 'accepted');
create index tickets_line on tickets (priority_at, id) where state in ('waiting', 'offered');
create index tickets_handled on tickets (ended_at) where handled_ms is not null;
create index tickets_agent on tickets (agent_id, ended_at);

create table agent_presences (
  staff_id text primary key references staff (id),
  presence text not null,
  since bigint not null,
  epoch bigint not null,
  misses bigint not null,
  reason text,
  idle_since bigint,
  ticket_id text,
  dossier_id text,
  call_id text,
  ring_id text,
  booking_id text,
  is_decided bigint not null,
  wrap_up_until bigint,
  constraint agent_presences_presence check (presence in ('offline', 'ready', 'offered', 'ringing', 'in_call', 'wrap_up', 'break'))
);
create index agent_presences_presence on agent_presences (presence, since);

-- A ticket is not offered again to an agent who declined or missed it before `until`.
create table ticket_refusals (
  ticket_id text not null references tickets (id),
  agent_id text not null references staff (id),
  until bigint not null,
  reason text not null,
  primary key (ticket_id, agent_id)
);

create table rings (
  id text primary key,
  booking_id text not null references bookings (id),
  dossier_id text not null references dossiers (id),
  agent_id text not null references staff (id),
  agent_name text not null,
  state text not null,
  started_at bigint not null,
  until bigint not null,
  ended_at bigint,
  constraint rings_state check (state in ('ringing', 'answered', 'declined', 'expired', 'withdrawn'))
);
create unique index rings_open_agent on rings (agent_id) where state = 'ringing';
create unique index rings_open_dossier on rings (dossier_id) where state = 'ringing';
