-- Event triggers that record each change of the schema. Only a superuser may create them.

create function bdd_harness.watch_commands() returns event_trigger
language plpgsql security definer set search_path = pg_catalog as $bdd_harness$
declare
    command record;
begin
    if current_setting('bdd_harness.resetting', true) = 'on' then
        return;
    end if;
    for command in
        select *
          from pg_event_trigger_ddl_commands() c
         where coalesce(c.schema_name, '') not like 'pg\_temp%'
           and not exists (select
                             from pg_class r
                            where r.relnamespace = pg_my_temp_schema()
                              and r.oid in (select polrelid from pg_policy
                                             where oid = c.objid and c.classid = 'pg_policy'::regclass
                                            union all
                                            select ev_class from pg_rewrite
                                             where oid = c.objid and c.classid = 'pg_rewrite'::regclass
                                            union all
                                            select tgrelid from pg_trigger
                                             where oid = c.objid and c.classid = 'pg_trigger'::regclass))
    loop
        if command.command_tag = 'REFRESH MATERIALIZED VIEW' then
            insert into bdd_harness.refreshed values (command.objid);
        else
            insert into bdd_harness.catalog_change
            values (lower(command.command_tag) || coalesce(' ' || command.object_identity, ''));
        end if;
    end loop;
end
$bdd_harness$;

create function bdd_harness.watch_drops() returns event_trigger
language plpgsql security definer set search_path = pg_catalog as $bdd_harness$
begin
    insert into bdd_harness.catalog_change
    select 'drop ' || object_type || ' ' || object_identity
      from pg_event_trigger_dropped_objects()
     where not is_temporary and original;
end
$bdd_harness$;

-- After a table's rewrite the catalogs may look the same, but the rows may have changed.
create function bdd_harness.watch_rewrites() returns event_trigger
language plpgsql security definer set search_path = pg_catalog as $bdd_harness$
begin
    insert into bdd_harness.catalog_change
    select 'the rows of ' || pg_event_trigger_table_rewrite_oid()::regclass
     where exists (select
                     from pg_class c
                    where c.oid = pg_event_trigger_table_rewrite_oid()
                      and c.relnamespace is distinct from pg_my_temp_schema());
end
$bdd_harness$;

create event trigger bdd_harness_commands on ddl_command_end execute function bdd_harness.watch_commands();
create event trigger bdd_harness_drops    on sql_drop        execute function bdd_harness.watch_drops();
create event trigger bdd_harness_rewrites on table_rewrite   execute function bdd_harness.watch_rewrites();
alter event trigger bdd_harness_commands enable always;
alter event trigger bdd_harness_drops    enable always;
alter event trigger bdd_harness_rewrites enable always;
