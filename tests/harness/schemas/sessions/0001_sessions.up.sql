-- Other sessions in a scenario's database.
create extension dblink;

create table guests (id serial primary key, name text not null);
create table halls  (name text primary key, seats int not null);
insert into halls values ('main', 100), ('mirror', 40);

-- The connection string to the current database, over the server's own socket.
create function here() returns text language sql as $$
    select format('host=%s port=%s dbname=%L user=%L application_name=somebody',
                  split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'),
                  current_database(), current_user)
$$;
-- Opens a session with this name and starts a statement in it. Returns when the statement has started.
create function begin_elsewhere(session text, sql text) returns int language plpgsql as $$
begin
    perform dblink_connect(session, here());
    perform dblink_send_query(session, sql);
    loop
        perform pg_stat_clear_snapshot();
        exit when exists (select from pg_stat_activity a
                           where a.datname = current_database() and a.application_name = 'somebody'
                             and a.query = sql);
        perform pg_sleep(0.001);
    end loop;
    return 1;
end $$;
create function sessions() returns bigint language sql as $$
    select count(*) from pg_stat_activity
     where datname = current_database() and application_name = 'somebody'
$$;
