-- Tables that SQL allows but that are unusual.

-- A key that includes a column of a type without equality.
create table with_rider (id int not null, facts json, primary key (id) include (facts));
insert into with_rider values (1, '{"a": 1}'), (2, null);

-- No columns, and only generated columns: there is nothing to insert.
create table columnless ();
insert into columnless default values;
insert into columnless default values;
create table columnless_at_first ();
create table all_computed (answer int generated always as (6 * 7) stored);
insert into all_computed default values;
insert into all_computed default values;

-- The only column was dropped.
create table emptied (gone int);
insert into emptied values (1), (2), (3);
alter table emptied drop column gone;

-- The maximum number of columns.
do $$
begin
    execute (select format('create table wide (id int primary key, %s)', string_agg(format('c%s smallint', n), ', '))
               from generate_series(1, 1599) n);
    execute 'insert into wide (id, c1, c1599) values (1, 1, 1599)';
end $$;

-- A column of a row type whose table has rows.
create table points (x int, y int);
insert into points values (1, 2);
create table lines (id int primary key, a points, b points[]);
insert into lines values (1, (1, 2), array[(3, 4), (5, 6)]::points[]), (2, null, null);

-- A typed table, and a generated key.
create type person as (id int, name text);
create table people of person (primary key (id));
insert into people values (1, 'Ada');
create table computed_key (n int, square int generated always as (n * n) stored primary key);
insert into computed_key values (2), (3);
