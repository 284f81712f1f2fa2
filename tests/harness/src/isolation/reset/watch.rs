//! How a change of the schema is noticed.
//!
//! A superuser's event triggers tell of each command as it happens. Anybody else looks at how many rows the catalogs
//! hold and which transaction wrote the last. Either way that only says where to look: TRUNCATE, VACUUM and temporary
//! tables write there too, and what was made may be gone again. So then the rows of the catalogs are compared.

use sqlx::PgConnection;

use crate::isolation::reset::{Rights, large_objects};
use crate::{
    failure::Failure,
    isolation::catalog::{Catalog, catalogs},
    sql::{execute, literal},
};

/// What a database has around its schema and no event tells of; `own` is its object id.
pub const SURROUNDINGS: &str = "array[
    (select string_agg(s.setrole || ':' || s.setconfig::text, ',' order by s.setrole)
       from pg_db_role_setting s where s.setdatabase = own),
    (select row(d.datacl, d.datdba, d.datconnlimit, d.datistemplate)::text from pg_database d where d.oid = own),
    (select c.description from pg_shdescription c where c.objoid = own and c.classoid = 'pg_database'::regclass),
    (select string_agg(row(e.*)::text, ',' order by e.evtname) from pg_event_trigger e)]";

const NAMED: &str = "
    create function bdd_harness.changed_surroundings(before text[], after text[]) returns text
    language sql immutable as $bdd_harness$
        select string_agg(what, ', ')
          from unnest(before, after,
                      array['settings of the database', 'rights on the database', 'the comment on the database',
                            'event triggers']) as seen (before, after, what)
         where before is distinct from after
    $bdd_harness$;";

const EVENTS: &str = "
    create function bdd_harness.watch_commands() returns event_trigger
    language plpgsql security definer set search_path = pg_catalog as $bdd_harness$
    declare
        command record;
    begin
        if current_setting('bdd_harness.resetting', true) = 'on' then
            return;
        end if;
        for command in
            select *
              from pg_event_trigger_ddl_commands() c
             where coalesce(c.schema_name, '') not like 'pg\\_temp%'
               and not exists (select
                                 from pg_class r
                                where r.relnamespace = pg_my_temp_schema()
                                  and r.oid in (select polrelid from pg_policy
                                                 where oid = c.objid and c.classid = 'pg_policy'::regclass
                                                union all
                                                select ev_class from pg_rewrite
                                                 where oid = c.objid and c.classid = 'pg_rewrite'::regclass
                                                union all
                                                select tgrelid from pg_trigger
                                                 where oid = c.objid and c.classid = 'pg_trigger'::regclass))
        loop
            if command.command_tag = 'REFRESH MATERIALIZED VIEW' then
                insert into bdd_harness.refreshed values (command.objid);
            else
                insert into bdd_harness.catalog_change
                values (lower(command.command_tag) || coalesce(' ' || command.object_identity, ''));
            end if;
        end loop;
    end
    $bdd_harness$;
    create function bdd_harness.watch_drops() returns event_trigger
    language plpgsql security definer set search_path = pg_catalog as $bdd_harness$
    begin
        insert into bdd_harness.catalog_change
        select 'drop ' || object_type || ' ' || object_identity
          from pg_event_trigger_dropped_objects()
         where not is_temporary and original;
    end
    $bdd_harness$;
    -- The catalogs may look the same afterwards, but the rows don't.
    create function bdd_harness.watch_rewrites() returns event_trigger
    language plpgsql security definer set search_path = pg_catalog as $bdd_harness$
    begin
        insert into bdd_harness.catalog_change
        select 'the rows of ' || pg_event_trigger_table_rewrite_oid()::regclass
         where exists (select
                         from pg_class c
                        where c.oid = pg_event_trigger_table_rewrite_oid()
                          and c.relnamespace is distinct from pg_my_temp_schema());
    end
    $bdd_harness$;
    create event trigger bdd_harness_commands on ddl_command_end execute function bdd_harness.watch_commands();
    create event trigger bdd_harness_drops    on sql_drop        execute function bdd_harness.watch_drops();
    create event trigger bdd_harness_rewrites on table_rewrite   execute function bdd_harness.watch_rewrites();
    alter event trigger bdd_harness_commands enable always;
    alter event trigger bdd_harness_drops    enable always;
    alter event trigger bdd_harness_rewrites enable always;";

/// Makes what notices changes; the last thing that is made, so that nothing of ours looks like one.
///
/// `born` is a transaction that is older than everything in the template.
pub async fn install(
    connection: &mut PgConnection,
    rights: Rights,
    born: i64,
) -> Result<(), Failure> {
    execute(connection, NAMED).await?;
    execute(connection, &note(rights)).await?;
    let catalogs = catalogs(connection, born).await?;
    execute(connection, &comparison(&catalogs)).await?;
    if rights.superuser {
        execute(connection, EVENTS).await?;
    }
    execute(
        connection,
        "insert into bdd_harness.catalog_row select object, line from bdd_harness.catalog_rows()",
    )
    .await
}

/// How everything looks that isn't told by events: noted when a clone is new, and when the reset itself changed it.
fn note(rights: Rights) -> String {
    let (catalog, views) = if rights.superuser {
        ("null", "null")
    } else {
        ("bdd_harness.catalog()", "bdd_harness.views()")
    };
    format!(
        "create function bdd_harness.note_looks() returns void language plpgsql as $bdd_harness$
         declare
             own constant oid := (select oid from pg_database where datname = current_database());
         begin
             delete from bdd_harness.noted;
             insert into bdd_harness.noted values ({SURROUNDINGS}, {}, {catalog}, {views});
         end
         $bdd_harness$;",
        large_objects::look(rights)
    )
}

fn comparison(catalogs: &[Catalog]) -> String {
    let looks: Vec<_> = catalogs
        .iter()
        .map(|catalog| {
            format!(
                "(select count(*) || ':' || coalesce(oldest - nullif(min(age(xmin)), 2147483647), 0) from pg_catalog.{})",
                catalog.name
            )
        })
        .collect();
    let rows: Vec<_> = catalogs
        .iter()
        .map(|catalog| {
            format!(
                "select object, hashtextextended({} || line, 0) from ({}) {}",
                literal(&format!("{} ", catalog.name)),
                catalog.rows,
                catalog.name
            )
        })
        .collect();
    format!(
        "create function bdd_harness.catalog() returns text language plpgsql stable as $bdd_harness$
         declare
             -- age() is ten times cheaper than a transaction's id as a number, and leads back to it; the system's
             -- first rows have none.
             oldest constant int := age('3'::xid);
         begin
             return concat_ws('/', {});
         end
         $bdd_harness$;
         create table bdd_harness.catalog_row (object text, line int8);
         create function bdd_harness.catalog_rows() returns table (object text, line int8)
         language sql stable as $bdd_harness$ {} $bdd_harness$;
         create function bdd_harness.changed_catalog() returns text language sql stable as $bdd_harness$
             select string_agg(distinct object, ', ')
               from (select coalesce(now.object, before.object) as object
                       from bdd_harness.catalog_rows() now
                       full join bdd_harness.catalog_row before using (line)
                      where now.line is null or before.line is null
                      limit 20) changed
         $bdd_harness$;",
        looks.join(",\n"),
        rows.join("\n union all ")
    )
}

/// A transaction that everything made from now on is younger than.
pub async fn born(connection: &mut PgConnection) -> Result<i64, Failure> {
    let id = sqlx::query_scalar("select (pg_current_xact_id()::text::numeric % 4294967296)::int8")
        .fetch_one(connection)
        .await?;
    Ok(id)
}
