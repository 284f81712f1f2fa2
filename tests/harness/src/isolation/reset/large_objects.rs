//! Large objects: those of the template get their content back, others are unlinked.

use sqlx::PgConnection;

use crate::isolation::reset::Rights;
use crate::{failure::Failure, sql::execute};

/// An expression that is another once a large object was made, changed or unlinked.
pub fn look(rights: Rights) -> &'static str {
    if rights.superuser {
        "concat_ws('/', (select count(*) || ':' || max(xmin::text::bigint) from pg_largeobject_metadata),
                        (select count(*) || ':' || max(xmin::text::bigint) from pg_largeobject))"
    } else {
        // Only a superuser may look into the table of their pages; anybody else asks for the content of each.
        "concat_ws('/', (select count(*) || ':' || max(xmin::text::bigint) from pg_largeobject_metadata),
                        (select string_agg(md5(lo_get(o.oid)), ',' order by o.oid)
                           from bdd_harness.large_object o
                           join pg_largeobject_metadata using (oid)))"
    }
}

/// Keeps a copy of the template's large objects, and makes what puts them back.
pub async fn install(connection: &mut PgConnection) -> Result<(), Failure> {
    execute(
        connection,
        "create table bdd_harness.large_object as
                 select m.oid, lo_get(m.oid) as content, m.lomowner, m.lomacl from pg_largeobject_metadata m;

             create function bdd_harness.restore_large_objects() returns void language plpgsql as $bdd_harness$
             declare
                 kept record;
                 file int;
             begin
                 perform lo_unlink(m.oid)
                    from pg_largeobject_metadata m
                   where not exists (select from bdd_harness.large_object o where o.oid = m.oid);
                 for kept in
                     select o.*, m.oid is null as gone
                       from bdd_harness.large_object o
                       left join pg_largeobject_metadata m using (oid)
                 loop
                     if kept.gone then
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

             -- Rights that nobody gives back.
             create function bdd_harness.lost_large_object() returns text language sql stable as $bdd_harness$
                 select string_agg('the rights on the large object ' || o.oid, ', ')
                   from bdd_harness.large_object o
                   left join pg_largeobject_metadata m using (oid)
                  where o.lomacl is distinct from m.lomacl or m.lomowner <> o.lomowner
             $bdd_harness$;",
    )
    .await
}
