//! Leases on a server that others use too: databases and roles of a run are signed, and swept once the run is dead.
//!
//! A run holds an advisory lock for as long as it lives, so nothing has to be renewed and no clock is asked; the
//! server lets go of the lock when the run's connection breaks. Databases and the role carry the run's name in
//! their comment, which can be read without connecting to them.

use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection, Row as _};

use crate::{
    failure::Failure,
    sql::{execute, identifier, literal},
};

/// Our half of the advisory lock's key; the other half is the run's.
const CLASS: i32 = 0x0bdd;
/// What a comment begins with.
const SIGN: &str = "made by bdd_harness in run ";
/// The same on a role that the migrations created. Its name says nothing about databases.
const MIGRATED: &str = "made by bdd_harness's migrations in run ";

/// How long the server may go on with a dead run's last statement.
const LAST_STATEMENT: Duration = Duration::from_secs(10);

/// A living run's advisory lock.
#[derive(Debug)]
pub struct Lease {
    connection: PgConnection,
}

impl Lease {
    /// Takes the lease of a run that begins.
    pub async fn take(mut connection: PgConnection, run: &str) -> Result<Self, Failure> {
        sqlx::query("select pg_advisory_lock($1, $2)")
            .bind(CLASS)
            .bind(key(run))
            .execute(&mut connection)
            .await?;
        Ok(Self { connection })
    }

    pub async fn end(self) {
        let _ = self.connection.close().await;
    }
}

/// The statement that says of a database or a role whose it is: `kind` is `database` or `role`.
///
/// Where it goes along with the statement before it, there is no moment in which a killed run leaves something unsigned.
pub fn signature(kind: &str, name: &str, run: &str) -> String {
    let sign = literal(&format!("{SIGN}{run}"));
    format!("comment on {kind} {} is {sign}", identifier(name))
}

/// The statement that says of a role of the migrations in which run it was created.
pub fn migrated_signature(role: &str, run: &str) -> String {
    let sign = literal(&format!("{MIGRATED}{run}"));
    format!("comment on role {} is {sign}", identifier(role))
}

/// Whether a comment is a signature of any run.
pub fn is_signature(comment: &str) -> bool {
    comment.starts_with(SIGN) || comment.starts_with(MIGRATED)
}

/// Removes what dead runs of ours left on the server; a living one holds its lease. Answers what was removed.
pub async fn sweep(connection: &mut PgConnection) -> Result<Vec<String>, Failure> {
    let runs: Vec<String> = sqlx::query_scalar(
        "with signed as (
             select shobj_description(oid, 'pg_database') as sign
               from pg_database
              where pg_has_role(datdba, 'usage')
              union all
             select shobj_description(oid, 'pg_authid') from pg_roles
         )
         select distinct substr(sign, length(begins) + 1)
           from signed
           join unnest($1) as begins on starts_with(sign, begins)",
    )
    .bind([SIGN, MIGRATED])
    .fetch_all(&mut *connection)
    .await?;
    let mut swept = Vec::new();
    for run in runs {
        if !is_alive(connection, &run).await? {
            has_ended(connection, &run).await?;
            swept.extend(remove(connection, &run).await?);
        }
    }
    Ok(swept)
}

/// Seen in `pg_locks`, because an advisory lock can only be tried for in one's own database.
async fn is_alive(connection: &mut PgConnection, run: &str) -> Result<bool, Failure> {
    let alive = sqlx::query_scalar(
        "select exists (select
                          from pg_locks
                         where locktype = 'advisory' and granted and classid::int8 = $1 and objid::int8 = $2)",
    )
    .bind(i64::from(CLASS))
    .bind(i64::from(key(run).cast_unsigned()))
    .fetch_one(connection)
    .await?;
    Ok(alive)
}

/// Waits while the server still executes the last statement of a killed run.
async fn has_ended(connection: &mut PgConnection, run: &str) -> Result<(), Failure> {
    let start = Instant::now();
    loop {
        let active: bool = sqlx::query_scalar(
            "select exists (select
                              from pg_stat_activity
                             where pid <> pg_backend_pid() and state = 'active' and strpos(query, $1) > 0)",
        )
        .bind(run)
        .fetch_one(&mut *connection)
        .await?;
        if !active || start.elapsed() > LAST_STATEMENT {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Databases first, because roles have rights in them. A database is a run's when it is signed, or when it has the name
/// of a role that is signed in front: it was killed before it was signed.
async fn remove(connection: &mut PgConnection, run: &str) -> Result<Vec<String>, Failure> {
    let left = sqlx::query(
        "with role as (
             select rolname::text as name from pg_roles where shobj_description(oid, 'pg_authid') = $1
         )
         select 'database' as kind, datname::text as name
           from pg_database d
          where (shobj_description(oid, 'pg_database') = $1
                 or exists (select from role where starts_with(d.datname::text, role.name || '_')))
            and pg_has_role(datdba, 'usage')
         union all
         select 'role', name from role
         union all
         select 'role', rolname::text from pg_roles where shobj_description(oid, 'pg_authid') = $2
          order by kind, name",
    )
    .bind(format!("{SIGN}{run}"))
    .bind(format!("{MIGRATED}{run}"))
    .fetch_all(&mut *connection)
    .await?;
    let mut removed = Vec::new();
    for row in left {
        let (kind, name): (String, String) = (row.get("kind"), row.get("name"));
        let force = if kind == "database" {
            " with (force)"
        } else {
            ""
        };
        let statement = format!("drop {kind} if exists {}{force}", identifier(&name));
        // Another run may have swept it in the meantime.
        if execute(&mut *connection, &statement).await.is_ok() {
            removed.push(format!("{kind} {name}"));
        }
    }
    Ok(removed)
}

/// A run's half of the key: its name is eight hexadecimal digits.
fn key(run: &str) -> i32 {
    u32::from_str_radix(run, 16)
        .unwrap_or_default()
        .cast_signed()
}
