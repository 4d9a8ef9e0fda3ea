-- More outcomes: suspicion of fraud, breaking off, redoing one item. Suspicions and late contradictions, for the eyes of staff.

create table decisions_wider (
  id text primary key,
  dossier_id text not null references dossiers (id),
  call_id text not null references calls (id),
  agent_id text not null references staff (id),
  outcome text not null,
  reason text not null,
  item text,
  note text,
  at bigint not null,
  needs_second bigint not null default 0,
  flags text not null default '',
  constraint decisions_outcome check (outcome in ('approve','reject','redo','suspect','abort')),
  constraint decisions_item check (item is null or outcome = 'redo'),
  constraint decisions_call_once unique (call_id)
);
insert into decisions_wider (id, dossier_id, call_id, agent_id, outcome, reason, item, note, at, needs_second, flags)
  select id, dossier_id, call_id, agent_id, outcome, reason, null, note, at, needs_second, flags from decisions;
create unique index decisions_call_agent on decisions_wider (call_id, agent_id);

create table second_opinions_wider (
  call_id text primary key,
  dossier_id text not null references dossiers (id),
  agent_id text not null,
  checker_id text not null references staff (id),
  outcome text not null,
  reason text not null,
  item text,
  note text,
  at bigint not null,
  foreign key (call_id, agent_id) references decisions_wider (call_id, agent_id),
  constraint second_opinions_somebody_else check (checker_id <> agent_id),
  constraint second_opinions_outcome check (outcome in ('approve','reject','redo')),
  constraint second_opinions_item check (item is null or outcome = 'redo')
);
insert into second_opinions_wider (call_id, dossier_id, agent_id, checker_id, outcome, reason, item, note, at)
  select call_id, dossier_id, agent_id, checker_id, outcome, reason, null, note, at from second_opinions;
drop table second_opinions;
drop table decisions;
alter table decisions_wider rename to decisions;
alter table second_opinions_wider rename to second_opinions;
create index decisions_of_dossier on decisions (dossier_id, at);

-- What the customer is to do again, by name; null when it is all of it.
alter table dossiers add column redo_item text;
-- Until when its sealed files are kept at least.
alter table dossiers add column keep_until bigint;
-- Kept although its time is over.
alter table dossiers add column held_at bigint;
-- When its sealed files were deleted because their time was over.
alter table dossiers add column erased_at bigint;

-- A quiet word of the agent that something is wrong. The customer never learns of it.
create table suspicions (
  call_id text primary key references calls (id),
  dossier_id text not null references dossiers (id),
  agent_id text not null references staff (id),
  reason text not null,
  at bigint not null
);
create index suspicions_dossier on suspicions (dossier_id);

-- What speaks against a decision that counts already, until a supervisor has looked.
create table late_flags (
  call_id text primary key references calls (id),
  dossier_id text not null references dossiers (id),
  flags text not null,
  raised_at bigint not null,
  seen_by text references staff (id),
  seen_at bigint
);
