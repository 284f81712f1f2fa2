//! The behaviour suite of the notes service: `cargo test --test behaviour`.

use std::process::ExitCode;

use bdd_harness::{BoxError, Outcome, Service, Start, Suite, World, given};
use serde_json::json;

struct Notes;

impl Service for Notes {
    async fn serve(&self, start: Start) -> Result<(), BoxError> {
        let database = sqlx::PgPool::connect(start.database_url()).await?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        start.listening(listener.local_addr()?);
        axum::serve(listener, notes::app(database))
            .with_graceful_shutdown(start.stopped())
            .await?;
        Ok(())
    }
}

/// A step of this project: makes a note through the service.
#[given(expr = "a note that says {string}")]
async fn a_note(world: &mut World, text: String) -> Outcome {
    let note = json!({ "text": text });
    world.send_json("POST", "/notes", &note, 201).await
}

fn main() -> ExitCode {
    Suite::new("features")
        .migrations("migrations")
        .service(Notes)
        .main()
}
