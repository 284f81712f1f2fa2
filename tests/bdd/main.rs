//! SCAFFOLD: the lead replaces this file.
#[path = "../harness/mod.rs"]
mod harness;
use cucumber::World as _;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    harness::world::World::cucumber()
        .fail_on_skipped()
        .run_and_exit("features/harness")
        .await;
}
