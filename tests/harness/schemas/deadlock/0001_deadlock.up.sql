-- A schema in which whoever puts the rows back runs into a deadlock (40P01) at the first try, and only then.
--
-- When a row of `bait` is written, its check calls poke(). With the fuse lit, that lets another session, the
-- accomplice, lock a table that is still to be put back (`earlier` or `later`, whichever nobody has touched yet), and
-- then ask for `bait`, which it can't have while it is being written. Then whoever writes goes on to the table that the
-- accomplice holds: each waits for the other. The accomplice waits for an hour before it looks for a deadlock, so the
-- other one finds it first and is the one to give way.
create extension dblink;

create table earlier (id int primary key, name text not null);

-- A counter remembers whether the fuse is lit, as it keeps its value when a transaction is taken back: 0 never lit,
-- 1 lit, 2 burnt down. So it fires once, and not at the second try.
create sequence fuse minvalue 0 start 0;

create function poke() returns boolean language plpgsql set search_path = public as $$
declare
    patience int := 300;
begin
    if (select last_value <> 1 from fuse) then
        return true;
    end if;
    perform setval('fuse', 2);
    if 'accomplice' = any (dblink_get_connections()) then
        perform dblink_disconnect('accomplice');
    end if;
    perform dblink_connect('accomplice',
                           format('host=%s port=%s dbname=%L user=%L application_name=accomplice',
                                  split_part(current_setting('unix_socket_directories'), ',', 1),
                                  current_setting('port'), current_database(), current_user));
    perform dblink_exec('accomplice', $sql$ set deadlock_timeout = '1h' $sql$);
    perform dblink_send_query('accomplice', $sql$
        do $do$
        begin
            begin
                lock table earlier in exclusive mode nowait;
            exception when lock_not_available then
                null;
            end;
            begin
                lock table later in exclusive mode nowait;
            exception when lock_not_available then
                null;
            end;
            lock table bait in access exclusive mode;
        end $do$
    $sql$);
    -- The accomplice has what it wants once it waits for the bait.
    while patience > 0 and not exists (select from pg_locks where relation = 'bait'::regclass and not granted) loop
        perform pg_sleep(0.01);
        patience := patience - 1;
    end loop;
    return true;
end $$;

create table bait  (id int primary key, name text not null check (poke()));
create table later (id int primary key, name text not null);
insert into earlier values (1, 'one'), (2, 'two');
insert into bait    values (1, 'one'), (2, 'two');
insert into later   values (1, 'one'), (2, 'two');
