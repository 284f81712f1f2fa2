//! The total number of rows of a list, counted once for all concurrent requests.
//!
//! Counting many rows is expensive: about 10 ms for 100,000. A request that arrives during a count waits for the next
//! count, whose result all waiting requests share. That count begins after they have arrived, so it includes every row
//! that existed then.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
};

use crate::store::error::StoreError;

/// The counts that are running. Clones share them.
#[derive(Clone, Default)]
pub(in crate::store) struct Totals(Arc<Mutex<HashMap<String, Arc<Count>>>>);

/// The counts of one question.
#[derive(Default)]
struct Count {
    /// The number of counts that have begun.
    begun: AtomicU64,
    /// The last count that finished. Locked while counting.
    last: tokio::sync::Mutex<Finished>,
}

#[derive(Default)]
struct Finished {
    /// Sequence number, starting at 1.
    number: u64,
    /// `None` if the count failed.
    rows: Option<i64>,
}

impl Totals {
    /// The result of `count`, or of a count for the same question that began after this call.
    pub(in crate::store) async fn share(
        &self,
        question: String,
        count: impl Future<Output = Result<i64, StoreError>>,
    ) -> Result<i64, StoreError> {
        let asked = Asked::new(self, question);
        let begun_before = asked.count.begun.load(SeqCst);
        let mut last = asked.count.last.lock().await;
        if last.number > begun_before {
            if let Some(rows) = last.rows {
                return Ok(rows);
            }
            // That count failed. Counting one after the other until one succeeds would take too long.
            drop(last);
            return count.await;
        }
        let number = asked.count.begun.fetch_add(1, SeqCst) + 1;
        let counted = count.await;
        *last = Finished {
            number,
            rows: counted.as_ref().ok().copied(),
        };
        counted
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, Arc<Count>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that asks a question. The last one to be dropped removes the question's entry.
struct Asked<'a> {
    totals: &'a Totals,
    question: String,
    count: Arc<Count>,
}

impl<'a> Asked<'a> {
    fn new(totals: &'a Totals, question: String) -> Self {
        let count = totals
            .entries()
            .entry(question.clone())
            .or_default()
            .clone();
        Self {
            totals,
            question,
            count,
        }
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        let mut entries = self.totals.entries();
        // References are only added under this lock. If no other request asks, two are left: the entry's and this
        // one's.
        if Arc::strong_count(&self.count) == 2 {
            entries.remove(&self.question);
        }
        // Released under the lock as well, or the next one to drop would still count it.
        self.count = Arc::default();
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, rc::Rc};

    use tokio::{sync::oneshot, task::LocalSet};

    use super::Totals;
    use crate::store::error::StoreError;

    #[tokio::test]
    async fn a_request_during_a_count_gets_the_next_count() {
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
            first.share("shoes".into(), slow).await
        });
        let others: Vec<_> = (0..3)
            .map(|_| {
                let (totals, counts) = (totals.clone(), Rc::clone(&counts));
                local.spawn_local(async move {
                    let count = async {
                        counts.set(counts.get() + 1);
                        Ok(2)
                    };
                    totals.share("shoes".into(), count).await
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
        assert_eq!(counts.get(), 1, "one count for all who waited");
        assert!(totals.entries().is_empty(), "nothing is remembered");
    }

    #[tokio::test]
    async fn a_failed_count_is_not_shared_with_later_requests() {
        let totals = Totals::default();
        let failed = totals.share("shoes".into(), async { Err(StoreError::Interrupted) });
        assert!(failed.await.is_err());
        assert!(matches!(
            totals.share("shoes".into(), async { Ok(3) }).await,
            Ok(3)
        ));
    }
}
