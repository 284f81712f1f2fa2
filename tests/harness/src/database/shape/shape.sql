-- What a row of {relation} needs, as one JSON object: columns with the type below all domains, foreign keys, and checks;
-- and whether it says so of the template as well, so that all slots may keep the answer.
with recursive relation as (
    select oid, relkind
      from pg_catalog.pg_class
     where oid = pg_catalog.to_regclass({relation})
), chain as (
    select a.attnum, t.oid, t.typtype, t.typcategory, t.typbasetype, t.typtypmod, t.typnotnull, t.typdefault,
           a.atttypmod as typmod
      from relation r
      join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
      join pg_catalog.pg_type t on t.oid = a.atttypid
     union all
    select c.attnum, t.oid, t.typtype, t.typcategory, t.typbasetype, t.typtypmod, t.typnotnull, t.typdefault,
           c.typtypmod
      from chain c
      join pg_catalog.pg_type t on t.oid = c.typbasetype
     where c.typtype = 'd'
), base as (
    select attnum, oid, typcategory::text as category, pg_catalog.format_type(oid, typmod) as type_name
      from chain
     where typtype <> 'd'
), col as (
    select a.attnum, a.attname, base.oid as type, base.type_name, base.category,
           a.attnotnull or (select bool_or(c.typtype = 'd' and c.typnotnull) from chain c where c.attnum = a.attnum)
               as required,
           case when a.attgenerated <> '' then 'generated'
                when a.attidentity = 'a' then 'identity_always'
                when a.attidentity = 'd' then 'identity_by_default'
                else 'by_the_row'
            end as filled,
           coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid),
                    (select min(c.typdefault) from chain c where c.attnum = a.attnum and c.typtype = 'd'))
               as default_text,
           exists (select
                     from pg_catalog.pg_index i
                    where i.indrelid = r.oid and (i.indisunique or i.indisexclusion)
                      and (a.attnum = any (i.indkey) or i.indexprs is not null)) as is_unique
      from relation r
      join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
      join base on base.attnum = a.attnum
      left join pg_catalog.pg_attrdef d on d.adrelid = r.oid and d.adnum = a.attnum and a.attgenerated = ''
), named as (
    select con.oid, con.contype, con.conname, con.conbin, con.conrelid, con.confrelid,
           (select pg_catalog.json_agg(a.attname order by k.place)
              from unnest(con.conkey) with ordinality as k (attnum, place)
              join pg_catalog.pg_attribute a on a.attrelid = con.conrelid and a.attnum = k.attnum) as columns,
           (select pg_catalog.json_agg(a.attname order by k.place)
              from unnest(con.confkey) with ordinality as k (attnum, place)
              join pg_catalog.pg_attribute a on a.attrelid = con.confrelid and a.attnum = k.attnum) as key
      from relation r
      join pg_catalog.pg_constraint con on con.conrelid = r.oid
)
select pg_catalog.json_build_object(
    'columns', (select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                           'name', attname, 'type_name', type_name, 'category', category, 'required', required,
                           'default', default_text, 'filled', filled, 'is_unique', is_unique,
                           'labels', (select coalesce(pg_catalog.json_agg(e.enumlabel order by e.enumsortorder), '[]')
                                        from pg_catalog.pg_enum e
                                       where e.enumtypid = col.type),
                           'parts', (select pg_catalog.count(*)
                                       from pg_catalog.pg_type t
                                       join pg_catalog.pg_attribute a
                                         on a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
                                      where t.oid = col.type)) order by attnum), '[]')
                  from col),
    'references', (select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                              'columns', n.columns, 'key', n.key,
                              'table', pg_catalog.format('%I.%I', s.nspname, t.relname),
                              'copy', pg_catalog.to_regclass('bdd_harness.shadow_' || t.oid)::text)
                              order by pg_catalog.json_array_length(n.columns) desc, n.conname), '[]')
                     from named n
                     join pg_catalog.pg_class t on t.oid = n.confrelid
                     join pg_catalog.pg_namespace s on s.oid = t.relnamespace
                    where n.contype = 'f'),
    'checks', (select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                          'name', c.name, 'columns', c.columns, 'expression', c.expression)), '[]')
                 from (select n.conname as name,
                              -- A condition on the whole row names no column.
                              coalesce(n.columns, (select pg_catalog.json_agg(attname) from col)) as columns,
                              pg_catalog.pg_get_expr(n.conbin, n.conrelid) as expression
                         from named n
                        where n.contype = 'c'
                        union all
                       select con.conname, pg_catalog.json_build_array(col.attname),
                              pg_catalog.replace(pg_catalog.pg_get_constraintdef(con.oid), 'VALUE', col.attname)
                         from chain c
                         join col on col.attnum = c.attnum
                         join pg_catalog.pg_constraint con on con.contypid = c.oid and con.contype = 'c'
                        union all
                       select 'of the partitions', (select coalesce(pg_catalog.json_agg(a.attname), '[]')
                                                      from pg_catalog.pg_partitioned_table p
                                                      join pg_catalog.pg_attribute a
                                                        on a.attrelid = p.partrelid and a.attnum = any (p.partattrs)
                                                     where p.partrelid = r.oid),
                              (select pg_catalog.string_agg(pg_catalog.pg_get_partition_constraintdef(i.inhrelid), ' or ')
                                 from pg_catalog.pg_inherits i
                                where i.inhparent = r.oid)
                         from relation r
                        where r.relkind = 'p') c
                where c.expression is not null),
    'as_in_template', not exists (select from bdd_harness.catalog_change)
                      and coalesce((select n.catalog = bdd_harness.catalog() from bdd_harness.noted n), true)
                      and not exists (select
                                        from pg_catalog.pg_settings s
                                       where s.name = 'search_path' and s.setting <> s.reset_val))
