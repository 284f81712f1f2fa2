//! Sequences go back to their value and `is_called` in the template.

use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::failure::Failure;
use crate::isolation::reset::table::FOREIGN_SCHEMAS;

struct Sequence {
    oid: i64,
    name: String,
    value: i64,
    called: bool,
    /// Sessions hold numbers of it that nobody has been given yet.
    cached: bool,
    /// Nothing but a direct look shows that it was set without being used.
    odd: bool,
}

/// What the reset has to know of the sequences, and its statements that put every one back.
///
/// `pg_sequence_last_value` is ten times faster than a look at the sequence, but blind to `setval(s, 9, false)` of a
/// sequence that was never called. That takes the right to update a sequence, which the service's role hasn't got. So a
/// look at each is taken where the template itself has such a sequence, where a function of the schema could set one,
/// and where the caller knows that an owner's statement may have done so (`closely`).
pub async fn rewinding(connection: &mut PgConnection) -> Result<(String, String), Failure> {
    let sequences = sequences(connection).await?;
    let settable = mentions(connection, "setval|restart").await?;
    let (always, usually): (Vec<_>, Vec<_>) = sequences
        .iter()
        .partition(|sequence| settable || sequence.odd);
    let mut table = String::from(
        "create table bdd_harness.sequence (relation oid not null, value int8 not null, called boolean not null);\n",
    );
    if usually.is_empty() {
        return Ok((table, looked_at(&always)));
    }
    let rows: Vec<_> = usually
        .iter()
        .map(|s| format!("({}, {}, {})", s.oid, s.value, s.called))
        .collect();
    table.push_str(&format!(
        "insert into bdd_harness.sequence values {};\n",
        rows.join(", ")
    ));
    let rewinding = format!(
        "{} {} if closely then {} end if;",
        looked_at(&always),
        last_values(&usually),
        looked_at(&usually)
    );
    Ok((table, rewinding))
}

/// Whether a function of the schema has these words in it (a regular expression).
pub async fn mentions(connection: &mut PgConnection, words: &str) -> Result<bool, Failure> {
    let look = format!(
        "select exists (select
                          from pg_proc p
                          join pg_namespace n on n.oid = p.pronamespace
                         where not {FOREIGN_SCHEMAS} and (p.prosrc ~* $1 or pg_get_function_sqlbody(p.oid) ~* $1))"
    );
    Ok(sqlx::query_scalar(AssertSqlSafe(look))
        .bind(words)
        .fetch_one(connection)
        .await?)
}

async fn sequences(connection: &mut PgConnection) -> Result<Vec<Sequence>, Failure> {
    let rows = sqlx::query(AssertSqlSafe(format!(
        "select c.oid::int8 as oid, format('%I.%I', n.nspname, c.relname) as name, s.seqcache > 1 as cached,
                s.seqstart as start
           from pg_class c
           join pg_namespace n on n.oid = c.relnamespace
           join pg_sequence s on s.seqrelid = c.oid
          where c.relpersistence <> 't' and not {FOREIGN_SCHEMAS}
          order by c.oid"
    )))
    .fetch_all(&mut *connection)
    .await?;
    let mut sequences = Vec::with_capacity(rows.len());
    for row in rows {
        let name: String = row.get("name");
        let look = format!("select last_value, is_called from {name}");
        let found = sqlx::query(AssertSqlSafe(look))
            .fetch_one(&mut *connection)
            .await?;
        let (value, called): (i64, bool) = (found.get("last_value"), found.get("is_called"));
        sequences.push(Sequence {
            oid: row.get("oid"),
            value,
            called,
            cached: row.get("cached"),
            odd: !called && value != row.get::<i64, _>("start"),
            name,
        });
    }
    Ok(sequences)
}

/// Those that aren't where they were, by a look at each.
fn looked_at(sequences: &[&Sequence]) -> String {
    let looks = |cached: bool| {
        sequences
            .iter()
            .filter(|sequence| sequence.cached == cached)
            .map(
                |Sequence {
                     oid,
                     name,
                     value,
                     called,
                     ..
                 }| {
                    format!(
                        "select {oid}::oid as relation, {value}::int8 as value, {called} as called
                       from {name} where last_value <> {value} or is_called <> {called}"
                    )
                },
            )
            .collect::<Vec<_>>()
            .join("\n union all ")
    };
    let mut sql = String::new();
    let plain = looks(false);
    if !plain.is_empty() {
        sql.push_str(&format!(
            "perform setval(back.relation::regclass, back.value, back.called) from ({plain}) back;\n"
        ));
    }
    let cached = looks(true);
    if !cached.is_empty() {
        // Only a restart makes other sessions forget the numbers that they hold.
        sql.push_str(&format!(
            "for moved in {cached} loop
                 execute format('alter sequence %s restart', moved.relation::regclass);
                 renote := true;
                 perform setval(moved.relation::regclass, moved.value, moved.called);
             end loop;\n"
        ));
    }
    sql
}

/// Those that aren't where they were, by their last values.
fn last_values(sequences: &[&Sequence]) -> String {
    if sequences.is_empty() {
        return String::new();
    }
    let cached: Vec<_> = sequences
        .iter()
        .filter(|sequence| sequence.cached)
        .map(|sequence| sequence.oid.to_string())
        .collect();
    let restart = if cached.is_empty() {
        String::new()
    } else {
        format!(
            "if moved.relation in ({}) then
                 execute format('alter sequence %s restart', moved.relation::regclass);
                 renote := true;
             end if;",
            cached.join(", ")
        )
    };
    format!(
        "for moved in
             select relation, value, called
               from bdd_harness.sequence
              where pg_sequence_last_value(relation) is distinct from case when called then value end
         loop
             {restart}
             perform setval(moved.relation::regclass, moved.value, moved.called);
         end loop;"
    )
}
