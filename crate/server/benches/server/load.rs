//! Pushes, one after the other on each of a few connections, for a while.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::Agent;

use super::peer::Peer;
use super::running::{Device, Running};

/// As many as a device's push has by default at most.
const ITEMS: usize = 50;
/// 600 readings, 380 assessments; photos go another way.
const FIELD_ITEMS: &str = include_str!("../../../../tests/data/field-items.json");

/// How much is asked of a server.
#[derive(Clone, Copy)]
pub struct Load {
    /// Connections, each with one push under way.
    pub abreast: usize,
    pub time: Duration,
}

/// What became of it.
#[derive(Default)]
pub struct Pushed {
    /// How long each push took.
    pub times: Vec<Duration>,
    /// From the first to the last.
    pub took: Duration,
}

impl Pushed {
    pub fn items_per_second(&self) -> f64 {
        (self.times.len() * ITEMS) as f64 / self.took.as_secs_f64()
    }

    /// The time within which this part of the pushes was answered.
    pub fn quantile(&self, part: f64) -> Duration {
        let mut times = self.times.clone();
        times.sort_unstable();
        let last = times.len().saturating_sub(1);
        times.get((part * last as f64).ceil() as usize).copied().unwrap_or_default()
    }
}

impl Load {
    /// Everybody pushes as fast as they are answered. Every item must be taken.
    pub fn push_to(&self, server: &Running) -> Pushed {
        let url = format!("http://{}/api/v1/sync/push", server.address);
        self.run(|number, agent, items| {
            let device: &Device = &server.devices[number % server.devices.len()];
            let body = json!({ "deviceId": device.id, "items": items }).to_string();
            let request = agent.post(&url).header("content-type", "application/json");
            let mut answer =
                request.header("authorization", format!("Bearer {}", device.token)).send(body).unwrap();
            let text = answer.body_mut().read_to_string().unwrap();
            assert_eq!(text.matches(r#""status":"applied""#).count(), ITEMS, "{text}");
        })
    }

    /// The same items as documents.
    pub fn push_to_peer(&self, peer: &Peer) -> Pushed {
        self.run(|_, agent, items| {
            let body = json!({ "docs": items.iter().map(document).collect::<Vec<_>>() }).to_string();
            let request = agent.post(&peer.url).header("content-type", "application/json");
            let text = request.send(body).unwrap().body_mut().read_to_string().unwrap();
            assert_eq!(text.matches(r#""ok":true"#).count(), ITEMS, "{text}");
        })
    }

    fn run(&self, push: impl Fn(usize, &Agent, &[Value]) + Sync) -> Pushed {
        let forms: Vec<Value> = serde_json::from_str::<Vec<Value>>(FIELD_ITEMS)
            .unwrap()
            .into_iter()
            .filter(|item| item["type"] != "MEDIA")
            .collect();
        let made = AtomicU64::new(0);
        let began = Instant::now();
        let times = thread::scope(|scope| {
            let workers: Vec<_> = (0..self.abreast)
                .map(|number| {
                    let (push, forms, made) = (&push, &forms, &made);
                    scope.spawn(move || {
                        let agent = Agent::new_with_defaults();
                        let mut times = Vec::new();
                        while began.elapsed() < self.time {
                            let first = made.fetch_add(ITEMS as u64, Ordering::Relaxed);
                            let items: Vec<Value> =
                                (first..first + ITEMS as u64).map(|nth| item(forms, nth)).collect();
                            let sent = Instant::now();
                            push(number, &agent, &items);
                            times.push(sent.elapsed());
                        }
                        times
                    })
                })
                .collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
        });
        Pushed { times, took: began.elapsed() }
    }
}

/// The nth item of all: a form like those of the field, under an id and a unit of its own.
fn item(forms: &[Value], nth: u64) -> Value {
    let form = &forms[usize::try_from(nth).unwrap() % forms.len()];
    let id = format!("01940000-{:04x}-7{:03x}-8000-{nth:012x}", (nth >> 16) & 0xffff, nth & 0xfff);
    let mut data = form["data"].clone();
    if form["type"] == "READING" {
        data["unit"] = format!("U{nth}").into();
    }
    json!({
        "id": id, "type": form["type"], "action": "CREATE", "entityId": id, "baseVersion": 0, "data": data,
        "createdAt": form["createdAt"],
    })
}

fn document(item: &Value) -> Value {
    json!({ "_id": item["id"], "type": item["type"], "data": item["data"], "createdAt": item["createdAt"] })
}
