//! Passwords: hashed with argon2id on blocking threads, a limited number at once.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Hashes and verifies passwords. Clones share the limits.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    all: Arc<Queue>,
    /// For requests that need no log-in, such as a registration. They get at most half of the concurrency and have a
    /// queue of their own, so that they can't delay log-ins.
    anonymous: Arc<Queue>,
    /// Verified when there is no user, so that both answers take the same time.
    dummy_hash: Arc<str>,
}

#[derive(Debug, thiserror::Error)]
#[error("the queue of passwords that wait to be hashed is full")]
pub struct Busy;

impl Passwords {
    /// Hashes `concurrency` passwords at once (0: one per processor), while at most `queue` others wait.
    pub fn new(cost: Params, concurrency: usize, queue: usize) -> Self {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost);
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let concurrency = if concurrency == 0 {
            processors
        } else {
            concurrency
        };
        let dummy_hash = hash_now(&argon2, &format!("{:032x}", rand::random::<u128>())).into();
        Self {
            argon2,
            all: Arc::new(Queue::new(concurrency, queue)),
            anonymous: Arc::new(Queue::new(concurrency.div_ceil(2), queue)),
            dummy_hash,
        }
    }

    /// The password's hash in PHC form.
    pub async fn hash(&self, password: String) -> Result<String, Busy> {
        let argon2 = self.argon2.clone();
        self.run(None, move || hash_now(&argon2, &password)).await
    }

    /// Hashes a password for a request that needs no log-in.
    pub async fn hash_anonymous(&self, password: String) -> Result<String, Busy> {
        let permit = self.anonymous.enter().await?;
        let argon2 = self.argon2.clone();
        self.run(Some(permit), move || hash_now(&argon2, &password))
            .await
    }

    /// Whether the password belongs to the hash. Without a hash the answer is no, after the same time.
    pub async fn verify(&self, password: String, hash: Option<&str>) -> Result<bool, Busy> {
        let known = hash.is_some();
        let hash = hash.map_or_else(|| self.dummy_hash.clone(), Arc::from);
        let argon2 = self.argon2.clone();
        let matches = self.run(None, move || {
            // A row written by hand may hold any text.
            PasswordHash::new(&hash)
                .is_ok_and(|hash| argon2.verify_password(password.as_bytes(), &hash).is_ok())
        });
        Ok(matches.await? && known)
    }

    /// How many passwords are being hashed, and how many wait.
    pub fn numbers(&self) -> (usize, usize) {
        let hashing = self.all.running();
        (hashing, self.all.waiting() + self.anonymous.waiting())
    }

    async fn run<T: Send + 'static>(
        &self,
        permit: Option<OwnedSemaphorePermit>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let permits = (permit, self.all.enter().await?);
        let done = tokio::task::spawn_blocking(move || {
            // A cancelled request doesn't stop the work, so the work holds the permits.
            let _permits = permits;
            work()
        });
        done.await.map_err(|_| Busy)
    }
}

/// Limits concurrent work. A bounded number of callers wait for a permit, in order of arrival.
struct Queue {
    permits: Arc<Semaphore>,
    concurrency: usize,
    waiting: AtomicUsize,
    /// The maximum number of waiting callers.
    length: usize,
}

impl Queue {
    fn new(concurrency: usize, length: usize) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(concurrency)),
            concurrency,
            waiting: AtomicUsize::default(),
            length,
        }
    }

    async fn enter(&self) -> Result<OwnedSemaphorePermit, Busy> {
        if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            return Ok(permit);
        }
        let _waiting = Waiting::enter(self)?;
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        permit.map_err(|_| Busy)
    }

    fn running(&self) -> usize {
        self.concurrency - self.permits.available_permits().min(self.concurrency)
    }

    fn waiting(&self) -> usize {
        self.waiting.load(SeqCst)
    }
}

/// A place in a queue; dropping it leaves the queue.
struct Waiting<'a>(&'a Queue);

impl<'a> Waiting<'a> {
    fn enter(queue: &'a Queue) -> Result<Self, Busy> {
        let place = Self(queue);
        if queue.waiting.fetch_add(1, SeqCst) < queue.length {
            Ok(place)
        } else {
            Err(Busy)
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, SeqCst);
    }
}

fn hash_now(argon2: &Argon2<'_>, password: &str) -> String {
    // Fails only without a source of randomness or with a password of 4 GiB.
    argon2
        .hash_password(password.as_bytes())
        .expect("a password can be hashed")
        .to_string()
}
