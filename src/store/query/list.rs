//! Fetches one page of a list and its total.

use sqlx::{AssertSqlSafe, FromRow, postgres::PgRow, sqlite::SqliteRow};

use super::filter::{Filter, Value};
use super::order::Window;
use crate::store::{Paged, Store, StoreError, replica};

/// Binds the values of a filter, in the order of [`Filter::clause`].
macro_rules! bind_values {
    ($query:expr, $values:expr) => {
        $values
            .into_iter()
            .fold($query, |query, value| match value {
                Value::Id(id) => query.bind(id),
                Value::Integer(number) => query.bind(number),
                Value::Text(text) => query.bind(text),
                Value::Time(time) => query.bind(time),
            })
    };
}

impl Store {
    /// A page of a table's rows, and the total number of rows. `name` is the column that names a row.
    ///
    /// A search that has an index is counted first. If the page is a small part of the result, reading the table in the
    /// list's order is faster than the index, which would have to sort the whole result.
    pub(in crate::store) async fn list<T>(
        &self,
        columns: &str,
        table: &str,
        filter: &Filter,
        name: &str,
        window: Window,
    ) -> Paged<T>
    where
        T: for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    {
        let found = if filter.is_indexed() {
            Some(self.count(table, filter).await?)
        } else {
            None
        };
        let in_order = found.is_some_and(|total| window.is_small_part_of(total));
        let (clause, mut values) = filter.clause(!in_order);
        let (limit, offset) = (values.len() + 1, values.len() + 2);
        let order = window.sort.columns(name);
        let sql = format!(
            "select {columns} from {table}{clause} order by {order} limit ${limit} offset ${offset}"
        );
        values.extend([Value::Integer(window.limit), Value::Integer(window.offset)]);
        let rows: Vec<T> = read_db!(self, db => {
            bind_values!(sqlx::query_as(AssertSqlSafe(sql.clone())), values.clone()).fetch_all(db)
        })?;
        let total = match window.total_if_last(rows.len()).or(found) {
            Some(total) => total,
            None => self.count(table, filter).await?,
        };
        Ok((rows, total))
    }

    /// All rows of a statement: `before`, the filter as a `where` clause, and `after`.
    pub(in crate::store) async fn filtered<T>(
        &self,
        before: &str,
        filter: &Filter,
        after: &str,
    ) -> Result<Vec<T>, StoreError>
    where
        T: for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    {
        let (clause, values) = filter.clause(true);
        let sql = format!("{before}{clause} {after}");
        on_db!(self.read, db => {
            bind_values!(sqlx::query_as(AssertSqlSafe(sql)), values).fetch_all(db)
        })
    }

    async fn count(&self, table: &str, filter: &Filter) -> Result<i64, StoreError> {
        let (clause, values) = filter.clause(true);
        let sql = format!("select count(*) from {table}{clause}");
        let question = format!("{sql} {values:?} {:?}", replica::needed());
        let count = async {
            read_db!(self, db => {
                bind_values!(sqlx::query_scalar(AssertSqlSafe(sql.clone())), values.clone())
                    .fetch_one(db)
            })
        };
        self.totals.share(question, count).await
    }
}
