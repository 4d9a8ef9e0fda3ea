-- Whose pages are open at which server; what a server wrote counts as long as it says that it is alive.
create table open_pages (
  node text not null,
  who text not null,
  primary key (node, who)
);
create index open_pages_who on open_pages (who);
