-- A seat is taken by an appointment, or held for five minutes by a customer who is about to decide. One table holds both, so
-- that one primary key keeps everybody off everybody's seat.
create table seats_held (
  slot_id text not null references slots (id),
  seat bigint not null,
  booking_id text references bookings (id),
  held_by text references dossiers (id),
  held_until bigint,
  primary key (slot_id, seat),
  constraint seats_one_booking unique (booking_id),
  constraint seats_one_hold unique (held_by),
  constraint seats_whose check ((booking_id is null) <> (held_by is null) and (held_by is null) = (held_until is null))
);
insert into seats_held (slot_id, seat, booking_id) select slot_id, seat, booking_id from seats;
drop table seats;
alter table seats_held rename to seats;

-- Days of the site, locked while one of their appointments is made: the most per day is counted by one at a time.
create table booking_days (
  day text primary key,
  locked bigint not null
);

-- Appointments the house gave back.
create table booking_call_offs (
  booking_id text primary key references bookings (id),
  staff_id text references staff (id),
  reason text not null,
  at bigint not null,
  constraint booking_call_offs_reason check (reason in ('agent_sick', 'site_closed', 'technical', 'customer_asked', 'shift_cut'))
);
create index booking_call_offs_staff on booking_call_offs (staff_id, at);
