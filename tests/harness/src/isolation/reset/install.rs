//! Installs the schema `bdd_harness` in the template, so that its clones can be reset.

use sqlx::{AssertSqlSafe, PgConnection};

use crate::isolation::reset::{
    rows, sequences,
    table::{Kind, NOT_THE_SCHEMAS, Table, Tables, tables},
    views,
};
use crate::{
    database::STATISTICS,
    failure::Failure,
    server::Rights,
    sql::{HARNESS, SCENARIO, execute, fill, literal, oid_array},
};

/// Properties of a database that no event trigger records. `own` is the database's object id.
const SURROUNDINGS: &str = "array[
    (select string_agg(s.setrole || ':' || s.setconfig::text, ',' order by s.setrole)
       from pg_db_role_setting s where s.setdatabase = own),
    (select row(d.datacl, d.datdba, d.datconnlimit, d.datistemplate)::text from pg_database d where d.oid = own),
    (select c.description from pg_shdescription c where c.objoid = own and c.classoid = 'pg_database'::regclass),
    (select string_agg(row(e.*)::text, ',' order by e.evtname) from pg_event_trigger e)]";

/// A text that changes when a large object is created, changed or unlinked. Only a superuser may read the table of
/// their pages; for others it reads the content of each object.
const LARGE_OBJECTS: &str = "concat_ws('/', (select count(*) || ':' || max(xmin::text::bigint) from pg_largeobject_metadata),
                                            (select count(*) || ':' || max(xmin::text::bigint) from pg_largeobject))";
const OWN_LARGE_OBJECTS: &str = "concat_ws('/', (select count(*) || ':' || max(xmin::text::bigint) from pg_largeobject_metadata),
                                                (select string_agg(md5(lo_get(o.oid)), ',' order by o.oid)
                                                   from bdd_harness.large_object o
                                                   join pg_largeobject_metadata using (oid)))";

/// The SQL that marks a database as ours. It runs after the migrations.
pub fn marker(secret: &str, run: &str) -> String {
    fill(
        include_str!("marker.sql"),
        &[("secret", &literal(secret)), ("run", &literal(run))],
    )
}

/// The current transaction's number. Everything that is written later has a higher one.
pub async fn current_transaction(connection: &mut PgConnection) -> Result<i64, Failure> {
    let id = sqlx::query_scalar("select (pg_current_xact_id()::text::numeric % 4294967296)::int8")
        .fetch_one(connection)
        .await?;
    Ok(id)
}

/// Creates everything a reset needs in the template, after its migrations. Returns the text of the reset's function.
///
/// `first_transaction` is older than everything in the template.
pub async fn install(
    connection: &mut PgConnection,
    rights: Rights,
    first_transaction: i64,
) -> Result<String, Failure> {
    let mut tables = tables(connection, rights).await?;
    let stale_views = views::stale(connection, &tables).await?;
    copy_rows(connection, &mut tables).await?;
    let sequences = sequences::read(connection).await?;
    let mut sql = include_str!("marks.sql").to_owned();
    for table in tables.values().filter(|table| table.kind != Kind::View) {
        sql.push_str(&table.marks());
        sql.push_str(&format!(
            "insert into bdd_harness.plan values ({}, {});\n",
            table.oid,
            oid_array(table.members.iter().copied())
        ));
    }
    sql.push_str(&rows::parts(&tables, rights));
    sql.push_str(&sequences.remember());
    sql.push_str(include_str!("large_objects.sql"));
    if !rights.superuser {
        sql.push_str(&views::fingerprints(&tables));
    }
    execute(connection, &sql).await?;

    // A function of the schema may take an advisory lock without a step that mentions it. Then no session counts as
    // quiet.
    let locks = sequences::functions_mention(connection, "advisory").await?;
    let always_look = sequences::functions_mention(connection, STATISTICS).await?;
    let any_measured = tables.values().any(|table| table.measured);
    let oids = |chosen: fn(&Table) -> bool| {
        let tables = tables.values().filter(|table| chosen(table));
        oid_array(tables.map(|table| table.oid))
    };
    let values: &[(&str, &str)] = &[
        ("superuser", &rights.superuser.to_string()),
        ("first_transaction", &first_transaction.to_string()),
        (
            "own_sessions",
            &format!("({}, {})", literal(HARNESS), literal(SCENARIO)),
        ),
        ("quiet_session", &literal(if locks { "" } else { SCENARIO })),
        ("surroundings", SURROUNDINGS),
        (
            "large_objects",
            if rights.superuser {
                LARGE_OBJECTS
            } else {
                OWN_LARGE_OBJECTS
            },
        ),
        ("stale_views", &oid_array(stale_views)),
        ("not_the_schemas", NOT_THE_SCHEMAS),
        ("always_look", &always_look.to_string()),
        (
            "may_truncate",
            &(rights.superuser || !any_measured).to_string(),
        ),
        ("truncate_all", &rows::truncate_all(&tables)),
        ("filled_tables", &oids(Table::is_filled)),
        ("all_tables", &oids(|table| table.kind == Kind::Plain)),
        ("restore_rows", &rows::restore(&tables, rights)),
        (
            "refresh_views",
            &views::refresh(&views::in_order(connection, &tables).await?),
        ),
        ("restore_sequences", &sequences.restore()),
    ];
    let reset = fill(include_str!("reset.sql"), values);
    execute(
        connection,
        &fill(include_str!("planner_statistics.sql"), values),
    )
    .await?;
    execute(connection, &reset).await?;
    execute(connection, &fill(include_str!("catalog.sql"), values)).await?;
    // Last, so that none of our own objects is recorded as a change.
    if rights.superuser {
        execute(connection, include_str!("events.sql")).await?;
    }
    Ok(reset)
}

/// Notes the state of the catalogs, after everything is created and granted.
pub async fn remember_catalog(
    connection: &mut PgConnection,
    rights: Rights,
) -> Result<(), Failure> {
    execute(
        connection,
        "delete from bdd_harness.catalog_change;
         insert into bdd_harness.catalog_row select object, line from bdd_harness.catalog_rows();
         select bdd_harness.note_planner_statistics()",
    )
    .await?;
    if rights.superuser {
        forget_activity(connection).await?;
    }
    Ok(())
}

/// Resets the server's activity counters, so that autovacuum finds nothing to do in the template. The session sends its
/// own counters when it is idle, and then all are cleared.
async fn forget_activity(connection: &mut PgConnection) -> Result<(), Failure> {
    execute(connection, "select pg_stat_force_next_flush()").await?;
    execute(connection, "select pg_stat_reset()").await
}

/// Copies the rows that the migrations inserted.
async fn copy_rows(connection: &mut PgConnection, tables: &mut Tables) -> Result<(), Failure> {
    for table in tables
        .values_mut()
        .filter(|table| table.kind == Kind::Plain)
    {
        let name = &table.name;
        // Forced policies would hide rows from this connection.
        if table.forced_policies {
            let statement = format!("alter table only {name} no force row level security");
            execute(connection, &statement).await?;
        }
        let count = format!("select count(*) from only {name}");
        table.rows = sqlx::query_scalar(AssertSqlSafe(count))
            .fetch_one(&mut *connection)
            .await?;
        if table.is_filled() {
            let shadow = table.shadow();
            let mut sql = format!("create unlogged table {shadow} as table only {name};\n");
            if !table.key.is_empty() {
                sql.push_str(&format!(
                    "create index on {shadow} ({});\n",
                    table.key.join(", ")
                ));
            }
            sql.push_str(&format!("analyze {shadow};"));
            execute(connection, &sql).await?;
        }
        if table.forced_policies {
            let statement = format!("alter table only {name} force row level security");
            execute(connection, &statement).await?;
        }
    }
    Ok(())
}
