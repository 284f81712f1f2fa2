//! Tests without Gherkin, each on a clean database of its own: `cargo test --test plain`.

use bdd_harness::{BoxError, TestDatabase};
use sqlx::PgPool;

async fn note(pool: &PgPool, text: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar("insert into notes (text) values ($1) returning id")
        .bind(text)
        .fetch_one(pool)
        .await
}

#[tokio::test]
async fn the_first_note_has_id_1() -> Result<(), BoxError> {
    let database = TestDatabase::lease("migrations").await?;
    let pool = PgPool::connect(database.url()).await?;
    assert_eq!(note(&pool, "buy new shoes").await?, 1);
    Ok(())
}

#[tokio::test]
async fn the_first_note_has_id_1_in_every_test() -> Result<(), BoxError> {
    let database = TestDatabase::lease("migrations").await?;
    let pool = PgPool::connect(database.url()).await?;
    assert_eq!(note(&pool, "learn the tango").await?, 1);
    assert_eq!(note(&pool, "learn the waltz").await?, 2);
    Ok(())
}

#[tokio::test]
async fn the_first_note_has_id_1_after_a_reset() -> Result<(), BoxError> {
    let database = TestDatabase::lease("migrations").await?;
    let pool = PgPool::connect(database.url()).await?;
    note(&pool, "practise").await?;
    database.reset().await?;
    assert_eq!(note(&pool, "practise").await?, 1);
    pool.close().await;
    database.release().await?;
    Ok(())
}
