-- Foreign keys fire on this connection, so one statement restores all tables: its keys are checked at its end. Large
-- tables are truncated before it, in one TRUNCATE.
set constraints all deferred;
members := array(select distinct unnest(p.covers) from bdd_harness.plan p where p.relation = any(marked));
large := array(select p.relation from bdd_harness.part p
                where p.relation = any(members) and pg_relation_size(p.relation) > p.truncated_from
                  and (strategy = 'adaptive' or p.truncated_from < 0));
touched := array(select unnest(members)
                 union
                 select unnest(p.emptied) from bdd_harness.part p where p.relation = any(large));
select string_agg(p.disable, ' ')
  into statement
  from bdd_harness.part p
 where p.relation = any(touched) and p.disable <> '';
if statement is not null then
    note_again := true;
    execute statement;
end if;
if cardinality(large) > 0 then
    note_again := true;
    execute (select 'truncate ' || string_agg(p.truncated, ', ') from bdd_harness.part p where p.relation = any(large));
end if;
select 'with ' || string_agg(p.deletion || p.others, ', ' order by p.relation) || ' select'
  into statement
  from bdd_harness.part p
 where p.relation = any(touched);
if statement is not null then execute statement; end if;
set constraints all immediate;
select string_agg(p.enable, ' ')
  into statement
  from bdd_harness.part p
 where p.relation = any(touched) and p.enable <> '';
if statement is not null then execute statement; end if;
grown := array(select p.name from bdd_harness.part p
                where p.relation = any(touched) and pg_relation_size(p.relation) > {bloat} + 2 * p.size);
