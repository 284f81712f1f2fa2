//! Lists: a page of rows, in an order, and how many there are in all.

use sqlx::AssertSqlSafe;

pub(in crate::store) mod totals;

use crate::store::Store;

/// What a page of a list needs: which rows, in which order.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// Rows to leave out at the beginning.
    pub offset: i64,
    /// The most rows to answer.
    pub limit: i64,
}

/// The order of a list; the id breaks ties, so that pages never overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// What is compared.
    pub by: SortBy,
    /// The last first.
    pub descending: bool,
}

/// What a list can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// The moment when a row was made.
    CreatedAt,
    /// The name, or what stands for it.
    Name,
    /// The price; of products.
    Price,
}

impl Sort {
    /// The latest first, which is the order when none is asked for.
    pub const LATEST: Self = Self {
        by: SortBy::CreatedAt,
        descending: true,
    };

    /// The columns to sort by; `name` is the one that names a row.
    pub(in crate::store) fn order(self, name: &str) -> String {
        let column = match self.by {
            SortBy::CreatedAt => "created_at",
            SortBy::Name => name,
            SortBy::Price => "price_cents",
        };
        let direction = if self.descending { " desc" } else { "" };
        format!("{column}{direction}, id{direction}")
    }
}

/// A page is little of what was found when there is more than so many times as much.
const LITTLE: i64 = 100;

impl Window {
    /// Whether so many rows hold this page many times over.
    pub(in crate::store) fn is_little_of(self, total: i64) -> bool {
        total / LITTLE > self.offset.saturating_add(self.limit)
    }
}

/// What a search looks for.
#[derive(Debug, Clone, Default)]
pub(in crate::store) struct Search {
    /// The pattern for "any part of".
    pub(in crate::store) pattern: Option<String>,
    /// The text itself, for the index of trigrams: PostgreSQL has one, and it knows nothing shorter.
    pub(in crate::store) trigrams: Option<String>,
}

impl Search {
    /// The same where something else that is asked for, if it is, leaves few rows: to read those is quicker than to
    /// look up what a search may find in all of them.
    pub(in crate::store) fn among_few(self, few: bool) -> Self {
        Self {
            trigrams: self.trigrams.filter(|_| !few),
            ..self
        }
    }
}

impl Store {
    /// A search for any part of a text, in any case.
    pub(in crate::store) fn search(&self, text: Option<&str>) -> Search {
        let folded = text.map(fold);
        let indexed = self.is_postgres();
        Search {
            pattern: folded.as_deref().map(any_part),
            trigrams: folded.filter(|text| indexed && text.chars().count() >= 3),
        }
    }
}

/// The text in lower case, letter by letter: a sigma is the same at the end of a word.
pub(in crate::store) fn fold(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|letter| if letter == 'ς' { 'σ' } else { letter })
        .collect()
}

/// The pattern for "any part of", with everything in the folded text taken as it is.
fn any_part(folded: &str) -> String {
    let mut pattern = String::from("%");
    for letter in folded.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// The two statements of a list. Conditions begin with a line's `and`; one whose parameter isn't given is left out,
/// so that what is planned is what was asked for, with the index for it.
pub(in crate::store) struct Statements {
    pub(in crate::store) rows: AssertSqlSafe<String>,
    pub(in crate::store) total: String,
}

impl Statements {
    pub(in crate::store) fn new(
        columns: &'static str,
        from: &'static str,
        order: &str,
        given: &[bool],
    ) -> Self {
        let from = asked_for(from, given);
        let (limit, offset) = (given.len() + 1, given.len() + 2);
        let rows =
            format!("select {columns} {from} order by {order} limit ${limit} offset ${offset}");
        Self {
            rows: AssertSqlSafe(rows),
            total: format!("select count(*) {from}"),
        }
    }
}

/// What a total counts: its text, and the values that it has parameters for.
pub(in crate::store) fn counted(total: &str, values: &[String]) -> String {
    let mut what = total.to_owned();
    for number in parameters(total) {
        what.push('\n');
        what.push_str(&values[number - 1]);
    }
    what
}

fn asked_for(from: &str, given: &[bool]) -> String {
    let mut kept: Vec<String> = Vec::new();
    for line in from.lines() {
        match kept.last_mut() {
            Some(before) if !line.trim_start().starts_with("and ") => {
                before.push('\n');
                before.push_str(line);
            }
            _ => kept.push(line.to_owned()),
        }
    }
    kept.retain(|condition| parameters(condition).all(|number| given[number - 1]));
    kept.join("\n")
}

fn parameters(condition: &str) -> impl Iterator<Item = usize> {
    condition.split('$').skip(1).filter_map(|rest| {
        let end = rest.find(|letter: char| !letter.is_ascii_digit());
        rest[..end.unwrap_or(rest.len())].parse().ok()
    })
}

/// How many rows there are in all when a page tells it by itself: the last one that isn't empty does.
pub(in crate::store) fn told_total(rows: usize, window: Window) -> Option<i64> {
    let rows = i64::try_from(rows).ok()?;
    let last = rows < window.limit && (rows > 0 || window.offset == 0);
    last.then_some(window.offset + rows)
}

/// A page of rows and how many there are in all:
/// `page!(self, "columns", "from table where …", order, window, [parameters])`.
///
/// Every parameter is an `Option`; a condition with one that is `None` doesn't count. A list that can be searched has
/// the [`Search`] after them: its pattern and its trigrams are the last two parameters.
///
/// A search that has an index is counted first. When the page is little of what is found, its rows are nearest by
/// walking along the list's order; the index would collect all that is found, to sort it and throw most of it away.
macro_rules! page {
    ($store:expr, $columns:expr, $from:expr, $order:expr, $window:expr, [$($value:expr),* $(,)?]) => {
        $crate::store::query::page!($store, $columns, $from, $order, $window, [$($value),*],
            $crate::store::query::Search::default())
    };
    ($store:expr, $columns:expr, $from:expr, $order:expr, $window:expr, [$($value:expr),* $(,)?], $search:expr) => {{
        let search: $crate::store::query::Search = $search;
        let statements = |indexed: bool| {
            let given = [$($value.is_some(),)* search.pattern.is_some(), indexed];
            $crate::store::query::Statements::new($columns, $from, &$order, &given)
        };
        let indexed = search.trigrams.is_some();
        let count = async || -> Result<i64, $crate::store::StoreError> {
            let total = statements(indexed).total;
            let values = [$(format!("{:?}", &$value),)* format!("{:?}", search.pattern), String::new()];
            let what = $crate::store::query::counted(&total, &values);
            let count = async {
                on_db!($store.read, db => sqlx::query_scalar(sqlx::AssertSqlSafe(total))
                    $(.bind(&$value))*
                    .bind(&search.pattern)
                    .bind(&search.trigrams)
                    .fetch_one(db))
            };
            $store.totals.of(what, count).await
        };
        let found = if indexed { Some(count().await?) } else { None };
        let walks = found.is_some_and(|total| $window.is_little_of(total));
        let rows: Vec<_> = on_db!($store.read, db => sqlx::query_as(statements(indexed && !walks).rows)
            $(.bind(&$value))*
            .bind(&search.pattern)
            .bind(&search.trigrams)
            .bind($window.limit)
            .bind($window.offset)
            .fetch_all(db))?;
        let total = match $crate::store::query::told_total(rows.len(), $window).or(found) {
            Some(total) => total,
            None => count().await?,
        };
        Ok((rows, total))
    }};
}
pub(in crate::store) use page;

#[cfg(test)]
mod tests {
    use super::asked_for;

    #[test]
    fn conditions_that_nobody_asks_for_are_left_out() {
        let from = "from shoes\nwhere deleted_at is null\n  and size = $1\n  and colour in (select colour\n from colours\n where name = $2)\n  and heel > $3";
        assert_eq!(
            asked_for(from, &[false, false, true]),
            "from shoes\nwhere deleted_at is null\n  and heel > $3"
        );
        assert_eq!(asked_for(from, &[true; 3]), from);
    }
}
