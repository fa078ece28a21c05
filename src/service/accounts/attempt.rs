//! One attempt to sign in: throttled, checked at the same cost whether or not the name is known, and remembered.

use super::audit::Mark;
use super::throttle::Tries;
use super::{Account, NewSession, from_record, to_record};
use crate::domain::{Act, LoginName};
use crate::service::{App, Error, token};
use crate::store::{Expected, RecordKind};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Failures of one name before it is slowed down.
pub(super) const FREE_BY_NAME: u32 = 5;

/// Failures from one address before it is slowed down: an office may sit behind one address.
const FREE_BY_ADDRESS: u32 = 20;

/// Addresses remembered under the same few bits, from which somebody signed in.
const KNOWN_MAX: usize = 4;

/// A name, a password and where they come from.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// As typed.
    pub name: String,
    /// As typed.
    pub password: String,
    /// Address of the client.
    pub address: String,
}

/// Failures by name. Kept under a few bits of the name's hash, for names that exist and that do not alike: the same work,
/// and a bounded table.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Tried {
    tries: Tries,
}

/// Addresses that somebody signed in from, under a few bits of their hash: others' guesses at a name do not slow anybody
/// down there, and the address alone is counted. That holds for every name, also for one that nobody has: were it only
/// for the names that signed in there, waiting or not would tell which those are.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Home {
    known: Vec<String>,
}

impl App {
    /// Signs somebody in. A name that is not known, one that is disabled and a wrong password get the same answer after the
    /// same work.
    pub async fn sign_in(&self, attempt: Attempt) -> Result<NewSession, Error> {
        let name = LoginName::parse(&attempt.name).ok();
        // What is typed into the field of the name may be a password: it is used as a key by its hash alone.
        let typed = name.as_ref().map_or(attempt.name.trim(), LoginName::as_str);
        let bucket = format!("attempt/{}", &token::hash(typed)[..4]);
        let place = format!("attempt/from/{}", &token::hash(&attempt.address)[..4]);
        let mut home: Home = self.remembered(&place).await?;
        let mut tried: Tried = self.remembered(&bucket).await?;
        let free = if home.known.contains(&attempt.address) { u32::MAX } else { FREE_BY_NAME };
        let tries = self.take_turn(&bucket, (tried.tries, free), &attempt.address)?;
        // No account has the name `-`: the same question to the store, and nobody found.
        let key = name.as_ref().map_or("-", LoginName::as_str);
        let found = self.store().record(RecordKind::Account, key).await?;
        let account: Option<Account> = found.as_ref().map(from_record).transpose()?;
        let hash = account.as_ref().and_then(|a| a.password.clone());
        let fits = self.desk.hasher.fits(attempt.password, hash).await?;
        let let_in = account.as_ref().filter(|account| fits && !account.disabled);
        tried.tries = if let_in.is_some() { Tries::default() } else { tries };
        self.remember(&bucket, &tried).await?;
        if let Some(account) = let_in {
            home.known.retain(|address| *address != attempt.address);
            home.known.insert(0, attempt.address.clone());
            home.known.truncate(KNOWN_MAX);
            self.remember(&place, &home).await?;
            self.desk.names.forget(&bucket);
            self.desk.addresses.take_back(&attempt.address);
            return self.open_session(&account.name, &attempt.address).await;
        }
        let target = account.as_ref().map_or("?", |account| account.name.as_str());
        let mark = Mark { actor: "public", act: Act::SignInFailed, target, address: &attempt.address };
        self.note_often(mark).await;
        Err(Error::Unsigned { zh: "登录名或密码不对", en: "the name or the password is wrong" })
    }

    /// Counts an attempt by address and by name, or tells how long to wait.
    fn take_turn(&self, bucket: &str, (kept, free): (Tries, u32), address: &str) -> Result<Tries, Error> {
        let slow = |wait_s| Error::Throttled { wait_s };
        let now = self.now();
        self.desk.addresses.begin(address, FREE_BY_ADDRESS, (Tries::default(), now)).map_err(slow)?;
        self.desk.names.begin(bucket, free, (kept, now)).map_err(slow)
    }

    async fn remembered<T: Default + DeserializeOwned>(&self, key: &str) -> Result<T, Error> {
        let found = self.store().record(RecordKind::Setting, key).await?;
        found.as_ref().map_or_else(|| Ok(T::default()), from_record)
    }

    async fn remember(&self, key: &str, doc: &impl Serialize) -> Result<(), Error> {
        let record = to_record(RecordKind::Setting, key, self.now(), doc)?;
        self.store().put_record(&record, Expected::Any).await?;
        Ok(())
    }
}
