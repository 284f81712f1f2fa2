//! The check before emails become unique in a filled database.

use super::error::MigrationError;
use super::record::{Record, Step};

/// The migration that makes emails unique.
const EMAILS_UNIQUE: i64 = 16;

const SHARED: &str = "select lower(email), username
                        from users
                       where deleted_at is null
                         and lower(email) in (select lower(email)
                                                from users
                                               where deleted_at is null
                                               group by lower(email)
                                              having count(*) > 1)
                       order by lower(email), username";

impl Record<'_> {
    /// Refuses to make emails unique while several users have the same one.
    pub(super) async fn check_emails(&mut self, pending: &[Step]) -> Result<(), MigrationError> {
        let is_pending = |version| pending.iter().any(|step| step.version == version);
        // The first migration creates the table, so there are no users yet.
        if is_pending(1) || !is_pending(EMAILS_UNIQUE) {
            return Ok(());
        }
        let rows: Vec<(String, String)> = match self {
            Self::Postgres(db) => sqlx::query_as(SHARED).fetch_all(&mut **db).await?,
            Self::Sqlite(db) => sqlx::query_as(SHARED).fetch_all(&mut **db).await?,
        };
        let mut shared = Vec::<(String, Vec<String>)>::new();
        for (email, username) in rows {
            match shared.last_mut().filter(|(last, _)| *last == email) {
                Some((_, usernames)) => usernames.push(username),
                None => shared.push((email, vec![username])),
            }
        }
        if shared.is_empty() {
            return Ok(());
        }
        let line = |(email, usernames): (String, Vec<String>)| {
            format!("{email}: {}", usernames.join(", "))
        };
        Err(MigrationError::SharedEmails(
            shared.into_iter().map(line).collect(),
        ))
    }
}
