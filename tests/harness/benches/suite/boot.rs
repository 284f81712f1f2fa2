//! From nothing to the first slot, by provider.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Instant};

use bdd_harness::{failure::Failure, isolation::template::{Schema, Template}, program::Program, slot::{factory::{self, Ground, Isolation}, Slot}, suite::options::{Database, Store, Target, Wanted}, server};
use crate::{ms, service};

/// What the columns of [`boot`]'s lines are.
pub fn heading() {
    println!("From nothing to the first slot, in ms");
    println!(
        "{:<12} {:>8} {:>10} {:>8} {:>8}",
        "provider", "server", "template", "slot", "all"
    );
}

/// Boots a server to its first slot and tells how long each phase took.
pub async fn boot(database: &Database, folder: &Path) -> Result<Arc<Ground>, Failure> {
    let wanted = Wanted {
        database: database.clone(),
        url: None,
        image: std::env::var("DLC_BDD_DATABASE_IMAGE")
            .unwrap_or_else(|_| "postgres:16-alpine".into()),
        store: Store::Postgres,
        plain_owner: false,
        named: true,
    };
    let program: Arc<Program> = Arc::new(service::DanceLessonsCoach);
    let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bdd");
    let start = Instant::now();
    let found = server::find(&wanted, &cache, folder, &|_| {})
        .await
        .map_err(|none| Failure::new(none.0.join("; ")))?;
    let server = start.elapsed();
    let template =
        match Template::make(found.server, &program, Schema::Program(&program), &|_| {}).await {
            Ok(template) => template,
            Err((server, failure)) => {
                server.stop().await;
                return Err(failure);
            }
        };
    let made = start.elapsed();
    let ground = Arc::new(Ground::new(
        program,
        Target::Service,
        factory::Store::Postgres(Arc::new(template)),
        settings(),
        folder.to_owned(),
        Isolation::default(),
    ));
    let slot = Slot::prepare(&ground, 1000).await?;
    let all = start.elapsed();
    println!(
        "{:<12} {:>8.0} {:>10.0} {:>8.0} {:>8.0}",
        format!("{database:?}").to_lowercase(),
        ms(server),
        ms(made.checked_sub(server).unwrap()),
        ms(all.checked_sub(made).unwrap()),
        ms(all)
    );
    slot.end().await;
    Ok(ground)
}

/// The same as in `config.test.toml`.
fn settings() -> BTreeMap<String, String> {
    [
        ("DLC_ENVIRONMENT", "test"),
        ("DLC_DATABASE_MAX_CONNS", "10"),
        ("DLC_DATABASE_MIN_CONNS", "0"),
        ("DLC_AUTH_HASH_MEMORY_KIB", "64"),
        ("DLC_AUTH_HASH_ITERATIONS", "1"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}
