//! Materialized views: a view that a scenario refreshed is refreshed again after its tables are restored.

use sqlx::{AssertSqlSafe, PgConnection};

use crate::{
    failure::Failure,
    isolation::reset::table::{Kind, Table, Tables},
    sql::execute,
};

/// Views that a refresh would change although nothing was written. Only a new clone restores their contents.
pub async fn stale(connection: &mut PgConnection, tables: &Tables) -> Result<Vec<i64>, Failure> {
    let mut stale = Vec::new();
    for view in views(tables).filter(|view| view.populated) {
        let name = &view.name;
        execute(
            connection,
            &format!(
                "begin;
                 create temporary table shown on commit drop as select v::text as line from {name} v;
                 refresh materialized view {name};"
            ),
        )
        .await?;
        let query = format!(
            "select exists (select line, count(*) from shown group by line
                            except select v::text, count(*) from {name} v group by v::text)
                 or (select count(*) from shown) <> (select count(*) from {name})"
        );
        let differs = sqlx::query_scalar(AssertSqlSafe(query))
            .fetch_one(&mut *connection)
            .await?;
        execute(connection, "rollback").await?;
        if differs {
            stale.push(view.oid);
        }
    }
    Ok(stale)
}

fn views(tables: &Tables) -> impl Iterator<Item = &Table> {
    tables.values().filter(|table| table.kind == Kind::View)
}

/// The statements that refresh the views in `refreshed`. In `order`, each view comes after the views that it reads.
pub fn refresh(order: &[&Table]) -> String {
    let refreshes: Vec<_> = order
        .iter()
        .map(|view| {
            format!(
                "if {} = any(refreshed) then {} end if;",
                view.oid,
                view.refresh()
            )
        })
        .collect();
    refreshes.join("\n        ")
}

/// The views, each after the views that it reads, directly or through ordinary views.
pub async fn in_order<'a>(
    connection: &mut PgConnection,
    tables: &'a Tables,
) -> Result<Vec<&'a Table>, Failure> {
    let depths: Vec<(i64, i32)> = sqlx::query_as(
        "with recursive looks (view, at) as (
             select distinct r.ev_class, d.refobjid
               from pg_rewrite r
               join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
                               and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class
               join pg_class c on c.oid = r.ev_class and c.relkind in ('v', 'm')
         ),
         deep (view, depth) as (
             select oid, 0 from pg_class where relkind in ('v', 'm')
             union
             select l.view, d.depth + 1 from deep d join looks l on l.at = d.view
         )
         select view::int8, max(depth) from deep group by view order by 2, 1",
    )
    .fetch_all(connection)
    .await?;
    let views = depths.iter().filter_map(|(view, _)| tables.get(view));
    Ok(views.filter(|table| table.kind == Kind::View).collect())
}

/// A function that returns a fingerprint of each view. It is used if no event trigger records refreshes.
pub fn fingerprints(tables: &Tables) -> String {
    let looks: Vec<_> = views(tables)
        .map(|view| {
            format!(
                "if (select relispopulated from pg_class where oid = {oid}) then
        select count(*) || ':' || coalesce(max(xmin::text::bigint), 0) into seen from {name};
    else
        seen := 'empty';
    end if;
    found := found || jsonb_build_object('{oid}', seen);",
                oid = view.oid,
                name = view.name
            )
        })
        .collect();
    format!(
        "create function bdd_harness.views() returns jsonb language plpgsql as $bdd_harness$
declare
    seen  text;
    found jsonb := '{{}}';
begin
    {}
    return found;
end
$bdd_harness$;\n",
        looks.join("\n    ")
    )
}
