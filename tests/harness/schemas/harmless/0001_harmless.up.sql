-- A small schema for everything that a session can do without changing the schema.

create table countries (
    code char(2) primary key,
    name text    not null
);
insert into countries values ('de', 'Germany'), ('fr', 'France'), ('it', 'Italy');

create table guests (
    id      serial  primary key,
    name    text    not null unique,
    country char(2) references countries (code) deferrable initially immediate,
    visits  int     not null default 0
);
create table visits (
    id       bigint generated always as identity primary key,
    guest_id int    not null references guests (id) deferrable initially deferred,
    at       date   not null default '2026-01-01'
);
create index visits_by_day on visits (at);

create sequence tickets start 1000 increment 10;

create materialized view guests_by_country as
select c.code, count(g.id) as guests
  from countries c
  left join guests g on g.country = c.code
 group by c.code;
create unique index guests_by_country_code on guests_by_country (code);

create function welcome(who text) returns int language sql
return (select count(*) from guests where name = who);

create procedure invite(who text) language plpgsql as $$
begin
    insert into guests (name) values (who);
    commit;
    update guests set visits = visits + 1 where name = who;
end $$;
