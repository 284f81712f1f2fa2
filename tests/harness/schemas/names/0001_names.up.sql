-- Names that SQL allows. Each table has rows of the migrations and gets new ones.

create schema north;
create schema south;
create schema "pgarage";
create schema "pg-x";
create schema "Bdd_Harness";
create schema "It's 100% ""odd"", isn't it? \ $body$";
create schema "日本 ünïcode";

-- The same name in three schemas, and a name that hides a system table.
create table public.things (id serial primary key, name text);
create table north.things  (id serial primary key, name text);
create table south.things  (id int generated always as identity primary key, name text, north_id int references north.things);
create table public.pg_class_of_things (id serial primary key, name text);
create table "pgarage".cars (id serial primary key, name text);
create table "pg-x".cars    (id serial primary key, name text);
create table "Bdd_Harness".dirty (id serial primary key, name text);

-- Special characters, keywords, and the maximum length.
create table "with space"     ("a column" int primary key, "b ""column""" text, "c'olumn" text generated always as ("b ""column""" || '!') stored);
create table "quote""d"       (id serial primary key, name text);
create table "it's"           (id serial primary key, name text);
create table "100% %I %s %L"  (id serial primary key, name text, "%s" int);
create table "$body$"         (id serial primary key, name text, "$body$" text);
create table "$$"             (id serial primary key, name text);
create table "back\slash\"    (id serial primary key, name text);
create table "Üñí ∆ 💃"       (id serial primary key, name text);
create table "UPPER"          (id serial primary key, "NAME" text, name text);
create table upper            (id serial primary key, name text);
create table "select"         (id serial primary key, "from" text, "where" int, "null" text default 'x', "table" int);
create table "user"           (id serial primary key, name text);
create table "line
break"                        (id serial primary key, name text);
create table "a.b"            (id serial primary key, "c.d" text);
create table "--"             (id serial primary key, "/*" text);
create table "{{name}}"       (id serial primary key, "{{name}}" text);
create table "sixty-three letters is all that PostgreSQL keeps of a long name" ("sixty-three letters is all that PostgreSQL keeps of a long name" serial primary key, name text);
create table "It's 100% ""odd"", isn't it? \ $body$"."It's 100% ""odd"", isn't it? \ $body$" (id serial primary key, "It's 100% ""odd"", isn't it? \ $body$" text);
create table "日本 ünïcode"."日本 ünïcode" (id serial primary key, "日本 ünïcode" text);

-- Names that the harness's own SQL might use for tables, columns, aliases and variables.
create table dirty    (relation oid primary key, name text);
create table plan     (relation oid primary key, covers oid[], late boolean);
create table marker   (secret text primary key, run text);
create table shadow   (s int primary key, t int, d int, name text);
create table s        (t int primary key, s text);
create table t        (s int primary key, t text);
create table relation (relation int primary key, said text, claimed text, own oid, moved int);
create table things_column (things_column int primary key, old text, new text, tg_relid oid, result text, i int);
create table reset    (reset serial primary key, name text);
create sequence "Odd Sequence's ""name"" 100%" start 5;

insert into public.things (name)            values ('public');
insert into north.things  (name)            values ('north');
insert into south.things  (name, north_id)  values ('south', 1);
insert into pg_class_of_things (name)        values ('one');
insert into "pgarage".cars (name)           values ('one');
insert into "pg-x".cars (name)              values ('one');
insert into "Bdd_Harness".dirty (name)      values ('one');
insert into "with space"                    values (1, 'one'), (2, null);
insert into "quote""d" (name)               values ('one');
insert into "it's" (name)                   values ('one');
insert into "100% %I %s %L" (name, "%s")    values ('%s', 1);
insert into "$body$" (name, "$body$")       values ('$body$', '$$');
insert into "$$" (name)                     values ('one');
insert into "back\slash\" (name)            values ('\');
insert into "Üñí ∆ 💃" (name)               values ('💃');
insert into "UPPER" ("NAME", name)          values ('UP', 'low');
insert into upper (name)                    values ('one');
insert into "select" ("from")               values ('one');
insert into "user" (name)                   values ('one');
insert into "line
break" (name)                               values ('one');
insert into "a.b" ("c.d")                   values ('one');
insert into "--" ("/*")                     values ('*/');
insert into "{{name}}" ("{{name}}")         values ('one');
insert into "sixty-three letters is all that PostgreSQL keeps of a long name" (name) values ('one');
insert into "It's 100% ""odd"", isn't it? \ $body$"."It's 100% ""odd"", isn't it? \ $body$" values (default, 'one');
insert into "日本 ünïcode"."日本 ünïcode"   values (default, 'one');
insert into dirty                           values (1, 'one');
insert into plan                            values (1, '{1,2}', true);
insert into marker                          values ('secret', 'run');
insert into shadow                          values (1, 2, 3, 'one');
insert into s                               values (1, 'one');
insert into t                               values (1, 'one');
insert into relation                        values (1, 'said', 'claimed', 1, 2);
insert into things_column                   values (1, 'old', 'new', 1, 'result', 2);
insert into reset (name)                    values ('one');

create materialized view "Odd View's ""name"" 100%" as select count(*) as "how many" from "quote""d";

-- The rows of each table, and the value of each sequence.
create function contents() returns table (name text, content text) language plpgsql as $$
declare
    kind "char";
begin
    for name, kind in
        select format('%I.%I', nspname, relname), relkind
          from pg_class c join pg_namespace n on n.oid = relnamespace
         where relkind in ('r', 'S', 'm') and nspname !~ '^pg_' and nspname not in ('information_schema', 'bdd_harness')
           and relname not in ('_sqlx_migrations', 'contents_at_first')
         order by format('%I.%I', nspname, relname) collate "C"
    loop
        if kind = 'S' then
            execute format('select concat_ws('' '', last_value, is_called) from %s', name) into content;
        else
            execute format('select coalesce(string_agg(x::text, '' '' order by x::text collate "C"), ''none'') from %s x', name)
               into content;
        end if;
        return next;
    end loop;
end $$;
-- Writes to every table: changes existing rows, and adds a row with other numbers.
create procedure write_everywhere(how text) language plpgsql as $$
declare
    name text;
    key  text;
begin
    for name, key in
        select format('%I.%I', nspname, relname), attname
          from pg_class c join pg_namespace n on n.oid = relnamespace
          join pg_index on indrelid = c.oid and indisprimary
          join pg_attribute a on a.attrelid = c.oid and a.attnum = indkey[0]
         where relkind = 'r' and nspname !~ '^pg_' and nspname not in ('information_schema', 'bdd_harness')
           and relname not in ('_sqlx_migrations', 'contents_at_first')
         order by (nspname = 'south') desc
    loop
        case how
            when 'delete'   then execute format('delete from %s', name);
            when 'truncate' then execute format('truncate %s restart identity cascade', name);
            when 'insert'   then
                if name <> 'public.marker' then
                    execute format('insert into %s (%I) overriding system value values (77)', name, key);
                else
                    insert into marker values ('other');
                end if;
            when 'count'    then
                if pg_get_serial_sequence(name, key) is not null then
                    perform nextval(pg_get_serial_sequence(name, key));
                end if;
        end case;
    end loop;
end $$;

create table contents_at_first (name text primary key, content text);
insert into contents_at_first select * from contents();
