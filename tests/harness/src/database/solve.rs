//! Values that meet a table's conditions, found by asking the database which of many do.

use std::collections::BTreeSet;

use crate::database::{
    Connection, compare,
    insert::sql_value,
    made_row,
    name::identifier,
    plan::{Cell, Plan},
    schema::{Check, Filled, Shape},
};
use crate::failure::Failure;

/// How many combinations are tried.
const TRIES: usize = 3000;

/// Values that go together for some columns; each is one way to meet the conditions.
pub struct Choice {
    columns: Vec<usize>,
    ways: Vec<Vec<Option<String>>>,
}

impl Choice {
    /// The value of a column in the way of this attempt: none when the column is another's, an empty one when it
    /// is left as it is.
    pub fn value(&self, column: usize, attempt: usize) -> Option<Option<String>> {
        let position = self.columns.iter().position(|own| *own == column)?;
        let way = self.ways.get(attempt % self.ways.len().max(1))?;
        Some(way[position].clone())
    }
}

/// Conditions that share columns that are free, and those columns.
struct Knot<'a> {
    columns: BTreeSet<usize>,
    checks: Vec<&'a Check>,
}

/// Finds values for the columns of a planned row that a condition speaks of and nobody named.
pub async fn solve(
    connection: &mut Connection,
    plan: &Plan,
    row: usize,
) -> Result<Vec<Choice>, Failure> {
    let shape = &plan.rows[row].shape;
    let mut choices = Vec::new();
    for knot in knots(shape, &plan.rows[row].cells) {
        let columns: Vec<usize> = knot.columns.iter().copied().collect();
        let candidates = candidates(plan, row, &columns, &knot.checks);
        let sql = question(
            connection.is_postgres(),
            plan,
            row,
            &columns,
            &candidates,
            &knot.checks,
        );
        // A condition that can't be asked so is left to the insert, which says what is wrong.
        let Ok(answer) = compare::attempt(connection, plan.guarded, &sql).await else {
            continue;
        };
        let ways: Vec<Vec<Option<String>>> = answer
            .rows
            .iter()
            .map(|found| {
                let place = |index: usize| {
                    found[index]
                        .as_ref()
                        .and_then(|value| value.text.parse::<usize>().ok())
                };
                (0..columns.len())
                    .map(|index| candidates[index][place(index).unwrap_or_default()].clone())
                    .collect()
            })
            .collect();
        if ways.is_empty() {
            return Err(unmet(plan, row, &columns, &knot.checks));
        }
        choices.push(Choice { columns, ways });
    }
    Ok(choices)
}

fn knots<'a>(shape: &'a Shape, cells: &[Cell]) -> Vec<Knot<'a>> {
    let free = |column: &usize| match cells[*column] {
        Cell::Made => true,
        Cell::Omitted => shape.columns[*column].filled == Filled::ByTheRow,
        _ => false,
    };
    let mut knots: Vec<Knot> = Vec::new();
    for check in &shape.checks {
        let all: Vec<usize> = check
            .columns
            .iter()
            .filter_map(|name| shape.position(name))
            .collect();
        let mut knot = Knot {
            columns: all.iter().copied().filter(free).collect(),
            checks: vec![check],
        };
        // A default alone, or given values alone, need no search.
        if knot.columns.is_empty() || (all.len() == 1 && cells[all[0]] == Cell::Omitted) {
            continue;
        }
        let (joined, apart) = knots
            .into_iter()
            .partition(|other: &Knot| !other.columns.is_disjoint(&knot.columns));
        knots = apart;
        for other in joined {
            knot.columns.extend(other.columns);
            knot.checks.extend(other.checks);
        }
        knots.push(knot);
    }
    knots
}

/// For each column what may stand in it; a column that the database would fill is best left alone.
fn candidates(
    plan: &Plan,
    row: usize,
    columns: &[usize],
    checks: &[&Check],
) -> Vec<Vec<Option<String>>> {
    let mut share = TRIES;
    while share.pow(u32::try_from(columns.len()).unwrap_or(8).min(8)) > TRIES && share > 2 {
        share = share * 2 / 3;
    }
    let planned = &plan.rows[row];
    let of = |column: &usize| {
        let made = made_row::candidates(&planned.shape.columns[*column], plan.number(row), checks);
        let made = made.into_iter().map(Some);
        let alone = (planned.cells[*column] == Cell::Omitted).then_some(None);
        alone.into_iter().chain(made).take(share).collect()
    };
    columns.iter().map(of).collect()
}

/// Which combinations meet all conditions, the likeliest first.
fn question(
    postgres: bool,
    plan: &Plan,
    row: usize,
    columns: &[usize],
    candidates: &[Vec<Option<String>>],
    checks: &[&Check],
) -> String {
    let shape = &plan.rows[row].shape;
    let typed = |column: usize, value: Option<&str>| {
        let column = &shape.columns[column];
        let literal = value.map_or("null".to_owned(), |text| sql_value(postgres, column, text));
        if postgres {
            format!("({literal})::{}", column.type_name)
        } else {
            literal
        }
    };
    let choice = |(index, column): (usize, &usize)| {
        let name = identifier(&shape.columns[*column].name);
        let default = shape.columns[*column]
            .default
            .as_deref()
            .filter(|default| !default.contains("nextval"));
        let rows: Vec<String> = candidates[index]
            .iter()
            .enumerate()
            .map(|(place, value)| {
                let value = match (value, default) {
                    (None, Some(default)) => format!("({default})"),
                    (value, _) => typed(*column, value.as_deref()),
                };
                format!("select {place} as bdd_{index}, {value} as {name}")
            })
            .collect();
        format!("({}) as bdd_choice_{index}", rows.join(" union all "))
    };
    let fixed = (0..shape.columns.len())
        .filter(|column| !columns.contains(column))
        .map(|column| {
            let value = plan.value(row, column).flatten();
            format!(
                "{} as {}",
                typed(column, value.as_deref()),
                identifier(&shape.columns[column].name)
            )
        });
    let fixed: Vec<String> = fixed.collect();
    let mut from: Vec<String> = columns.iter().enumerate().map(choice).collect();
    if !fixed.is_empty() {
        from.push(format!("(select {}) as bdd_given", fixed.join(", ")));
    }
    let places: Vec<String> = (0..columns.len())
        .map(|index| format!("bdd_{index}"))
        .collect();
    let falsehood = if postgres { "false" } else { "0" };
    let conditions: Vec<String> = checks
        .iter()
        .map(|check| format!("({}) is not {falsehood}", check.expression))
        .collect();
    format!(
        "select {} from {} where {} order by {} limit 100",
        places.join(", "),
        from.join(" cross join "),
        conditions.join(" and "),
        places.join(" + ")
    )
}

fn unmet(plan: &Plan, row: usize, columns: &[usize], checks: &[&Check]) -> Failure {
    let planned = &plan.rows[row];
    let names: Vec<&str> = columns
        .iter()
        .map(|column| planned.shape.columns[*column].name.as_str())
        .collect();
    let checks: Vec<String> = checks
        .iter()
        .map(|check| format!("{}: {}", check.name, check.expression))
        .collect();
    Failure::new(format!(
        "row {}: table {}, column {}: no made value meets the check {}; name a value for it",
        planned.feature_row,
        planned.shape.name,
        names.join(", "),
        checks.join("; ")
    ))
}
