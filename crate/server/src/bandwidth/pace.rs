//! How fast each device may go on this server, in both directions: a bucket each, shared by all that it sends or takes at
//! the same time. What is set is looked up when a request comes, and every two seconds while bytes go, so a limit that was
//! set through another server holds soon too.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fieldsync_core::bandwidth::Bucket;
use fieldsync_protocol::{BandwidthLimits, Millis};
use tokio::time::Instant;

use crate::auth::Caller;
use crate::store::Store;

/// What is set is not looked up more often, nor is it believed for longer.
const FRESH_FOR: Millis = Millis::seconds(2);
/// Who comes back within this time finds the bucket as it was left, so many small requests are no faster than a large one.
const KEPT_FOR: Millis = Millis::seconds(60);
/// So many are kept before any is looked at that might go.
const KEPT_AT_LEAST: usize = 1_000;

/// The direction of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the device to the server.
    Up,
    /// From the server to the device.
    Down,
}

/// The paces of all devices that have come lately. Clones are the same.
#[derive(Clone, Debug)]
pub struct Paces(Arc<All>);

#[derive(Debug)]
struct All {
    began: Instant,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    by_device: BTreeMap<(String, String), Arc<Pace>>,
    /// How many there may be before the idle ones go.
    most: usize,
}

/// How fast a device may go.
#[derive(Debug)]
pub struct Pace {
    user_id: String,
    device_id: String,
    began: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    looked_up_at: Option<Millis>,
    used_at: Millis,
    up: Option<Limit>,
    down: Option<Limit>,
}

#[derive(Debug)]
struct Limit {
    rate: NonZeroU64,
    bucket: Bucket,
}

impl Default for Paces {
    fn default() -> Paces {
        let kept = Mutex::new(Kept { by_device: BTreeMap::new(), most: KEPT_AT_LEAST });
        Paces(Arc::new(All { began: Instant::now(), kept }))
    }
}

impl Paces {
    /// That of whoever calls, by what is set for them now.
    pub async fn of(&self, caller: &Caller, store: &dyn Store) -> Arc<Pace> {
        let pace = self.kept(&caller.user_id, caller.device_id.as_deref().unwrap_or(""));
        if pace.is_to_be_looked_up() {
            pace.look_up(store).await;
        }
        pace
    }

    fn kept(&self, user_id: &str, device_id: &str) -> Arc<Pace> {
        let began = self.0.began;
        let now = since(began);
        let mut kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.by_device.len() >= kept.most {
            kept.by_device.retain(|_, pace| Arc::strong_count(pace) > 1 || pace.is_of_late(now));
            // Twice as many, so that each that comes pays for one that is looked at.
            kept.most = (kept.by_device.len() * 2).max(KEPT_AT_LEAST);
        }
        let key = (user_id.to_owned(), device_id.to_owned());
        let fresh = |(user_id, device_id): &(String, String)| {
            Arc::new(Pace {
                user_id: user_id.clone(),
                device_id: device_id.clone(),
                began,
                state: Mutex::default(),
            })
        };
        let pace = kept.by_device.entry(key.clone()).or_insert_with(|| fresh(&key));
        pace.with(|state, now| state.used_at = now);
        Arc::clone(pace)
    }
}

impl Pace {
    /// So many of the bytes that are there may go, and after which wait. Whoever comes next waits for those too, so all
    /// have their turn. `None`, and nothing is counted, where the wait would be longer than `longest`.
    pub fn reserve(&self, way: Way, bytes: usize, longest: Option<Duration>) -> Option<(usize, Duration)> {
        self.with(|state, now| {
            state.used_at = now;
            let limit = match way {
                Way::Up => &mut state.up,
                Way::Down => &mut state.down,
            };
            let Some(Limit { bucket, .. }) = limit else { return Some((bytes, Duration::ZERO)) };
            let wait = Duration::from_millis(bucket.wait(now).0);
            if longest.is_some_and(|longest| wait > longest) {
                return None;
            }
            let piece = bytes.min(usize::try_from(bucket.piece()).unwrap_or(usize::MAX));
            bucket.take(now, piece as u64);
            Some((piece, wait))
        })
    }

    /// Whether what is set may be something else by now, and nobody else just looks it up. Who asks first waits until it
    /// is known.
    pub fn is_to_be_looked_up(&self) -> bool {
        self.with(|state, now| {
            let is_stale = state.looked_up_at.is_none_or(|at| now >= at + FRESH_FOR);
            if is_stale && state.looked_up_at.is_some() {
                // Whoever began it and went away leaves it to the next two seconds.
                state.looked_up_at = Some(now);
            }
            is_stale
        })
    }

    /// Looks up what is set. Where the store does not say, what was known holds.
    pub async fn look_up(&self, store: &dyn Store) {
        let found = store.bandwidth(&self.user_id).await;
        self.with(|state, now| {
            state.looked_up_at = Some(now);
            match found {
                Ok(limits) => state.set(&limits, &self.device_id, now),
                Err(error) => tracing::warn!("limits of bandwidth could not be looked up: {error}"),
            }
        });
    }

    fn is_of_late(&self, now: Millis) -> bool {
        self.with(|state, _| now < state.used_at + KEPT_FOR)
    }

    fn with<T>(&self, work: impl FnOnce(&mut State, Millis) -> T) -> T {
        let now = since(self.began);
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner), now)
    }
}

impl State {
    fn set(&mut self, limits: &BandwidthLimits, device_id: &str, now: Millis) {
        let own = limits.devices.iter().find(|device| device.device_id == device_id);
        let up = own.and_then(|own| own.upload_speed_limit).or(limits.upload_speed_limit);
        let down = own.and_then(|own| own.download_speed_limit).or(limits.download_speed_limit);
        set_rate(&mut self.up, up, now);
        set_rate(&mut self.down, down, now);
    }
}

/// Another rate begins anew: what has gone under the old one may take the new one an hour to make up for.
fn set_rate(limit: &mut Option<Limit>, rate: Option<u64>, now: Millis) {
    let rate = rate.and_then(NonZeroU64::new);
    if limit.as_ref().map(|limit| limit.rate) != rate {
        *limit = rate.map(|rate| Limit { rate, bucket: Bucket::new(rate, now) });
    }
}

fn since(began: Instant) -> Millis {
    Millis(u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX))
}
