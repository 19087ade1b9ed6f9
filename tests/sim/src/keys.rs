//! A person's keys on their devices and on the server, as far as they stand in clear: who makes them, who brings them, who takes
//! them in, and who is revoked. What they open is `vault`'s part.

use fieldsync_core::protocol::{KeystorePut, RotationTold};
use fieldsync_core::{Command, Found, Input, Keys, Millis, Secret, Token, Transfer, Vault};
use serde_json::{Value, json};

use crate::mutants::Mutant;
use crate::oracle::{Invariant, Violation};
use crate::plan::{At, Weather};
use crate::seat::Doing;
use crate::token::UNKNOWN;
use crate::vault::HEARTBEAT;
use crate::world::{BEGAN, Event, Who, World};

/// A keystore: its rotations by name, and how often its passphrase was changed, with what tells two such changes apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ring {
    /// Sequence and name of each.
    turns: Vec<(u64, String)>,
    passphrase: (u32, String),
}

/// The one that the server carries for a person.
#[derive(Clone, Debug, Default)]
pub struct Carried {
    ring: Ring,
    revision: u64,
    /// When it was brought.
    at: At,
}

impl Ring {
    /// What every device of a person begins with, where there are vaults.
    pub fn first() -> Ring {
        Ring { turns: vec![(1, "first".to_owned())], passphrase: (1, "first".to_owned()) }
    }

    /// As its file, in which the simulated server finds all of it.
    fn file(&self) -> String {
        let (revision, salt) = &self.passphrase;
        let lock = json!({ "revision": revision, "salt": salt, "memoryKib": 1, "passes": 1 });
        json!({ "fieldsync": "keystore", "checksum": "", "keystore": { "lock": lock, "turns": self.turns } })
            .to_string()
    }

    fn read(file: &str) -> Option<Ring> {
        let file: Value = serde_json::from_str(file).ok()?;
        let keystore = &file["keystore"];
        let turns = keystore["turns"].as_array()?.iter();
        let turn = |turn: &Value| Some((turn[0].as_u64()?, turn[1].as_str()?.to_owned()));
        let revision = u32::try_from(keystore["lock"]["revision"].as_u64()?).ok()?;
        let salt = keystore["lock"]["salt"].as_str()?.to_owned();
        Some(Ring { turns: turns.map(turn).collect::<Option<_>>()?, passphrase: (revision, salt) })
    }

    fn told(&self) -> Vec<RotationTold> {
        let told = |(sequence, id): &(u64, String)| RotationTold {
            id: id.clone(),
            sequence: *sequence,
            created_at: Millis(BEGAN + sequence),
            by_device: "x".to_owned(),
            public_key: id.clone(),
        };
        self.turns.iter().map(told).collect()
    }

    fn last(&self) -> u64 {
        self.turns.iter().map(|turn| turn.0).max().unwrap_or_default()
    }

    /// Both.
    fn merge(&mut self, other: &Ring) {
        for turn in &other.turns {
            if !self.turns.contains(turn) {
                self.turns.push(turn.clone());
            }
        }
        self.turns.sort();
        self.passphrase = self.passphrase.clone().max(other.passphrase.clone());
    }

    fn has_all_of(&self, other: &Ring) -> bool {
        other.turns.iter().all(|turn| self.turns.contains(turn)) && self.passphrase >= other.passphrase
    }
}

impl World {
    /// A person makes new keys on a device, or another passphrase.
    pub fn make_keys(&mut self, device: usize, tab: usize, passphrase: bool) {
        let name = format!("d{device} at {}", self.now);
        let Some(ring) = self.opened_ring(device) else { return };
        if passphrase {
            ring.passphrase = (ring.passphrase.0 + 1, name);
        } else {
            ring.turns.push((ring.last() + 1, name));
        }
        self.stats.count("keys or passphrases made", 1);
        self.tell_news(device, tab);
    }

    /// A person takes in what the server carries, where it can be reached.
    pub fn take_keys(&mut self, device: usize, tab: usize) {
        let owner = &self.devices[device];
        if !owner.linked(self.now) || self.server.down > self.now || owner.revoked {
            return;
        }
        let Some(carried) = self.server.keystores.get(&owner.make.user).cloned() else { return };
        let Some(ring) = self.opened_ring(device) else { return };
        ring.merge(&carried.ring);
        self.stats.count("keys taken in", 1);
        self.tell_news(device, tab);
    }

    fn opened_ring(&mut self, device: usize) -> Option<&mut Ring> {
        let owner = &mut self.devices[device];
        owner.ring.as_mut().filter(|_| owner.vault == Vault::Open)
    }

    /// The page looks whether devices are in step.
    pub fn tell_news(&mut self, device: usize, tab: usize) {
        let who = self.page(device, tab);
        for wish in [r#"{"wish":"start"}"#, r#"{"wish":"news"}"#] {
            match Command::parse("scheduler", wish) {
                Ok(command) => self.call(who, command, Doing::Other),
                Err(error) => unreachable!("a call that is none: {error}"),
            }
        }
    }

    /// A device is revoked. Once all faults are over its person registers it anew, so that nothing stays on it for ever.
    pub fn revoke(&mut self, device: usize) {
        self.devices[device].revoked = true;
        self.stats.count("devices revoked", 1);
    }

    /// What a revoked device is told, whatever it asks.
    pub fn refusal(&self, device: usize) -> Option<Transfer> {
        let body =
            r#"{"type":"about:blank","title":"","status":403,"detail":"Revoked.","code":"device_revoked"}"#;
        let answer = Transfer::Answered { status: 403, retry_after: None, body: body.to_owned() };
        self.devices[device].revoked.then_some(answer)
    }

    /// What stands in clear on a device.
    pub fn stands(&self, device: usize, found: &mut Found) {
        if let (Found::Standing(standing), Some(ring)) = (found, &self.devices[device].ring) {
            standing.keys = Some(Keys { turns: ring.told(), file: ring.file(), owner: None, refused: None });
        }
    }

    /// A request of a check, and what comes of it.
    pub fn ask(
        &mut self,
        who: Who,
        token: Token,
        asked: (&str, &str, Option<String>),
        bearer: Option<Secret>,
        timeout: Millis,
    ) {
        self.stats.count("questions of checks", 1);
        let outcome = |transfer| Event::Deliver(who, Box::new(Input::Asked(token, transfer)));
        self.at(self.now + timeout.0, outcome(Transfer::TimedOut));
        let latency = self.devices[who.device].make.latency;
        let answer =
            |status: u16, body: &str| Transfer::Answered { status, retry_after: None, body: body.to_owned() };
        let down = !self.devices[who.device].linked(self.now) || self.server.down > self.now;
        let weather = self.weather(who.device);
        let transfer = match weather {
            _ if down => Transfer::Broken,
            Some(Weather::Drop) => return,
            Some(Weather::Portal) => answer(200, "<html>Welcome!</html>"),
            Some(Weather::Redirect) => answer(302, ""),
            Some(Weather::Gate) => answer(511, ""),
            Some(Weather::ProxyFails) => answer(502, "<html>Bad gateway</html>"),
            _ => match (self.server.trouble(self.now), self.refusal(who.device)) {
                (Some(trouble), _) => trouble.answer(),
                (None, Some(refusal)) => refusal,
                (None, None) if !self.honours(who.device, bearer.as_ref()) => UNKNOWN.answer(),
                (None, None) => self.answered(who, asked),
            },
        };
        match (weather, transfer) {
            (Some(Weather::DropAnswer), _) => {}
            (Some(Weather::Truncate), Transfer::Answered { status, retry_after, body }) => {
                let keep = self.rng.place(body.len().max(1));
                let body = body.chars().take(keep).collect();
                self.after(1, 2 * latency, outcome(Transfer::Answered { status, retry_after, body }));
            }
            (_, transfer) => self.after(1, 2 * latency, outcome(transfer)),
        }
    }

    fn answered(&mut self, who: Who, (method, path, body): (&str, &str, Option<String>)) -> Transfer {
        let user = self.devices[who.device].make.user;
        let ok = |body: Value| Transfer::Answered { status: 200, retry_after: None, body: body.to_string() };
        let refuse = |status| Transfer::Answered { status, retry_after: None, body: String::new() };
        let now = BEGAN + self.now;
        match (method, path) {
            ("POST", HEARTBEAT) => ok(json!({ "wishes": {}, "now": now })),
            ("GET", "/api/sync/devices") => {
                let of = |(n, device): (usize, &crate::device::Device)| {
                    let revoked = device.revoked.then_some(now);
                    (device.make.user == user)
                        .then(|| json!({ "deviceId": format!("device-{n}"), "lastSeenAt": now, "revokedAt": revoked }))
                };
                ok(json!({ "devices": self.devices.iter().enumerate().filter_map(of).collect::<Vec<_>>() }))
            }
            ("PUT", "/api/v1/keystore") => {
                self.bring(user, body.as_deref().unwrap_or_default()).map_or_else(refuse, ok)
            }
            _ => self.server.keystores.get(&user).map_or_else(|| refuse(204), |carried| ok(carried.body())),
        }
    }

    /// A device brings its keystore. Nothing that the server has may get lost by it.
    fn bring(&mut self, user: usize, body: &str) -> Result<Value, u16> {
        let given: KeystorePut = serde_json::from_str(body).map_err(|_| 422_u16)?;
        let ring = Ring::read(&given.keystore).ok_or(422_u16)?;
        let before = self.server.keystores.get(&user).cloned().unwrap_or_default();
        let careless = self.mutant == Some(Mutant::KeystoreOverwritten);
        if !careless
            && (given.sequence < before.ring.last()
                || given.after.is_some_and(|after| after != before.revision))
        {
            self.stats.count("keystores that came too late", 1);
            return Err(409);
        }
        if !ring.has_all_of(&before.ring) {
            let words = format!("a device of user {user} takes keys back: {:?} for {:?}", ring, before.ring);
            self.note(Err(Violation::new(Invariant::Rotations, words)));
        }
        self.stats.count("keystores brought", 1);
        let carried = Carried { ring, revision: before.revision + 1, at: self.now };
        let body = carried.body();
        self.server.keystores.insert(user, carried);
        Ok(body)
    }

    /// Who says in the end that it is in step has what the server has, and the server what it has.
    pub fn in_step(&mut self, number: usize) {
        let device = &self.devices[number];
        let (Some(ring), Some(checked)) = (&device.ring, device.disk.overview().checked) else { return };
        let carried = self.server.keystores.get(&device.make.user);
        // What was brought after it had begun to look it may not have seen.
        let since =
            device.asked_at.max(carried.map_or(Millis::ZERO, |carried| {
                Millis((BEGAN + carried.at).saturating_add_signed(device.skew))
            }));
        let seen =
            device.asked_at > Millis::ZERO && checked.begun.is_some_and(|at| at > since) && !checked.failed;
        let Some(report) = checked.report.filter(|_| seen) else { return };
        let report: Value = serde_json::from_str(&report).unwrap_or_default();
        let carried = carried.map(|carried| &carried.ring);
        self.stats.count("devices checked in the end", 1);
        let lacks = report["alignment"]["missingRotations"] != json!(0)
            || report["recommendation"]["action"] == json!("import-keystore");
        let same = carried == Some(ring);
        let behind = carried.is_some_and(|carried| !ring.has_all_of(carried));
        if (!lacks && !same) || (lacks && !behind) {
            let words = format!(
                "device {number} says that it lacks keys: {lacks}; it has {ring:?}, the server {carried:?}"
            );
            self.note(Err(Violation::new(Invariant::Rotations, words)));
        }
    }
}

impl Carried {
    fn body(&self) -> Value {
        json!({ "keystore": self.ring.file(), "sequence": self.ring.last(), "revision": self.revision,
            "updatedAt": 1, "rotations": self.ring.told() })
    }
}
