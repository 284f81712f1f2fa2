-- Undoes what default privileges did to the harness's objects.
do $bdd_harness$
declare
    statement text;
begin
    for statement in
        with object as (
            select case relkind when 'S' then 'sequence' else 'table' end as kind, oid::regclass::text as name, relowner as owner,
                   relacl as acl
              from pg_catalog.pg_class
             where relnamespace = 'bdd_harness'::regnamespace and relkind in ('r', 'S', 'v') and relacl is not null
             union all
            select 'function', oid::regprocedure::text, proowner, proacl
              from pg_catalog.pg_proc
             where pronamespace = 'bdd_harness'::regnamespace and proacl is not null
        )
        select format('revoke all on %s %s from %s', o.kind, o.name,
                      case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end)
          from object o
          cross join lateral (select distinct grantee from aclexplode(o.acl) where grantee <> o.owner) a
         union all
        select format('grant all on %s %s to %I', o.kind, o.name, pg_get_userbyid(o.owner))
          from object o
    loop
        execute statement;
    end loop;
end
$bdd_harness$;
