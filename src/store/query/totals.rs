//! How many rows a list has in all, counted once for all who ask at the same time.
//!
//! Counting is what costs when rows are many: 100,000 take some 10 ms, and a thousand clients who open the same list
//! would wait for each other's. Whoever asks while somebody counts waits for the next count, which is then everybody's:
//! it begins after they asked, so it holds whatever was there when they did.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
};

use crate::store::StoreError;

/// What is being counted. Clones share it.
#[derive(Clone, Default)]
pub(in crate::store) struct Totals(Arc<Mutex<HashMap<String, Arc<Total>>>>);

#[derive(Default)]
struct Total {
    /// Counts that have begun.
    begun: AtomicU64,
    /// Held by whoever counts.
    last: tokio::sync::Mutex<Counted>,
}

/// The last count that came to its end.
#[derive(Default)]
struct Counted {
    /// The how manieth it was, from 1.
    number: u64,
    /// None when it failed.
    rows: Option<i64>,
}

impl Totals {
    /// The answer of `count`, or that of another count of the same that began after this was called.
    pub(in crate::store) async fn of(
        &self,
        what: String,
        count: impl Future<Output = Result<i64, StoreError>>,
    ) -> Result<i64, StoreError> {
        let asked = Asked::new(self, what);
        let before = asked.total.begun.load(SeqCst);
        let mut last = asked.total.last.lock().await;
        if last.number > before {
            if let Some(rows) = last.rows {
                return Ok(rows);
            }
            // Waiting for one failure after the other would take longer than anybody may wait.
            drop(last);
            return count.await;
        }
        let number = asked.total.begun.fetch_add(1, SeqCst) + 1;
        let counted = count.await;
        *last = Counted {
            number,
            rows: counted.as_ref().ok().copied(),
        };
        counted
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, Arc<Total>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who wants to know; the last one to go takes the entry along.
struct Asked<'a> {
    totals: &'a Totals,
    what: String,
    total: Arc<Total>,
}

impl<'a> Asked<'a> {
    fn new(totals: &'a Totals, what: String) -> Self {
        let total = totals.entries().entry(what.clone()).or_default().clone();
        Self {
            totals,
            what,
            total,
        }
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        let mut entries = self.totals.entries();
        // Others are cloned under this lock only: two are the entry's own and this one.
        if Arc::strong_count(&self.total) == 2 {
            entries.remove(&self.what);
        }
        self.total = Arc::default();
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, rc::Rc};

    use tokio::{sync::oneshot, task::LocalSet};

    use super::Totals;
    use crate::store::StoreError;

    #[tokio::test]
    async fn whoever_asks_during_a_count_gets_the_next_one() {
        let totals = Totals::default();
        let counts = Rc::new(Cell::new(0));
        let (go_on, waiting) = oneshot::channel::<()>();
        let local = LocalSet::new();
        let first = totals.clone();
        let first = local.spawn_local(async move {
            let slow = async {
                let _ = waiting.await;
                Ok(1)
            };
            first.of("shoes".into(), slow).await
        });
        let others: Vec<_> = (0..3)
            .map(|_| {
                let (totals, counts) = (totals.clone(), Rc::clone(&counts));
                local.spawn_local(async move {
                    let count = async {
                        counts.set(counts.get() + 1);
                        Ok(2)
                    };
                    totals.of("shoes".into(), count).await
                })
            })
            .collect();
        local
            .run_until(async {
                tokio::task::yield_now().await;
                let _ = go_on.send(());
                assert!(matches!(first.await, Ok(Ok(1))));
                for other in others {
                    assert!(matches!(other.await, Ok(Ok(2))));
                }
            })
            .await;
        assert_eq!(counts.get(), 1, "one count for those who waited");
        assert!(totals.entries().is_empty(), "nothing is remembered");
    }

    #[tokio::test]
    async fn a_failure_is_told_to_whoever_counted() {
        let totals = Totals::default();
        let failed = totals.of("shoes".into(), async { Err(StoreError::Interrupted) });
        assert!(failed.await.is_err());
        assert!(matches!(
            totals.of("shoes".into(), async { Ok(3) }).await,
            Ok(3)
        ));
    }
}
