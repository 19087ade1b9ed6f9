//! Passwords, hashed with argon2id. To hash takes memory and time on purpose, so only so many are hashed at once, beside
//! the threads that answer requests.

use std::sync::Arc;
use std::thread::available_parallelism;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::problem::ApiError;

/// Stands in for the hash of an account that is not there, so that the work is the same. No password is behind it.
const DECOY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$ZmllbGRzeW5jZGVjb3lzYQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes passwords.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
}

impl Passwords {
    /// As many at once as there are processors.
    pub fn new() -> Passwords {
        Passwords { turns: Arc::new(Semaphore::new(available_parallelism().map_or(1, usize::from))) }
    }

    /// The hash of a password, with a salt of its own.
    pub async fn hash(&self, password: String) -> Result<String, ApiError> {
        self.work(move || hash(&password)).await?.map_err(|error| {
            tracing::error!("a password could not be hashed: {error}");
            ApiError::Internal
        })
    }

    /// Whether a password is the one of a hash. Without an account there is none, and the work is the same.
    pub async fn check(&self, hash: Option<String>, password: String) -> Result<bool, ApiError> {
        let is_account = hash.is_some();
        let hash = hash.unwrap_or_else(|| DECOY.to_owned());
        Ok(self.work(move || is_of(&hash, &password)).await? && is_account)
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| ApiError::Unavailable)?;
        let work = move || {
            let _turn = turn;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| ApiError::Internal)
    }
}

/// Hashes a password on this very thread.
pub fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(Argon2::default().hash_password(password.as_bytes())?.to_string())
}

fn is_of(hash: &str, password: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_by_its_hash() {
        let passwords = Passwords::new();
        let hash = passwords.hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$") && !hash.contains("horse"));
        assert_ne!(passwords.hash("correct horse".into()).await.unwrap(), hash, "its salt is its own");
        assert!(passwords.check(Some(hash.clone()), "correct horse".into()).await.unwrap());
        for wrong in ["correct hors", "correct horse ", ""] {
            assert!(!passwords.check(Some(hash.clone()), wrong.into()).await.unwrap());
        }
        assert!(!passwords.check(Some("no hash".into()), "correct horse".into()).await.unwrap());
    }

    /// The same parameters and the same lengths: whoever asks cannot tell by the time whether there is an account.
    #[tokio::test]
    async fn where_there_is_no_account_the_work_is_the_same() {
        let real = hash("correct horse").unwrap();
        let (real, decoy) = (PasswordHash::new(&real).unwrap(), PasswordHash::new(DECOY).unwrap());
        assert_eq!(
            (real.algorithm, real.version, &real.params),
            (decoy.algorithm, decoy.version, &decoy.params)
        );
        let lengths = |hash: &PasswordHash| {
            (hash.salt.as_ref().unwrap().as_ref().len(), hash.hash.as_ref().unwrap().as_ref().len())
        };
        assert_eq!(lengths(&real), lengths(&decoy));
        assert!(!Passwords::new().check(None, "correct horse".into()).await.unwrap());
    }
}
