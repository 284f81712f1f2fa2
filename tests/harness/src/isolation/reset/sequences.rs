//! Restores the value and `is_called` of sequences.

use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::{failure::Failure, isolation::reset::table::NOT_THE_SCHEMAS};

/// The template's sequences, and how the reset finds those that have changed.
///
/// `pg_sequence_last_value` is ten times faster than reading the sequence, but doesn't see `setval(s, 9, false)` on a
/// sequence that was never called. Such a call needs the right to update a sequence, which the service's role doesn't
/// have. So a sequence itself is read only if the template has such a value, if a function of the schema could set one,
/// or if an owner's statement may have set one (`closely`).
pub struct Sequences {
    always_looked_at: Vec<Sequence>,
    by_last_value: Vec<Sequence>,
}

struct Sequence {
    oid: i64,
    name: String,
    value: i64,
    called: bool,
    /// Sessions may hold numbers of this sequence in advance.
    cached: bool,
}

/// Whether a function of the schema contains this regular expression.
pub async fn functions_mention(
    connection: &mut PgConnection,
    words: &str,
) -> Result<bool, Failure> {
    let query = format!(
        "select exists (select
                          from pg_proc p
                          join pg_namespace n on n.oid = p.pronamespace
                         where not {NOT_THE_SCHEMAS} and (p.prosrc ~* $1 or pg_get_function_sqlbody(p.oid) ~* $1))"
    );
    Ok(sqlx::query_scalar(AssertSqlSafe(query))
        .bind(words)
        .fetch_one(connection)
        .await?)
}

pub async fn read(connection: &mut PgConnection) -> Result<Sequences, Failure> {
    let settable = functions_mention(connection, "setval|restart").await?;
    let rows = sqlx::query(AssertSqlSafe(format!(
        "select c.oid::int8 as oid, format('%I.%I', n.nspname, c.relname) as name, s.seqcache > 1 as cached,
                s.seqstart as start
           from pg_class c
           join pg_namespace n on n.oid = c.relnamespace
           join pg_sequence s on s.seqrelid = c.oid
          where c.relpersistence <> 't' and not {NOT_THE_SCHEMAS}
          order by c.oid"
    )))
    .fetch_all(&mut *connection)
    .await?;
    let mut sequences = Sequences {
        always_looked_at: Vec::new(),
        by_last_value: Vec::new(),
    };
    for row in rows {
        let name: String = row.get("name");
        let query = format!("select last_value, is_called from {name}");
        let (value, called): (i64, bool) = sqlx::query_as(AssertSqlSafe(query))
            .fetch_one(&mut *connection)
            .await?;
        let is_set_uncalled = !called && value != row.get::<i64, _>("start");
        let kind = if settable || is_set_uncalled {
            &mut sequences.always_looked_at
        } else {
            &mut sequences.by_last_value
        };
        kind.push(Sequence {
            oid: row.get("oid"),
            value,
            called,
            cached: row.get("cached"),
            name,
        });
    }
    Ok(sequences)
}

impl Sequences {
    /// The statement that notes the sequences that are found by their last value.
    pub fn remember(&self) -> String {
        let rows: Vec<_> = self
            .by_last_value
            .iter()
            .map(|sequence| {
                let Sequence {
                    oid, value, called, ..
                } = sequence;
                format!("({oid}, {value}, {called})")
            })
            .collect();
        if rows.is_empty() {
            return String::new();
        }
        format!(
            "insert into bdd_harness.sequence values {};\n",
            rows.join(", ")
        )
    }

    /// The reset's statements that restore all sequences.
    pub fn restore(&self) -> String {
        let mut sql = restore_from(&looks(&self.always_looked_at), &self.always_looked_at);
        if !self.by_last_value.is_empty() {
            let moved = "
        select relation, value, called
          from bdd_harness.sequence
         where pg_sequence_last_value(relation) is distinct from case when called then value end";
            sql.push_str(&restore_from(moved, &self.by_last_value));
            sql.push_str(&format!(
                "if closely then
    {}end if;",
                restore_from(&looks(&self.by_last_value), &self.by_last_value)
            ));
        }
        sql
    }
}

/// A query for the sequences that have changed.
fn looks(sequences: &[Sequence]) -> String {
    let looks: Vec<_> = sequences
        .iter()
        .map(|sequence| {
            let Sequence {
                oid,
                name,
                value,
                called,
                ..
            } = sequence;
            format!(
                "
        select {oid}::oid as relation, {value}::int8 as value, {called} as called
          from {name} where last_value <> {value} or is_called <> {called}"
            )
        })
        .collect();
    looks.join(" union all")
}

/// Restores the sequences that a query finds.
fn restore_from(query: &str, sequences: &[Sequence]) -> String {
    if sequences.is_empty() {
        return String::new();
    }
    let cached: Vec<_> = sequences
        .iter()
        .filter(|sequence| sequence.cached)
        .map(|sequence| sequence.oid.to_string())
        .collect();
    // Only a restart makes other sessions discard the numbers that they hold.
    let restart = if cached.is_empty() {
        String::new()
    } else {
        format!(
            "
        if sequence.relation in ({}) then
            execute format('alter sequence %s restart', sequence.relation::regclass);
            note_again := true;
        end if;",
            cached.join(", ")
        )
    };
    format!(
        "for sequence in {query}
    loop{restart}
        perform setval(sequence.relation::regclass, sequence.value, sequence.called);
    end loop;
    "
    )
}
