//! Applies and reverts migrations, and repairs the record.

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection, migrate::Migrate};

use super::error::MigrationError;
use super::files::{POSTGRES, SQLITE};
use super::record::{Record, Step, to_apply, to_revert};

/// The script that an administrator can also run with psql.
const ROLES: &str = include_str!("../../../scripts/roles.sql");

/// Runs `scripts/roles.sql` for a role.
pub(super) async fn grant(connection: &mut PgConnection, role: &str) -> Result<(), MigrationError> {
    let names = "select quote_ident(current_schema()), quote_ident($1)";
    let (schema, role): (String, String) = sqlx::query_as(names)
        .bind(role)
        .fetch_one(&mut *connection)
        .await?;
    // Lines with a backslash are commands of psql. They stop at an error and set the schema, as this function does.
    let lines = ROLES.lines().filter(|line| !line.contains('\\'));
    let sql = lines.collect::<Vec<_>>().join("\n");
    let sql = sql
        .replace(":\"role\"", &role)
        .replace(":\"schema\"", &schema);
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await?;
    Ok(())
}

/// Holds sqlx's advisory lock. The lock belongs to the session, so sqlx can take it a second time. After an error the
/// connection is closed, which releases the lock.
pub(super) async fn postgres_up(
    connection: &mut PgConnection,
    to: Option<i64>,
) -> Result<Vec<Step>, MigrationError> {
    connection.lock().await?;
    // Another replica may have applied them before this one got the lock.
    let pending = to_apply(Record::Postgres(connection).steps().await?, to)?;
    Record::Postgres(connection).check_emails(&pending).await?;
    if !pending.is_empty() {
        check_encoding(connection).await?;
        POSTGRES.run_direct(to, connection, false).await?;
    }
    connection.unlock().await?;
    Ok(pending)
}

async fn check_encoding(connection: &mut PgConnection) -> Result<(), MigrationError> {
    let encoding: String = sqlx::query_scalar("select current_setting('server_encoding')")
        .fetch_one(connection)
        .await?;
    if encoding == "UTF8" {
        Ok(())
    } else {
        Err(MigrationError::Encoding(encoding))
    }
}

pub(super) async fn postgres_down(
    connection: &mut PgConnection,
    to: i64,
) -> Result<Vec<Step>, MigrationError> {
    connection.lock().await?;
    let reverted = to_revert(Record::Postgres(connection).steps().await?, to)?;
    if !reverted.is_empty() {
        POSTGRES.undo(&mut *connection, to).await?;
    }
    connection.unlock().await?;
    Ok(reverted)
}

/// sqlx takes no lock on SQLite. An immediate transaction around everything makes other replicas wait; after it, they
/// find nothing pending.
pub(super) async fn sqlite_up(
    connection: &mut SqliteConnection,
    to: Option<i64>,
) -> Result<Vec<Step>, MigrationError> {
    let mut transaction = connection.begin_with("begin immediate").await?;
    let pending = to_apply(Record::Sqlite(&mut transaction).steps().await?, to)?;
    Record::Sqlite(&mut transaction)
        .check_emails(&pending)
        .await?;
    if !pending.is_empty() {
        SQLITE.run_direct(to, &mut *transaction, false).await?;
    }
    transaction.commit().await?;
    Ok(pending)
}

pub(super) async fn sqlite_down(
    connection: &mut SqliteConnection,
    to: i64,
) -> Result<Vec<Step>, MigrationError> {
    let mut transaction = connection.begin_with("begin immediate").await?;
    let reverted = to_revert(Record::Sqlite(&mut transaction).steps().await?, to)?;
    let downs = SQLITE
        .iter()
        .rev()
        .filter(|migration| migration.migration_type.is_down_migration());
    for migration in downs.filter(|down| reverted.iter().any(|step| step.version == down.version)) {
        transaction.revert(&SQLITE.table_name, migration).await?;
    }
    transaction.commit().await?;
    Ok(reverted)
}

/// The statements of [`super::Migrations::force`], in a transaction of either engine.
macro_rules! repair {
    ($transaction:expr, $migrator:expr, $version:expr) => {{
        sqlx::query("delete from _sqlx_migrations where version > $1")
            .bind($version)
            .execute(&mut *$transaction)
            .await?;
        let ups = $migrator
            .iter()
            .filter(|migration| migration.migration_type.is_up_migration());
        for migration in ups.filter(|up| up.version <= $version) {
            sqlx::query(
                "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                 values ($1, $2, true, $3, -1)
                 on conflict (version) do update set success = true, checksum = excluded.checksum",
            )
            .bind(migration.version)
            .bind(&*migration.description)
            .bind(&*migration.checksum)
            .execute(&mut *$transaction)
            .await?;
        }
    }};
}

pub(super) async fn postgres_force(
    connection: &mut PgConnection,
    version: i64,
) -> Result<(), MigrationError> {
    Record::Postgres(connection).check_force(version).await?;
    connection.lock().await?;
    let mut transaction = connection.begin().await?;
    repair!(transaction, POSTGRES, version);
    transaction.commit().await?;
    connection.unlock().await?;
    Ok(())
}

pub(super) async fn sqlite_force(
    connection: &mut SqliteConnection,
    version: i64,
) -> Result<(), MigrationError> {
    let mut transaction = connection.begin_with("begin immediate").await?;
    Record::Sqlite(&mut transaction)
        .check_force(version)
        .await?;
    repair!(transaction, SQLITE, version);
    transaction.commit().await?;
    Ok(())
}

impl Record<'_> {
    /// Checks that the version exists, and that the record has only known migrations. They may have failed, or have had
    /// another text.
    async fn check_force(&mut self, version: i64) -> Result<(), MigrationError> {
        let migrator = self.migrator();
        let known = |version| migrator.version_exists(version);
        if version != 0 && !known(version) {
            return Err(MigrationError::NoSuchVersion(version));
        }
        let applied = self.applied().await?;
        if applied.is_empty() {
            return Err(MigrationError::NoRecord);
        }
        if let Some((unknown, ..)) = applied.iter().find(|row| !known(row.0)) {
            return Err(MigrationError::Unknown(*unknown));
        }
        let others = self.others().await?;
        if version == 0 && !others.is_empty() {
            return Err(MigrationError::NotEmpty(others));
        }
        Ok(())
    }
}
