//! One table or materialized view: the triggers that mark it, and the function that puts it back.

use std::fmt::Write as _;

use sqlx::{PgConnection, Row as _};

use crate::harness::failure::Failure;

/// A table or materialized view, as the reset has to know it.
pub struct Table {
    oid: i64,
    /// As SQL writes it, schema and all.
    name: String,
    kind: String,
    filled: bool,
    populated: bool,
    key: Vec<String>,
    /// Without the generated ones.
    columns: Vec<String>,
}

/// Every table, partitioned table and materialized view that isn't ours, in the order of their making.
pub async fn tables(connection: &mut PgConnection) -> Result<Vec<Table>, Failure> {
    let rows = sqlx::query(
        "select c.oid::int8                                                                  as oid,
                format('%I.%I', n.nspname, c.relname)                                        as name,
                c.relkind::text                                                              as kind,
                c.relispopulated                                                             as populated,
                array(select format('%I', a.attname)
                        from pg_index i
                        join unnest(i.indkey) with ordinality as k(attnum, place) on true
                        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
                       where i.indrelid = c.oid and i.indisprimary
                       order by k.place)                                                     as key,
                array(select format('%I', a.attname)
                        from pg_attribute a
                       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
                       order by a.attnum)                                                    as columns
           from pg_class c
           join pg_namespace n on n.oid = c.relnamespace
          where c.relkind in ('r', 'p', 'm')
            and c.relpersistence <> 't'
            and n.nspname not like 'pg\\_%'
            and n.nspname not in ('information_schema', 'bdd_harness')
          order by c.oid",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut tables = Vec::with_capacity(rows.len());
    for row in rows {
        let mut table = Table {
            oid: row.get("oid"),
            name: row.get("name"),
            kind: row.get("kind"),
            filled: false,
            populated: row.get("populated"),
            key: row.get("key"),
            columns: row.get("columns"),
        };
        if table.kind == "r" {
            let look = format!("select exists (select from only {})", table.name);
            table.filled = sqlx::query_scalar(sqlx::AssertSqlSafe(look))
                .fetch_one(&mut *connection)
                .await?;
        }
        tables.push(table);
    }
    Ok(tables)
}

impl Table {
    /// The triggers that leave a mark; on a partitioned table too, whose leaves may never be named.
    pub fn marks(&self) -> String {
        if self.kind == "m" {
            return String::new();
        }
        format!(
            "create trigger bdd_harness_mark
                 after insert or update or delete or truncate on {name}
                 for each statement execute function bdd_harness.mark();
             alter table {only} {name} enable always trigger bdd_harness_mark;\n",
            name = self.name,
            only = if self.kind == "r" { "only" } else { "" },
        )
    }

    /// The function that puts this table back; planned once a connection, when it is first needed.
    pub fn cleaning(&self) -> String {
        let body = match self.kind.as_str() {
            "p" => return String::new(),
            "m" if self.populated => format!("refresh materialized view {};", self.name),
            "m" => format!("refresh materialized view {} with no data;", self.name),
            _ if self.filled => return self.cleaning_from_shadow(),
            _ => format!("delete from only {};", self.name),
        };
        self.function(&body)
    }

    /// Removes what the template lacks and adds what is missing; `*=` compares rows byte by byte, so any type will do.
    fn cleaning_from_shadow(&self) -> String {
        let (oid, name) = (self.oid, &self.name);
        let columns = self.columns.join(", ");
        let mut sql = format!("create table bdd_harness.shadow_{oid} as table only {name};\n");
        let body = if self.key.is_empty() {
            format!(
                "delete from only {name};
                 insert into {name} ({columns}) overriding system value
                 select {columns} from bdd_harness.shadow_{oid};"
            )
        } else {
            let key = self.key.join(", ");
            let same = |a: &str, b: &str| {
                self.key
                    .iter()
                    .map(|column| format!("{a}.{column} = {b}.{column}"))
                    .collect::<Vec<_>>()
                    .join(" and ")
            };
            let _ = writeln!(sql, "create index on bdd_harness.shadow_{oid} ({key});");
            format!(
                "delete from only {name} t
                  where not exists (select from bdd_harness.shadow_{oid} s where {in_shadow} and s.* *= t.*);
                 insert into {name} ({columns}) overriding system value
                 select {columns} from bdd_harness.shadow_{oid} s
                  where not exists (select from only {name} t where {in_table});",
                in_shadow = same("s", "t"),
                in_table = same("t", "s"),
            )
        };
        sql.push_str(&self.function(&body));
        sql
    }

    fn function(&self, body: &str) -> String {
        format!(
            "create function bdd_harness.clean_{}() returns void language plpgsql as $body$ begin {body} end $body$;\n",
            self.oid
        )
    }
}
