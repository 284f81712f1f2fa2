//! The tables of a database, read from its catalog: columns, keys and indexes.

use std::collections::BTreeMap;

/// All tables, each after the tables that it refers to.
pub const TABLES: [&str; 16] = [
    "users",
    "sessions",
    "password_resets",
    "oauth_clients",
    "signing_keys",
    "attempts",
    "idempotency_keys",
    "greet_history",
    "categories",
    "products",
    "pizzas",
    "databases",
    "database_events",
    "tags",
    "image_updates",
    "image_update_changes",
];

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    /// In the order of the table.
    pub columns: Vec<Column>,
    /// In the order of their names.
    pub indexes: Vec<Index>,
}

/// A column of a [`Table`].
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Column {
    pub name: String,
    /// The type, as the engine names it.
    pub kind: String,
    pub nullable: bool,
    pub default: Option<String>,
    /// Whether it is the primary key.
    pub key: bool,
    /// The table that a foreign key refers to.
    pub refers_to: Option<String>,
}

/// An index of a [`Table`].
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Index {
    pub name: String,
    pub unique: bool,
    /// The statement that creates it, or its columns.
    pub text: String,
}

const POSTGRES_COLUMNS: &str = "
    select c.relname::text as table_name,
           a.attname::text as name,
           format_type(a.atttypid, a.atttypmod) as kind,
           not a.attnotnull as nullable,
           case when a.attidentity <> '' then 'next number'
                else pg_get_expr(d.adbin, d.adrelid)
           end as \"default\",
           exists (select 1
                     from pg_constraint p
                    where p.conrelid = c.oid and p.contype = 'p' and a.attnum = any (p.conkey)) as key,
           (select f.confrelid::regclass::text
              from pg_constraint f
             where f.conrelid = c.oid and f.contype = 'f' and f.conkey = array[a.attnum]
             limit 1) as refers_to
      from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
     where c.relnamespace = current_schema()::regnamespace
       and c.relkind in ('r', 'p')
       and c.relname <> '_sqlx_migrations'
     order by c.relname, a.attnum";

const POSTGRES_INDEXES: &str = "
    select c.relname::text as table_name,
           i.relname::text as name,
           x.indisunique as \"unique\",
           pg_get_indexdef(i.oid) as text
      from pg_index x
      join pg_class c on c.oid = x.indrelid
      join pg_class i on i.oid = x.indexrelid
     where c.relnamespace = current_schema()::regnamespace
       and c.relname <> '_sqlx_migrations'
     order by c.relname, i.relname";

const SQLITE_COLUMNS: &str = "
    select m.name as table_name,
           c.name as name,
           lower(c.type) as kind,
           c.\"notnull\" = 0 and c.pk = 0 as nullable,
           c.dflt_value as \"default\",
           c.pk > 0 as key,
           (select f.\"table\" from pragma_foreign_key_list(m.name) f where f.\"from\" = c.name) as refers_to
      from sqlite_master m
      join pragma_table_info(m.name) c
     where m.type = 'table'
       and m.name <> '_sqlx_migrations'
       and m.name not like 'sqlite\\_%' escape '\\'
     order by m.name, c.cid";

const SQLITE_INDEXES: &str = "
    select m.name as table_name,
           i.name as name,
           i.\"unique\" as \"unique\",
           coalesce((select s.sql from sqlite_master s where s.type = 'index' and s.name = i.name),
                    (select group_concat(c.name, ', ') from pragma_index_info(i.name) c)) as text
      from sqlite_master m
      join pragma_index_list(m.name) i
     where m.type = 'table'
       and m.name <> '_sqlx_migrations'
     order by m.name, i.name";

/// A part of a table, as the queries return it.
#[derive(sqlx::FromRow)]
pub(super) struct InTable<T> {
    table_name: String,
    #[sqlx(flatten)]
    part: T,
}

/// The queries for the columns and the indexes of all tables: on PostgreSQL, those of the current schema.
pub(super) fn queries(is_postgres: bool) -> (&'static str, &'static str) {
    if is_postgres {
        (POSTGRES_COLUMNS, POSTGRES_INDEXES)
    } else {
        (SQLITE_COLUMNS, SQLITE_INDEXES)
    }
}

/// Tables in the order of [`TABLES`]; unknown ones come last.
pub(super) fn combine(columns: Vec<InTable<Column>>, indexes: Vec<InTable<Index>>) -> Vec<Table> {
    let mut tables = BTreeMap::<String, Table>::new();
    for column in columns {
        let name = column.table_name;
        let table = tables.entry(name.clone()).or_insert_with(|| Table {
            name,
            columns: Vec::new(),
            indexes: Vec::new(),
        });
        table.columns.push(column.part);
    }
    for index in indexes {
        if let Some(table) = tables.get_mut(&index.table_name) {
            table.indexes.push(index.part);
        }
    }
    let mut tables: Vec<_> = tables.into_values().collect();
    tables.sort_by_key(|table| {
        let place = TABLES.iter().position(|name| *name == table.name);
        place.unwrap_or(TABLES.len())
    });
    tables
}
