-- A copy of the template's large objects, and the function that restores them.

create unlogged table bdd_harness.large_object as
    select m.oid, lo_get(m.oid) as content, m.lomowner, m.lomacl
      from pg_largeobject_metadata m;

create function bdd_harness.restore_large_objects() returns void language plpgsql as $bdd_harness$
declare
    kept record;
    file int;
begin
    perform lo_unlink(m.oid)
       from pg_largeobject_metadata m
      where not exists (select from bdd_harness.large_object o where o.oid = m.oid);
    for kept in
        select o.*, m.oid is null as is_missing
          from bdd_harness.large_object o
          left join pg_largeobject_metadata m using (oid)
    loop
        if kept.is_missing then
            perform lo_from_bytea(kept.oid, kept.content);
            execute format('alter large object %s owner to %I', kept.oid, pg_get_userbyid(kept.lomowner));
        elsif lo_get(kept.oid) is distinct from kept.content then
            file := lo_open(kept.oid, 131072);
            perform lo_truncate(file, 0), lo_close(file);
            perform lo_put(kept.oid, 0, kept.content);
        end if;
    end loop;
end
$bdd_harness$;

-- Changed owners and rights. Only a new clone restores them.
create function bdd_harness.lost_large_object() returns text language sql stable as $bdd_harness$
    select string_agg('the rights on the large object ' || o.oid, ', ')
      from bdd_harness.large_object o
      left join pg_largeobject_metadata m using (oid)
     where o.lomacl is distinct from m.lomacl or m.lomowner <> o.lomowner
$bdd_harness$;
