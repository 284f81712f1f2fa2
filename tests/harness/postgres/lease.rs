//! Leases on a server that others use too: what a run made there is known as its own, and swept once it is dead.
//!
//! A run holds an advisory lock for as long as it lives, so nothing has to be renewed and no clock is asked; the
//! server lets go of the lock when the run's connection breaks. Databases and the role carry the run's name in
//! their comment, which can be read without connecting to them.

use sqlx::{Connection as _, PgConnection, Row as _};

use crate::harness::{
    failure::Failure,
    template::{execute, identifier, literal},
};

/// Our half of the advisory lock's key; the other half is the run's.
const CLASS: i32 = 0x0bdd;
/// What a comment begins with.
const SIGN: &str = "made by bdd_harness in run ";

/// A living run's hold on what it made.
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

/// Says of a database or a role whose it is: `kind` is `database` or `role`.
pub async fn sign(
    connection: &mut PgConnection,
    kind: &str,
    name: &str,
    run: &str,
) -> Result<(), Failure> {
    let sign = literal(&format!("{SIGN}{run}"));
    execute(
        connection,
        &format!("comment on {kind} {} is {sign}", identifier(name)),
    )
    .await
}

/// Removes what dead runs of ours left on the server; a living one holds its lease. Answers what was removed.
pub async fn sweep(connection: &mut PgConnection) -> Result<Vec<String>, Failure> {
    let rows = sqlx::query(
        "select 'database' as kind, datname::text as name, substr(shobj_description(oid, 'pg_database'), $2) as run
           from pg_database
          where shobj_description(oid, 'pg_database') like $1 || '%' and pg_has_role(datdba, 'usage')
         union all
         select 'role', rolname::text, substr(shobj_description(oid, 'pg_authid'), $2)
           from pg_roles
          where shobj_description(oid, 'pg_authid') like $1 || '%'
          order by kind, name",
    )
    .bind(SIGN)
    .bind(i32::try_from(SIGN.len() + 1).unwrap_or(i32::MAX))
    .fetch_all(&mut *connection)
    .await?;
    let mut swept = Vec::new();
    for row in rows {
        let (kind, name, run): (String, String, String) =
            (row.get("kind"), row.get("name"), row.get("run"));
        // Looked at instead of tried for: a lock can only be taken in one's own database, but seen in all.
        let alive: bool = sqlx::query_scalar(
            "select exists (select
                              from pg_locks
                             where locktype = 'advisory' and granted
                               and classid::int8 = $1 and objid::int8 = $2)",
        )
        .bind(i64::from(CLASS))
        .bind(i64::from(key(&run).cast_unsigned()))
        .fetch_one(&mut *connection)
        .await?;
        if alive {
            continue;
        }
        let force = if kind == "database" {
            " with (force)"
        } else {
            ""
        };
        let dropped = execute(
            &mut *connection,
            &format!("drop {kind} if exists {}{force}", identifier(&name)),
        )
        .await;
        // Another run may be sweeping the same thing: whoever is first has done it.
        if dropped.is_ok() {
            swept.push(format!("{kind} {name}"));
        }
    }
    Ok(swept)
}

/// A run's half of the key: its name is eight hexadecimal digits.
fn key(run: &str) -> i32 {
    u32::from_str_radix(run, 16)
        .unwrap_or_default()
        .cast_signed()
}
