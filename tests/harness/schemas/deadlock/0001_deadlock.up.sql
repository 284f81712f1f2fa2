-- In this schema, the first session that restores the rows runs into a deadlock (40P01), and only the first time.
--
-- When a row of `bait` is written, its check calls poke(). If the fuse is lit, poke() makes another session (the
-- accomplice) lock a table that is restored later (`earlier` or `later`, whichever is still unlocked), and then request
-- a lock of `bait`. The accomplice waits, because `bait` is being written. The writer continues with the table that the
-- accomplice has locked, so both wait for each other. The accomplice checks for deadlocks only after an hour, so the
-- writer finds the deadlock first, and its transaction is aborted.
create extension dblink;

create table earlier (id int primary key, name text not null);

-- A sequence stores the state of the fuse, because it keeps its value after a rollback: 0 never lit, 1 lit, 2 burnt. So
-- the fuse works only once, and not at the second attempt.
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
    -- The accomplice is ready when it waits for the lock of the bait.
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
