//! How rows go back, with the rights that the reset's connection has.
//!
//! Where it may silence keys (`session_replication_role = replica`), each table is put back by statements of its own,
//! planned once and found by a search over object ids. Where keys fire, everything has to be one statement: the
//! deletes, updates and inserts of a `WITH` are checked at its end, so it gets through any cycle.

use crate::isolation::reset::{
    Rights,
    table::{Kind, Table, Tables},
};
use crate::sql::literal;

/// TRUNCATE costs about as much as the deletion of so many bytes of rows, for every table that it has to name.
const TRUNCATION: i64 = 65_536;
/// No TRUNCATE where so many rows would have to be put back afterwards.
const REFILLED: i64 = 20_000;
/// A heap with so many bytes more than it needs is vacuumed.
const BLOAT: i64 = 65_536;

/// How a table is emptied once it has grown: the tables to name, and from what size on it pays.
struct Truncation<'a> {
    tables: Vec<&'a Table>,
    from: i64,
}

fn truncation<'a>(table: &Table, tables: &'a Tables) -> Option<Truncation<'a>> {
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
    (refilled <= REFILLED).then(|| Truncation {
        tables: named,
        from: files
            .saturating_mul(TRUNCATION)
            .saturating_add(4 * table.size),
    })
}

/// The tables that lose rows when these are truncated.
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

/// The declarations and statements of the reset's function that put the rows of the tables in `marked` back; what
/// needs a vacuum is added to `grown`.
pub fn cleaning(tables: &Tables, rights: Rights) -> String {
    if rights.silence {
        let branches: Vec<_> = tables
            .values()
            .filter(|table| !table.members.is_empty())
            .map(|table| (table.oid, family(table, tables)))
            .collect();
        if branches.is_empty() {
            return String::new();
        }
        return format!(
            "foreach relation in array marked loop {} end loop; {TRUNCATE_LARGE}",
            search(&branches, "relation")
        );
    }
    TOGETHER.to_owned()
}

/// A binary search, so that a thousand tables take ten comparisons.
fn search(branches: &[(i64, String)], variable: &str) -> String {
    match branches {
        [] => String::new(),
        [(oid, statements)] => format!("if {variable} = {oid} then {statements} end if;"),
        _ => {
            let (low, high) = branches.split_at(branches.len() / 2);
            format!(
                "if {variable} < {} then {} else {} end if;",
                high[0].0,
                search(low, variable),
                search(high, variable)
            )
        }
    }
}

fn family(table: &Table, tables: &Tables) -> String {
    table
        .members
        .iter()
        .filter_map(|oid| tables.get(oid))
        .map(|member| apart(member, tables))
        .collect::<Vec<_>>()
        .join("\n")
}

/// One table by itself, where keys are silent.
fn apart(table: &Table, tables: &Tables) -> String {
    let mut rows = format!("{};", table.delete(false));
    if let Some(insert) = table.insert(false, "") {
        rows.push_str(&format!(" {insert};"));
    }
    let (silence, sound) = (&table.silence, &table.sound);
    let mut cleaning = format!(
        "{silence} {rows} {sound}
         if size > {} then grown := grown || {}::text; end if;",
        BLOAT + 2 * table.size,
        literal(&table.name),
    );
    if let Some(truncation) = truncation(table, tables) {
        cleaning = format!(
            "if how = 'adaptive' and size > {} then large := large || {}::oid; else {cleaning} end if;",
            truncation.from, table.oid
        );
    }
    format!(
        "size := pg_relation_size({}::oid::regclass); {cleaning}",
        table.oid
    )
}

/// Those that have grown go in one TRUNCATE, because the tables that refer to them are often the same.
const TRUNCATE_LARGE: &str = "
    if cardinality(large) > 0 then
        touched := array(select distinct unnest(p.emptied) from bdd_harness.part p where p.relation = any(large));
        select coalesce(string_agg(p.silence, ' '), '')
               || (select 'truncate ' || string_agg(l.truncated, ', ') || ';'
                     from bdd_harness.part l where l.relation = any(large))
               || coalesce(string_agg(p.refill, ' '), '') || coalesce(string_agg(p.sound, ' '), '')
          into said
          from bdd_harness.part p
         where p.relation = any(touched);
        execute said;
    end if;";

/// What the strategy `truncate` does before it puts the migrations' rows back.
pub fn truncate_all(tables: &Tables) -> String {
    let named: Vec<_> = tables
        .values()
        .filter(|table| table.kind != Kind::View)
        .map(Table::truncated)
        .collect();
    if named.is_empty() {
        return String::new();
    }
    let all = |part: fn(&Table) -> &String| {
        tables
            .values()
            .map(|table| part(table).as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    format!(
        "{} truncate {}; {}",
        all(|table| &table.silence),
        named.join(", "),
        all(|table| &table.sound)
    )
}

/// What each table contributes to statements that are about several of them, in the table `bdd_harness.part`.
pub fn parts(tables: &Tables) -> String {
    let mut sql = String::from(
        "create table bdd_harness.part (
             relation  oid    primary key,
             name      text   not null,
             filled    boolean not null,
             silence   text   not null,
             sound     text   not null,
             deletion  text   not null,
             others    text   not null,
             refill    text   not null,
             truncated text,
             emptied   oid[],
             truncated_from int8,
             size      int8   not null
         );\n",
    );
    for table in tables.values().filter(|table| table.kind == Kind::Plain) {
        let oid = table.oid;
        // Deleted rows are gone before others of the same unique values come; a deleted row that others refer to would
        // take them with it, so it is changed where it is.
        let in_place = table.holding;
        let mut after = format!(" and (select count(*) from d{oid}) >= 0");
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
        let truncation = truncation(table, tables);
        let (truncated, emptied, from) = match &truncation {
            Some(truncation) => {
                let names: Vec<_> = truncation
                    .tables
                    .iter()
                    .map(|table| table.truncated())
                    .collect();
                let emptied: Vec<_> = emptied(&truncation.tables, tables)
                    .iter()
                    .map(|table| table.oid.to_string())
                    .collect();
                (
                    literal(&names.join(", ")),
                    format!("'{{{}}}'", emptied.join(",")),
                    truncation.from.to_string(),
                )
            }
            None => ("null".into(), "null".into(), "null".into()),
        };
        sql.push_str(&format!(
            "insert into bdd_harness.part values ({oid}, {}, {}, {}, {}, {}, {}, {}, {truncated}, {emptied}, {from}, {});\n",
            literal(&table.name),
            table.is_filled(),
            literal(&table.silence),
            literal(&table.sound),
            literal(&format!("d{oid} as ({}{returning})", table.delete(in_place))),
            literal(&others),
            literal(&if table.is_filled() { format!("{};", table.refill()) } else { String::new() }),
            table.size,
        ));
    }
    sql
}

/// All tables in one statement, and before it those that have grown in one TRUNCATE.
const TOGETHER: &str = "
    set constraints all deferred;
    members := array(select distinct unnest(p.covers) from bdd_harness.plan p where p.relation = any(marked));
    if how = 'adaptive' then
        large := array(select p.relation from bdd_harness.part p
                        where p.relation = any(members) and pg_relation_size(p.relation) > p.truncated_from);
    end if;
    touched := array(select unnest(members)
                     union
                     select unnest(p.emptied) from bdd_harness.part p where p.relation = any(large));
    select string_agg(p.silence, ' ') into said from bdd_harness.part p where p.relation = any(touched) and p.silence <> '';
    if said is not null then
        renote := true;
        execute said;
    end if;
    if cardinality(large) > 0 then
        renote := true;
        execute (select 'truncate ' || string_agg(p.truncated, ', ') from bdd_harness.part p where p.relation = any(large));
    end if;
    select 'with ' || string_agg(p.deletion || p.others, ', ' order by p.relation) || ' select' into said
      from bdd_harness.part p
     where p.relation = any(touched);
    if said is not null then execute said; end if;
    set constraints all immediate;
    select string_agg(p.sound, ' ') into said from bdd_harness.part p where p.relation = any(touched) and p.sound <> '';
    if said is not null then execute said; end if;
    grown := array(select p.name from bdd_harness.part p
                    where p.relation = any(touched) and pg_relation_size(p.relation) > 65536 + 2 * p.size);
    said := null;";
