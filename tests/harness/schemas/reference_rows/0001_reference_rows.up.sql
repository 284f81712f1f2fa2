-- Rows that every scenario finds, in tables of many kinds.

create type mood   as enum ('merry', 'sad', 'shy');
create type spot   as (hall text, seat int);
create domain few  as int check (value between 1 and 9);
create collation caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);

-- Keys: one column, two, none, and only unique with NULLs.
create table keyed       (id int primary key, name text unique, note text);
create table paired      (a int, b text, note text, primary key (b, a));
create table keyless     (word text, n int);
create table only_unique (code text unique, note text);
insert into keyed       values (1, 'one', null), (2, 'two', ''), (3, null, 'three');
insert into paired      values (1, 'x', 'first'), (1, 'y', null), (2, 'x', 'third');
insert into keyless     values ('x', 1), ('x', 1), ('y', null), (null, null), (null, null);
insert into only_unique values ('a', 'one'), (null, 'two'), (null, 'two');

-- Keys whose equal values can be written in several ways.
create table by_caseless (name text collate caseless primary key, n int);
create table by_number   (n numeric primary key);
create table by_float    (n float8 primary key);
create table by_span     (span interval primary key);
create table by_letters  (letters char(5) primary key);
create table by_spot     (spot spot primary key, tags text[]);
insert into by_caseless values ('Ada', 1), ('Grace', 2);
insert into by_number   values (1.50), (2), ('NaN');
insert into by_float    values ('-0'), ('NaN'), ('-Infinity');
insert into by_span     values ('1 day'), ('1 month');
insert into by_letters  values ('ab'), ('c');
insert into by_spot     values (('main', 1), '{a,NULL}'), (('main', null), '{}');

-- Types without equality, with and without a key.
create table unequal         (id int primary key, j json, x xml, p point);
create table unequal_keyless (j json, x xml, p point);
insert into unequal         values (1, '{"a":1}', '<a b="1"/>', '(1,2)'), (2, null, null, null);
insert into unequal_keyless values ('{"a":1}', '<a/>', '(1,2)'), ('{"a":1}', '<a/>', '(1,2)'), (null, null, null);

-- Generated columns, and identity columns that accept no value.
create table computed         (id int primary key, net numeric, gross numeric generated always as (net * 1.19) stored);
create table computed_keyless (net int, twice int generated always as (net * 2) stored);
create table numbered         (id int generated always as identity primary key, name text);
create table numbered_keyless (name text, n int generated always as identity (start with 5 increment by 5));
insert into computed         (id, net) values (1, 100), (2, null);
insert into computed_keyless (net)     values (1), (1), (2);
insert into numbered         (name)    values ('one'), ('two'), ('three');
insert into numbered_keyless (name)    values ('one'), ('one');
delete from numbered where id = 2;

-- Values that are equal but have different bytes.
create table shaped (
    id      int primary key,
    mood    mood,
    few     few,
    letters char(4),
    price   numeric,
    ratio   float8,
    span    interval,
    tags    text[],
    grid    int[],
    data    jsonb,
    bytes   bytea,
    spot    spot,
    period  daterange
);
insert into shaped values
    (1, 'merry', 5,    'ab', 1.50,  '-0',  '1 day', '{a,NULL,"b c"}', '[0:1]={1,2}', '{"n": 1.50}', '\x00ff', ('main', 1),    '[2026-01-01,2026-02-01)'),
    (2, null,    null, null, 'NaN', 'NaN', null,    '{}',             '{}',          'null',        '',       ('main', null), 'empty');

-- Rows that couldn't be inserted now: the check constraints were added later as NOT VALID.
create table forgiven (id int primary key, n int, keyed_id int);
insert into forgiven values (1, -1, 99), (2, 2, 2);
alter table forgiven add constraint above_zero check (n > 0) not valid,
                     add foreign key (keyed_id) references keyed (id) not valid;

-- A table that was changed after its rows were inserted: a column dropped, two added, one with another type.
create table reshaped (id int primary key, gone text, kept text, other int);
insert into reshaped values (1, 'gone', 'one', 10), (2, 'gone', null, null);
alter table reshaped drop column gone;
alter table reshaped add column added text not null default 'as before';
alter table reshaped alter column other type text using other || '!', add column last int;
insert into reshaped values (3, 'three', '30!', 'after', 3);

-- Exclusion constraints, and deferred unique constraints.
create table periods (id int primary key, period daterange, exclude using gist (period with &&));
create table ranks   (name text primary key, rank int not null unique deferrable initially immediate);
insert into periods values (1, '[2026-01-01,2026-02-01)'), (2, '[2026-02-01,2026-03-01)');
insert into ranks   values ('first', 1), ('second', 2), ('third', 3);

-- Long texts that are stored outside of their rows, and many rows.
create table long_texts (id int primary key, packed text, plain text, note text);
alter table long_texts alter column plain set storage external;
insert into long_texts
select n, repeat(md5(n::text), 5000), repeat(md5((-n)::text), 500), 'note'
  from generate_series(1, 3) n;
create table many (id int primary key, name text not null, n int not null);
insert into many select n, 'name ' || n, n % 7 from generate_series(1, 5000) n;
create index many_by_n on many (n);

-- The rows of each table, as bytes: equal values with different bytes look different here.
create function contents() returns table (name text, content text) language plpgsql set search_path = public as $$
declare
    number bigint;
begin
    for name in
        select relname from pg_class
         where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> '_sqlx_migrations'
         order by relname collate "C"
    loop
        execute format('select count(*), string_agg(t::text, '' '' order by t::text collate "C") from %I t', name)
           into number, content;
        if length(content) > 500 then
            content := format('%s rows: %s', number, md5(content));
        end if;
        return next;
    end loop;
end $$;
