//! Many devices at once.

use std::collections::BTreeMap;
use std::thread;

use serde_json::Value;

use crate::support::{Server, column, field, reading};

const CLIENTS: usize = 8;

#[test]
fn each_item_takes_effect_once_whoever_sends_it_and_however_often() {
    let server = Server::start();
    // Everyone sends these, as a device does that never hears an answer.
    let shared: Vec<Value> = (0..40).map(|at| reading(&format!("S{at}"), 1.0)).collect();
    let (server, shared) = (&server, &shared);

    let results: Vec<Value> = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                scope.spawn(move || {
                    let mut results = Vec::new();
                    for (at, shared) in shared.chunks(5).enumerate() {
                        // One reading of its own, and one that everyone has taken of the same meter.
                        let own = reading(&format!("own-{client}-{at}"), 2.0);
                        let contested = reading(&format!("contested-{at}"), client as f64);
                        let mut items = shared.to_vec();
                        items.rotate_left(client % 5);
                        items.extend([own, contested]);
                        results.extend(server.push(&items));
                        server.push(&items);
                    }
                    results
                })
            })
            .collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });

    let mut counts = BTreeMap::new();
    for status in field(&results, "status") {
        *counts.entry(status).or_insert(0) += 1;
    }
    let (own, contested) = (CLIENTS * 8, 8);
    assert_eq!(counts["applied"], 40 + own + contested);
    assert_eq!(counts["replayed"], 40 * (CLIENTS - 1));
    assert_eq!(counts["conflict"], contested * (CLIENTS - 1));

    let held = server.export();
    let mut entities = column(&held, "reading", "entityId");
    assert_eq!(entities, column(&held, "receipt", "itemId"));
    assert_eq!(entities.len(), 40 + own + contested);
    entities.dedup();
    assert_eq!(entities.len(), 40 + own + contested);
}
