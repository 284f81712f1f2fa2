//! Databases and roles on a server that others use too: they are signed with their run, and removed when the run is
//! dead.
//!
//! A run holds an advisory lock while it is alive. The server releases the lock when the run's connection breaks, so
//! nothing has to be renewed and no clock is compared. The comment of a database or role carries the run's name; it can
//! be read without connecting to the database.

use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection, Row as _};

use crate::{
    failure::Failure,
    process::project_root,
    sql::{execute, identifier, literal},
};

/// The first half of the advisory lock's key. The second half identifies the run.
const CLASS: i32 = 0x0bdd;
/// The start of the comment on a database or role.
const SIGN: &str = "made by bdd_harness in run ";
/// The same for a role that the migrations created. Such a role's name says nothing about databases.
const MIGRATED: &str = "made by bdd_harness's migrations in run ";

/// How long to wait for the last statement of a dead run to end.
const LAST_STATEMENT: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub struct Lease {
    connection: PgConnection,
}

impl Lease {
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

/// The statement that signs a database or a role with its run. `kind` is `database` or `role`.
///
/// Send it together with the statement that creates or renames the object: then a killed run leaves nothing unsigned.
pub fn signature(kind: &str, name: &str, run: &str) -> String {
    let sign = literal(&format!("{SIGN}{run}"));
    format!("comment on {kind} {} is {sign}", identifier(name))
}

/// The statement that signs a role of the migrations with the run in which it was created.
pub fn migrated_signature(role: &str, run: &str) -> String {
    let sign = literal(&format!("{MIGRATED}{run}"));
    format!("comment on role {} is {sign}", identifier(role))
}

/// Whether a comment is a signature of any run.
pub fn is_signature(comment: &str) -> bool {
    comment.starts_with(SIGN) || comment.starts_with(MIGRATED)
}

/// Removes what dead runs left on the server, and returns a list of it.
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
    let now: i64 = sqlx::query_scalar("select extract(epoch from now())::int8")
        .fetch_one(&mut *connection)
        .await?;
    let mut swept = Vec::new();
    for run in runs {
        if !is_kept(&run, &project(), now) && !is_alive(connection, &run).await? {
            has_ended(connection, &run).await?;
            swept.extend(remove(connection, &run).await?);
        }
    }
    Ok(swept)
}

/// Signs what a run leaves for its user. The project's next run removes it, and any run after a week.
pub async fn keep(connection: &mut PgConnection, run: &str) -> Result<(), Failure> {
    let signs: Vec<String> = sqlx::query_scalar(
        "select format('comment on %s %I is %L', kind, name,
                       format('%s for %s until %s', sign, $2, extract(epoch from now() + interval '7 days')::int8))
           from (select 'database' as kind, datname as name, shobj_description(oid, 'pg_database') as sign
                   from pg_database
                  union all
                 select 'role', rolname, shobj_description(oid, 'pg_authid') from pg_roles) as signed
          where sign = $1",
    )
    .bind(format!("{SIGN}{run}"))
    .bind(project())
    .fetch_all(&mut *connection)
    .await?;
    for sign in signs {
        execute(&mut *connection, &sign).await?;
    }
    Ok(())
}

/// Whether another project keeps what a run has left.
fn is_kept(run: &str, project: &str, now: i64) -> bool {
    let kept = run
        .split_once(" for ")
        .and_then(|(_, kept)| kept.rsplit_once(" until "));
    kept.is_some_and(|(other, until)| {
        other != project && until.parse().is_ok_and(|until: i64| now < until)
    })
}

/// This project, also among those of other machines that use the same server.
fn project() -> String {
    let machine = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    format!("{}:{}", machine.trim(), project_root().display())
}

/// Looks into `pg_locks`, because an advisory lock can only be tried in the current database.
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

/// Databases first, because roles have rights in them. A database belongs to a run if it is signed, or if its name
/// starts with the name of a signed role: then the run was killed before it signed the database.
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
        // Another run may have removed it in the meantime.
        if execute(&mut *connection, &statement).await.is_ok() {
            removed.push(format!("{kind} {name}"));
        }
    }
    Ok(removed)
}

/// A run's half of the lock's key. A run's name is eight hexadecimal digits.
fn key(run: &str) -> i32 {
    u32::from_str_radix(run.get(..8).unwrap_or_default(), 16)
        .unwrap_or_default()
        .cast_signed()
}
