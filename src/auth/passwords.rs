//! Passwords are hashed with argon2id, off the async threads, a few at a time.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::config::Auth;

/// Hashes and checks passwords. Clones share the turns.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    turns: Arc<Semaphore>,
    concurrency: usize,
    waiting: Arc<AtomicUsize>,
    queue: usize,
    /// The hash of a password nobody has: checked when there is no user, so that both answers take the same time.
    nobody: Arc<str>,
}

/// More passwords wait to be hashed than is allowed.
#[derive(Debug)]
pub struct Busy;

impl Passwords {
    /// Takes the cost from the settings; they were checked when they were read.
    pub fn new(settings: &Auth) -> Self {
        let cost = Params::new(
            settings.hash_memory_kib.get(),
            settings.hash_iterations.get(),
            1,
            None,
        );
        let argon2 = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            cost.unwrap_or_default(),
        );
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let concurrency = if settings.hash_concurrency == 0 {
            processors
        } else {
            settings.hash_concurrency
        };
        let nobody = hash_now(&argon2, &format!("{:032x}", rand::random::<u128>())).into();
        let turns = Arc::new(Semaphore::new(concurrency));
        Self {
            argon2,
            turns,
            concurrency,
            waiting: Arc::default(),
            queue: settings.hash_queue,
            nobody,
        }
    }

    /// The password's hash in PHC form.
    pub async fn hash(&self, password: String) -> Result<String, Busy> {
        let argon2 = self.argon2.clone();
        self.in_turn(move || hash_now(&argon2, &password)).await
    }

    /// Whether this is the password of the hash; without a hash it takes as long, and the answer is no.
    pub async fn verify(&self, password: String, hash: Option<&str>) -> Result<bool, Busy> {
        let known = hash.is_some();
        let hash = hash.map_or_else(|| self.nobody.clone(), Arc::from);
        let argon2 = self.argon2.clone();
        let right = self.in_turn(move || {
            // A text that is no hash, put there by hand, is nobody's password.
            PasswordHash::new(&hash)
                .is_ok_and(|hash| argon2.verify_password(password.as_bytes(), &hash).is_ok())
        });
        Ok(right.await? && known)
    }

    /// How many are being hashed, and how many wait.
    pub fn numbers(&self) -> (usize, usize) {
        let hashing = self.concurrency - self.turns.available_permits().min(self.concurrency);
        (hashing, self.waiting.load(SeqCst))
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let turn = if let Ok(turn) = self.turns.clone().try_acquire_owned() {
            turn
        } else {
            let _place = Place::take(&self.waiting, self.queue)?;
            self.turns.clone().acquire_owned().await.map_err(|_| Busy)?
        };
        let done = tokio::task::spawn_blocking(move || {
            // Held to the end of the work, which goes on when the request is gone.
            let _turn = turn;
            work()
        });
        done.await.map_err(|_| Busy)
    }
}

/// A place in the queue, given back when dropped.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(waiting: &Arc<AtomicUsize>, queue: usize) -> Result<Self, Busy> {
        let place = Self(waiting.clone());
        if waiting.fetch_add(1, SeqCst) < queue {
            Ok(place)
        } else {
            Err(Busy)
        }
    }
}

impl Drop for Place {
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
