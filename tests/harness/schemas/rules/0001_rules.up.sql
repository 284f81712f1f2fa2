create table guests (id bigint generated always as identity primary key, name text not null);
-- Published without a key, so its rows can't be deleted or updated.
create table log (said text not null);
insert into log values ('made by the migration');
create table parts (said text not null) partition by list (said);
create table parts_a partition of parts for values in ('a');
create publication everything for all tables;

create table ddl_log (id bigint generated always as identity primary key, tag text not null, what text);
create function record() returns event_trigger language plpgsql as $$
begin
    insert into public.ddl_log (tag, what)
    select command_tag, object_identity from pg_event_trigger_ddl_commands();
end $$;
create event trigger recorded on ddl_command_end execute function record();
create function refuse() returns event_trigger language plpgsql as $$
begin
    raise exception 'the schema is frozen: % is not allowed', tg_tag;
end $$;
create event trigger frozen on ddl_command_start
    when tag in ('CREATE TABLE', 'CREATE SCHEMA', 'DROP TABLE') execute function refuse();
alter event trigger frozen enable always;

do $$ begin create role bdd_harness_trial_guest; exception when duplicate_object then null; end $$;
alter default privileges grant all on tables to bdd_harness_trial_guest, public;
alter default privileges grant all on schemas to bdd_harness_trial_guest;
alter default privileges revoke execute on functions from public;
alter default privileges grant execute on functions to bdd_harness_trial_guest;
