//! Passwords: hashed with argon2id on blocking threads, a limited number at once.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

/// Hashes and verifies passwords. Clones share the limits.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    permits: Arc<Semaphore>,
    concurrency: usize,
    waiting: Arc<AtomicUsize>,
    queue: usize,
    /// Verified when there is no user, so that both answers take the same time.
    dummy_hash: Arc<str>,
}

/// The queue of passwords to be hashed is full.
#[derive(Debug)]
pub struct Busy;

impl Passwords {
    /// Hashes at this cost; `concurrency` passwords at once (0: one per processor), while at most `queue` others wait.
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
            permits: Arc::new(Semaphore::new(concurrency)),
            concurrency,
            waiting: Arc::default(),
            queue,
            dummy_hash,
        }
    }

    /// The password's hash in PHC form.
    pub async fn hash(&self, password: String) -> Result<String, Busy> {
        let argon2 = self.argon2.clone();
        self.run(move || hash_now(&argon2, &password)).await
    }

    /// Whether the password belongs to the hash. Without a hash the answer is no, and takes as long.
    pub async fn verify(&self, password: String, hash: Option<&str>) -> Result<bool, Busy> {
        let known = hash.is_some();
        let hash = hash.map_or_else(|| self.dummy_hash.clone(), Arc::from);
        let argon2 = self.argon2.clone();
        let matches = self.run(move || {
            // A row written by hand may hold any text.
            PasswordHash::new(&hash)
                .is_ok_and(|hash| argon2.verify_password(password.as_bytes(), &hash).is_ok())
        });
        Ok(matches.await? && known)
    }

    /// The passwords that are being hashed, and those that wait.
    pub fn numbers(&self) -> (usize, usize) {
        let hashing = self.concurrency - self.permits.available_permits().min(self.concurrency);
        (hashing, self.waiting.load(SeqCst))
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let permit = if let Ok(permit) = self.permits.clone().try_acquire_owned() {
            permit
        } else {
            let _waiting = Waiting::enter(&self.waiting, self.queue)?;
            let permit = self.permits.clone().acquire_owned().await;
            permit.map_err(|_| Busy)?
        };
        let done = tokio::task::spawn_blocking(move || {
            // The work goes on when the request is cancelled, so the permit belongs to the work.
            let _permit = permit;
            work()
        });
        done.await.map_err(|_| Busy)
    }
}

/// A place in the queue; dropping it leaves the queue.
struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    fn enter(waiting: &Arc<AtomicUsize>, queue: usize) -> Result<Self, Busy> {
        let place = Self(waiting.clone());
        if waiting.fetch_add(1, SeqCst) < queue {
            Ok(place)
        } else {
            Err(Busy)
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

fn hash_now(argon2: &Argon2<'_>, password: &str) -> String {
    // Fails only without a source of randomness or with a password of 4 GiB.
    argon2
        .hash_password(password.as_bytes())
        .expect("a password can be hashed")
        .to_string()
}
