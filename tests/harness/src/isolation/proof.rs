//! Proof: what a slot's database holds after a reset is what the template holds, down to the last row.
//!
//! It knows nothing of how the reset finds what was written: it reads everything, always, and compares it with what a
//! clone held that nobody had touched.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::{
    failure::Failure,
    isolation::{
        catalog::catalogs,
        reset::{Rights, SURROUNDINGS},
    },
    sql::execute,
};

/// A session may be at the end of something when it is looked at; for so long it is looked at again.
const LINGER: Duration = Duration::from_millis(250);

/// What an untouched clone holds.
#[derive(Debug)]
pub struct Proof {
    parts: Vec<Part>,
    /// Answers the digest of every part, by its place.
    digests: String,
    /// Tables whose forced policies would hide rows from us.
    hidden: Vec<String>,
}

/// A table, a catalog, all sequences, ….
#[derive(Debug)]
struct Part {
    /// For people: `table users`.
    name: String,
    /// A query that answers `object` (for people, or null) and `line` (the whole of it).
    rows: String,
    digest: String,
    lines: Vec<Line>,
}

type Line = (Option<String>, String);

impl Proof {
    /// Notes what this clone holds; `born` is a transaction older than everything in the template.
    pub async fn take(
        connection: &mut PgConnection,
        rights: Rights,
        born: i64,
    ) -> Result<Self, Failure> {
        let mut parts = Vec::new();
        tables(connection, &mut parts, "not").await?;
        sequences(connection, &mut parts).await?;
        parts.push(part(
            "the large objects",
            "select 'large object ' || m.oid as object, row(m.oid, m.lomowner, m.lomacl, md5(lo_get(m.oid)))::text as line
               from pg_catalog.pg_largeobject_metadata m",
        ));
        for catalog in catalogs(connection, born).await? {
            parts.push(part(&catalog.name, &catalog.rows));
        }
        parts.push(part(
            "what is around the database",
            &format!(
                "select what as object, coalesce(seen, '') as line
                   from (select oid as own from pg_catalog.pg_database where datname = current_database()) here,
                        unnest({SURROUNDINGS}, array['settings of the database', 'rights on the database',
                                                     'the comment on the database', 'event triggers']) as seen (seen, what)"
            ),
        ));
        tables(connection, &mut parts, "").await?;
        let hidden = if rights.superuser {
            Vec::new()
        } else {
            sqlx::query_scalar(
                "select format('%I.%I', n.nspname, c.relname)
                   from pg_catalog.pg_class c
                   join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                  where c.relforcerowsecurity
                  order by c.oid",
            )
            .fetch_all(&mut *connection)
            .await?
        };
        let mut proof = Self {
            digests: digests(&parts),
            parts,
            hidden,
        };
        proof.begin(connection).await?;
        let found = proof.look(connection).await?;
        for (part, digest) in proof.parts.iter_mut().zip(found) {
            part.lines = lines(connection, &part.rows).await?;
            part.digest = digest;
        }
        execute(connection, "rollback").await?;
        Ok(proof)
    }

    /// The first difference between this database and the template, when there is one.
    pub async fn first_difference(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Option<String>, Failure> {
        if let Some(open) = open(connection).await? {
            return Ok(Some(open));
        }
        let difference = match self.begin(connection).await {
            Ok(()) => self.compare(connection).await,
            Err(failure) => Ok(Some(failure.message)),
        };
        execute(connection, "rollback").await?;
        difference
    }

    /// One snapshot for all of it, in which nothing is hidden from us.
    async fn begin(&self, connection: &mut PgConnection) -> Result<(), Failure> {
        let mut sql = "begin isolation level repeatable read;".to_owned();
        for table in &self.hidden {
            sql.push_str(&format!(
                "alter table only {table} no force row level security;"
            ));
        }
        execute(connection, &sql).await
    }

    async fn look(&self, connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
        let rows = sqlx::query(AssertSqlSafe(self.digests.as_str()))
            .fetch_all(connection)
            .await?;
        Ok(rows.iter().map(|row| row.get("digest")).collect())
    }

    async fn compare(&self, connection: &mut PgConnection) -> Result<Option<String>, Failure> {
        execute(connection, "savepoint proof").await?;
        let found = if let Ok(found) = self.look(connection).await {
            found
        } else {
            // Something is gone that was there: the parts tell what.
            execute(connection, "rollback to proof").await?;
            vec![String::new(); self.parts.len()]
        };
        for (part, digest) in self.parts.iter().zip(found) {
            if part.digest == digest {
                continue;
            }
            match lines(connection, &part.rows).await {
                Ok(lines) => {
                    if let Some(difference) = part.difference(lines) {
                        return Ok(Some(difference));
                    }
                }
                Err(error) => return Ok(Some(format!("{}: {}", part.name, error.message))),
            }
        }
        Ok(None)
    }
}

fn part(name: &str, rows: &str) -> Part {
    Part {
        name: name.to_owned(),
        rows: rows.to_owned(),
        digest: String::new(),
        lines: Vec::new(),
    }
}

/// Every table and materialized view; `not` ours, or only ours, which change with each reset but for the copies.
async fn tables(
    connection: &mut PgConnection,
    parts: &mut Vec<Part>,
    not: &str,
) -> Result<(), Failure> {
    let rows = sqlx::query(AssertSqlSafe(format!(
        "select c.oid::int8 as oid, format('%I.%I', n.nspname, c.relname) as name, c.relkind = 'm' as view,
                c.relispopulated as populated,
                case when n.nspname = 'public' then quote_ident(c.relname) else format('%I.%I', n.nspname, c.relname) end
                    as shown
           from pg_catalog.pg_class c
           join pg_catalog.pg_namespace n on n.oid = c.relnamespace
          where c.relkind in ('r', 'm') and c.relpersistence <> 't'
            and n.nspname <> 'information_schema' and n.nspname !~ '^pg_' and {not} n.nspname = 'bdd_harness'
            and (n.nspname <> 'bdd_harness'
                 or c.relname not in ('dirty', 'refreshed', 'catalog_change', 'noted'))
          order by c.relkind, c.oid"
    )))
    .fetch_all(connection)
    .await?;
    for row in rows {
        let (name, shown): (String, String) = (row.get("name"), row.get("shown"));
        let what = if row.get("view") {
            "materialized view"
        } else {
            "table"
        };
        let rows = if row.get("populated") {
            format!("select null::text as object, r::text as line from only {name} r")
        } else {
            format!(
                "select null::text as object, 'it has been filled'::text as line
                   from pg_catalog.pg_class where oid = {} and relispopulated",
                row.get::<i64, _>("oid")
            )
        };
        parts.push(part(&format!("{what} {shown}"), &rows));
    }
    Ok(())
}

async fn sequences(connection: &mut PgConnection, parts: &mut Vec<Part>) -> Result<(), Failure> {
    let names: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', n.nspname, c.relname)
           from pg_catalog.pg_class c
           join pg_catalog.pg_namespace n on n.oid = c.relnamespace
          where c.relkind = 'S' and c.relpersistence <> 't' and n.nspname !~ '^pg_' and n.nspname <> 'bdd_harness'
          order by c.oid",
    )
    .fetch_all(connection)
    .await?;
    let looks: Vec<_> = names
        .iter()
        .map(|name| {
            format!(
                "select 'sequence {}' as object, '(' || last_value || ',' || is_called || ')' as line from {name}",
                name.replace('\'', "''")
            )
        })
        .collect();
    if !looks.is_empty() {
        parts.push(part("the sequences", &looks.join(" union all ")));
    }
    Ok(())
}

/// One statement for all; the order of rows doesn't matter, their number does.
fn digests(parts: &[Part]) -> String {
    let looks: Vec<_> = parts
        .iter()
        .enumerate()
        .map(|(place, part)| {
            format!(
                "select {place} as place,
                        count(*) || ':' || coalesce(sum(hashtextextended(concat(object, line), 0)::numeric), 0) as digest
                   from ({}) part",
                part.rows
            )
        })
        .collect();
    format!("{} order by place", looks.join("\n union all "))
}

async fn lines(connection: &mut PgConnection, rows: &str) -> Result<Vec<Line>, Failure> {
    Ok(sqlx::query_as(AssertSqlSafe(rows))
        .fetch_all(connection)
        .await?)
}

impl Part {
    /// What is there and wasn't, and what was there and isn't.
    fn difference(&self, found: Vec<Line>) -> Option<String> {
        let mut counts: HashMap<&Line, i64> = HashMap::new();
        for line in &self.lines {
            *counts.entry(line).or_default() -= 1;
        }
        for line in &found {
            *counts.entry(line).or_default() += 1;
        }
        let of = |all: &[Line], sign: i64| {
            all.iter()
                .find(|line| counts.get(line).is_some_and(|count| count * sign > 0))
                .map(|(object, line)| {
                    let object = object
                        .as_ref()
                        .map_or(String::new(), |object| format!("{object}: "));
                    format!("{object}{}", shortened(line))
                })
        };
        let told = match (of(&found, 1), of(&self.lines, -1)) {
            (Some(extra), Some(missing)) => {
                format!("{extra} is there, where the template has {missing}")
            }
            (Some(extra), None) => format!("{extra} is there, and not in the template"),
            (None, Some(missing)) => format!("{missing} is gone, which the template has"),
            (None, None) => return None,
        };
        Some(format!("{}: {told}", self.name))
    }
}

fn shortened(line: &str) -> String {
    const SHOWN: usize = 300;
    if line.chars().count() <= SHOWN {
        line.to_owned()
    } else {
        format!("{}…", line.chars().take(SHOWN).collect::<String>())
    }
}

/// What other sessions have open or hold in this database; a moment is given to what is ending.
async fn open(connection: &mut PgConnection) -> Result<Option<String>, Failure> {
    let start = Instant::now();
    loop {
        let found: Option<String> = sqlx::query_scalar(
            "select string_agg(what, '; ' order by what)
               from (select format('an open transaction of %s (%s): %s', usename, state, left(query, 200)) as what
                       from pg_catalog.pg_stat_activity
                      where datname = current_database() and pid <> pg_backend_pid()
                        and backend_type = 'client backend' and coalesce(state, 'active') <> 'idle'
                     union all
                     select format('an advisory lock (%s, %s) of %s', l.classid, l.objid, a.usename)
                       from pg_catalog.pg_locks l
                       join pg_catalog.pg_stat_activity a using (pid)
                      where l.locktype = 'advisory' and l.pid <> pg_backend_pid()
                        and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
                     union all
                     select format('the prepared transaction %s', gid)
                       from pg_catalog.pg_prepared_xacts where database = current_database()) open",
        )
        .fetch_one(&mut *connection)
        .await?;
        if found.is_none() || start.elapsed() > LINGER {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
