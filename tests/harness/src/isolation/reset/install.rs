//! What the template gets, so that its clones can be reset: the schema `bdd_harness`.

use sqlx::{AssertSqlSafe, PgConnection};

use crate::isolation::reset::{
    Rights, call, large_objects, rows, sequences,
    table::{Kind, Tables, tables},
    views, watch,
};
use crate::{
    failure::Failure,
    sql::{execute, literal},
};

/// The SQL that makes a database ours, first thing after its creation.
pub fn marker(secret: &str, run: &str) -> String {
    format!(
        "create schema bdd_harness;
         create table bdd_harness.marker (
             secret      text not null,
             run         text not null,
             fingerprint text,
             made_at     timestamptz not null default now()
         );
         insert into bdd_harness.marker (secret, run) values ({}, {});",
        literal(secret),
        literal(run)
    )
}

/// Where marks are left.
const MARKS: &str = "
    create table bdd_harness.dirty          (relation oid not null);
    create table bdd_harness.refreshed      (relation oid not null);
    create table bdd_harness.catalog_change (what text not null);
    create table bdd_harness.plan           (relation oid primary key, covers oid[] not null);
    create table bdd_harness.noted          (surroundings text[], large_objects text, catalog text, views jsonb);

    -- Everything by its full name instead of a search path of its own, which would cost more than the rest.
    create function bdd_harness.mark() returns trigger
    language plpgsql security definer as $bdd_harness$
    declare
        memo text;
    begin
        insert into bdd_harness.dirty values (tg_relid);
        memo := pg_catalog.set_config(tg_argv[0], 'on', true);
        return null;
    end
    $bdd_harness$;";

/// Makes everything a reset needs, in the template, after its migrations.
///
/// `born` is a transaction that is older than everything in the template.
pub async fn install(
    connection: &mut PgConnection,
    rights: Rights,
    born: i64,
) -> Result<(), Failure> {
    let mut tables = tables(connection, rights).await?;
    let stale = views::stale(connection, &tables).await?;
    copy(connection, &mut tables).await?;
    let mut sql = MARKS.to_owned();
    for table in tables.values().filter(|table| table.kind != Kind::View) {
        sql.push_str(&table.marks());
        let members: Vec<_> = table.members.iter().map(ToString::to_string).collect();
        sql.push_str(&format!(
            "insert into bdd_harness.plan values ({}, '{{{}}}');\n",
            table.oid,
            members.join(",")
        ));
    }
    sql.push_str(&rows::parts(&tables));
    let (sequences, rewinding) = sequences::rewinding(connection).await?;
    sql.push_str(&sequences);
    sql.push_str(&views::look(&tables, rights));
    let locking = sequences::mentions(connection, "advisory").await?;
    let order = views::in_order(connection, &tables).await?;
    sql.push_str(&call::reset(
        &tables, rights, &order, &stale, &rewinding, locking,
    ));
    execute(connection, &sql).await?;
    large_objects::install(connection).await?;
    watch::install(connection, rights, born).await
}

/// Copies the rows that the migrations put in.
async fn copy(connection: &mut PgConnection, tables: &mut Tables) -> Result<(), Failure> {
    for table in tables
        .values_mut()
        .filter(|table| table.kind == Kind::Plain)
    {
        let name = &table.name;
        // Forced policies would hide rows from us.
        if table.hidden {
            execute(
                connection,
                &format!("alter table only {name} no force row level security"),
            )
            .await?;
        }
        let count = format!("select count(*) from only {name}");
        table.rows = sqlx::query_scalar(AssertSqlSafe(count))
            .fetch_one(&mut *connection)
            .await?;
        if table.is_filled() {
            let shadow = table.shadow();
            let mut sql = format!("create table {shadow} as table only {name};\n");
            if !table.key.is_empty() {
                sql.push_str(&format!(
                    "create index on {shadow} ({});\n",
                    table.key.join(", ")
                ));
            }
            sql.push_str(&format!("analyze {shadow};"));
            execute(connection, &sql).await?;
        }
        if table.hidden {
            execute(
                connection,
                &format!("alter table only {name} force row level security"),
            )
            .await?;
        }
    }
    Ok(())
}
