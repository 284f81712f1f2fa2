-- Triggers and rules that refuse, ignore, change or write, each on its own table. Most tables have rows of the
-- migrations, which were inserted before the triggers were created. The names tell when a trigger fires: `always_` ones
-- also in the role `replica`, `replica_` ones only there.

create table audit (id serial primary key, what text not null);
create table tally (what text primary key, n int not null);
insert into tally values ('audits', 0), ('calls', 0);
create sequence touches;

create function forbid() returns trigger language plpgsql as $$
begin
    raise exception '% of % is forbidden', tg_op, tg_table_name;
end $$;
create function keep() returns trigger language plpgsql as $$
begin
    return null;
end $$;
create function note() returns trigger language plpgsql as $$
begin
    insert into audit (what) values (tg_op || ' ' || tg_table_name);
    return null;
end $$;
create function stamp() returns trigger language plpgsql as $$
begin
    new.name := upper(new.name) || '!';
    return new;
end $$;
create function touch() returns trigger language plpgsql as $$
begin
    perform nextval('touches');
    update tally set n = n + 1 where what = 'calls';
    return null;
end $$;
create function ask() returns trigger language plpgsql as $$
begin
    -- Fails in a session without the setting.
    if current_setting('app.user') = '' then
        raise exception 'nobody';
    end if;
    return coalesce(new, old);
end $$;

-- The audit has a trigger too.
create function count_audits() returns trigger language plpgsql as $$
begin
    update tally set n = n + 1 where what = 'audits';
    return null;
end $$;
create trigger counts after insert or update or delete on audit for each row execute function count_audits();
create trigger forbids before update on audit for each row execute function forbid();
alter table audit enable always trigger counts;

create table no_delete               (id int primary key, name text);
create table no_delete_empty         (id int primary key, name text);
create table no_truncate             (id int primary key, name text);
create table always_no_truncate      (id int primary key, name text);
create table always_no_delete        (id int primary key, name text);
create table always_no_delete_empty  (id int primary key, name text);
create table always_no_insert        (id int primary key, name text);
create table always_no_update        (id int primary key, name text);
create table always_no_statement     (id int primary key, name text);
create table always_kept             (id int primary key, name text);
create table always_kept_empty       (id int, name text);
create table always_noted            (id int primary key, name text);
create table always_noted_keyless    (id int, name text);
create table always_stamped          (id int primary key, name text);
create table always_touched          (id int primary key, name text);
create table always_asking           (id int primary key, name text);
create table replica_no_delete       (id int primary key, name text);
create table replica_no_delete_empty (id int primary key, name text);
create table replica_no_insert       (id int primary key, name text);
create table replica_kept            (id int primary key, name text);
create table replica_noted           (id int primary key, name text);
create table replica_stamped         (id int primary key, name text);
create table disabled                (id int primary key, name text);
create table kept                    (id int primary key, name text);
create table noted                   (id int primary key, name text);
create table noted_empty             (id int primary key, name text);
create table stamped                 (id int primary key, name text);
create table late                    (id int primary key, name text);
create table always_late             (id int primary key, name text);
create table rule_no_delete          (id int primary key, name text);
create table rule_no_delete_empty    (id int primary key, name text);
create table rule_no_insert          (id int primary key, name text);
create table rule_no_update          (id int primary key, name text);
create table rule_noted              (id int primary key, name text);
create table always_rule_no_delete   (id int primary key, name text);
create table always_rule_no_insert   (id int primary key, name text);
create table always_rule_elsewhere   (id int primary key, name text);
create table replica_rule_no_delete  (id int primary key, name text);
do $$
declare
    watched text;
begin
    for watched in
        select relname from pg_class
         where relkind = 'r' and relnamespace = 'public'::regnamespace
           and relname not like '%empty' and relname not in ('audit', 'tally', '_sqlx_migrations')
    loop
        execute format('insert into %I values (1, ''one''), (2, ''two'')', watched);
    end loop;
end $$;

create trigger forbids before delete             on no_delete               for each row       execute function forbid();
create trigger forbids before delete             on no_delete_empty         for each row       execute function forbid();
create trigger forbids before truncate           on no_truncate             for each statement execute function forbid();
create trigger forbids before truncate           on always_no_truncate      for each statement execute function forbid();
create trigger forbids before delete             on always_no_delete        for each row       execute function forbid();
create trigger forbids before delete             on always_no_delete_empty  for each row       execute function forbid();
create trigger forbids before insert             on always_no_insert        for each row       execute function forbid();
create trigger forbids before update             on always_no_update        for each row       execute function forbid();
create trigger forbids before delete or truncate on always_no_statement     for each statement execute function forbid();
create trigger keeps   before delete             on always_kept             for each row       execute function keep();
create trigger keeps   before delete             on always_kept_empty       for each row       execute function keep();
create trigger notes   after insert or update or delete on always_noted         for each row   execute function note();
create trigger notes   after insert or update or delete on always_noted_keyless for each row   execute function note();
create trigger stamps  before insert or update   on always_stamped          for each row       execute function stamp();
create trigger touches after insert or update or delete or truncate on always_touched for each statement execute function touch();
create trigger asks    before insert or update or delete on always_asking   for each row       execute function ask();
create trigger forbids before delete             on replica_no_delete       for each row       execute function forbid();
create trigger forbids before delete             on replica_no_delete_empty for each row       execute function forbid();
create trigger forbids before insert             on replica_no_insert       for each row       execute function forbid();
create trigger keeps   before delete             on replica_kept            for each row       execute function keep();
create trigger notes   after insert or update or delete on replica_noted    for each row       execute function note();
create trigger stamps  before insert or update   on replica_stamped         for each row       execute function stamp();
create trigger forbids before insert or update or delete on disabled        for each row       execute function forbid();
create trigger keeps   before delete             on kept                    for each row       execute function keep();
create trigger notes   after insert or update or delete on noted            for each row       execute function note();
create trigger notes   after insert or update or delete on noted_empty      for each row       execute function note();
create trigger notes_truncate after truncate     on noted_empty             for each statement execute function note();
create trigger stamps  before insert or update   on stamped                 for each row       execute function stamp();
create constraint trigger forbids after delete on late        deferrable initially deferred for each row execute function forbid();
create constraint trigger forbids after delete on always_late deferrable initially deferred for each row execute function forbid();

create rule keeps     as on delete to rule_no_delete         do instead nothing;
create rule keeps     as on delete to rule_no_delete_empty   do instead nothing;
create rule keeps_out as on insert to rule_no_insert         do instead nothing;
create rule keeps     as on update to rule_no_update         do instead nothing;
create rule notes     as on delete to rule_noted             do also insert into audit (what) values ('rule ' || old.name);
create rule keeps     as on delete to always_rule_no_delete  do instead nothing;
create rule keeps_out as on insert to always_rule_no_insert  do instead nothing;
create rule elsewhere as on insert to always_rule_elsewhere  do instead insert into audit (what) values ('rule ' || new.name);
create rule keeps     as on delete to replica_rule_no_delete do instead nothing;

do $$
declare
    trigger record;
    rule    record;
begin
    for trigger in
        select tgrelid::regclass as watched, tgname as name, relname
          from pg_trigger join pg_class c on c.oid = tgrelid
         where relnamespace = 'public'::regnamespace and (relname ~ '^(always|replica)_' or relname = 'disabled')
    loop
        execute format('alter table %s %s trigger %I', trigger.watched,
                       case when trigger.relname ~ '^always'  then 'enable always'
                            when trigger.relname ~ '^replica' then 'enable replica'
                            else 'disable' end, trigger.name);
    end loop;
    for rule in
        select ev_class::regclass as watched, rulename as name, relname
          from pg_rewrite join pg_class c on c.oid = ev_class
         where relnamespace = 'public'::regnamespace and relname ~ '^(always|replica)_'
    loop
        execute format('alter table %s enable %s rule %I', rule.watched, split_part(rule.relname, '_', 1), rule.name);
    end loop;
end $$;

-- The rows of each table. Tables with the same rows are listed together.
create function contents() returns table (name text, content text) language plpgsql as $$
begin
    for name in
        select relname from pg_class
         where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> '_sqlx_migrations'
         order by relname collate "C"
    loop
        execute format('select coalesce(string_agg(t::text, '' '' order by t::text collate "C"), ''none'') from %I t', name)
           into content;
        return next;
    end loop;
end $$;
create function unusual() returns table (name text, content text) language sql as $$
    select name, content from contents()
     where content <> case when name like '%empty' then 'none' else '(1,one) (2,two)' end
$$;
create function switches() returns table (switch text, names bigint) language sql as $$
    select 'trigger ' || tgenabled::text, count(*) from pg_trigger where not tgisinternal and tgname not like 'bdd%' group by 1
    union all
    select 'rule ' || ev_enabled::text, count(*) from pg_rewrite join pg_class c on c.oid = ev_class
     where relkind = 'r' and relnamespace = 'public'::regnamespace group by 1
     order by 1
$$;

create function tidy_up() returns void language plpgsql as $$
begin
    execute 'analyze noted';
end $$;
