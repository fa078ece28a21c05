//! Hashing passwords: argon2id (RFC 9106), few at a time, off the threads that answer.
//!
//! 19 MiB, two passes, one lane: OWASP's "Password Storage Cheat Sheet". Each hash takes that memory, so only a few run
//! at once and only so many wait: a flood of sign-ins fills neither memory nor processors. No pepper: there is one place
//! where secrets of this service lie, and it is the same as that of the hashes.

use crate::service::Error;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use tokio::sync::Semaphore;

/// Memory of one hash, KiB.
const MEMORY_KIB: u32 = 19 * 1024;

/// Passes over the memory.
const PASSES: u32 = 2;

/// Hashes worked on at once.
const AT_ONCE: usize = 2;

/// Most that wait for their turn.
const WAITING_MAX: usize = 64;

/// What is checked when there is no password to check against: the same work, and no password fits.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$YmlodSBrbm93cyBub2JvZA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes passwords.
pub(super) struct Hasher {
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
    done: AtomicU64,
}

impl Default for Hasher {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), waiting: AtomicUsize::new(0), done: AtomicU64::new(0) }
    }
}

impl Hasher {
    /// Returns the hash of a password as a PHC string.
    pub(super) async fn hash(&self, password: String) -> Result<String, Error> {
        let hashed =
            self.work(move || argon2()?.hash_password(password.as_bytes()).map(|h| h.to_string()).map_err(told));
        hashed.await
    }

    /// Returns whether a password is the one of a hash; without a hash the same work is done, and it is not.
    pub(super) async fn fits(&self, password: String, hash: Option<String>) -> Result<bool, Error> {
        self.work(move || {
            let kept = hash.as_deref().unwrap_or(NOBODY);
            let parsed = PasswordHash::new(kept).map_err(told)?;
            let fits = argon2()?.verify_password(password.as_bytes(), &parsed).is_ok();
            Ok(fits && hash.is_some())
        })
        .await
    }

    /// Returns how many hashes were worked out.
    pub(super) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let _place = Place::take(&self.waiting)?;
        let turn = self.turns.clone().acquire_owned().await.map_err(Error::internal)?;
        self.done.fetch_add(1, Ordering::Relaxed);
        // The turn goes with the job: a caller that hangs up does not make room for another while the work goes on.
        let working = move || {
            let _turn = turn;
            job()
        };
        tokio::task::spawn_blocking(working).await.map_err(Error::internal)?
    }
}

/// A place in the queue, given back when its holder goes.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Result<Self, Error> {
        if waiting.fetch_add(1, Ordering::Relaxed) >= WAITING_MAX {
            waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Error::Throttled { wait_s: 2 });
        }
        Ok(Self(waiting))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn argon2() -> Result<Argon2<'static>, Error> {
    let parameters = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(told)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters))
}

/// The library's errors do not all implement the trait of errors.
fn told(error: impl std::fmt::Display) -> Error {
    Error::internal(error.to_string())
}
