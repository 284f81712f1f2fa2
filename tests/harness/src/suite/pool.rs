//! A pool of the suite's databases, for another test runner.

use std::{path::Path, process::ExitCode, sync::Arc};

use tokio_util::sync::CancellationToken;

use crate::{
    failure::{Failure, Misuse},
    output::{complain, reserve_standard_output},
    pool::{self, RunningPool, Signals},
    process::run_folder::{self, RunFolder},
    slot::factory::{SlotContext, Target},
    suite::{
        Suite,
        ending::{self, Stop},
        in_runtime,
        options::Options,
        run::Run,
    },
};

/// A pool that this process runs for its own tests.
pub struct OwnPool {
    pub pool: RunningPool,
    context: Arc<SlotContext>,
    folder: RunFolder,
}

impl Suite {
    /// Runs a command with a pool of this number of slots, and returns its exit code.
    pub(crate) fn pool_with(
        self,
        mut options: Options,
        slots: u16,
        command: &[String],
    ) -> ExitCode {
        options.target = Target::None;
        options.slots = Some(slots);
        reserve_standard_output();
        in_runtime(async { ending::exit_code(self.run_pool(options, slots, command).await) })
    }

    async fn run_pool(self, options: Options, slots: u16, command: &[String]) -> Result<u8, Stop> {
        let mut signals = Signals::listen().map_err(Failure::from)?;
        let mut run = Run::new(
            self.into_run(String::new()),
            options,
            CancellationToken::new(),
        )?;
        for swept in run_folder::sweep() {
            complain(format_args!("swept what a killed run had left: {swept}"));
        }
        let folder = RunFolder::create().map_err(Stop::Failure)?;
        let ended = tokio::select! {
            context = lending(&mut run, &folder.path, slots.into()) => match context {
                Ok(context) => Ok(context),
                Err(stop) => Err(Err(stop)),
            },
            (_, code) = signals.next() => Err(Ok(code)),
        };
        let context = match ended {
            Ok(context) => context,
            Err(code) => {
                folder.remove().await;
                return code;
            }
        };
        let code = pool::run(&context, slots.into(), command, &mut signals).await;
        SlotContext::shut_down(context).await;
        folder.remove().await;
        Ok(code?)
    }

    /// Starts a pool for tests of this process. It is removed when the process ends.
    pub(crate) async fn own_pool(self, slots: u16) -> Result<OwnPool, Failure> {
        let failed = |stop| match stop {
            Stop::Misuse(Misuse(why)) | Stop::Failure(why) => Failure::new(why),
        };
        let options = Options::pool(slots);
        reserve_standard_output();
        let definition = self.into_run(String::new());
        let mut run = Run::new(definition, options, CancellationToken::new()).map_err(failed)?;
        run_folder::sweep();
        let folder = RunFolder::create()?;
        let context = lending(&mut run, &folder.path, slots.into())
            .await
            .map_err(failed)?;
        Ok(OwnPool {
            pool: RunningPool::start(&context, slots.into()).await?,
            context,
            folder,
        })
    }
}

impl OwnPool {
    /// Stops the pool and removes everything.
    pub async fn end(self) {
        self.pool.end().await;
        SlotContext::shut_down(self.context).await;
        self.folder.remove().await;
    }
}

/// The context of slots for clients outside of the harness.
async fn lending(run: &mut Run, folder: &Path, wanted: usize) -> Result<Arc<SlotContext>, Stop> {
    run.wanted.server.tcp = true;
    let (mut context, room) = run.context(folder).await?;
    if room < wanted {
        SlotContext::shut_down(Arc::new(context)).await;
        return Err(Stop::Failure(format!(
            "the server has no connections left for {wanted} slots: {room} are possible"
        )));
    }
    context.lends = true;
    Ok(Arc::new(context))
}
