//! One stream: a task that looks and tells, and the body that hands on what it tells. Between them there is room for one
//! piece, so a stream takes no more memory the slower its reader is; a reader that takes nothing for long is dropped.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use fieldsync_protocol::Millis;
use hyper::body::Frame;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::position::Position;
use crate::clock::now;
use crate::notice::Subscription;
use crate::store::{StandingParams, Store};

/// What moves within this is told together.
const COALESCE: Duration = Duration::from_millis(50);
/// How often a stream shows that it is alive. Proxies close what is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// How often it is looked without a notice: so long does a lost one cost.
pub const POLL: Duration = Duration::from_secs(60);
/// How long a reader may take nothing.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a client waits before it takes a broken stream up again, in milliseconds.
const RETRY: &str = "retry: 5000\n\n";

/// Who listens.
pub struct Listener {
    /// Notices of the same person's.
    pub notices: Subscription,
    /// Where it is looked.
    pub store: Arc<dyn Store>,
    /// Whose.
    pub user_id: String,
    /// On which device, where that is known.
    pub device_id: Option<String>,
    /// When the access token is no longer good.
    pub expires_at: Option<Millis>,
}

/// Opens a stream for a device that has been told what `last` says.
pub fn open(listener: Listener, last: Option<Position>) -> EventBody {
    let (sender, pieces) = mpsc::channel(1);
    tokio::spawn(feed(listener, last, sender));
    EventBody(pieces)
}

/// What a stream is made of.
pub struct EventBody(Receiver<String>);

impl HttpBody for EventBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|text| Ok(Frame::data(text.into()))))
    }
}

/// The reader is gone, or as good as gone.
struct Gone;

/// Looks and tells until the reader is gone, or may hear no more.
async fn feed(mut listener: Listener, mut position: Option<Position>, reader: Sender<String>) {
    let ends = listener.expires_at.map(|at| Instant::now() + Duration::from_millis((at - now()).0));
    let mut beat_at = Instant::now() + HEARTBEAT;
    if say(&reader, RETRY.to_owned()).await.is_err() {
        return;
    }
    loop {
        match listener.look(&mut position).await {
            Look::Nothing => {}
            Look::Events(text) => {
                if say(&reader, text).await.is_err() {
                    return;
                }
                beat_at = Instant::now() + HEARTBEAT;
            }
            Look::End => return,
        }
        let poll_at = Instant::now() + POLL + jitter();
        // Until it is time to look again.
        loop {
            tokio::select! {
                () = reader.closed() => return,
                () = at(ends) => return,
                is_open = listener.notices.moved() => {
                    if !is_open {
                        return;
                    }
                    sleep(COALESCE).await;
                    break;
                }
                () = sleep_until(poll_at) => break,
                () = sleep_until(beat_at) => {
                    if say(&reader, ":\n\n".to_owned()).await.is_err() {
                        return;
                    }
                    beat_at = Instant::now() + HEARTBEAT;
                }
            }
        }
    }
}

/// What came of a look.
enum Look {
    Nothing,
    Events(String),
    End,
}

impl Listener {
    async fn look(&self, position: &mut Option<Position>) -> Look {
        let params = StandingParams { user_id: self.user_id.clone(), device_id: self.device_id.clone() };
        let standing = match self.store.standing(params).await {
            Ok(standing) if standing.is_revoked => return Look::End,
            Ok(standing) => standing,
            Err(error) => {
                tracing::debug!("an event stream looks again later: {error}");
                return Look::Nothing;
            }
        };
        let events = position.get_or_insert_with(|| Position::unknown(&standing)).move_to(&standing);
        let text: String = events.iter().map(ToString::to_string).collect();
        if text.is_empty() { Look::Nothing } else { Look::Events(text) }
    }
}

async fn say(reader: &Sender<String>, text: String) -> Result<(), Gone> {
    timeout(PATIENCE, reader.send(text)).await.map_err(|_| Gone)?.map_err(|_| Gone)
}

/// Done at this time; never, where there is none.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// Up to a quarter of a poll, so that streams which were opened at once do not look at once ever after.
fn jitter() -> Duration {
    let mut byte = [0];
    // Without chance they do.
    let _ = getrandom::fill(&mut byte);
    POLL * u32::from(byte[0]) / 1_024
}

#[cfg(test)]
mod tests {
    use fieldsync_protocol::ItemId;
    use serde_json::json;

    use super::*;
    use crate::examine::examine;
    use crate::notice::{Hub, Notifier};
    use crate::store::account::{RegisterDeviceParams, RevokeDeviceParams};
    use crate::store::fleet::{Wish, WishParams};
    use crate::store::{AccountStore, FleetStore, Memory, MemoryStore, PushParams};

    const USER: &str = "a";

    struct World {
        store: MemoryStore,
        hub: Hub,
    }

    impl World {
        async fn new() -> World {
            let store = MemoryStore::new(Memory::new("ab"));
            let params = RegisterDeviceParams {
                user_id: USER.into(),
                device_id: "phone".into(),
                name: None,
                login_id: None,
                now: Millis(7),
            };
            store.register_device(params).await.unwrap();
            World { store, hub: Hub::new(9, 9) }
        }

        fn listen_until(&self, last: &str, expires_at: Option<Millis>) -> EventBody {
            let listener = Listener {
                notices: self.hub.subscribe(USER).unwrap(),
                store: Arc::new(self.store.clone()),
                user_id: USER.into(),
                device_id: Some("phone".into()),
                expires_at,
            };
            open(listener, Position::parse(last))
        }

        /// A stream, after its first words.
        async fn listen(&self, last: &str) -> EventBody {
            let mut body = self.listen_until(last, None);
            assert_eq!(body.0.recv().await.as_deref(), Some(RETRY));
            body
        }

        async fn push(&self, n: u8) {
            let id = ItemId::new(Millis(1), [n; 10]);
            let data = json!({ "kind": "WASH", "site": "Well" });
            let item = json!({
                "id": id, "type": "ASSESSMENT", "action": "CREATE", "entityId": id, "createdAt": 5, "data": data,
            });
            let candidates = vec![examine(&serde_json::from_str(&item.to_string()).unwrap())];
            let params =
                PushParams { user_id: USER.into(), device_id: "other".into(), now: Millis(8), candidates };
            self.store.push(params).await.unwrap();
        }

        async fn wish(&self, wish: Wish) {
            let params = WishParams {
                user_id: USER.into(),
                device_id: "phone".into(),
                actor_id: USER.into(),
                on_device_id: None,
                wish,
                now: Millis(9),
            };
            self.store.wish(params).await.unwrap().unwrap();
        }
    }

    impl EventBody {
        /// The next piece that is not a heartbeat, as `event id` each.
        async fn told(&mut self) -> Option<Vec<String>> {
            loop {
                let piece = self.0.recv().await?;
                let events: Vec<String> = piece
                    .split_terminator("\n\n")
                    .filter(|event| *event != ":")
                    .map(|event| {
                        let line = |name| event.lines().find_map(|line| line.strip_prefix(name)).unwrap();
                        format!("{} {}", line("event: "), line("id: "))
                    })
                    .collect();
                if !events.is_empty() {
                    return Some(events);
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_moves_at_once_is_told_together_and_soon() {
        let world = World::new().await;
        let mut body = world.listen("0.1.0.0").await;
        let began = Instant::now();
        for n in 1..=3 {
            world.push(n).await;
            world.hub.moved(USER);
        }
        world.wish(Wish::Pause).await;
        world.wish(Wish::Start).await;
        world.hub.moved(USER);
        assert_eq!(body.told().await.unwrap(), ["head 3.1.0.0", "settings 3.1.1.0", "start 3.1.1.2"]);
        assert!(began.elapsed() <= COALESCE, "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_notice_costs_time_and_nothing_else() {
        let world = World::new().await;
        let mut body = world.listen("0.1.0.0").await;
        let began = Instant::now();
        world.push(1).await;
        assert_eq!(body.told().await.unwrap(), ["head 1.1.0.0"]);
        assert!(began.elapsed() <= POLL * 5 / 4, "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_stream_shows_that_it_is_alive() {
        let world = World::new().await;
        let mut body = world.listen("0.1.0.0").await;
        let began = Instant::now();
        for _ in 0..10 {
            assert_eq!(body.0.recv().await.as_deref(), Some(":\n\n"));
        }
        assert!(began.elapsed() <= HEARTBEAT * 11, "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_goes_on_where_the_last_one_broke_off() {
        let world = World::new().await;
        world.push(1).await;
        assert_eq!(world.listen("").await.told().await.unwrap(), ["head 1.1.0.0"], "a new one");
        world.push(2).await;
        world.wish(Wish::Start).await;
        assert_eq!(world.listen("1.1.0.0").await.told().await.unwrap(), ["head 2.1.0.0", "start 2.1.0.1"]);
        assert_eq!(world.listen("2.1.0.0").await.told().await.unwrap(), ["start 2.1.0.1"]);
    }

    #[tokio::test(start_paused = true)]
    async fn it_ends_with_its_device_its_token_and_its_server() {
        let world = World::new().await;
        let mut body = world.listen("0.1.0.0").await;
        let revoke = RevokeDeviceParams {
            user_id: USER.into(),
            device_id: "phone".into(),
            on_device_id: None,
            now: Millis(9),
        };
        world.store.revoke_device(revoke).await.unwrap();
        world.hub.moved(USER);
        assert_eq!(body.told().await, None, "revoked");

        let world = World::new().await;
        let mut body = world.listen_until("0.1.0.0", Some(now() + Millis::minutes(15)));
        body.0.recv().await.unwrap();
        let began = Instant::now();
        assert_eq!(body.told().await, None, "expired");
        assert!(began.elapsed() <= Duration::from_secs(15 * 60), "{:?}", began.elapsed());

        let mut body = world.listen("0.1.0.0").await;
        world.hub.close();
        assert_eq!(body.told().await, None, "closed");
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_nothing_is_dropped() {
        let world = World::new().await;
        let body = world.listen("0.1.0.0").await;
        // Its heartbeats fill the one place there is; the next one waits, and no longer than it may.
        let began = Instant::now();
        while !body.0.is_closed() {
            sleep(HEARTBEAT).await;
            assert!(began.elapsed() < Duration::from_secs(600));
        }
        assert_eq!(body.0.len(), 1, "and no more was kept for it");
    }
}
