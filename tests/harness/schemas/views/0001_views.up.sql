-- Materialized views and ordinary views.

create schema reports;

create table countries (code char(2) primary key, name text not null);
create table guests    (id serial primary key, name text not null, country char(2) references countries);
create table prices    (item text primary key, price numeric not null);
create table visits    (id serial, day date not null) partition by range (day);
create table visits_2026 partition of visits for values from ('2026-01-01') to ('2027-01-01');
create table visits_rest partition of visits default;
insert into countries values ('de', 'Germany'), ('fr', 'France');
insert into prices    values ('ticket', 10), ('drink', 3);

create materialized view guest_count as select count(*) as guests from guests;
create materialized view by_country as
select c.code, c.name, count(g.id) as guests
  from countries c
  left join guests g on g.country = c.code
 group by c.code;
create unique index by_country_code on by_country (code);

-- A view on another one, one in another schema, one on partitions, one without a table.
create materialized view most as select max(guests) as most from by_country;
create materialized view reports.daily as select day, count(*) as visits from visits group by day;
create unique index on reports.daily (day);
create materialized view reports."Odd View" as select day as "Day", visits from reports.daily;
create materialized view fixed as select 42 as answer;
create unique index on fixed (answer);

-- The first one reads, through an ordinary view, the one that was created last.
create view between_them as select 0::bigint as seen;
create materialized view made_first as select seen + 100 as seen from between_them;
create materialized view made_last  as select count(*) as seen from guests;
create or replace view between_them as select seen from made_last;

-- Without data until a scenario refreshes them; one reads the other, one has an index.
create materialized view without_data     as select name from guests                           with no data;
create materialized view without_any_data as select count(*) as names from without_data        with no data;
create materialized view without_key      as select code, count(*) from countries group by code with no data;
create unique index on without_key (code);

-- One that is older than its table's rows, and one that is different after every refresh.
create materialized view price_list as select item, price from prices;
update prices set price = 12 where item = 'ticket';
insert into prices values ('coat', 1);
create materialized view price_sum as select sum(price) as prices from price_list;
create materialized view made_at as select clock_timestamp() as moment, (select count(*) from guests) as guests;
create table made_at_first as table made_at;

-- Views that pass writes on to their tables.
create view french as select * from guests where country = 'fr' with local check option;
create view guests_with_country as
select g.id, g.name, c.name as country from guests g join countries c on c.code = g.country;
create function add_guest() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        delete from guests where id = old.id;
        return old;
    end if;
    insert into countries values (lower(left(new.country, 2)), new.country) on conflict do nothing;
    insert into guests (name, country) values (new.name, lower(left(new.country, 2)));
    return new;
end $$;
create trigger adds instead of insert or delete on guests_with_country for each row execute function add_guest();
create view reports.names as select name from guests union all select name from countries;
create rule adds as on insert to reports.names do instead insert into guests (name) values (new.name);

-- The rows of tables and materialized views.
create function contents() returns table (name text, content text) language plpgsql as $$
begin
    for name in
        select c.oid::regclass from pg_class c
         where relkind in ('r', 'm') and relnamespace in ('public'::regnamespace, 'reports'::regnamespace)
           and relname not in ('_sqlx_migrations', 'made_at', 'made_at_first')
         order by c.oid::regclass::text collate "C"
    loop
        if (select relispopulated from pg_class where oid = name::regclass) then
            execute format('select coalesce(string_agg(t::text, '' '' order by t::text collate "C"), ''none'') from %s t', name)
               into content;
        else
            content := 'no data';
        end if;
        return next;
    end loop;
end $$;
