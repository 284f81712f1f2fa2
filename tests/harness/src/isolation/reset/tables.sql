-- Every table, partitioned table and materialized view of the schema.
-- {firing}: the trigger and rule states that fire on the reset's connection.
select c.oid::int8                                                                     as oid,
       format('%I.%I', n.nspname, c.relname)                                           as name,
       c.relkind::text                                                                 as kind,
       c.relispopulated                                                                as populated,
       case when c.relkind = 'r' then pg_relation_size(c.oid) else 0 end               as size,
       c.relkind = 'r' and (c.reltuples <> -1
                            or exists (select
                                         from pg_index i
                                         join pg_class x on x.oid = i.indexrelid
                                        where i.indrelid = c.oid and x.reltuples > 0))  as measured,
       c.relforcerowsecurity                                                            as forced_policies,
       -- The best unique key: primary keys first, then immediate ones, then the oldest. All its columns except the
       -- last are not null.
       array(select format('%I', a.attname)
               from (select i.indkey, i.indnkeyatts
                       from pg_index i
                      where i.indrelid = c.oid and i.indisunique and i.indisvalid
                        and i.indpred is null and i.indexprs is null
                        and not exists (select from unnest(i.indclass) as k join pg_opclass o on o.oid = k
                                         where not o.opcdefault)
                        and not exists (select
                                          from unnest(i.indkey[:i.indnkeyatts - 1]) as k
                                          join pg_attribute a on a.attrelid = c.oid and a.attnum = k
                                         where not a.attnotnull)
                      order by not i.indisprimary, not i.indimmediate, i.indexrelid
                      limit 1) best
               join unnest(best.indkey) with ordinality as k (attnum, place) on true
               join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
              where k.place <= best.indnkeyatts
              order by k.place)                                                        as key,
       array(select format('%I', a.attname)
               from pg_attribute a
              where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
              order by a.attnum)                                                       as columns,
       array(select format('%I', a.attname)
               from pg_attribute a
              where a.attrelid = c.oid and a.attidentity = 'a'
              order by a.attnum)                                                       as always_identity,
       -- A publication of deletes refuses deletes of a table without a replica identity. The publication may name a
       -- parent.
       c.relkind = 'r' and c.relreplident <> 'f' and c.relpersistence = 'p'
           and pg_get_replica_identity_index(c.oid) is null
           and exists (select
                         from pg_publication_tables p
                         join pg_publication o on o.pubname = p.pubname and o.pubdelete
                         join (select c.oid union select relid from pg_partition_ancestors(c.oid)) as a (oid)
                           on a.oid = format('%I.%I', p.schemaname, p.tablename)::regclass)   as refuses_deletes,
       t.disable                                                                       as triggers_off,
       t.enable                                                                        as triggers_on,
       r.disable                                                                       as rules_off,
       r.enable                                                                        as rules_on,
       case when exists (select from pg_constraint k
                          where k.conrelid = c.oid and k.contype = 'c' and not k.convalidated)
            then c.relchecks end                                                       as unvalidated_checks
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
 cross join lateral (
       select string_agg(format('alter table only %s disable trigger %I;', c.oid::regclass, t.tgname), ' ') as disable,
              string_agg(format('alter table only %s enable%s trigger %I;', c.oid::regclass,
                                case t.tgenabled when 'A' then ' always' when 'R' then ' replica' else '' end,
                                t.tgname), ' ') as enable
         from pg_trigger t
        where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled in {firing}
          and t.tgname not in ('bdd_harness_mark', 'bdd_harness_truncate')) t
 cross join lateral (
       select string_agg(format('alter table %s disable rule %I;', c.oid::regclass, r.rulename), ' ') as disable,
              string_agg(format('alter table %s enable%s rule %I;', c.oid::regclass,
                                case r.ev_enabled when 'A' then ' always' when 'R' then ' replica' else '' end,
                                r.rulename), ' ') as enable
         from pg_rewrite r
        where r.ev_class = c.oid and r.ev_type <> '1' and r.ev_enabled in {firing}) r
 where c.relkind in ('r', 'p', 'm') and c.relpersistence <> 't' and not {not_the_schemas}
 order by c.oid
