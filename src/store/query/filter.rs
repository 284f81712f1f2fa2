//! The conditions of a list. Only requested conditions are part of the statement, so that the planner sees no others.

use super::search::{any_part, fold};
use crate::domain::{DatabaseStatus, Id, Time};

/// A value that a condition compares with.
#[derive(Debug, Clone)]
pub(in crate::store) enum Value {
    Id(Id),
    Integer(i64),
    Text(String),
    Time(Time),
}

macro_rules! value_from {
    ($($kind:ty => $variant:ident($value:ident) $expression:expr;)+) => {$(
        impl From<$kind> for Value {
            fn from($value: $kind) -> Self {
                Self::$variant($expression)
            }
        }
    )+};
}

value_from! {
    Id => Id(id) id;
    i64 => Integer(number) number;
    &str => Text(text) text.to_owned();
    DatabaseStatus => Text(status) status.as_str().to_owned();
    Time => Time(time) time;
}

/// Conditions joined by `and`. A `?` in a condition stands for its value.
#[derive(Debug, Clone, Default)]
pub(in crate::store) struct Filter {
    conditions: Vec<(String, Vec<Value>)>,
    /// A condition for a trigram index. It selects a superset of the rows that match the search.
    trigrams: Option<(String, Vec<Value>)>,
}

impl Filter {
    pub(in crate::store) fn all() -> Self {
        Self::default()
    }

    /// Adds a condition without a value, if it is requested.
    pub(in crate::store) fn only(mut self, condition: &str, requested: bool) -> Self {
        if requested {
            self.conditions.push((condition.to_owned(), Vec::new()));
        }
        self
    }

    /// Selects rows that are soft-deleted, or those that are not.
    pub(in crate::store) fn deleted(self, deleted: bool) -> Self {
        self.only("deleted_at is not null", deleted)
            .only("deleted_at is null", !deleted)
    }

    /// Adds a condition with one value, if there is a value.
    pub(in crate::store) fn when(
        mut self,
        condition: &str,
        value: Option<impl Into<Value>>,
    ) -> Self {
        if let Some(value) = value {
            self.conditions
                .push((condition.to_owned(), vec![value.into()]));
        }
        self
    }

    /// Adds `column = 'word'`, if there is a word. The word is not a parameter, because the planner must know it even
    /// when it reuses a plan: an index helps for a rare word, but not for a frequent one.
    pub(in crate::store) fn word(mut self, column: &str, word: Option<&'static str>) -> Self {
        if let Some(word) = word {
            self.conditions
                .push((format!("{column} = '{word}'"), Vec::new()));
        }
        self
    }

    /// Adds `column in (…)`, if there are values.
    pub(in crate::store) fn any_of<V: Copy + Into<Value>>(
        mut self,
        column: &str,
        values: Option<&[V]>,
    ) -> Self {
        if let Some(values) = values {
            let places = vec!["?"; values.len()].join(", ");
            let values = values.iter().map(|value| (*value).into()).collect();
            self.conditions
                .push((format!("{column} in ({places})"), values));
        }
        self
    }

    /// Adds a search for any part of an expression's text, in any case. With `indexed`, the search may use PostgreSQL's
    /// trigram index on the expression, which does not find texts shorter than three characters.
    pub(in crate::store) fn search(
        mut self,
        expression: &str,
        text: Option<&str>,
        indexed: bool,
    ) -> Self {
        let Some(folded) = text.map(fold) else {
            return self;
        };
        let pattern = Value::Text(any_part(&folded));
        self.conditions
            .push((format!("{expression} like ? escape '!'"), vec![pattern]));
        if indexed && folded.chars().count() >= 3 {
            let condition = format!("search_trigrams({expression}) @> search_trigrams(?)");
            self.trigrams = Some((condition, vec![Value::Text(folded)]));
        }
        self
    }

    /// Whether a trigram index helps this filter.
    pub(super) fn is_indexed(&self) -> bool {
        self.trigrams.is_some()
    }

    /// The filter as a `where` clause, with the values of its parameters in order.
    pub(super) fn clause(&self, with_index: bool) -> (String, Vec<Value>) {
        let index = self.trigrams.iter().filter(|_| with_index);
        let mut clause = String::new();
        let mut parameters = Vec::new();
        for (condition, values) in self.conditions.iter().chain(index) {
            clause.push_str(if clause.is_empty() {
                " where "
            } else {
                " and "
            });
            let mut values = values.iter();
            for (number, text) in condition.split('?').enumerate() {
                if number > 0 {
                    parameters.extend(values.next().cloned());
                    clause.push_str(&format!("${}", parameters.len()));
                }
                clause.push_str(text);
            }
        }
        (clause, parameters)
    }
}

#[cfg(test)]
mod tests {
    use super::Filter;

    #[test]
    fn absent_filters_add_no_condition() {
        let filter = Filter::all()
            .only("deleted_at is null", true)
            .only("stock > 0", false)
            .when("size = ?", None::<i64>)
            .when("heel > ?", Some(3))
            .word("role", Some("admin"))
            .any_of("price", Some(&[1, 2]))
            .search("name", Some("50%"), true);
        let (clause, values) = filter.clause(false);
        assert_eq!(
            clause,
            " where deleted_at is null and heel > $1 and role = 'admin' and price in ($2, $3) and name like $4 escape '!'"
        );
        assert_eq!(
            format!("{values:?}"),
            r#"[Integer(3), Integer(1), Integer(2), Text("%50!%%")]"#
        );
        assert!(
            filter
                .clause(true)
                .0
                .ends_with(" and search_trigrams(name) @> search_trigrams($5)")
        );
        assert_eq!(Filter::all().clause(true).0, "");
    }
}
