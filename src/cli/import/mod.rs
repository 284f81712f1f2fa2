//! `import`: takes over the data of programs that this service replaces.

mod diun;
mod members;
mod pizza;
mod rows;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tracing::info;

use super::failure::Failure;
use super::runtime::{open, runtime};
use super::settings::Settings;
use crate::config::EnvVars;
use crate::store::import::ForeignFile;
use rows::{Report, failed};

#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Import image updates and tags of DiunDashboard
    ///
    /// Reads the tables updates, tags and tag_assignments. An image that was reported here stays as it is.
    Diun {
        /// DiunDashboard's SQLite file. It is only read
        file: PathBuf,
    },
    /// Import pizzas of gin-pizza-api
    ///
    /// Reads the tables pizzas and users. A pizza belongs to the user here with the email of its creator.
    Pizza {
        /// gin-pizza-api's SQLite file. It is only read
        file: PathBuf,
        /// The user who gets the pizzas whose creators have no account here
        #[arg(long, value_name = "USERNAME")]
        created_by: Option<String>,
    },
}

impl Import {
    pub(super) fn run(self, settings: Settings, env: EnvVars) -> Result<(), Failure> {
        let (config, who) = settings.for_operator(env)?;
        let mut report = Report::default();
        let file = match &self.what {
            What::Diun { file } | What::Pizza { file, .. } => file,
        };
        let imported = runtime()?.block_on(async {
            // The file first: a wrong one is told before the database is migrated.
            let tables = match &self.what {
                What::Diun { .. } => &diun::TABLES[..],
                What::Pizza { .. } => &pizza::TABLES[..],
            };
            let opened = ForeignFile::open(file, tables).await;
            let mut source = opened.map_err(|error| failed(file, error))?;
            let store = open(config).await?;
            let imported = match &self.what {
                What::Diun { .. } => diun::import(&store, &mut source, file, &mut report).await,
                What::Pizza { created_by, .. } => {
                    let owner = created_by.as_deref();
                    pizza::import(&store, &mut source, file, owner, &mut report).await
                }
            };
            source.close().await;
            store.close().await;
            imported
        });
        for line in &report.lines {
            println!("{line}");
        }
        let imported = imported?;
        let file = file.display();
        info!(target: "audit", act = "import", who, from = "command line", %file, imported);
        println!("{imported}");
        Ok(())
    }
}
