//! Compares the items of arrays in any order.

use crate::{
    failure::Failure,
    json::{Comparison, Json},
};

/// Assigns a found item to each expected one. `fits` compares the expected item of that index with a found one;
/// `expected` has their texts for messages. Found items may be left over.
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
    let is_good = |number: usize, index: usize| table[number][index].is_good();
    let assigned = assign(expected.len(), found.len(), is_good);

    let mut outcome = Comparison::default();
    for (number, index) in assigned.into_iter().enumerate() {
        if let Some(index) = index {
            outcome.captures.append(&mut table[number][index].captures);
            continue;
        }
        outcome.miss(
            at,
            expected[number].clone(),
            nearest(&table[number], found.len()),
        );
    }
    Ok(outcome)
}

/// Assigns a different found item to each expected one, to as many as possible. The first match isn't always the right
/// one, so this is a maximum matching by augmenting paths (Kuhn).
pub fn assign(
    expected: usize,
    found: usize,
    fits: impl Fn(usize, usize) -> bool,
) -> Vec<Option<usize>> {
    let row = |number| (0..found).map(|index| fits(number, index)).collect();
    let fits: Vec<Vec<bool>> = (0..expected).map(row).collect();
    let mut taken_by = vec![None; found];
    for number in 0..expected {
        place(number, &fits, &mut taken_by, &mut vec![false; found]);
    }
    let mut assigned = vec![None; expected];
    for (index, number) in taken_by.into_iter().enumerate() {
        if let Some(number) = number {
            assigned[number] = Some(index);
        }
    }
    assigned
}

/// Assigns one, and reassigns others where that is necessary.
fn place(
    number: usize,
    fits: &[Vec<bool>],
    taken_by: &mut [Option<usize>],
    seen: &mut [bool],
) -> bool {
    for index in 0..taken_by.len() {
        if seen[index] || !fits[number][index] {
            continue;
        }
        seen[index] = true;
        let is_free = match taken_by[index] {
            None => true,
            Some(other) => place(other, fits, taken_by, seen),
        };
        if is_free {
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
