-- Several servers carry calls: how often each said that it is alive, which run of it speaks, how many calls it carries and may carry.

alter table nodes add column run text not null default '';
alter table nodes add column beats bigint not null default 0;
alter table nodes add column calls bigint not null default 0;
alter table nodes add column most bigint not null default 0;
alter table nodes add column is_draining bigint not null default 0;
update nodes set calls = (select count(*) from calls where calls.node = nodes.name and calls.ended_at is null);
