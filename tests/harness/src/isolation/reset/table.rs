//! The tables and materialized views of the schema, read from the catalogs.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, PgConnection, Row as _, postgres::PgRow};

use crate::{failure::Failure, server::Rights, sql::fill};

/// A table, partitioned table or materialized view of the schema.
#[derive(Debug)]
pub struct Table {
    pub oid: i64,
    /// Schema and name, quoted for SQL.
    pub name: String,
    pub kind: Kind,
    pub populated: bool,
    /// Rows that the migrations inserted.
    pub rows: i64,
    /// In bytes, after the migrations.
    pub size: i64,
    /// It was analyzed, or an index was created on its rows. A TRUNCATE would change its statistics.
    pub measured: bool,
    /// The columns of its best unique key; empty if it has none.
    pub key: Vec<String>,
    /// Without generated columns.
    pub columns: Vec<String>,
    /// Identity columns that accept values only with `overriding system value`, and not at all in an update.
    pub always_identity: Vec<String>,
    /// Statements that disable its triggers, rules and policies. `enable` restores their state.
    pub disable: String,
    pub enable: String,
    /// Its row-level security binds its owner.
    pub forced_policies: bool,
    /// The table, its partitions and its children, if they hold rows themselves.
    pub members: Vec<i64>,
    /// It is published without a replica identity, so it can be truncated but refuses deletes.
    pub refuses_deletes: bool,
    /// A foreign key refers to it that restricts or cascades the deletion of its rows.
    pub is_held: bool,
    /// The tables that a TRUNCATE has to name: this table, and the tables that refer to it, directly or through others.
    /// Empty if they are too many for a TRUNCATE to pay.
    pub referring: Vec<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Plain,
    Partitioned,
    View,
}

/// The key is the object id, so the order is that of creation.
pub type Tables = BTreeMap<i64, Table>;

/// The system's schemas and the harness's.
pub const NOT_THE_SCHEMAS: &str =
    "(n.nspname ~ '^pg_' or n.nspname in ('information_schema', 'bdd_harness'))";

/// Everything that stores rows.
pub async fn tables(connection: &mut PgConnection, rights: Rights) -> Result<Tables, Failure> {
    let firing = if rights.can_set_replica_role {
        "('A', 'R')"
    } else {
        "('A', 'O')"
    };
    let query = fill(
        include_str!("tables.sql"),
        &[("firing", firing), ("not_the_schemas", NOT_THE_SCHEMAS)],
    );
    let rows = sqlx::query(AssertSqlSafe(query))
        .fetch_all(&mut *connection)
        .await?;
    let mut tables: Tables = rows
        .iter()
        .map(|row| Table::read(row, rights))
        .map(|table| (table.oid, table))
        .collect();
    families(connection, &mut tables).await?;
    references(connection, &mut tables).await?;
    Ok(tables)
}

/// A mark on a parent may mean rows in its partitions and children, at any depth.
async fn families(connection: &mut PgConnection, tables: &mut Tables) -> Result<(), Failure> {
    let pairs: Vec<(i64, i64)> = sqlx::query_as(
        "with recursive family (ancestor, member) as (
             select oid, oid from pg_class where relkind in ('r', 'p')
             union
             select f.ancestor, i.inhrelid from family f join pg_inherits i on i.inhparent = f.member
         )
         select ancestor::int8, member::int8 from family order by member",
    )
    .fetch_all(connection)
    .await?;
    for (ancestor, member) in pairs {
        let holds_rows = tables
            .get(&member)
            .is_some_and(|table| table.kind == Kind::Plain);
        if let Some(table) = tables.get_mut(&ancestor)
            && holds_rows
        {
            table.members.push(member);
        }
    }
    Ok(())
}

/// TRUNCATE has to name every table that refers to one of its tables, even if it is empty, and also in the role
/// `replica`.
async fn references(connection: &mut PgConnection, tables: &mut Tables) -> Result<(), Failure> {
    let direct: Vec<(i64, i64, bool)> = sqlx::query_as(
        "select confrelid::int8, conrelid::int8, bool_or(confdeltype <> 'a')
           from pg_constraint
          where contype = 'f'
          group by confrelid, conrelid",
    )
    .fetch_all(connection)
    .await?;
    let mut referring: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (referred, by, holds) in direct {
        referring.entry(referred).or_default().push(by);
        if let Some(table) = tables.get_mut(&referred) {
            table.is_held |= holds;
        }
    }
    for table in tables.values_mut() {
        let mut all = vec![table.oid];
        let mut next = 0;
        // With more tables a TRUNCATE can't pay.
        while next < all.len() && all.len() < 64 {
            for by in referring.get(&all[next]).into_iter().flatten() {
                if !all.contains(by) {
                    all.push(*by);
                }
            }
            next += 1;
        }
        let too_many = next < all.len();
        table.referring = if too_many { Vec::new() } else { all };
    }
    Ok(())
}

impl Table {
    fn read(row: &PgRow, rights: Rights) -> Self {
        let text = |column: &str| row.get::<Option<String>, _>(column).unwrap_or_default();
        let kind = match row.get::<String, _>("kind").as_str() {
            "p" => Kind::Partitioned,
            "m" => Kind::View,
            _ => Kind::Plain,
        };
        let mut table = Self {
            oid: row.get("oid"),
            name: row.get("name"),
            kind,
            populated: row.get("populated"),
            rows: 0,
            size: row.get("size"),
            measured: row.get("measured"),
            key: row.get("key"),
            columns: row.get("columns"),
            always_identity: row.get("always_identity"),
            disable: String::new(),
            enable: String::new(),
            forced_policies: row.get("forced_policies") && !rights.superuser,
            members: Vec::new(),
            refuses_deletes: row.get("refuses_deletes"),
            is_held: false,
            referring: Vec::new(),
        };
        if kind == Kind::Plain {
            let Self { oid, name, .. } = &table;
            let mut disable = vec![text("triggers_off"), text("rules_off")];
            let mut enable = vec![text("triggers_on"), text("rules_on")];
            // A check constraint that was added NOT VALID would refuse older rows when they are inserted again. A
            // superuser can hide the checks; without that right they would have to be dropped and created again.
            if let (Some(checks), true) = (
                row.get::<Option<i16>, _>("unvalidated_checks"),
                rights.superuser,
            ) {
                let set =
                    |checks| format!("update pg_class set relchecks = {checks} where oid = {oid};");
                disable.push(set(0));
                enable.push(set(checks));
            }
            if table.forced_policies {
                let set = |no| format!("alter table only {name} {no} force row level security;");
                disable.push(set("no"));
                enable.push(set(""));
            }
            let join = |statements: Vec<String>| statements.join(" ").trim().to_owned();
            table.disable = join(disable);
            table.enable = join(enable);
        }
        table
    }

    pub fn is_filled(&self) -> bool {
        self.rows > 0
    }

    /// The name for TRUNCATE: without children, but with partitions.
    pub fn truncated(&self) -> String {
        match self.kind {
            Kind::Partitioned => self.name.clone(),
            _ => format!("only {}", self.name),
        }
    }

    /// The name of the copy of the rows that the migrations inserted.
    pub fn shadow(&self) -> String {
        format!("bdd_harness.shadow_{}", self.oid)
    }

    /// The triggers that leave a mark. A partitioned table has them too, because its partitions may never be named.
    pub fn marks(&self) -> String {
        if self.kind == Kind::View {
            return String::new();
        }
        format!(
            "create trigger bdd_harness_mark
                 after insert or update or delete on {name}
                 for each statement
                 when (current_setting('bdd_harness.t{oid}', true) is distinct from 'on'
                       and current_setting('bdd_harness.resetting', true) is distinct from 'on')
                 execute function bdd_harness.mark('bdd_harness.t{oid}');
             create trigger bdd_harness_truncate
                 after truncate on {name}
                 for each statement
                 when (current_setting('bdd_harness.resetting', true) is distinct from 'on')
                 execute function bdd_harness.mark_truncated();
             alter table {only} {name} enable always trigger bdd_harness_mark;
             alter table {only} {name} enable always trigger bdd_harness_truncate;\n",
            name = self.name,
            oid = self.oid,
            only = if self.kind == Kind::Plain { "only" } else { "" },
        )
    }

    /// A condition that two rows have the same key. `extra` columns are compared too.
    fn same(&self, a: &str, b: &str, extra: &[String]) -> String {
        let columns = self.key.iter().chain(extra);
        columns
            .map(|column| format!("{a}.{column} = {b}.{column}"))
            .collect::<Vec<_>>()
            .join(" and ")
    }

    /// Deletes what isn't in the template. `*=` compares rows byte by byte, so types without an equality operator work
    /// too.
    ///
    /// `in_place` leaves rows with the same key to [`Self::update`], because a delete would cascade if foreign keys
    /// fire.
    pub fn delete(&self, in_place: bool) -> String {
        let name = &self.name;
        if !self.is_filled() || self.key.is_empty() {
            return format!("delete from only {name}");
        }
        format!(
            "delete from only {name} t where not exists (select from {} s where {})",
            self.shadow(),
            self.match_of(in_place)
        )
    }

    /// A condition that row `t` of the table equals row `s` of its copy. `in_place` as above.
    fn match_of(&self, in_place: bool) -> String {
        if in_place {
            self.same("s", "t", &self.always_identity)
        } else {
            format!("{} and s.* *= t.*", self.same("s", "t", &[]))
        }
    }

    /// Updates rows that differ from the template's.
    ///
    /// `after` is a condition that makes the update wait for another part of the statement.
    pub fn update(&self, after: &str) -> Option<String> {
        if !self.is_filled() || self.key.is_empty() {
            return None;
        }
        let settable: Vec<_> = self
            .columns
            .iter()
            .filter(|column| !self.always_identity.contains(column))
            .collect();
        if settable.is_empty() {
            return None;
        }
        let set: Vec<_> = settable
            .iter()
            .map(|column| format!("{column} = s.{column}"))
            .collect();
        Some(format!(
            "update only {} t set {} from {} s where {} and not s.* *= t.*{after}",
            self.name,
            set.join(", "),
            self.shadow(),
            self.same("s", "t", &self.always_identity)
        ))
    }

    /// Inserts rows that are missing. `after` as above.
    pub fn insert(&self, in_place: bool, after: &str) -> Option<String> {
        if !self.is_filled() {
            return None;
        }
        let name = &self.name;
        let missing = if self.key.is_empty() {
            "true".to_owned()
        } else {
            format!(
                "not exists (select from only {name} t where {})",
                self.match_of(in_place)
            )
        };
        Some(format!("{} s where {missing}{after}", self.refill()))
    }

    /// Inserts all rows of the template.
    pub fn refill(&self) -> String {
        let columns = self.columns.join(", ");
        // A table may have no columns, but SQL has no empty column list.
        let list = if columns.is_empty() {
            String::new()
        } else {
            format!(" ({columns})")
        };
        format!(
            "insert into {}{list} overriding system value select {columns} from {}",
            self.name,
            self.shadow()
        )
    }

    /// Refreshes a materialized view. If the template's view is unpopulated, it is unpopulated again.
    pub fn refresh(&self) -> String {
        format!(
            "refresh materialized view {}{};",
            self.name,
            if self.populated { "" } else { " with no data" }
        )
    }
}
