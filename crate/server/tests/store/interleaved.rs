//! Pushes at random: new items, corrected ones, stale and clashing ones, the same pushes again as after a lost answer,
//! parts of them mixed with others. Memory does as the model says, and SQLite and PostgreSQL do as memory does.

use std::collections::BTreeMap;

use fieldsync_protocol::{ItemId, Millis};
use fieldsync_server::examine::examine;
use serde_json::{Value, json};

use super::model::{Answer, Model};
use super::{Fixture, NOW, USER};

const STEPS: usize = 40;

/// xorshift64*: the same seed gives the same numbers everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % end
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        if list.is_empty() { None } else { list.get(self.below(list.len() as u64) as usize) }
    }
}

struct World {
    dice: Dice,
    model: Model,
    made: u64,
    sent: Vec<Vec<Value>>,
}

impl World {
    fn new(seed: u64) -> World {
        World {
            dice: Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
            model: Model::default(),
            made: 0,
            sent: Vec::new(),
        }
    }

    fn new_id(&mut self) -> Value {
        self.made += 1;
        let mut entropy = [0; 10];
        entropy[2..].copy_from_slice(&self.made.to_be_bytes());
        json!(ItemId::new(Millis(1_000), entropy))
    }

    fn sent_item(&mut self) -> Option<Value> {
        let push = self.dice.of(&self.sent)?;
        self.dice.of(push).cloned()
    }

    fn item(&mut self) -> Value {
        let id = self.new_id();
        let earlier = self.sent_item();
        let about = earlier.as_ref().filter(|_| !self.dice.one_in(3)).cloned();
        let entity = about.as_ref().map_or(id.clone(), |other| other["entityId"].clone());
        let mut r#type = about.as_ref().map_or(json!("READING"), |other| other["type"].clone());
        if about.is_none() && self.dice.one_in(3) || self.dice.one_in(20) {
            r#type = json!("ASSESSMENT");
        }
        let meter = format!("m{}", self.dice.below(6));
        // Sometimes less than nothing, which no meter shows.
        let value = self.dice.below(8) as f64 - 1.0;
        let data = match r#type == "READING" {
            true => json!({
                "property": "P-1", "unit": "U1", "meter": meter, "period": "2026-11", "value": value, "readAt": 4
            }),
            false => json!({ "kind": "WASH", "site": meter, "answers": { "a": { "b": value } } }),
        };
        let mut item =
            json!({ "id": id, "type": r#type, "entityId": entity, "createdAt": 5, "action": "CREATE" });
        if about.is_some() && !self.dice.one_in(6) {
            let right = self.model.version(&entity);
            // Right, stale, or as it will be once the items before it in this push are applied.
            let base = (right + self.dice.below(4)).saturating_sub(1).max(1);
            item["baseVersion"] = json!(if self.dice.one_in(2) { right.max(1) } else { base });
            if self.dice.one_in(4) {
                item["action"] = json!("DELETE");
            } else {
                item["action"] = json!("UPDATE");
                item["patch"] = match self.dice.below(5) {
                    0 => json!({ "meter": meter }),
                    1 => json!({ "value": value, "note": null }),
                    2 => json!({ "answers": { "a": { "b": null, "c": [value] }, "d": meter }, "value": 5 }),
                    3 => json!({ "note": meter }),
                    _ => data,
                };
            }
        } else {
            item["data"] = data;
        }
        if self.dice.one_in(5) {
            item["dependsOn"] = earlier.map_or_else(|| self.new_id(), |other| other["id"].clone());
        }
        item
    }

    /// The next push; no id stands in it twice.
    fn next(&mut self) -> Vec<Value> {
        let again = self.dice.one_in(4).then(|| self.dice.of(&self.sent).cloned()).flatten();
        let push = again.unwrap_or_else(|| {
            let mut items = BTreeMap::new();
            for _ in 0..self.dice.below(8) {
                let mut item = self.item();
                if self.dice.one_in(5) {
                    item = self.sent_item().unwrap_or(item);
                }
                if self.dice.one_in(30) {
                    item["createdAt"] = json!(6);
                }
                items.insert(self.dice.below(1 << 30), item);
            }
            let mut ids = Vec::new();
            let mut items: Vec<Value> = items.into_values().collect();
            items.retain(|item| {
                !ids.contains(&item["id"]) && {
                    ids.push(item["id"].clone());
                    true
                }
            });
            items
        });
        self.sent.push(push.clone());
        push
    }
}

/// Runs the same pushes on a store and on the model.
async fn run(seed: u64, it: &Fixture) -> Value {
    let mut world = World::new(seed);
    let mut heard = Vec::new();
    // A device that follows with small pages, and what it has.
    let mut cursor: Option<String> = None;
    let mut copy: BTreeMap<String, Value> = BTreeMap::new();
    for step in 0..STEPS {
        let push = world.next();
        let candidates: Vec<_> =
            push.iter().map(|item| examine(&serde_json::from_value(item.clone()).unwrap())).collect();
        let now = Millis(NOW.0 + step as u64);
        let results = it.push_at(USER, now, &candidates).await;
        let expected: Vec<Answer> = world.model.push(&push);
        for ((result, expected), item) in results.iter().zip(&expected).zip(&push) {
            let status = serde_json::to_value(result.status).unwrap();
            let answer = (status.as_str().unwrap(), result.code.map(|code| code.as_str()), result.version);
            assert_eq!(answer, *expected, "seed {seed}, step {step}: {item}");
        }
        heard.push(serde_json::to_value(&results).unwrap());
        if world.dice.one_in(3) {
            let page = it.page(cursor.as_deref(), 1 + world.dice.below(4) as u32).await.unwrap();
            for change in page.changes {
                copy.insert(change["entityId"].as_str().unwrap().to_owned(), change);
            }
            cursor = Some(page.cursor);
        }
    }
    loop {
        let page = it.page(cursor.as_deref(), 3).await.unwrap();
        for change in page.changes {
            copy.insert(change["entityId"].as_str().unwrap().to_owned(), change);
        }
        cursor = Some(page.cursor);
        if !page.has_more {
            break;
        }
    }
    let state = world.model.state();
    assert!(cursor.unwrap().ends_with(&format!(".{}", world.model.head)), "seed {seed}");
    for (id, version, data) in state {
        match (copy.remove(&id), data) {
            (Some(change), Some(data)) => {
                assert_eq!((&change["version"], &change["data"]), (&json!(version), &data))
            }
            (Some(change), None) => assert_eq!(change["deleted"], true, "seed {seed}: {id}"),
            (None, data) => assert_eq!(data, None, "seed {seed}: {id} was never told"),
        }
    }
    assert!(copy.is_empty(), "seed {seed}: {copy:?}");
    json!([heard, it.held().await])
}

#[tokio::test]
async fn memory_does_as_the_model_says() {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..300 {
        let heard = run(seed, &Fixture::memory().await).await[0].take();
        for result in heard.as_array().unwrap().iter().flat_map(|results| results.as_array().unwrap()) {
            let code = result["code"].as_str().unwrap_or("");
            *kinds.entry(format!("{} {code}", result["status"].as_str().unwrap())).or_default() += 1;
        }
    }
    // Chance brings every kind of answer, and often.
    assert_eq!(kinds.len(), 8, "{kinds:?}");
    assert!(kinds.values().all(|count| *count > 50), "{kinds:?}");
}

#[tokio::test]
async fn the_same_pushes_twice_give_the_same() {
    for seed in 0..5 {
        assert_eq!(run(seed, &Fixture::memory().await).await, run(seed, &Fixture::memory().await).await);
    }
}

#[tokio::test]
async fn sqlite_does_as_memory_does() {
    for seed in 1_000..1_030 {
        let expected = run(seed, &Fixture::memory().await).await;
        assert_eq!(run(seed, &Fixture::sqlite().await).await, expected, "seed {seed}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn postgresql_does_as_memory_does() {
    for seed in 1_000..1_020 {
        let expected = run(seed, &Fixture::memory().await).await;
        assert_eq!(run(seed, &Fixture::postgres().await).await, expected, "seed {seed}");
    }
}
