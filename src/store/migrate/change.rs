//! Applies and reverts migrations, and repairs the record.

use sqlx::{AssertSqlSafe, Connection, PgConnection, migrate::Migrate};

use super::connection::Migrations;
use super::error::MigrationError;
use super::record::{Record, Step, to_apply, to_revert, ups};

/// The script that an administrator can also run with psql.
const ROLES: &str = include_str!("../../../scripts/roles.sql");

/// Runs `scripts/roles.sql` for a role.
async fn grant(connection: &mut PgConnection, role: &str) -> Result<(), MigrationError> {
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

/// Runs work while no other process migrates the same database: `locked!(self, db => { …; value })`. On PostgreSQL it
/// holds sqlx's advisory lock, which belongs to the session, so that sqlx can take it a second time. After an error the
/// connection is closed, which releases the lock. On SQLite, where sqlx takes no lock, everything is one immediate
/// transaction.
macro_rules! locked {
    ($migrations:expr, $db:ident => $work:block) => {
        match $migrations {
            Migrations::Postgres($db) => {
                $db.lock().await?;
                let done = $work;
                $db.unlock().await?;
                Ok(done)
            }
            Migrations::Sqlite(connection) => {
                let mut transaction = connection.begin_with("begin immediate").await?;
                let $db = &mut *transaction;
                let done = $work;
                transaction.commit().await?;
                Ok(done)
            }
        }
    };
}

impl Migrations {
    /// Applies pending migrations, all or up to a version. Returns those that this call applied.
    pub async fn up(&mut self, to: Option<i64>) -> Result<Vec<Step>, MigrationError> {
        // sqlx always tries to create the record. If nothing is pending, the role needs no privilege to create tables.
        if self.to_apply(to).await?.is_empty() {
            return Ok(Vec::new());
        }
        let migrator = self.record().migrator();
        locked!(self, db => {
            // Another replica may have applied them before this one got the lock.
            let pending = to_apply(Record::from(&mut *db).steps().await?, to)?;
            Record::from(&mut *db).check_emails(&pending).await?;
            if !pending.is_empty() {
                Record::from(&mut *db).check_encoding().await?;
                migrator.run_direct(to, &mut *db, false).await?;
            }
            pending
        })
    }

    /// Reverts every migration above a version, the newest first. Returns those that this call reverted.
    pub async fn down(&mut self, to: i64) -> Result<Vec<Step>, MigrationError> {
        if self.to_revert(to).await?.is_empty() {
            return Ok(Vec::new());
        }
        let migrator = self.record().migrator();
        locked!(self, db => {
            let reverted = to_revert(Record::from(&mut *db).steps().await?, to)?;
            for step in &reverted {
                let downs = migrator.iter().filter(|down| down.migration_type.is_down_migration());
                for migration in downs.filter(|down| down.version == step.version) {
                    db.revert(&migrator.table_name, migration).await?;
                }
            }
            reverted
        })
    }

    /// Records that all migrations up to a version are applied, and none above it. Runs no migration: this is for a
    /// database that was repaired by hand.
    pub async fn force(&mut self, version: i64) -> Result<(), MigrationError> {
        let migrator = self.record().migrator();
        locked!(self, db => {
            Record::from(&mut *db).check_force(version).await?;
            let mut transaction = db.begin().await?;
            sqlx::query("delete from _sqlx_migrations where version > $1")
                .bind(version)
                .execute(&mut *transaction)
                .await?;
            for migration in ups(migrator).filter(|up| up.version <= version) {
                sqlx::query(
                    "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                     values ($1, $2, true, $3, -1)
                     on conflict (version) do update set success = true, checksum = excluded.checksum",
                )
                .bind(migration.version)
                .bind(&*migration.description)
                .bind(&*migration.checksum)
                .execute(&mut *transaction)
                .await?;
            }
            transaction.commit().await?;
        })
    }

    /// Lets a role read and write rows, and nothing else.
    pub async fn grant(&mut self, role: &str) -> Result<(), MigrationError> {
        match self {
            Self::Postgres(connection) => grant(connection, role).await,
            Self::Sqlite(_) => Err(MigrationError::NoRoles),
        }
    }
}

impl Record<'_> {
    async fn check_encoding(&mut self) -> Result<(), MigrationError> {
        let Self::Postgres(db) = self else {
            return Ok(());
        };
        let encoding: String = sqlx::query_scalar("select current_setting('server_encoding')")
            .fetch_one(&mut **db)
            .await?;
        if encoding == "UTF8" {
            Ok(())
        } else {
            Err(MigrationError::Encoding(encoding))
        }
    }

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
