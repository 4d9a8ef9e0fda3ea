-- Browsers that a customer allowed to be woken for a call (RFC 8030); forgotten when their push service says they are gone.
create table push_subscriptions (
  id text primary key,
  dossier_id text not null references dossiers (id),
  endpoint text not null,
  p256dh text not null,
  auth text not null,
  created_at bigint not null,
  constraint push_subscriptions_once unique (endpoint)
);
create index push_subscriptions_dossier on push_subscriptions (dossier_id, created_at);
