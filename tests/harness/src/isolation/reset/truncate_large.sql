-- Large tables share one TRUNCATE, because the tables that refer to them are often the same.
if cardinality(large) > 0 then
    touched := array(select distinct unnest(p.emptied) from bdd_harness.part p where p.relation = any(large));
    select coalesce(string_agg(p.disable, ' '), '')
           || (select 'truncate ' || string_agg(l.truncated, ', ') || ';'
                 from bdd_harness.part l where l.relation = any(large))
           || coalesce(string_agg(p.refill, ' '), '') || coalesce(string_agg(p.enable, ' '), '')
      into statement
      from bdd_harness.part p
     where p.relation = any(touched);
    execute statement;
    look := true;
end if;
