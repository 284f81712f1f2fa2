//! A service that keeps notes.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::get,
};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, PgPool};

#[derive(Serialize, FromRow)]
struct Note {
    id: i64,
    text: String,
}

#[derive(Deserialize)]
struct NewNote {
    text: String,
}

/// The service on this database; `main` and the suite build it in the same way.
pub fn app(database: PgPool) -> Router {
    Router::new()
        .route("/health", get(|| async { "healthy" }))
        .route("/notes", get(list).post(create))
        .route("/notes/{id}", get(read))
        .with_state(database)
}

async fn list(State(database): State<PgPool>) -> Result<Json<Vec<Note>>, StatusCode> {
    let notes = sqlx::query_as("select id, text from notes order by id")
        .fetch_all(&database)
        .await;
    notes.map(Json).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

async fn read(
    State(database): State<PgPool>,
    Path(id): Path<i64>,
) -> Result<Json<Note>, StatusCode> {
    let note = sqlx::query_as("select id, text from notes where id = $1")
        .bind(id)
        .fetch_optional(&database)
        .await
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    note.map(Json).ok_or(StatusCode::NOT_FOUND)
}

async fn create(
    State(database): State<PgPool>,
    Json(new): Json<NewNote>,
) -> Result<(StatusCode, Json<Note>), StatusCode> {
    let note = sqlx::query_as("insert into notes (text) values ($1) returning id, text")
        .bind(&new.text)
        .fetch_one(&database)
        .await
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok((StatusCode::CREATED, Json(note)))
}
