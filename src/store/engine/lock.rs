//! Advisory locks, which a transaction holds until it ends. Their numbers only have to be different.

/// Changes to the set of admins wait for each other.
pub(in crate::store) const ADMINS: i64 = 4801;
/// Changes to the tree of categories wait for each other.
pub(in crate::store) const CATEGORIES: i64 = 4802;
/// Events get their numbers in the order in which they become visible.
pub(in crate::store) const DATABASE_EVENTS: i64 = 4803;
/// Replicas that need a signing key wait for the one that creates it.
pub(in crate::store) const SIGNING_KEYS: i64 = 4804;
/// Changes of image updates get their numbers in the order in which they become visible.
pub(in crate::store) const IMAGE_UPDATES: i64 = 4805;

/// Takes a lock: `lock!(store, db, lock::ADMINS)`. `SQLite` needs none, as it has a single writer.
macro_rules! lock {
    ($store:expr, $db:ident, $lock:expr) => {
        if $store.write.is_postgres() {
            sqlx::query("select pg_advisory_xact_lock($1)")
                .bind($lock)
                .execute(&mut *$db)
                .await?;
        }
    };
}
pub(in crate::store) use lock;
