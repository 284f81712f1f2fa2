-- What the planner knows about tables: nothing about guests, and about towns the results of an index and ANALYZE.
create table guests (
    id   bigint generated always as identity primary key,
    name text   not null,
    town text
);
create index guests_town on guests (town);
create index guests_without_town on guests (name) where town is null;

create table towns (name text not null, people int not null);
insert into towns select 'town ' || n, n * 1000 from generate_series(1, 40) n;
create unique index towns_name on towns (name);

create table streets (town text not null references towns (name), name text not null);
insert into streets select 'town 1', 'street ' || n from generate_series(1, 300) n;
create statistics streets_of_towns on town, name from streets;
analyze streets;

create materialized view biggest as select name from towns where people > 30000;
create index biggest_name on biggest (name);

-- As text, so that a scenario can name it.
create function known(of text) returns text language sql as $$
    select format('%s rows in %s pages, %s columns', c.reltuples, c.relpages,
                  (select count(*) from pg_stats where tablename = of))
      from pg_class c
     where c.relname = of
$$;
