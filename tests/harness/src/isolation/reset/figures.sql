-- What the planner reads about tables and indexes. ANALYZE, VACUUM, TRUNCATE, REINDEX and CREATE INDEX write it, and no
-- event trigger tells: the rows of pg_class are changed in place, so their age doesn't tell either.

-- By name: REINDEX CONCURRENTLY gives an index another object id.
create unlogged table bdd_harness.figure (
    name       text   primary key,
    pages      int4   not null,
    tuples     float4 not null,
    visible    int4   not null,
    statistics text
);

-- As they are now. Only a superuser may read pg_statistic; its view shows owners what is theirs. And only a superuser can
-- put back what a TRUNCATE does to an index, so for others an index without rows is like one that was never looked at:
-- the planner takes its size from the file.
create function bdd_harness.figures() returns setof bdd_harness.figure language sql stable as $bdd_harness$
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

-- The tables whose figures differ from the template's.
create function bdd_harness.changed_figures() returns text language sql stable as $bdd_harness$
    select 'the statistics of ' || string_agg(distinct coalesce(i.indrelid::regclass::text, now.name), ', ')
      from bdd_harness.figures() now
      join bdd_harness.figure before using (name)
      left join pg_index i on i.indexrelid = to_regclass(now.name)
     where now is distinct from before
$bdd_harness$;

-- Only a superuser may write to pg_class. What is in pg_statistic can't be put back, because no table can hold it.
create function bdd_harness.restore_figures() returns void language sql as $bdd_harness$
    update pg_class c
       set relpages = f.pages, reltuples = f.tuples, relallvisible = f.visible
      from bdd_harness.figure f
     where c.oid = to_regclass(f.name)
       and (c.relpages, c.reltuples, c.relallvisible) is distinct from (f.pages, f.tuples, f.visible)
$bdd_harness$;

create function bdd_harness.note_figures() returns void language sql as $bdd_harness$
    delete from bdd_harness.figure;
    insert into bdd_harness.figure select * from bdd_harness.figures();
$bdd_harness$;
