//! Migrations applied and taken back, and the record repaired.

use sqlx::{Connection, PgConnection, SqliteConnection, migrate::Migrate};

use super::{
    MigrationError, POSTGRES, SQLITE, Step,
    look::{Lent, doomed, pending},
};

/// The lock is a session's, so the one that sqlx takes inside is had at once. An error ends the connection, and the
/// lock with it.
pub(super) async fn postgres_up(
    connection: &mut PgConnection,
    to: Option<i64>,
) -> Result<Vec<Step>, MigrationError> {
    connection.lock().await?;
    // Another replica may have been faster.
    let pending = pending(Lent::Postgres(connection).look().await?, to)?;
    if !pending.is_empty() {
        POSTGRES.run_direct(to, connection, false).await?;
    }
    connection.unlock().await?;
    Ok(pending)
}

pub(super) async fn postgres_down(
    connection: &mut PgConnection,
    to: i64,
) -> Result<Vec<Step>, MigrationError> {
    connection.lock().await?;
    let doomed = doomed(Lent::Postgres(connection).look().await?, to)?;
    if !doomed.is_empty() {
        POSTGRES.undo(&mut *connection, to).await?;
    }
    connection.unlock().await?;
    Ok(doomed)
}

/// `SQLite` has no lock for sqlx to take, so one immediate transaction around everything keeps other replicas out;
/// those that waited find nothing pending any more.
pub(super) async fn sqlite_up(
    connection: &mut SqliteConnection,
    to: Option<i64>,
) -> Result<Vec<Step>, MigrationError> {
    let mut transaction = connection.begin_with("begin immediate").await?;
    let pending = pending(Lent::Sqlite(&mut transaction).look().await?, to)?;
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
    let doomed = doomed(Lent::Sqlite(&mut transaction).look().await?, to)?;
    let downs = SQLITE
        .iter()
        .rev()
        .filter(|migration| migration.migration_type.is_down_migration());
    for migration in downs.filter(|down| doomed.iter().any(|step| step.version == down.version)) {
        transaction.revert(&SQLITE.table_name, migration).await?;
    }
    transaction.commit().await?;
    Ok(doomed)
}

/// What [`super::Migrations::force`] writes, in a transaction of either engine.
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
    Lent::Postgres(connection).check_force(version).await?;
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
    Lent::Sqlite(&mut transaction).check_force(version).await?;
    repair!(transaction, SQLITE, version);
    transaction.commit().await?;
    Ok(())
}

impl Lent<'_> {
    /// The record must be ours, even if it is of a failure or of another text, and the version one of ours.
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
        if let Some((stranger, ..)) = applied.iter().find(|row| !known(row.0)) {
            return Err(MigrationError::Unknown(*stranger));
        }
        let others = self.others().await?;
        if version == 0 && !others.is_empty() {
            return Err(MigrationError::NotEmpty(others));
        }
        Ok(())
    }
}
