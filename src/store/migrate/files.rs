//! The migrations, embedded in the program.

use std::sync::LazyLock;

use sqlx::{
    AssertSqlSafe, SqlSafeStr as _,
    migrate::{Migration, Migrator},
};

pub(super) static POSTGRES: LazyLock<Migrator> =
    LazyLock::new(|| with_line_feeds(sqlx::migrate!("migrations/postgres")));
pub(super) static SQLITE: LazyLock<Migrator> =
    LazyLock::new(|| with_line_feeds(sqlx::migrate!("migrations/sqlite")));

/// A program that is built from a checkout with CRLF has the same checksums.
fn with_line_feeds(mut migrator: Migrator) -> Migrator {
    let migrations = migrator.migrations.iter().map(|migration| {
        Migration::new(
            migration.version,
            migration.description.clone(),
            migration.migration_type,
            AssertSqlSafe(migration.sql.as_str().replace("\r\n", "\n")).into_sql_str(),
            migration.no_tx,
        )
    });
    migrator.migrations = migrations.collect();
    migrator
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_of_windows_give_the_same_checksums() {
        let of = |line_break: &str| {
            let mut migrator = sqlx::migrate!("migrations/sqlite");
            let migrations = migrator.migrations.iter().map(|migration| {
                let text = migration.sql.as_str().replace('\n', line_break);
                let mut migration = migration.clone();
                migration.sql = AssertSqlSafe(text).into_sql_str();
                migration
            });
            migrator.migrations = migrations.collect();
            let migrator = with_line_feeds(migrator);
            let checksums = migrator.iter().map(|migration| migration.checksum.to_vec());
            checksums.collect::<Vec<_>>()
        };
        assert_eq!(of("\r\n"), of("\n"));
        let embedded = sqlx::migrate!("migrations/sqlite");
        let embedded = embedded.iter().map(|migration| migration.checksum.to_vec());
        assert_eq!(of("\r\n"), embedded.collect::<Vec<_>>());
    }
}
