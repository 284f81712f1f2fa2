//! The measured schemas, and the writes of a scenario.

use std::{fs, io, path::Path};

/// One table in this number has reference rows.
const EVERY: usize = 10;
/// The number of its reference rows.
const REFERENCE_ROWS: usize = 20;
/// The number of tables per migration, as in a project that has grown.
const IN_A_MIGRATION: usize = 10;

/// Writes the reversible migrations of a schema with this number of tables. Each table refers to the previous one, and
/// every tenth has reference rows.
pub fn write_migrations(folder: &Path, tables: usize) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let numbers: Vec<usize> = numbers(tables).collect();
    for (migration, numbers) in numbers.chunks(IN_A_MIGRATION).enumerate() {
        let (mut up, mut down) = (String::new(), String::new());
        for &number in numbers {
            // The first table refers to itself.
            let parent = number.saturating_sub(1).max(1);
            up.push_str(&format!(
                "create table t_{number} (
    id     serial primary key,
    parent integer references t_{parent} deferrable,
    name   text
);
create index on t_{number} (parent);\n"
            ));
            if is_filled(number) {
                up.push_str(&format!(
                    "insert into t_{number} (name)
select 'reference ' || n from generate_series(1, {REFERENCE_ROWS}) n;\n"
                ));
            }
            down.insert_str(0, &format!("drop table t_{number};\n"));
        }
        let name = format!("{:04}_tables", migration + 1);
        fs::write(folder.join(format!("{name}.up.sql")), up)?;
        fs::write(folder.join(format!("{name}.down.sql")), down)?;
    }
    Ok(())
}

fn numbers(tables: usize) -> std::ops::RangeInclusive<usize> {
    1..=tables
}

fn is_filled(number: usize) -> bool {
    number.is_multiple_of(EVERY)
}

/// The writes of a scenario: a number of rows into each of a number of tables, spread over the schema. One of them is
/// the schema's last table, which has reference rows.
pub fn writes(tables: usize, dirty: usize, rows: usize) -> String {
    (1..=dirty)
        .map(|turn| insert(turn * tables / dirty, rows))
        .collect()
}

/// Writes to two adjacent tables in the middle of the schema.
pub fn writes_to_the_middle(tables: usize, rows: usize) -> String {
    insert(tables / 2, rows) + &insert(tables / 2 + 1, rows)
}

fn insert(number: usize, rows: usize) -> String {
    format!("insert into t_{number} (name) select 'row ' || n from generate_series(1, {rows}) n;\n")
}

/// Removes the harness's objects from a clone, because their triggers would slow other ways down. Keeps copies of the
/// reference rows.
pub fn without_harness(tables: usize) -> String {
    let mut sql = String::from("drop schema bdd_harness cascade; create schema kept;\n");
    for number in numbers(tables).filter(|number| is_filled(*number)) {
        sql.push_str(&format!(
            "create table kept.t_{number} as table t_{number};\n"
        ));
    }
    sql
}

/// Truncates all tables and restarts their sequences. Reference rows are lost.
pub fn truncate(tables: usize) -> String {
    let names: Vec<_> = numbers(tables)
        .map(|number| format!("t_{number}"))
        .collect();
    format!("truncate {} restart identity cascade;\n", names.join(", "))
}

/// Deletes all rows in a transaction with deferred keys, and restores the reference rows.
pub fn delete(tables: usize) -> String {
    let mut sql = String::from("begin; set constraints all deferred;\n");
    for number in numbers(tables) {
        sql.push_str(&format!("delete from t_{number};\n"));
    }
    for number in numbers(tables) {
        sql.push_str(&format!("alter sequence t_{number}_id_seq restart;\n"));
    }
    sql + &put_back(tables) + "commit;"
}

/// Restores reference rows and their sequences to the state after the migrations.
pub fn put_back(tables: usize) -> String {
    let mut sql = String::new();
    for number in numbers(tables).filter(|number| is_filled(*number)) {
        sql.push_str(&format!(
            "insert into t_{number} table kept.t_{number};
             select setval('t_{number}_id_seq', {REFERENCE_ROWS});\n"
        ));
    }
    sql
}

/// Whether the tables contain only the reference rows, and the sequences have their original values.
pub fn is_clean(tables: usize) -> String {
    let looks: Vec<_> = numbers(tables)
        .map(|number| {
            let (rows, value) = if is_filled(number) {
                (REFERENCE_ROWS, REFERENCE_ROWS)
            } else {
                (0, 1)
            };
            format!(
                "select (select count(*) from t_{number}) = {rows} and s.last_value = {value} as clean
                   from t_{number}_id_seq s"
            )
        })
        .collect();
    format!(
        "select bool_and(clean) from ({}) looks",
        looks.join(" union all ")
    )
}
