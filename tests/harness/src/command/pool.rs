//! The options of `bdd pool`.

use crate::{isolation::reset::Strategy, server::Provider, suite::options::Options};

/// The command gets BDD_POOL=http://127.0.0.1:PORT, and runs in the current folder. bdd exits with its exit code: 127 if
/// there is no such command, 126 if it can't be run.
///
///   POST   /lease            leases a slot: {"slot":2,"database_url":"…","owner_url":"…","lease":"…"}; waits for a free one
///   POST   /slots/2/reset    resets it to the state after the migrations: {"reset_ms":0.4,"recloned":false}
///   POST   /slots/2/prove    compares it with the template: {"clean":true}
///   DELETE /slots/2          gives it back
///   GET    /                 lists the slots and their owners
///
/// POST /lease takes `pid`, the process that owns the lease (default: the process that sends the request), and `wait`, the
/// longest time to wait, as in /lease?pid=123&wait=30s. The others take `lease`. When the owner ends, the slot is taken back.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Pool {
    /// Number of slots
    #[arg(value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub slots: u16,

    /// Where PostgreSQL comes from: auto, external, container, local, or a URL [default: auto]
    #[arg(long, value_name = "PROVIDER|URL")]
    database: Option<Provider>,

    /// Uses a role that may only create databases and roles; for container and local
    #[arg(long)]
    plain_owner: bool,

    /// How a slot is reset [default: adaptive]
    #[arg(long, value_enum, value_name = "STRATEGY")]
    reset: Option<Strategy>,

    /// The command, after two dashes: `bdd pool 4 -- pytest -n 4`
    #[arg(last = true, required = true, value_name = "COMMAND", value_hint = clap::ValueHint::AnyPath)]
    pub command: Vec<String>,
}

impl Pool {
    /// The suite's options for a pool.
    pub fn options(&self) -> Options {
        let mut options = Options::pool(self.slots);
        options.database.clone_from(&self.database);
        options.plain_owner = self.plain_owner;
        options.reset = self.reset;
        options
    }
}
