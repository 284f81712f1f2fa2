//! Sequences that an attempt has moved: a row that is tried again gets the number it would have got at once.

use crate::database::Connection;

/// Where every sequence of the database stood: its name, its value and whether it was called.
pub struct Noted(Vec<String>);

const LOOK: &str = "
    select format('%L, %s, %s', format('%I.%I', schemaname, sequencename),
                  coalesce(last_value, start_value), last_value is not null)
      from pg_sequences
     where schemaname <> 'bdd_harness'";

/// SQLite takes its numbers back with the transaction, so there is nothing to note.
pub async fn note(connection: &mut Connection) -> Result<Noted, sqlx::Error> {
    if !connection.is_postgres() {
        return Ok(Noted(Vec::new()));
    }
    let rows = connection.fetch(LOOK).await?.rows;
    let texts = rows.into_iter().filter_map(|mut row| row.swap_remove(0));
    Ok(Noted(texts.map(|value| value.text).collect()))
}

impl Noted {
    /// Puts back those that have moved since.
    pub async fn put_back(&self, connection: &mut Connection) -> Result<(), sqlx::Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        let before: Vec<String> = self
            .0
            .iter()
            .map(|sequence| format!("({sequence})"))
            .collect();
        let moved = format!(
            "select setval(before.name::regclass, before.value, before.called)
               from (values {}) as before (name, value, called)
               join pg_sequences now on format('%I.%I', now.schemaname, now.sequencename) = before.name
              where coalesce(now.last_value, now.start_value) <> before.value
                 or (now.last_value is not null) <> before.called",
            before.join(", ")
        );
        connection.fetch(&moved).await.map(|_| ())
    }
}
