-- Finds out whether the schema has changed. An event trigger only tells that it may have changed. Without event
-- triggers, the number and age of the catalogs' rows tell the same. TRUNCATE, VACUUM and temporary tables write to the
-- catalogs too, and a created object may have been dropped again. So the rows themselves are compared then.

-- Every catalog except those of large objects, statistics, and data that other catalogs determine.
create view bdd_harness.catalog_name as
    select c.oid, c.relname::text as name
      from pg_catalog.pg_class c
     where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind = 'r' and not c.relisshared
       and c.relname not in ('pg_statistic', 'pg_statistic_ext_data', 'pg_largeobject', 'pg_largeobject_metadata',
                             'pg_subscription_rel', 'pg_user_mapping');

create unlogged table bdd_harness.catalog_row (object text, line int8);

-- The catalogs' rows that are newer than the template: a hash of each, and the name of its object for messages.
create function bdd_harness.catalog_rows() returns table (object text, line int8)
language plpgsql stable as $bdd_harness$
declare
    catalog record;
    -- Temporary objects belong to a session, and a toast table belongs to its table.
    elsewhere constant oid[] := array(
        with schema as (select n.oid from pg_namespace n where n.nspname ~ '^pg_(toast|temp_)')
        select s.oid from schema s
        union all
        select c.oid from pg_class c where c.relnamespace in (select s.oid from schema s)
        union all
        select t.oid from pg_type t where t.typnamespace in (select s.oid from schema s)
        union all
        select p.oid from pg_proc p where p.pronamespace in (select s.oid from schema s));
begin
    for catalog in
        select n.name,
               bool_or(a.attname = 'oid') as has_oid,
               string_agg(case
                              -- REINDEX CONCURRENTLY gives an index another object id.
                              when n.name = 'pg_class' and a.attname = 'oid'
                                  then 'case when r.relkind not in (''i'', ''I'') then r.oid end'
                              when k.pktable = 'pg_catalog.pg_class'::regclass then format('r.%I::regclass', a.attname)
                              else format('r.%I', a.attname)
                          end, ', ' order by a.attnum) as columns,
               string_agg(format(' and r.%I::oid <> all ($1)', a.attname), '')
                   filter (where a.attname in ('oid', 'objid', 'objoid')
                              or k.pktable in ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_namespace'::regclass,
                                               'pg_catalog.pg_type'::regclass, 'pg_catalog.pg_proc'::regclass))
                   as is_not_elsewhere,
               -- The first column that refers to a relation.
               (array_agg(a.attname order by a.attnum)
                   filter (where k.pktable = 'pg_catalog.pg_class'::regclass))[1] as relation
          from bdd_harness.catalog_name n
          join pg_catalog.pg_attribute a on a.attrelid = n.oid and a.attnum > 0
          left join pg_catalog.pg_get_catalog_foreign_keys() k
                 on k.fktable = n.oid and k.fkcols = array[a.attname::text] and not k.is_array
         -- Without the columns that VACUUM, ANALYZE, TRUNCATE, REINDEX or REFRESH change.
         where a.attname not in ('relfilenode', 'relpages', 'reltuples', 'relallvisible', 'relallfrozen',
                                 'relfrozenxid', 'relminmxid', 'relhasindex', 'relhasrules', 'relhastriggers',
                                 'relhassubclass', 'relispopulated', 'reltoastrelid', 'relrewrite', 'indcheckxmin',
                                 'atthasmissing', 'attmissingval')
         group by n.name
    loop
        return query execute format(
            'select coalesce(%s, %L), hashtextextended(%L || row(%s)::text, 0)
               from pg_catalog.%I r
              where r.xmin::text::bigint >= {first_transaction} %s %s',
            case
                when catalog.name = 'pg_attribute'
                    then 'pg_describe_object(''pg_class''::regclass, r.attrelid, r.attnum)'
                when catalog.name = 'pg_depend'
                    then '''what '' || pg_describe_object(r.classid, r.objid, r.objsubid) || '' depends on'''
                when catalog.name = 'pg_description'
                    then '''the comment on '' || pg_describe_object(r.classoid, r.objoid, r.objsubid)'
                when catalog.name = 'pg_enum' then '''value '' || r.enumlabel || '' of type '' || r.enumtypid::regtype'
                when catalog.has_oid then 'pg_describe_object(r.tableoid, r.oid, 0)'
                when catalog.relation is not null
                    then format('pg_describe_object(''pg_class''::regclass, r.%I, 0)', catalog.relation)
                else 'null'
            end,
            'a row of ' || catalog.name, catalog.name || ' ', catalog.columns, catalog.name, catalog.is_not_elsewhere,
            -- All other dependencies follow from the objects' own definitions.
            case when catalog.name = 'pg_depend'
                 then 'and (r.deptype in (''e'', ''x'')
                            or r.classid = ''pg_class''::regclass
                               and r.objid in (select c.oid from pg_class c where c.relkind = ''S''))'
            end)
        using elsewhere;
    end loop;
end
$bdd_harness$;

create function bdd_harness.changed_catalog() returns text language sql stable as $bdd_harness$
    select string_agg(distinct object, ', ')
      from (select coalesce(now.object, before.object) as object
              from bdd_harness.catalog_rows() now
              full join bdd_harness.catalog_row before using (line)
             where now.line is null or before.line is null
             limit 20) changed
$bdd_harness$;

-- A check of all catalogs that is cheap enough for every reset. Used by an owner who can't create event triggers.
do $do$
begin
    execute format($text$
        create function bdd_harness.catalog() returns text language plpgsql stable as $bdd_harness$
        declare
            -- age() is ten times cheaper than a transaction id as a number, and can be converted back. The system's
            -- initial rows have no age.
            oldest constant int := age('3'::xid);
        begin
            return concat_ws('/', %s);
        end
        $bdd_harness$ $text$,
        (select string_agg(format('(select count(*) || %L || coalesce(oldest - nullif(min(age(xmin)), 2147483647), 0)
                                      from pg_catalog.%I)', ':', name), ', ' order by name)
           from bdd_harness.catalog_name));
end
$do$;

-- How often catalog rows were written in this database, and tables analyzed or vacuumed, by the server's counters. Null
-- if the server doesn't count. It takes a millisecond; comparing the rows takes fifty.
do $do$
begin
    execute format($text$
        create function bdd_harness.catalog_writes() returns int8 language sql stable as $bdd_harness$
            select case when current_setting('track_counts')::bool then written + visited end
              from (select sum(pg_stat_get_tuples_inserted(oid) + pg_stat_get_tuples_updated(oid)
                               + pg_stat_get_tuples_deleted(oid)) as written
                      from unnest(%L::oid[]) as catalog (oid)) catalogs,
                   (select coalesce(sum(pg_stat_get_analyze_count(oid) + pg_stat_get_vacuum_count(oid)), 0) as visited
                      from unnest(%L::oid[]) as relation (oid)) relations
        $bdd_harness$ $text$,
        (select array_agg(c.oid) from pg_class c
          where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind = 'r' and not c.relisshared),
        (select coalesce(array_agg(c.oid), '{}') from pg_class c
          where c.relnamespace <> 'pg_catalog'::regnamespace and c.relkind in ('r', 'm')));
end
$do$;

create function bdd_harness.changed_surroundings(before text[], after text[]) returns text
language sql immutable as $bdd_harness$
    select string_agg(what, ', ')
      from unnest(before, after,
                  array['settings of the database', 'rights on the database', 'the comment on the database',
                        'event triggers']) as seen (before, after, what)
     where before is distinct from after
$bdd_harness$;

-- Notes the state that no event trigger records: in a new clone, and after the reset itself has changed it.
create function bdd_harness.note_looks() returns void language plpgsql as $bdd_harness$
declare
    own constant oid := (select oid from pg_database where datname = current_database());
begin
    delete from bdd_harness.noted;
    if {superuser} then
        insert into bdd_harness.noted
        values ({surroundings}, {large_objects}, null, null, bdd_harness.catalog_writes());
    else
        insert into bdd_harness.noted
        values ({surroundings}, {large_objects}, bdd_harness.catalog(), bdd_harness.views(), bdd_harness.catalog_writes());
    end if;
end
$bdd_harness$;
