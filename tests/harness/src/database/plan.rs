//! Which rows have to go in, in what order, and what stands in them.

use std::{collections::HashMap, sync::Arc};

use crate::database::{
    Connection, explain, made_row,
    name::{identifier, postgres_literal},
    schema::{Filled, Reference, Shape, single},
    solve::{Choice, solve},
};
use crate::failure::Failure;

/// Deeper chains of references than any schema has.
const DEEPEST: usize = 50;

/// All rows of one step, the made ones they refer to included.
pub struct Plan {
    /// Inside a transaction of the scenario, behind a savepoint.
    pub guarded: bool,
    pub rows: Vec<Row>,
    /// Rows in the order of their references; rows that refer to each other in a circle are one group.
    pub groups: Vec<Vec<usize>>,
    shapes: HashMap<String, Arc<Shape>>,
    stack: Vec<usize>,
    next: u64,
}

/// One row that goes in.
pub struct Row {
    pub shape: Arc<Shape>,
    pub cells: Vec<Cell>,
    /// The row of the feature for whose sake it is there, from 1.
    pub feature_row: usize,
    /// Whether it is that row itself, and not one that it refers to.
    pub named: bool,
    number: u64,
    attempt: usize,
    joined: bool,
    choices: Vec<Choice>,
}

/// What stands in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Left to the database.
    Omitted,
    Null,
    Text(String),
    Made,
    /// What stands in another row of the plan.
    Key {
        row: usize,
        column: usize,
    },
}

impl Plan {
    /// An empty plan; made values begin with a number that the seed tells.
    pub fn new(guarded: bool, seed: &str) -> Self {
        let hash = seed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self {
            guarded,
            rows: Vec::new(),
            groups: Vec::new(),
            shapes: HashMap::new(),
            stack: Vec::new(),
            next: 1000 + hash % 900_000,
        }
    }

    /// Adds a row, and before it the rows that its foreign keys ask for.
    pub async fn add(
        &mut self,
        connection: &mut Connection,
        table: &str,
        given: &[(String, Cell)],
        feature_row: usize,
    ) -> Result<usize, Failure> {
        if self.stack.len() > DEEPEST {
            return Err(format!(
                "row {feature_row}: the foreign keys of {table} lead on without an end"
            )
            .into());
        }
        let shape = self.shape(connection, table).await?;
        let index = self.rows.len();
        let first_group = self.groups.len();
        self.rows.push(Row {
            cells: cells(&shape, given),
            shape: Arc::clone(&shape),
            feature_row,
            named: self.stack.is_empty(),
            number: self.next,
            attempt: 0,
            joined: false,
            choices: Vec::new(),
        });
        self.next += 1;
        self.stack.push(index);
        for reference in &shape.references {
            Box::pin(self.refer(connection, index, reference)).await?;
        }
        self.rows[index].choices = solve(connection, self, index).await?;
        self.stack.pop();
        let mut group: Vec<usize> = Vec::new();
        if self.rows[index].joined {
            group = self.groups.drain(first_group..).flatten().collect();
        }
        group.push(index);
        self.groups.push(group);
        Ok(index)
    }

    /// Fills the columns of a foreign key that a row needs and nobody named.
    async fn refer(
        &mut self,
        connection: &mut Connection,
        index: usize,
        reference: &Reference,
    ) -> Result<(), Failure> {
        let shape = Arc::clone(&self.rows[index].shape);
        let columns: Vec<usize> = reference
            .columns
            .iter()
            .filter_map(|name| shape.position(name))
            .collect();
        let cells = &self.rows[index].cells;
        let needed = columns.iter().any(|column| cells[*column] == Cell::Made);
        if !needed || columns.iter().any(|column| cells[*column] == Cell::Null) {
            return Ok(());
        }
        let pairs = columns.iter().zip(&reference.key);
        let given: Vec<(String, Cell)> = pairs
            .filter(|(column, _)| matches!(cells[**column], Cell::Text(_) | Cell::Key { .. }))
            .map(|(column, key)| (key.clone(), cells[*column].clone()))
            .collect();
        let target = if let Some(target) = self.open_row(&reference.table, &given) {
            target
        } else {
            let feature_row = self.rows[index].feature_row;
            Box::pin(self.add(connection, &reference.table, &given, feature_row)).await?
        };
        if target != index && self.stack.contains(&target) {
            self.rows[target].joined = true;
        }
        for (column, key) in columns.iter().zip(&reference.key) {
            let Some(key) = self.rows[target].shape.position(key) else {
                continue;
            };
            if self.rows[index].cells[*column] == Cell::Made && (target, key) != (index, *column) {
                self.settle_key(connection, target, key).await?;
                self.rows[index].cells[*column] = Cell::Key {
                    row: target,
                    column: key,
                };
            }
        }
        Ok(())
    }

    /// A row of the table that is being made just now: a circle of references ends there.
    fn open_row(&self, table: &str, given: &[(String, Cell)]) -> Option<usize> {
        let is_table = |index: &&usize| self.rows[**index].shape.name.eq_ignore_ascii_case(table);
        self.stack
            .iter()
            .rev()
            .find(is_table)
            .copied()
            .filter(|index| {
                let row = &self.rows[*index];
                given.iter().all(|(name, cell)| {
                    row.shape
                        .position(name)
                        .is_some_and(|column| row.cells[column] == *cell)
                })
            })
    }

    /// A key that the database would give is asked for beforehand, so that other rows can hold it.
    async fn settle_key(
        &mut self,
        connection: &mut Connection,
        row: usize,
        column: usize,
    ) -> Result<(), Failure> {
        if self.rows[row].cells[column] != Cell::Omitted {
            return Ok(());
        }
        let shape = Arc::clone(&self.rows[row].shape);
        let key = &shape.columns[column];
        let sql = match (key.filled, &key.default) {
            (Filled::IdentityAlways | Filled::IdentityByDefault, _) => format!(
                "select nextval(pg_catalog.pg_get_serial_sequence({}, {}))",
                postgres_literal(&shape.name),
                postgres_literal(&key.name)
            ),
            (Filled::RowNumber, _) => {
                let pending = self.rows.iter().filter(|other| {
                    other.shape.name == shape.name && matches!(other.cells[column], Cell::Text(_))
                });
                let name = identifier(&key.name);
                format!(
                    "select coalesce(max({name}), 0) + {} from {}",
                    pending.count() + 1,
                    shape.name
                )
            }
            (_, Some(default)) => format!("select ({default})"),
            _ => {
                self.rows[row].cells[column] = Cell::Made;
                return Ok(());
            }
        };
        let answer = connection
            .fetch(&sql)
            .await
            .map_err(|error| explain(&error, None))?;
        self.rows[row].cells[column] = single(&answer).map_or(Cell::Null, Cell::Text);
        Ok(())
    }

    async fn shape(
        &mut self,
        connection: &mut Connection,
        table: &str,
    ) -> Result<Arc<Shape>, Failure> {
        if let Some(shape) = self.shapes.get(table) {
            return Ok(Arc::clone(shape));
        }
        let shape = Arc::new(Shape::of(connection, table).await?);
        self.shapes.insert(table.to_owned(), Arc::clone(&shape));
        Ok(shape)
    }

    /// What goes into a column: nothing (left to the database), NULL, or a text.
    pub fn value(&self, row: usize, column: usize) -> Option<Option<String>> {
        let planned = &self.rows[row];
        let choice = planned
            .choices
            .iter()
            .find_map(|choice| choice.value(column, planned.attempt));
        match &planned.cells[column] {
            Cell::Omitted => choice.flatten().map(Some),
            Cell::Null => Some(None),
            Cell::Text(text) => Some(Some(text.clone())),
            Cell::Key { row, column } => self.value(*row, *column),
            Cell::Made => Some(Some(choice.flatten().unwrap_or_else(|| {
                made_row::value(
                    &planned.shape.columns[column],
                    planned.number,
                    planned.attempt,
                )
            }))),
        }
    }

    /// The number that a row's made values come from.
    pub fn number(&self, row: usize) -> u64 {
        self.rows[row].number
    }

    /// Other made values for a group, and for the rows whose keys it holds nothing changes.
    pub fn again(&mut self, group: usize) {
        for row in self.groups[group].clone() {
            self.rows[row].number = self.next;
            self.rows[row].attempt += 1;
            self.next += 1;
        }
    }
}

/// What is given, and for the rest what the column itself asks for.
fn cells(shape: &Shape, given: &[(String, Cell)]) -> Vec<Cell> {
    let cell = |column: &crate::database::schema::Column| {
        let named = given.iter().find(|(name, _)| *name == column.name);
        let has_default = column
            .default
            .as_ref()
            .is_some_and(|default| !default.to_ascii_lowercase().starts_with("null"));
        match named {
            Some((_, cell)) => cell.clone(),
            None if column.filled != Filled::ByTheRow || has_default || !column.required => {
                Cell::Omitted
            }
            None => Cell::Made,
        }
    };
    shape.columns.iter().map(cell).collect()
}
