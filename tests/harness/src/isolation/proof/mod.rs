//! Proof: compares a slot's database with the template after a reset, down to the last row.
//!
//! It shares no code with the reset, and always reads everything.

mod parts;
mod planner_statistics;

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::{failure::Failure, server::Rights, sql::execute};
pub use planner_statistics::PlannerStatistics;

/// How long to wait for other sessions that are just finishing a transaction.
const GRACE: Duration = Duration::from_millis(250);

/// The contents of an untouched clone.
#[derive(Debug)]
pub struct Proof {
    parts: Vec<Part>,
    /// A query that returns the digest of each part and the part's index.
    digests: String,
    /// Tables whose row-level security binds the owner.
    forced_policies: Vec<String>,
}

/// Something that is compared as one: a table, a catalog, all sequences.
#[derive(Debug)]
struct Part {
    /// For messages: `table users`.
    name: String,
    /// A query that returns `object` (for messages; may be null) and `line` (the whole row as text).
    rows: String,
    /// The same for the digest: as different as `rows` if something changes, but cheaper.
    digested: String,
    digest: String,
    lines: Vec<Line>,
}

type Line = (Option<String>, String);

impl Proof {
    /// Notes what this clone contains. `first_transaction` is older than everything in the template.
    pub async fn take(
        connection: &mut PgConnection,
        rights: Rights,
        first_transaction: i64,
    ) -> Result<Self, Failure> {
        let mut parts = parts::tables(connection, false).await?;
        parts.extend(parts::catalogs(connection, first_transaction).await?);
        parts.extend(parts::tables(connection, true).await?);
        let forced_policies = if rights.superuser {
            Vec::new()
        } else {
            parts::tables_with_forced_policies(connection).await?
        };
        let mut proof = Self {
            digests: digests(&parts),
            parts,
            forced_policies,
        };
        proof.begin(connection).await?;
        let digests = proof.read_digests(connection).await?;
        for (part, digest) in proof.parts.iter_mut().zip(digests) {
            part.lines = lines(connection, &part.rows).await?;
            part.digest = digest;
        }
        execute(connection, "rollback").await?;
        Ok(proof)
    }

    /// The first difference between this database and the template, if there is one.
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

    /// One snapshot for all queries. In it, no policy hides rows.
    async fn begin(&self, connection: &mut PgConnection) -> Result<(), Failure> {
        let mut sql = "begin isolation level repeatable read;".to_owned();
        for table in &self.forced_policies {
            sql.push_str(&format!(
                "alter table only {table} no force row level security;"
            ));
        }
        execute(connection, &sql).await
    }

    async fn read_digests(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Vec<String>, sqlx::Error> {
        let rows = sqlx::query(AssertSqlSafe(self.digests.as_str()))
            .fetch_all(connection)
            .await?;
        Ok(rows.iter().map(|row| row.get("digest")).collect())
    }

    async fn compare(&self, connection: &mut PgConnection) -> Result<Option<String>, Failure> {
        execute(connection, "savepoint proof").await?;
        let digests = self.read_digests(connection).await;
        if digests.is_err() {
            // Something was dropped. The parts tell what.
            execute(connection, "rollback to proof").await?;
        }
        let mut unexplained = digests.as_ref().err().map(ToString::to_string);
        for (place, part) in self.parts.iter().enumerate() {
            let digest = digests.as_ref().ok().map(|digests| &digests[place]);
            if digest == Some(&part.digest) {
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
            unexplained.get_or_insert_with(|| format!("{}: its digest differs", part.name));
        }
        Ok(unexplained)
    }
}

/// One statement for all parts. The order of a part's rows doesn't matter, but their number does.
fn digests(parts: &[Part]) -> String {
    let looks: Vec<_> = parts
        .iter()
        .enumerate()
        .map(|(place, part)| {
            format!(
                "select {place} as place,
                        count(*) || ':' || coalesce(sum(hashtextextended(concat(object, line), 0)::numeric), 0) as digest
                   from ({}) part",
                part.digested
            )
        })
        .collect();
    format!(
        "{} {} order by place",
        parts::HIDDEN,
        looks.join("\n union all ")
    )
}

async fn lines(connection: &mut PgConnection, rows: &str) -> Result<Vec<Line>, Failure> {
    let statement = format!("{} {rows}", parts::HIDDEN);
    Ok(sqlx::query_as(AssertSqlSafe(statement))
        .fetch_all(connection)
        .await?)
}

impl Part {
    fn new(name: &str, rows: &str) -> Self {
        Self {
            name: name.to_owned(),
            rows: rows.to_owned(),
            digested: rows.to_owned(),
            digest: String::new(),
            lines: Vec::new(),
        }
    }

    /// Names a row that is new, and one that is missing.
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
        let difference = match (of(&found, 1), of(&self.lines, -1)) {
            (Some(extra), Some(missing)) => {
                format!("{extra} is there, but the template has {missing}")
            }
            (Some(extra), None) => format!("{extra} is there, and not in the template"),
            (None, Some(missing)) => format!("{missing} is in the template, and missing here"),
            (None, None) => return None,
        };
        Some(format!("{}: {difference}", self.name))
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

/// Open transactions and advisory locks of other sessions, and prepared transactions.
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
        if found.is_none() || start.elapsed() > GRACE {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
