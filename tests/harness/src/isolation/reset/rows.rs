//! Generates the statements that restore rows, depending on the rights of the reset's connection.
//!
//! If it may set `session_replication_role`, no foreign key fires, and each table has its own statements, which are
//! planned once. Otherwise one statement has to restore all tables: the deletes, updates and inserts of a `WITH` are
//! checked at its end, so cycles of foreign keys don't matter.

use crate::isolation::reset::table::{Kind, Table, Tables};
use crate::{
    server::Rights,
    sql::{fill, literal, oid_array},
};

/// A TRUNCATE costs about as much as deleting this number of bytes, for every table that it has to name.
const TRUNCATION: i64 = 65_536;
/// No TRUNCATE if more rows than this would have to be inserted again.
const REFILLED: i64 = 20_000;
/// Truncate at any size: the table refuses deletes.
const ALWAYS: i64 = -1;
/// A table is vacuumed if it is this number of bytes larger than necessary.
const BLOAT: i64 = 65_536;

/// How a large table is emptied: the tables to name, and the size from which a TRUNCATE pays.
struct Truncation<'a> {
    tables: Vec<&'a Table>,
    from: i64,
}

fn truncation<'a>(table: &Table, tables: &'a Tables, rights: Rights) -> Option<Truncation<'a>> {
    let named: Vec<_> = table
        .referring
        .iter()
        .filter_map(|oid| tables.get(oid))
        .collect();
    if named.is_empty() || named.len() != table.referring.len() {
        return None;
    }
    let emptied = emptied(&named, tables);
    let refilled: i64 = emptied.iter().map(|table| table.rows).sum();
    let files = i64::try_from(emptied.len()).unwrap_or(i64::MAX);
    let pays = files
        .saturating_mul(TRUNCATION)
        .saturating_add(4 * table.size);
    // Only a superuser can restore the statistics that a TRUNCATE or a VACUUM changes.
    let (restorable, from) = if rights.superuser {
        (true, pays)
    } else {
        let measured = emptied.iter().any(|table| table.measured);
        (!measured, pays.min(bloat(table)))
    };
    (restorable && refilled <= REFILLED).then_some(Truncation {
        tables: named,
        from: if table.refuses_deletes { ALWAYS } else { from },
    })
}

/// The size from which a table needs a VACUUM.
fn bloat(table: &Table) -> i64 {
    BLOAT + 2 * table.size
}

/// The tables that lose rows if these tables are truncated.
fn emptied<'a>(named: &[&'a Table], tables: &'a Tables) -> Vec<&'a Table> {
    let mut all: Vec<&Table> = Vec::new();
    for table in named {
        let members = match table.kind {
            Kind::Partitioned => &table.members[..],
            _ => std::slice::from_ref(&table.oid),
        };
        for member in members.iter().filter_map(|oid| tables.get(oid)) {
            if !all.iter().any(|known| known.oid == member.oid) {
                all.push(member);
            }
        }
    }
    all
}

/// The reset's statements that restore the rows of the tables in `marked`. They add tables that need a VACUUM to
/// `grown`.
pub fn restore(tables: &Tables, rights: Rights) -> String {
    if !rights.can_set_replica_role {
        let at_once = include_str!("restore_at_once.sql");
        return fill(at_once, &[("bloat", &BLOAT.to_string())]);
    }
    let branches: Vec<_> = tables
        .values()
        .filter(|table| !table.members.is_empty())
        .map(|table| {
            let members = table.members.iter().filter_map(|oid| tables.get(oid));
            let lines = members.flat_map(|member| restore_one(member, tables, rights));
            (table.oid, lines.collect())
        })
        .collect();
    if branches.is_empty() {
        return String::new();
    }
    format!(
        "foreach relation in array marked loop{}
        end loop;
        {}",
        search(&branches, "\n            "),
        include_str!("truncate_large.sql")
    )
}

/// A binary search for `relation`: a thousand tables take ten comparisons. `newline` includes the indentation.
fn search(branches: &[(i64, Vec<String>)], newline: &str) -> String {
    let deeper = format!("{newline}    ");
    match branches {
        [] => String::new(),
        [(oid, lines)] => format!(
            "{newline}if relation = {oid} then{deeper}{}{newline}end if;",
            lines.join(&deeper)
        ),
        _ => {
            let (low, high) = branches.split_at(branches.len() / 2);
            format!(
                "{newline}if relation < {} then{}{newline}else{}{newline}end if;",
                high[0].0,
                search(low, &deeper),
                search(high, &deeper)
            )
        }
    }
}

/// The lines that restore one table by itself, if foreign keys don't fire.
fn restore_one(table: &Table, tables: &Tables, rights: Rights) -> Vec<String> {
    let oid = table.oid;
    let truncation = truncation(table, tables, rights);
    if table.refuses_deletes && truncation.is_some() {
        return vec![format!("large := large || {oid}::oid;")];
    }
    let mut restore = vec![table.disable.clone(), format!("{};", table.delete(false))];
    restore.extend(table.insert(false, "").map(|insert| format!("{insert};")));
    restore.push(table.enable.clone());
    restore.push(format!(
        "if size > {} then grown := grown || {}::text; end if;",
        bloat(table),
        literal(&table.name)
    ));
    restore.retain(|line| !line.is_empty());
    if let Some(Truncation { from, .. }) = truncation {
        restore.insert(
            0,
            format!(
                "if strategy = 'adaptive' and size > {from} then large := large || {oid}::oid; else"
            ),
        );
        restore.push("end if;".to_owned());
    }
    restore.insert(
        0,
        format!("size := pg_relation_size({oid}::oid::regclass);"),
    );
    restore
}

/// The first part of the strategy `truncate`; the second part inserts the migrations' rows again.
pub fn truncate_all(tables: &Tables) -> String {
    let named: Vec<_> = tables
        .values()
        .filter(|table| table.kind != Kind::View)
        .map(Table::truncated)
        .collect();
    if named.is_empty() {
        return String::new();
    }
    let all = |part: fn(&Table) -> &str| tables.values().map(part).collect::<Vec<_>>().join(" ");
    format!(
        "{} truncate {}; {}",
        all(|table| &table.disable),
        named.join(", "),
        all(|table| &table.enable)
    )
}

pub fn parts(tables: &Tables, rights: Rights) -> String {
    tables
        .values()
        .filter(|table| table.kind == Kind::Plain)
        .map(|table| part(table, tables, rights))
        .collect()
}

fn part(table: &Table, tables: &Tables, rights: Rights) -> String {
    let oid = table.oid;
    let truncation = truncation(table, tables, rights);
    let is_truncated = table.refuses_deletes && truncation.is_some();
    let (deletion, others) = restoration(table, is_truncated);
    let refill = if table.is_filled() {
        format!("{};", table.refill())
    } else {
        String::new()
    };
    let truncation = match truncation {
        Some(truncation) => {
            let names: Vec<_> = truncation
                .tables
                .iter()
                .map(|table| table.truncated())
                .collect();
            let emptied = emptied(&truncation.tables, tables);
            format!(
                "{}, {}, {}",
                literal(&names.join(", ")),
                oid_array(emptied.iter().map(|table| table.oid)),
                truncation.from
            )
        }
        None => "null, null, null".to_owned(),
    };
    format!(
        "insert into bdd_harness.part values ({oid}, {}, {}, {}, {}, {}, {}, {}, {truncation}, {});\n",
        literal(&table.name),
        table.is_filled(),
        literal(&table.disable),
        literal(&table.enable),
        literal(&deletion),
        literal(&others),
        literal(&refill),
        table.size,
    )
}

/// The parts of a table in a statement that restores several: its deletion, unless it is truncated before, and the
/// updates and inserts after that.
fn restoration(table: &Table, is_truncated: bool) -> (String, String) {
    let oid = table.oid;
    let mut after = format!(" and (select count(*) from d{oid}) >= 0");
    if is_truncated {
        let rows = table.is_filled().then(|| table.refill());
        let others = rows.map(|rows| format!(", i{oid} as ({rows})"));
        return (format!("d{oid} as (select 1)"), others.unwrap_or_default());
    }
    // Rows are deleted before rows with the same unique values are inserted. A row is updated instead if its deletion
    // would be refused or would cascade.
    let in_place = table.is_held;
    let mut others = String::new();
    if in_place && let Some(update) = table.update(&after) {
        others.push_str(&format!(", u{oid} as ({update} returning 1)"));
        after = format!(" and (select count(*) from u{oid}) >= 0");
    }
    if let Some(insert) = table.insert(in_place, &after) {
        others.push_str(&format!(", i{oid} as ({insert})"));
    }
    let returning = if table.is_filled() {
        " returning 1"
    } else {
        ""
    };
    let deletion = format!("d{oid} as ({}{returning})", table.delete(in_place));
    (deletion, others)
}
