//! Managed databases: what the platform runs for others, step by step from a wish to the end.

use sqlx::FromRow;

use super::database_events::insert_event;
use super::engine::lock::{self, lock};
use super::query::{Sort, page};
use super::{Store, StoreError, Window};
use crate::domain::{DatabaseStatus, Id, Time};

/// A row of `databases`.
#[derive(Debug, Clone, FromRow)]
pub struct Database {
    /// The id.
    pub id: Id,
    /// Unique among those that aren't deleted.
    pub name: String,
    /// Who answers for it.
    pub owner_team: String,
    /// What it is for.
    pub purpose: String,
    /// How far it is.
    #[sqlx(try_from = "String")]
    pub status: DatabaseStatus,
    /// Where it is, while it is ready.
    pub host: Option<String>,
    /// On which port.
    pub port: Option<i64>,
    /// Under which name its credentials are kept.
    pub secret_name: Option<String>,
    /// When it was wished for.
    pub created_at: Time,
    /// When it was changed.
    pub updated_at: Time,
}

/// What a new database is made of.
#[derive(Debug, Clone)]
pub struct NewDatabase {
    /// See [`Database`].
    pub name: String,
    /// See [`Database`].
    pub owner_team: String,
    /// See [`Database`].
    pub purpose: String,
}

/// What a change may set: `None` leaves a field.
#[derive(Debug, Clone, Default)]
pub struct DatabasePatch {
    /// See [`Database`].
    pub owner_team: Option<String>,
    /// See [`Database`].
    pub purpose: Option<String>,
}

/// A step that a database takes.
#[derive(Debug, Clone)]
pub struct Step {
    /// Where it leads.
    pub to: DatabaseStatus,
    /// What there is to say about it.
    pub message: Option<String>,
    /// Where the database is, when it is ready.
    pub place: Option<Place>,
}

/// Where a database is.
#[derive(Debug, Clone)]
pub struct Place {
    /// See [`Database`].
    pub host: String,
    /// See [`Database`].
    pub port: i64,
    /// See [`Database`].
    pub secret_name: String,
}

/// Which databases a list holds.
#[derive(Debug, Clone, Default)]
pub struct DatabaseFilter {
    /// Of this team.
    pub owner_team: Option<String>,
    /// In one of these states.
    pub statuses: Option<Vec<DatabaseStatus>>,
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
    /// A database that is wished for now.
    fn new(new: NewDatabase) -> Self {
        let now = Time::now();
        Self {
            id: Id::generate(),
            name: new.name,
            owner_team: new.owner_team,
            purpose: new.purpose,
            status: DatabaseStatus::Requested,
            host: None,
            port: None,
            secret_name: None,
            created_at: now,
            updated_at: now,
        }
    }
}

impl Store {
    /// A page of the databases that aren't deleted, and how many there are in all.
    pub async fn databases(
        &self,
        filter: &DatabaseFilter,
        sort: Sort,
        window: Window,
    ) -> Result<(Vec<Database>, i64), StoreError> {
        let search = self
            .search(filter.name.as_deref())
            .among_few(filter.owner_team.is_some());
        let statuses = filter.statuses.as_deref();
        // A list of fixed length: what is missing repeats the first.
        let status = |place: usize| {
            statuses.and_then(|all| all.get(place).or(all.first()).map(|status| status.as_str()))
        };
        page!(
            self,
            columns!(),
            "from databases
            where status <> 'deleted'
              and owner_team = $1
              and status in ($2, $3, $4, $5, $6, $7)
              and name like $8 escape '\\'
              and search_trigrams(name) @> search_trigrams($9)",
            sort.order("name"),
            window,
            [
                filter.owner_team.as_deref(),
                status(0),
                status(1),
                status(2),
                status(3),
                status(4),
                status(5),
            ],
            search
        )
    }

    /// The database with this id, unless it is deleted.
    pub async fn database(&self, id: Id) -> Result<Option<Database>, StoreError> {
        on_db!(self.read, db => sqlx::query_as(BY_ID).bind(id).fetch_optional(db))
    }

    /// Writes down that somebody wants a database; a name that is taken is a conflict.
    pub async fn create_database(
        &self,
        new: NewDatabase,
        actor: String,
    ) -> Result<Database, StoreError> {
        let store = self.clone();
        let database = Database::new(new);
        in_transaction!(self, db => {
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
            insert_event!(db, database.id, None::<DatabaseStatus>, database.status, None::<String>, actor);
            Ok(database)
        })
    }

    /// Changes what is said about a database.
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

    /// Takes a step and writes it down, both or neither; a step that doesn't lead there is a conflict.
    pub async fn step_database(
        &self,
        id: Id,
        step: Step,
        actor: String,
    ) -> Result<Option<Database>, StoreError> {
        let store = self.clone();
        let locking = self.locking(BY_ID);
        in_transaction!(self, db => {
            let Some(before) = sqlx::query_as::<_, Database>(locking).bind(id).fetch_optional(&mut *db).await? else {
                return Ok(None);
            };
            if !before.status.leads_to(step.to) {
                return Err(StoreError::Conflict("the database's status doesn't lead there"));
            }
            let place = step.place.as_ref();
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
            .bind(place.map(|place| &place.host))
            .bind(place.map(|place| place.port))
            .bind(place.map(|place| &place.secret_name))
            .bind(Time::now())
            .fetch_one(&mut *db)
            .await?;
            lock!(store, db, lock::DATABASE_EVENTS);
            insert_event!(db, id, Some(before.status), step.to, step.message, actor);
            Ok(Some(database))
        })
    }
}
