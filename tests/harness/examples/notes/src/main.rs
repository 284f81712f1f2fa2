//! Serves notes on 127.0.0.1:8080, from the database that `DATABASE_URL` names.

use std::{env, error::Error};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let database = sqlx::PgPool::connect(&env::var("DATABASE_URL")?).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    axum::serve(listener, notes::app(database)).await?;
    Ok(())
}
