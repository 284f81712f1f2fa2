-- Unlogged tables, whose writes aren't in the server's log.

create unlogged table scratch  (n int);
create unlogged table sessions (id uuid primary key, data json);
create unlogged table drafts   (id int generated always as identity (start with 10 increment by 10) primary key, text text);
create unlogged table numbers  (id bigserial primary key, draft int references drafts on delete cascade);
create unlogged table colours  (name text primary key, code int not null unique);
create unlogged table words    (word text);
create unlogged table counted  (id serial primary key, word text);
create table          shades   (name text primary key, colour int not null);
create unlogged sequence tickets start 7;
insert into colours values ('red', 1), ('blue', 2);
insert into words   values ('one'), ('one'), (null);
insert into counted (word) values ('a'), ('b');
insert into shades  values ('pink', 1);

-- A table that became unlogged, and one that became logged, after their rows were inserted.
create table          unlogged_later (id int primary key, text text);
create unlogged table logged_later   (id int primary key, text text);
insert into unlogged_later values (1, 'one');
insert into logged_later   values (1, 'one');
alter table unlogged_later set unlogged;
alter table logged_later   set logged;

create function contents() returns table (name text, content text) language plpgsql as $$
begin
    for name in
        select relname from pg_class
         where relkind in ('r', 'S') and relnamespace = 'public'::regnamespace and relname <> '_sqlx_migrations'
         order by relname collate "C"
    loop
        if (select relkind = 'S' from pg_class where oid = name::regclass) then
            execute format('select concat_ws('' '', last_value, is_called) from %I', name) into content;
        else
            execute format('select coalesce(string_agg(t::text, '' '' order by t::text collate "C"), ''none'') from %I t', name)
               into content;
        end if;
        return next;
    end loop;
end $$;
