-- Appointments: shifts make slots, slots have seats, a seat is one customer's.

create table shifts (
  id text primary key,
  agent_id text not null references staff (id),
  starts_at bigint not null,
  ends_at bigint not null,
  created_at bigint not null,
  constraint shifts_order check (starts_at < ends_at),
  constraint shifts_once unique (agent_id, starts_at)
);
create index shifts_time on shifts (starts_at, ends_at);

create table slots (
  id text primary key,
  starts_at bigint not null,
  ends_at bigint not null,
  capacity bigint not null,
  constraint slots_order check (starts_at < ends_at),
  constraint slots_capacity check (capacity >= 0),
  constraint slots_once unique (starts_at)
);

create table bookings (
  id text primary key,
  dossier_id text not null references dossiers (id),
  slot_id text not null references slots (id),
  state text not null,
  version bigint not null,
  link_nonce text not null,
  created_at bigint not null,
  updated_at bigint not null,
  constraint bookings_state check (state in ('booked', 'cancelled', 'kept', 'missed'))
);
create unique index bookings_open on bookings (dossier_id) where state = 'booked';
create index bookings_slot on bookings (slot_id);
create index bookings_dossier on bookings (dossier_id, created_at);

-- A taken seat. The primary key is what keeps two customers off one seat.
create table seats (
  slot_id text not null references slots (id),
  seat bigint not null,
  booking_id text not null references bookings (id),
  primary key (slot_id, seat),
  constraint seats_booking unique (booking_id)
);
