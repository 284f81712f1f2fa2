//! Managed databases: databases that the platform team runs for other teams.

use sqlx::FromRow;

use super::database_events::insert_event;
use super::engine::lock::{self, lock};
use super::idempotency::{Once, Outcome, earlier_answer, keep_answer};
use super::query::{Filter, Window};
use super::{Paged, Store, StoreError};
use crate::domain::{DatabaseStatus, Id, Time};

/// A row of `databases`.
#[derive(Debug, Clone, FromRow)]
pub struct Database {
    pub id: Id,
    /// Unique among databases that are not deleted.
    pub name: String,
    pub owner_team: String,
    pub purpose: String,
    #[sqlx(try_from = "String")]
    pub status: DatabaseStatus,
    /// Only while it is ready, as are `port` and `secret_name`.
    pub host: Option<String>,
    pub port: Option<i64>,
    /// The name of the secret that holds its credentials.
    pub secret_name: Option<String>,
    pub created_at: Time,
    pub updated_at: Time,
}

/// The fields of a database to request.
#[derive(Debug, Clone)]
pub struct NewDatabase {
    pub name: String,
    pub owner_team: String,
    pub purpose: String,
}

/// A change of a database: `None` keeps a field.
#[derive(Debug, Clone, Default)]
pub struct DatabasePatch {
    pub owner_team: Option<String>,
    pub purpose: Option<String>,
}

/// A change of status.
#[derive(Debug, Clone)]
pub struct Step {
    pub to: DatabaseStatus,
    pub message: Option<String>,
    /// Only for the status `ready`.
    pub endpoint: Option<Endpoint>,
}

/// Where a database that is ready can be reached.
#[derive(Debug, Clone)]
pub struct Endpoint {
    pub host: String,
    pub port: i64,
    pub secret_name: String,
}

/// Conditions for a list of databases.
#[derive(Debug, Clone, Default)]
pub struct DatabaseFilter {
    pub owner_team: Option<String>,
    /// One of these.
    pub status: Option<Vec<DatabaseStatus>>,
    /// Any part of the name, in any case.
    pub name: Option<String>,
}

macro_rules! columns {
    () => {
        "id, name, owner_team, purpose, status, host, port, secret_name, created_at, updated_at"
    };
}

const BY_ID: &str = concat!(
    "select ",
    columns!(),
    " from databases where id = $1 and status <> 'deleted'"
);
const TAKEN: &str = "the name is taken";

impl Database {
    fn new(new: NewDatabase) -> Self {
        new_row!(new; name, owner_team, purpose;
                 status: DatabaseStatus::Requested, host: None, port: None, secret_name: None)
    }
}

impl Store {
    /// A page of the databases that are not deleted, and their total.
    pub async fn databases(&self, filter: &DatabaseFilter, window: Window) -> Paged<Database> {
        // A team has few databases: reading them is faster than the search index.
        let is_indexed = self.is_postgres() && filter.owner_team.is_none();
        let conditions = Filter::all()
            .only("status <> 'deleted'", true)
            .when("owner_team = ?", filter.owner_team.as_deref())
            .any_of("status", filter.status.as_deref())
            .search("name", filter.name.as_deref(), is_indexed);
        self.list(columns!(), "databases", &conditions, "name", window)
            .await
    }

    /// The database with this id, unless it is deleted.
    pub async fn database(&self, id: Id) -> Result<Option<Database>, StoreError> {
        read_db!(self, db => sqlx::query_as(BY_ID).bind(id).fetch_optional(db))
    }

    /// Requests a database. A name that is taken is a conflict. `answer` serializes the response, which is stored for
    /// requests with a key.
    pub async fn create_database(
        &self,
        new: NewDatabase,
        actor: String,
        once: Option<Once>,
        answer: impl Fn(&Database) -> String + Send + Sync + 'static,
    ) -> Result<Outcome<Database>, StoreError> {
        let store = self.clone();
        let database = Database::new(new);
        let created = in_transaction!(self, db => {
            earlier_answer!(db, once);
            sqlx::query(
                "insert into databases (id, name, owner_team, purpose, status, created_at, updated_at)
                 values ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(database.id)
            .bind(&database.name)
            .bind(&database.owner_team)
            .bind(&database.purpose)
            .bind(database.status.as_str())
            .bind(database.created_at)
            .bind(database.updated_at)
            .execute(&mut *db)
            .await
            .map_err(|error| StoreError::from(error).or_conflict(TAKEN))?;
            lock!(store, db, lock::DATABASE_EVENTS);
            keep_answer!(db, once, answer(&database));
            insert_event!(db, database.id, None::<DatabaseStatus>, database.status, None::<String>, actor);
            Ok(Outcome::Created(database))
        });
        self.database_changed.notify_waiters();
        created
    }

    /// Changes a database that is not deleted.
    pub async fn update_database(
        &self,
        id: Id,
        patch: DatabasePatch,
    ) -> Result<Option<Database>, StoreError> {
        on_db!(self.write, db => sqlx::query_as(concat!(
            "update databases
                set owner_team = coalesce($2, owner_team),
                    purpose    = coalesce($3, purpose),
                    updated_at = $4
              where id = $1
                and status <> 'deleted'
              returning ", columns!()
        ))
        .bind(id)
        .bind(&patch.owner_team)
        .bind(&patch.purpose)
        .bind(Time::now())
        .fetch_optional(db))
    }

    /// Changes the status and records the event, in one transaction. A change that is not allowed is a conflict.
    pub async fn step_database(
        &self,
        id: Id,
        step: Step,
        actor: String,
    ) -> Result<Option<Database>, StoreError> {
        let store = self.clone();
        let by_id = self.for_update(BY_ID);
        let changed = in_transaction!(self, db => {
            let Some(before) = sqlx::query_as::<_, Database>(by_id).bind(id).fetch_optional(&mut *db).await? else {
                return Ok(None);
            };
            if !before.status.can_become(step.to) {
                return Err(StoreError::Conflict("the database's current status does not allow this change"));
            }
            let endpoint = step.endpoint.as_ref();
            let database = sqlx::query_as(concat!(
                "update databases
                    set status      = $2,
                        host        = $3,
                        port        = $4,
                        secret_name = $5,
                        updated_at  = $6
                  where id = $1
                  returning ", columns!()
            ))
            .bind(id)
            .bind(step.to.as_str())
            .bind(endpoint.map(|endpoint| &endpoint.host))
            .bind(endpoint.map(|endpoint| endpoint.port))
            .bind(endpoint.map(|endpoint| &endpoint.secret_name))
            .bind(Time::now())
            .fetch_one(&mut *db)
            .await?;
            lock!(store, db, lock::DATABASE_EVENTS);
            insert_event!(db, id, Some(before.status), step.to, step.message, actor);
            Ok(Some(database))
        });
        self.database_changed.notify_waiters();
        changed
    }
}
