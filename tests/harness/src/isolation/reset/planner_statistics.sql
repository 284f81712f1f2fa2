-- The planner's statistics of tables and indexes. ANALYZE, VACUUM, TRUNCATE, REINDEX and CREATE INDEX change them. No
-- event trigger records that, and rows of pg_class are changed in place, so their age doesn't show it.

-- The key is the name, because REINDEX CONCURRENTLY gives an index another object id.
create unlogged table bdd_harness.planner_statistics (
    name       text   primary key,
    pages      int4   not null,
    tuples     float4 not null,
    visible    int4   not null,
    statistics text
);

-- The current statistics. Only a superuser may read pg_statistic; the view pg_stats shows owners the statistics of
-- their own tables. Only a superuser can restore what a TRUNCATE does to an index. For others, an empty index counts as
-- one without statistics: the planner takes its size from the file anyway.
create function bdd_harness.current_planner_statistics() returns setof bdd_harness.planner_statistics language sql stable as $bdd_harness$
    select format('%I.%I', n.nspname, c.relname),
           case when unknown then 0 else c.relpages end,
           case when unknown then -1 else c.reltuples end,
           c.relallvisible,
           s.lines
      from pg_class c
     cross join lateral (select not {superuser} and c.relkind in ('i', 'I') and c.reltuples <= 0 as unknown) u
      join pg_namespace n on n.oid = c.relnamespace
      left join (select schemaname, tablename, md5(string_agg(line, '' order by line)) as lines
                   from (select schemaname, tablename, s::text as line from pg_stats s
                         union all
                         select schemaname, tablename, s::text from pg_stats_ext s
                         union all
                         select schemaname, tablename, s::text from pg_stats_ext_exprs s) known
                  where schemaname not in ('pg_catalog', 'information_schema', 'bdd_harness')
                  group by schemaname, tablename) s on s.schemaname = n.nspname and s.tablename = c.relname
     where c.relkind in ('r', 'p', 'm', 'i', 'I') and c.relpersistence <> 't' and not {not_the_schemas}
$bdd_harness$;

-- The tables whose statistics differ from the template's.
create function bdd_harness.changed_planner_statistics() returns text language sql stable as $bdd_harness$
    select 'the statistics of ' || string_agg(distinct coalesce(i.indrelid::regclass::text, now.name), ', ')
      from bdd_harness.current_planner_statistics() now
      join bdd_harness.planner_statistics before using (name)
      left join pg_index i on i.indexrelid = to_regclass(now.name)
     where now is distinct from before
$bdd_harness$;

-- Only a superuser may write to pg_class. Rows of pg_statistic can't be restored, because no table can store a copy of
-- them.
create function bdd_harness.restore_planner_statistics() returns void language sql as $bdd_harness$
    update pg_class c
       set relpages = before.pages, reltuples = before.tuples, relallvisible = before.visible
      from bdd_harness.planner_statistics before
     where c.oid = to_regclass(before.name)
       and (c.relpages, c.reltuples, c.relallvisible) is distinct from (before.pages, before.tuples, before.visible)
$bdd_harness$;

create function bdd_harness.note_planner_statistics() returns void language sql as $bdd_harness$
    delete from bdd_harness.planner_statistics;
    insert into bdd_harness.planner_statistics select * from bdd_harness.current_planner_statistics();
$bdd_harness$;
