//! The slots of a pool, and their leases.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use tokio::sync::mpsc;

use crate::{
    failure::Failure,
    pool::owner::Owner,
    process::random_name,
    slot::{ClientUrls, Outcome, Release, Slot, factory::SlotContext},
};

/// How many owners of the last leases are remembered. They will probably ask again.
const REMEMBERED: usize = 16;

/// All slots of a pool.
pub struct Pool {
    context: Arc<SlotContext>,
    places: Vec<Arc<Place>>,
    /// The numbers of free places. The request that has waited longest gets the next one.
    free: mpsc::UnboundedSender<usize>,
    waiting: tokio::sync::Mutex<mpsc::UnboundedReceiver<usize>>,
    /// The number for the next slot's database.
    next: AtomicUsize,
    recent: Mutex<Vec<u32>>,
}

/// A place for a slot. Its number stays the same if the slot is replaced.
pub struct Place {
    /// Starting at 1.
    pub number: usize,
    slot: tokio::sync::Mutex<Option<Slot>>,
    lease: Mutex<Option<Lease>>,
}

/// The lease of a slot.
#[derive(Clone, Debug)]
pub struct Lease {
    pub id: String,
    /// `None` if the system doesn't tell who asked.
    pub owner: Option<Owner>,
}

/// A place whose lease was valid a moment ago.
pub struct Held {
    place: Arc<Place>,
    lease: String,
}

/// The answer to a client.
pub struct Leased {
    pub slot: usize,
    pub lease: String,
    pub urls: ClientUrls,
}

/// Why a request is refused.
pub enum Refused {
    /// There is no such slot.
    Unknown(String),
    /// The slot isn't leased to this client.
    NotYours(String),
    /// All slots are leased.
    Full(String),
    Failed(Failure),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Pool {
    pub async fn prepare(context: &Arc<SlotContext>, count: usize) -> Result<Self, Failure> {
        let (free, waiting) = mpsc::unbounded_channel();
        let mut places = Vec::new();
        for number in 1..=count {
            let slot = Slot::prepare(context, number).await?;
            places.push(Arc::new(Place {
                number,
                slot: tokio::sync::Mutex::new(Some(slot)),
                lease: Mutex::default(),
            }));
            let _ = free.send(number);
        }
        Ok(Self {
            context: Arc::clone(context),
            places,
            free,
            waiting: tokio::sync::Mutex::new(waiting),
            next: AtomicUsize::new(count + 1),
            recent: Mutex::default(),
        })
    }

    pub fn places(&self) -> &[Arc<Place>] {
        &self.places
    }

    /// The processes that had the last leases.
    pub fn recent_owners(&self) -> Vec<u32> {
        self.recent.lock().clone()
    }

    fn remember(&self, owner: &Owner) {
        let mut recent = self.recent.lock();
        recent.retain(|pid| *pid != owner.pid);
        recent.insert(0, owner.pid);
        recent.truncate(REMEMBERED);
    }

    /// Leases the next free slot to this owner. Waits for a free slot, with or without a limit.
    pub async fn lease(
        &self,
        owner: Option<Owner>,
        longest: Option<Duration>,
    ) -> Result<Leased, Refused> {
        let next = async { self.waiting.lock().await.recv().await };
        let number = match longest {
            None => next.await,
            Some(longest) => match tokio::time::timeout(longest, next).await {
                Ok(number) => number,
                Err(_) => return Err(Refused::Full(self.full(longest))),
            },
        };
        let place = number.and_then(|number| self.places.get(number - 1));
        let place = place.ok_or_else(|| Refused::Unknown("the pool is ending".to_owned()))?;
        // No await from here on: if the client disconnected, the slot would be lost.
        let lease = Lease::new(owner);
        if let Some(owner) = &lease.owner {
            self.remember(owner);
        }
        *place.lease.lock() = Some(lease.clone());
        let urls = match place.slot.try_lock().as_deref() {
            Ok(Some(slot)) => slot.client_urls(),
            _ => Err(Failure::new("the slot is being replaced")),
        };
        match urls {
            Ok(urls) => Ok(Leased {
                slot: place.number,
                lease: lease.id,
                urls,
            }),
            Err(failure) => {
                self.set_free(place);
                Err(failure.into())
            }
        }
    }

    /// The place with this number, if the lease is valid. A client that shows no lease is trusted.
    pub fn held(&self, number: usize, lease: Option<&str>) -> Result<Held, Refused> {
        let place = number
            .checked_sub(1)
            .and_then(|index| self.places.get(index))
            .ok_or_else(|| {
                Refused::Unknown(format!(
                    "there is no slot {number}: the pool has slots 1 to {}",
                    self.places.len()
                ))
            })?;
        let current = place.lease().ok_or_else(|| not_leased(number))?;
        match lease {
            Some(lease) if current.id != lease => Err(Refused::NotYours(format!(
                "{lease} isn't the lease of slot {number}: that lease has ended, and the slot has another lease now"
            ))),
            _ => Ok(Held {
                place: Arc::clone(place),
                lease: current.id,
            }),
        }
    }

    /// Resets the database, which stays leased. Runs in its own task, because the client may disconnect.
    pub async fn reset(self: &Arc<Self>, held: Held) -> Result<(Release, String), Refused> {
        let pool = Arc::clone(self);
        in_task(async move {
            let mut slot = held.slot().await?;
            let release = pool.reset_or_replace(&mut slot).await?;
            let urls = slot
                .as_ref()
                .map_or_else(|| Err(lost()), Slot::client_urls)?;
            Ok((release, urls.service))
        })
        .await
    }

    /// The first difference between the database and the template.
    pub async fn prove(self: &Arc<Self>, held: Held) -> Result<Option<String>, Refused> {
        in_task(async move {
            let mut slot = held.slot().await?;
            let slot = slot.as_mut().ok_or_else(lost)?;
            Ok(slot.first_difference().await?)
        })
        .await
    }

    /// Ends the lease, and resets and frees the slot.
    pub async fn release(self: &Arc<Self>, held: Held) -> Result<(), Refused> {
        // From now on this lease is refused.
        if !held.place.end_lease(&held.lease) {
            return Err(not_leased(held.place.number));
        }
        let pool = Arc::clone(self);
        in_task(async move {
            let mut slot = held.place.slot.lock().await;
            let reset = pool.reset_or_replace(&mut slot).await;
            drop(slot);
            pool.set_free(&held.place);
            reset?;
            Ok(())
        })
        .await
    }

    /// Resets a slot. If that isn't possible, the slot is replaced.
    async fn reset_or_replace(&self, held: &mut Option<Slot>) -> Result<Release, Failure> {
        let released = match held.as_mut() {
            Some(slot) => slot.release().await,
            None => Err(lost()),
        };
        match released {
            Ok(release) => {
                if let Some(slot) = held.as_mut() {
                    slot.vacuum().await;
                }
                Ok(release)
            }
            Err(failure) => {
                if let Some(slot) = held.take() {
                    slot.end().await;
                }
                let number = self.next.fetch_add(1, Ordering::Relaxed);
                *held = Some(Slot::prepare(&self.context, number).await?);
                Ok(Release {
                    outcome: Outcome::Recloned(Some(failure.to_string())),
                    ..Release::default()
                })
            }
        }
    }

    fn set_free(&self, place: &Place) {
        *place.lease.lock() = None;
        let _ = self.free.send(place.number);
    }

    fn full(&self, longest: Duration) -> String {
        let holders: Vec<String> = self
            .places
            .iter()
            .filter_map(|place| {
                let owner = place.lease()?.owner;
                let owner =
                    owner.map_or("an unknown process".to_owned(), |owner| owner.to_string());
                Some(format!("slot {} by {owner}", place.number))
            })
            .collect();
        format!(
            "no slot became free within {longest:?}; they are leased: {}",
            holders.join(", ")
        )
    }

    /// Leases whose owners have ended, with their owners.
    pub fn abandoned(&self) -> Vec<(Held, Owner)> {
        let abandoned = |place: &Arc<Place>| {
            let lease = place.lease()?;
            let owner = lease.owner.filter(|owner| !owner.is_alive())?;
            let held = Held {
                place: Arc::clone(place),
                lease: lease.id,
            };
            Some((held, owner))
        };
        self.places.iter().filter_map(abandoned).collect()
    }

    /// Removes all slots.
    pub async fn end(&self) {
        for place in &self.places {
            if let Some(slot) = place.slot.lock().await.take() {
                slot.end().await;
            }
        }
    }
}

impl Place {
    pub fn lease(&self) -> Option<Lease> {
        self.lease.lock().clone()
    }

    /// Ends this lease. The slot isn't free yet. Returns whether the lease was valid.
    fn end_lease(&self, id: &str) -> bool {
        let mut lease = self.lease.lock();
        let is_it = lease.as_ref().is_some_and(|lease| lease.id == id);
        if is_it {
            *lease = Some(Lease::new(None));
        }
        is_it
    }
}

impl Lease {
    fn new(owner: Option<Owner>) -> Self {
        Self {
            id: random_name() + &random_name(),
            owner,
        }
    }
}

impl Held {
    pub fn number(&self) -> usize {
        self.place.number
    }

    /// The slot, when no other request uses it. The lease may have ended in the meantime.
    async fn slot(&self) -> Result<tokio::sync::MutexGuard<'_, Option<Slot>>, Refused> {
        let slot = self.place.slot.lock().await;
        match self.place.lease() {
            Some(lease) if lease.id == self.lease => Ok(slot),
            _ => Err(not_leased(self.place.number)),
        }
    }
}

fn not_leased(number: usize) -> Refused {
    Refused::NotYours(format!(
        "slot {number} isn't leased: its lease has ended, or was taken back because its owner had ended"
    ))
}

fn lost() -> Failure {
    Failure::new("the slot's last reset failed, and it couldn't be replaced")
}

async fn in_task<T: Send + 'static>(
    work: impl Future<Output = Result<T, Refused>> + Send + 'static,
) -> Result<T, Refused> {
    tokio::spawn(work)
        .await
        .unwrap_or_else(|error| Err(Failure::new(error.to_string()).into()))
}
