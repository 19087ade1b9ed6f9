//! Three servers on one PostgreSQL, and two hundred devices that push through all of them by chance, while one server
//! after another is killed: every item takes effect once, every device comes to see every change, and events arrive
//! through whichever server.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use fieldsync_protocol::Millis;
use fieldsync_server::store::account::{BeginLoginParams, RegisterDeviceParams, TokenHash, UserParams};
use fieldsync_server::store::{AccountStore, PostgresStore};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::runtime::Runtime;
use ureq::Agent;

use crate::support::{Server, column, reading, until};

const SERVERS: usize = 3;
const PEOPLE: usize = 20;
/// Of each person.
const DEVICES: usize = 10;
const PUSHES: usize = 6;
const ITEMS: usize = 4;
/// Each takes so many devices through their pushes, one push of each in turn.
const HANDS: usize = 20;
const KILLS: usize = 9;
const ALL_PUSHES: usize = PEOPLE * DEVICES * PUSHES;
/// A client that hears nothing for so long comes again.
const PATIENCE: Duration = Duration::from_secs(5);
/// All of it together.
const BOUND: Duration = Duration::from_secs(60);

/// The servers, of which one is now and then another process at another place.
struct Cluster {
    url: String,
    servers: Vec<RwLock<Server>>,
    killed: AtomicUsize,
    /// Pushes that were answered, and whoever waits for more of them.
    answered: Mutex<usize>,
    more: Condvar,
}

impl Cluster {
    fn start(url: String) -> Cluster {
        let servers = (0..SERVERS).map(|_| RwLock::new(Server::start_at_without_demo(&url, &[]))).collect();
        Cluster { url, servers, killed: AtomicUsize::new(0), answered: Mutex::new(0), more: Condvar::new() }
    }

    /// Where some server is, or was a moment ago.
    fn somewhere(&self, dice: &Dice) -> String {
        self.servers[dice.below(SERVERS)].read().unwrap().origin.clone()
    }

    fn answered(&self) {
        *self.answered.lock().unwrap() += 1;
        self.more.notify_all();
    }

    /// Kills servers in turn as the pushes go on, each in the midst of whatever it does, and starts another in its place.
    fn kill_one_after_another(&self) {
        for kill in 0..KILLS {
            let due = ALL_PUSHES * (kill + 1) / (KILLS + 1);
            let answered = self.answered.lock().unwrap();
            let (answered, wait) =
                self.more.wait_timeout_while(answered, BOUND, |answered| *answered < due).unwrap();
            assert!(!wait.timed_out(), "after {kill} kills {} pushes were answered", *answered);
            drop(answered);
            let place = &self.servers[kill % SERVERS];
            place.read().unwrap().signal("KILL");
            let fresh = Server::start_at_without_demo(&self.url, &[]);
            *place.write().unwrap() = fresh;
            self.killed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Chance, the same each time as far as threads let it be.
struct Dice(AtomicU64);

impl Dice {
    fn below(&self, n: usize) -> usize {
        let mut x = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((x ^ (x >> 31)) % n as u64).unwrap()
    }
}

/// A device, which knows no server by name.
struct Device {
    person: usize,
    name: String,
    token: String,
    dice: Dice,
    agent: Agent,
    /// What it has followed, by entity: the version.
    copy: BTreeMap<String, u64>,
    cursor: Option<String>,
}

impl Device {
    /// Asks some server until one answers. Nobody knows what became of a request without an answer.
    fn ask(&self, cluster: &Cluster, path: &str, body: Option<&Value>) -> Value {
        let began = Instant::now();
        loop {
            let url = format!("{}{path}", cluster.somewhere(&self.dice));
            let bearer = format!("Bearer {}", self.token);
            let response = match body {
                Some(body) => {
                    let request = self.agent.post(url).header("authorization", bearer);
                    request.header("content-type", "application/json").send(body.to_string())
                }
                None => self.agent.get(url).header("authorization", bearer).call(),
            };
            let text = response.and_then(|mut response| {
                let status = response.status().as_u16();
                response.body_mut().read_to_string().map(|text| (status, text))
            });
            match text {
                Ok((200, text)) => return serde_json::from_str(&text).unwrap(),
                // Busy just now. A server that was killed answers nothing.
                Ok((503, _)) | Err(_) => {}
                Ok((status, text)) => panic!("{status}: {text}"),
            }
            assert!(began.elapsed() < BOUND, "{} asked in vain", self.name);
            thread::yield_now();
        }
    }

    /// Pushes new readings, and once more where chance says that the answer was lost.
    fn push(&self, cluster: &Cluster, turn: usize) -> Vec<String> {
        let items: Vec<Value> =
            (0..ITEMS).map(|n| reading(&format!("{}-{turn}-{n}", self.name), 1.0)).collect();
        let body = json!({ "deviceId": self.name, "items": items });
        for _ in 0..=usize::from(self.dice.below(3) == 0) {
            let answer = self.ask(cluster, "/api/v1/sync/push", Some(&body));
            for (result, item) in answer["results"].as_array().unwrap().iter().zip(&items) {
                assert_eq!(result["id"], item["id"]);
                assert!(["applied", "replayed"].contains(&result["status"].as_str().unwrap()), "{result}");
            }
        }
        cluster.answered();
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    }

    /// Takes over what is new.
    fn follow(&mut self, cluster: &Cluster) {
        loop {
            let query = self.cursor.as_ref().map_or(String::new(), |cursor| format!("?cursor={cursor}"));
            let page = self.ask(cluster, &format!("/api/v1/sync/changes{query}"), None);
            for change in page["changes"].as_array().unwrap() {
                let id = change["entityId"].as_str().unwrap().to_owned();
                let version = change["version"].as_u64().unwrap();
                assert_eq!(self.copy.insert(id, version), None, "a change is told once");
            }
            self.cursor = Some(page["cursor"].as_str().unwrap().to_owned());
            if page["hasMore"] == false {
                return;
            }
        }
    }
}

/// A device that only listens: the cursor that it heard of last, through one server after another.
#[derive(Default)]
struct Ear {
    heard: Mutex<Option<String>>,
    events: AtomicUsize,
    streams: AtomicUsize,
}

impl Ear {
    /// Listens until all is over, and takes a stream up again where the last one broke off.
    fn listen(&self, cluster: &Cluster, token: &str, dice: &Dice, over: &AtomicBool) {
        let mut last: Option<String> = None;
        while !over.load(Ordering::Relaxed) {
            // Held no longer than it takes to connect: who restarts this server must not wait for its streams.
            let stream =
                cluster.servers[dice.below(SERVERS)].read().unwrap().listen(Some(token), last.as_deref());
            let Ok(mut stream) = stream else { continue };
            self.streams.fetch_add(1, Ordering::Relaxed);
            while let Ok(event) = stream.next() {
                if event.name == "head" {
                    *self.heard.lock().unwrap() = Some(event.data["cursor"].as_str().unwrap().to_owned());
                    self.events.fetch_add(1, Ordering::Relaxed);
                }
                last = Some(event.id);
                if over.load(Ordering::Relaxed) {
                    return;
                }
            }
        }
    }
}

/// The refresh token of another device of somebody's. Its login is put into the store: two hundred passwords would take
/// longer than all the rest.
async fn begin_login(store: &PostgresStore, name: &str, device: &str) -> String {
    let by_address = UserParams::Email(format!("{name}@fieldsync.example"));
    let user_id = store.user(by_address).await.unwrap().unwrap().id;
    let (now, device_id) = (Millis(1), device.to_owned());
    let params =
        RegisterDeviceParams { user_id: user_id.clone(), device_id, name: None, login_id: None, now };
    store.register_device(params).await.unwrap();
    let refresh_token = format!("{user_id}.{device}.secret");
    let token = TokenHash(Sha256::digest(&refresh_token).into());
    let (login_id, device_id) = (device.to_owned(), Some(device.to_owned()));
    let expires_at = Millis(u64::MAX >> 1);
    let params = BeginLoginParams { user_id, login_id, device_id, token, now, expires_at };
    store.begin_login(params).await.unwrap();
    refresh_token
}

/// Everybody, with their devices; the last of each person's listens.
fn sign_up(runtime: &Runtime, cluster: &Cluster) -> (Vec<Device>, Vec<String>) {
    let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE));
    let agent: Agent = config.build().into();
    let store = runtime.block_on(PostgresStore::open(&cluster.url, 1)).unwrap();
    let mut devices = Vec::new();
    let mut ears = Vec::new();
    for person in 0..PEOPLE {
        let server = cluster.servers[person % SERVERS].read().unwrap();
        let owner = format!("person-{person}");
        server.sign_up(&owner, "first");
        let access_token = |device: &str| {
            let body = json!({ "refreshToken": runtime.block_on(begin_login(&store, &owner, device)) });
            let tokens = server.send("/api/v1/auth/refresh", None, &body).json();
            tokens["accessToken"].as_str().unwrap().to_owned()
        };
        for n in 0..DEVICES {
            let name = format!("device-{person}-{n}");
            devices.push(Device {
                person,
                token: access_token(&name),
                name,
                dice: Dice(AtomicU64::new((person * DEVICES + n) as u64)),
                agent: agent.clone(),
                copy: BTreeMap::new(),
                cursor: None,
            });
        }
        ears.push(access_token("ear"));
    }
    (devices, ears)
}

#[test]
fn servers_that_are_killed_under_load_lose_nothing_and_do_nothing_twice() {
    let began = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let cluster = Cluster::start(runtime.block_on(crate::postgres::database()));
    let (mut devices, tokens) = sign_up(&runtime, &cluster);
    let ears: Vec<Ear> = tokens.iter().map(|_| Ear::default()).collect();
    let over = Arc::new(AtomicBool::new(false));
    let pushed: Vec<Mutex<Vec<String>>> = (0..PEOPLE).map(|_| Mutex::default()).collect();

    thread::scope(|scope| {
        let (cluster, pushed) = (&cluster, &pushed);
        for (person, (ear, token)) in ears.iter().zip(&tokens).enumerate() {
            let over = Arc::clone(&over);
            let dice = Dice(AtomicU64::new(1_000 + person as u64));
            scope.spawn(move || ear.listen(cluster, token, &dice, &over));
        }
        let killer = scope.spawn(|| cluster.kill_one_after_another());
        thread::scope(|hands| {
            for devices in devices.chunks_mut(PEOPLE * DEVICES / HANDS) {
                hands.spawn(move || {
                    for turn in 0..PUSHES {
                        for device in &mut *devices {
                            let ids = device.push(cluster, turn);
                            pushed[device.person].lock().unwrap().extend(ids);
                            if device.dice.below(4) == 0 {
                                device.follow(cluster);
                            }
                        }
                    }
                });
            }
        });
        killer.join().unwrap();

        // One more of each person, which nobody dies in the midst of: word of one that was answered just before a kill may
        // be lost, and is then heard with the next.
        for device in devices.iter().step_by(DEVICES) {
            pushed[device.person].lock().unwrap().extend(device.push(cluster, PUSHES));
        }
        // Every device comes to see every change of its person's, each once.
        let all = (PUSHES * DEVICES + 1) * ITEMS;
        for device in &mut devices {
            device.follow(cluster);
            let seen: BTreeSet<&String> = device.copy.keys().collect();
            let ids = pushed[device.person].lock().unwrap();
            assert_eq!((seen.len(), seen), (all, ids.iter().collect()), "{}", device.name);
            assert!(device.copy.values().all(|version| *version == 1), "applied once");
            let head = device.cursor.as_ref().unwrap();
            assert!(head.ends_with(&format!(".{all}")), "{head}");
        }
        // And every ear comes to hear of the last, whichever server took it. A poll takes a minute, and is not waited for.
        for (person, ear) in ears.iter().enumerate() {
            let head = devices[person * DEVICES].cursor.clone();
            until("the last event arrives", || (*ear.heard.lock().unwrap() == head).then_some(()));
        }
        over.store(true, Ordering::Relaxed);
        // What still listens hears the end.
        cluster.servers.iter().for_each(|server| server.read().unwrap().signal("TERM"));
    });

    let held = cluster.servers[0].read().unwrap().export();
    let mut receipts = column(&held, "receipt", "itemId");
    let mut expected: Vec<String> = pushed.iter().flat_map(|ids| ids.lock().unwrap().clone()).collect();
    receipts.sort_unstable();
    expected.sort_unstable();
    assert_eq!(receipts, expected, "each once, and nothing else");
    assert_eq!(cluster.killed.load(Ordering::Relaxed), KILLS);
    for ear in &ears {
        assert!(ear.events.load(Ordering::Relaxed) > 1 && ear.streams.load(Ordering::Relaxed) > 0);
    }
    assert!(began.elapsed() < BOUND, "it took {:?}", began.elapsed());
}
