//! Compares expected rows with found ones: each expected row needs a found row of its own.

use crate::database::{
    Connection,
    compare::{Sameness, ask},
    value::{Kind, Rows, Value, matches, shown},
};
use crate::{
    failure::{Failure, Mismatch},
    json::{self, Json},
};

/// How found rows may differ from the expected ones as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Additional rows are allowed, in any order.
    Contains,
    /// No additional rows, in any order.
    Exactly,
    /// No additional rows, in this order.
    InOrder,
}

/// Compares JSON that may have matchers in it; `None` where it isn't JSON, or differs.
fn json_matches(expected: &str, value: &Value) -> Option<Result<Captures, String>> {
    if value.kind != Kind::Json {
        return None;
    }
    let (expected, found) = (Json::parse(expected).ok()?, Json::parse(&value.text).ok()?);
    match json::compare(json::Mode::Exact, &expected, Some(&found), "$") {
        Ok(comparison) if comparison.mismatches.is_empty() => Some(Ok(comparison.captures)),
        Ok(_) => None,
        Err(misspelled) => Some(Err(misspelled.message)),
    }
}

/// The variables that matchers set.
pub type Captures = Vec<(String, Json)>;

/// Compares expected rows with found ones. Returns what matchers captured, or all differences.
pub async fn compare(
    connection: &mut Connection,
    rows: &[Vec<String>],
    found: &Rows,
    mode: Mode,
    what: &str,
) -> Result<Captures, Failure> {
    for cell in rows.iter().flatten() {
        json::check_spelling(&Json::from(cell.as_str()))?;
    }
    let expected = |sameness| Expected {
        rows,
        found,
        sameness,
    };
    let known: Vec<Sameness> = found.columns.iter().map(|_| Sameness::Known).collect();
    let settled = expected(&known).settle(mode, what);
    if settled.is_ok() || !connection.is_postgres() || found.rows.is_empty() {
        return settled;
    }
    let asked = ask(connection, found, &literals(rows, found.columns.len())).await?;
    expected(&asked).settle(mode, what)
}

/// Expected rows with their variables filled in, and found rows with the same columns in the same order.
struct Expected<'a> {
    rows: &'a [Vec<String>],
    found: &'a Rows,
    sameness: &'a [Sameness],
}

/// The texts of each column that are compared by the column's type: neither NULL nor a matcher.
fn literals(rows: &[Vec<String>], width: usize) -> Vec<Vec<&str>> {
    let column = |index: usize| {
        let cells = rows.iter().map(move |row| row[index].as_str());
        cells.filter(|cell| *cell != "#null" && !json::is_matcher(cell))
    };
    (0..width).map(|index| column(index).collect()).collect()
}

impl Expected<'_> {
    /// Returns what matchers captured, or all differences.
    fn settle(&self, mode: Mode, what: &str) -> Result<Captures, Failure> {
        let pairing = match mode {
            Mode::InOrder => (0..self.rows.len())
                .map(|row| (row < self.found.rows.len() && self.fits(row, row)).then_some(row))
                .collect(),
            Mode::Contains | Mode::Exactly => {
                let (expected, found) = (self.rows.len(), self.found.rows.len());
                json::assign(expected, found, |row, found| self.fits(row, found))
            }
        };
        let unexpected = self.unexpected(mode, &pairing);
        let mut mismatches = self.missing(mode, &pairing);
        mismatches.extend(self.surplus(&unexpected));
        if mismatches.is_empty() {
            let pairs = pairing
                .iter()
                .enumerate()
                .filter_map(|(row, found)| Some((row, (*found)?)));
            return Ok(pairs
                .flat_map(|(row, found)| self.captures(row, found))
                .collect());
        }
        let missing = pairing.iter().filter(|found| found.is_none()).count();
        let message = if mode == Mode::InOrder && self.is_another_order() {
            "these rows are there, but in another order".to_owned()
        } else {
            self.summary(missing, unexpected.len())
        };
        Err(Failure::with(format!("{what}: {message}"), mismatches))
    }

    fn summary(&self, missing: usize, unexpected: usize) -> String {
        let (expected, found) = (self.rows.len(), self.found.rows.len());
        let missing =
            (missing > 0).then(|| format!("{missing} of {expected} expected rows missing"));
        let unexpected =
            (unexpected > 0).then(|| format!("{unexpected} of {found} found rows unexpected"));
        match (missing, unexpected) {
            (Some(missing), None) => format!("{missing} among {found} found"),
            (missing, unexpected) => {
                let parts: Vec<_> = missing.into_iter().chain(unexpected).collect();
                parts.join(", ")
            }
        }
    }

    fn is_another_order(&self) -> bool {
        let (expected, found) = (self.rows.len(), self.found.rows.len());
        expected == found
            && json::assign(expected, found, |row, found| self.fits(row, found))
                .iter()
                .all(Option::is_some)
    }

    /// Compares a cell. Returns what a matcher captured, or a description of what was expected.
    fn cell(&self, row: usize, found: usize, column: usize) -> Result<Captures, String> {
        let expected = self.rows[row][column].as_str();
        let value = self.found.rows[found][column].as_ref();
        if expected == "#null" {
            return if value.is_none() {
                Ok(Vec::new())
            } else {
                Err("#null".to_owned())
            };
        }
        if json::is_matcher(expected) {
            return matches(expected, value);
        }
        let sameness = &self.sameness[column];
        let type_of = &self.found.columns[column];
        if value.is_some_and(|value| sameness.same(expected, type_of, value)) {
            return Ok(Vec::new());
        }
        if let Some(captures) = value.and_then(|value| json_matches(expected, value)) {
            return captures;
        }
        let expected_text = if expected.is_empty() {
            "'' (empty)"
        } else {
            expected
        };
        Err(match sameness.flaw(expected, value) {
            Some(why) => format!("{expected_text} ({why})"),
            None => expected_text.to_owned(),
        })
    }

    fn fits(&self, row: usize, found: usize) -> bool {
        (0..self.found.columns.len()).all(|column| self.cell(row, found, column).is_ok())
    }

    fn captures(&self, row: usize, found: usize) -> Captures {
        (0..self.found.columns.len())
            .filter_map(|column| self.cell(row, found, column).ok())
            .flatten()
            .collect()
    }

    /// The expected rows without a found row, each compared with the nearest one.
    fn missing(&self, mode: Mode, pairing: &[Option<usize>]) -> Vec<Mismatch> {
        let mut mismatches = Vec::new();
        for row in (0..self.rows.len()).filter(|row| pairing[*row].is_none()) {
            let nearest = match mode {
                Mode::InOrder => (row < self.found.rows.len()).then_some(row),
                Mode::Contains | Mode::Exactly => self.nearest(row, pairing),
            };
            let Some(nearest) = nearest else {
                mismatches.push(self.without_row(row));
                continue;
            };
            let before = mismatches.len();
            for (column, name) in self
                .found
                .columns
                .iter()
                .map(|column| &column.name)
                .enumerate()
            {
                if let Err(expected) = self.cell(row, nearest, column) {
                    mismatches.push(Mismatch {
                        path: if mode == Mode::InOrder {
                            format!("row {}, column {name}", row + 1)
                        } else {
                            let (row, nearest) = (row + 1, nearest + 1);
                            format!("row {row}, column {name} (nearest: found row {nearest})")
                        },
                        expected,
                        found: shown(self.found.rows[nearest][column].as_ref()),
                    });
                }
            }
            if mismatches.len() == before {
                mismatches.push(Mismatch {
                    path: format!("row {}", row + 1),
                    expected: "a row of its own".to_owned(),
                    found: "only rows that other expected rows match already".to_owned(),
                });
            }
        }
        mismatches
    }

    fn without_row(&self, row: usize) -> Mismatch {
        let cells: Vec<String> = self
            .found
            .columns
            .iter()
            .zip(&self.rows[row])
            .map(|(column, cell)| format!("{} = {cell}", column.name))
            .collect();
        Mismatch {
            path: format!("row {}", row + 1),
            expected: cells.join(", "),
            found: "no row".to_owned(),
        }
    }

    /// The found row with the most equal cells. Unpaired rows are preferred.
    fn nearest(&self, row: usize, pairing: &[Option<usize>]) -> Option<usize> {
        (0..self.found.rows.len()).max_by_key(|found| {
            let good = (0..self.found.columns.len())
                .filter(|column| self.cell(row, *found, *column).is_ok())
                .count();
            (good, !pairing.contains(&Some(*found)), usize::MAX - found)
        })
    }

    /// The found rows that were not expected.
    fn unexpected(&self, mode: Mode, pairing: &[Option<usize>]) -> Vec<usize> {
        (0..self.found.rows.len())
            .filter(|found| match mode {
                Mode::Contains => false,
                Mode::InOrder => *found >= self.rows.len(),
                Mode::Exactly => !pairing.contains(&Some(*found)),
            })
            .collect()
    }

    /// At most ten of the unexpected rows.
    fn surplus(&self, unexpected: &[usize]) -> Vec<Mismatch> {
        let shown = unexpected.iter().take(10).map(|found| Mismatch {
            path: format!("found row {}", found + 1),
            expected: "no such row".to_owned(),
            found: self.found.shown(*found),
        });
        let more = unexpected.len().saturating_sub(10);
        let rest = (more > 0).then(|| Mismatch {
            path: "further rows".to_owned(),
            expected: "none".to_owned(),
            found: format!("{more} more"),
        });
        shown.chain(rest).collect()
    }
}
