//! Compares the items of arrays in any order.

use crate::{
    failure::Failure,
    json::{Comparison, Json},
};

/// Assigns a found item to each expected one. `fits` compares the expected item of that index with a found one;
/// `expected` has their texts for messages. Found items may be left over.
///
/// The assignment is a maximum matching: the first match isn't always the right one.
pub fn in_any_order(
    expected: &[String],
    found: &[Json],
    at: &str,
    fits: impl Fn(usize, &Json, &str) -> Result<Comparison, Failure>,
) -> Result<Comparison, Failure> {
    let mut table = Vec::with_capacity(expected.len());
    for number in 0..expected.len() {
        let row: Result<Vec<_>, _> = found
            .iter()
            .enumerate()
            .map(|(index, item)| fits(number, item, &format!("{at}[{index}]")))
            .collect();
        table.push(row?);
    }
    let mut taken_by = vec![None; found.len()];
    let placed: Vec<bool> = (0..expected.len())
        .map(|number| place(number, &table, &mut taken_by, &mut vec![false; found.len()]))
        .collect();

    let mut outcome = Comparison::default();
    for (index, number) in taken_by.iter().enumerate() {
        if let Some(number) = number {
            outcome.captures.append(&mut table[*number][index].captures);
        }
    }
    for number in (0..expected.len()).filter(|number| !placed[*number]) {
        outcome.miss(
            at,
            expected[number].clone(),
            nearest(&table[number], found.len()),
        );
    }
    Ok(outcome)
}

/// Assigns one item, and reassigns others where that is necessary (augmenting paths).
fn place(
    number: usize,
    table: &[Vec<Comparison>],
    taken_by: &mut [Option<usize>],
    seen: &mut [bool],
) -> bool {
    for index in 0..taken_by.len() {
        if seen[index] || !table[number][index].is_good() {
            continue;
        }
        seen[index] = true;
        let free = match taken_by[index] {
            None => true,
            Some(other) => place(other, table, taken_by, seen),
        };
        if free {
            taken_by[index] = Some(number);
            return true;
        }
    }
    false
}

fn nearest(row: &[Comparison], count: usize) -> String {
    let Some(nearest) = row
        .iter()
        .min_by_key(|comparison| comparison.mismatches.len())
    else {
        return "an empty array".to_owned();
    };
    if nearest.is_good() {
        return "no item left for it: those that match are needed by other expected ones"
            .to_owned();
    }
    let differences: Vec<String> = nearest
        .mismatches
        .iter()
        .map(|miss| {
            format!(
                "{}: expected {}, found {}",
                miss.path, miss.expected, miss.found
            )
        })
        .collect();
    let among = crate::json::items(count);
    format!(
        "none such among {among}; nearest: {}",
        differences.join("; ")
    )
}
