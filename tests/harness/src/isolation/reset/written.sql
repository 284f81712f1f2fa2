-- The tables that have marks, and the shadow copies that their rows are compared with.
select c.oid::regclass::text as shown,
       format('%I.%I', n.nspname, c.relname) as name,
       to_regclass('bdd_harness.shadow_' || c.oid)::text as shadow,
       pg_relation_size(c.oid) as size,
       coalesce((select array_agg(a.attname::text order by a.attnum)
                   from pg_index i
                   join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
                  where i.indrelid = c.oid and i.indisprimary), '{}') as key
  from (select distinct unnest(p.covers) as oid
          from bdd_harness.dirty d
          join bdd_harness.plan p on p.relation = d.relation) marked
  join pg_class c on c.oid = marked.oid
  join pg_namespace n on n.oid = c.relnamespace
 order by 1
