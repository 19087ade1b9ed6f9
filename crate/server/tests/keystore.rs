//! The keystore that the server carries from device to device, over HTTP.

use fieldsync_protocol::{ItemId, Keystore, Millis};
use serde_json::{Value, json};

use crate::a_keystore::{keystore, made};
use crate::support::{Answer, Server};

const PATH: &str = "/api/v1/keystore";
const PASSWORD: &str = "correct horse";

impl Server {
    /// The access token of a device of somebody's.
    fn on(&self, name: &str, device: &str) -> String {
        let credentials =
            json!({ "email": format!("{name}@x.example"), "password": PASSWORD, "deviceId": device });
        self.send("/api/v1/auth/register", None, &credentials);
        let login = self.send("/api/v1/auth/login", None, &credentials).json();
        login["accessToken"].as_str().unwrap().to_owned()
    }

    fn bring(&self, token: &str, sequence: u64, mark: char) -> Answer {
        self.put(PATH, token, &json!({ "keystore": keystore(sequence, mark), "sequence": sequence }))
    }
}

#[test]
fn what_one_device_brings_another_takes_in_and_is_told_of() {
    let server = Server::start_without_demo();
    let (phone, tablet) = (server.on("a", "phone"), server.on("a", "tablet"));
    assert_eq!(server.ask(&tablet, PATH).status, 204);
    let mut stream = server.listen(Some(&tablet), None).unwrap();
    let mut next = || stream.next().unwrap();
    assert_eq!(next().name, "head");
    let kept = server.bring(&phone, 2, 'k').json();
    assert_eq!(
        (&kept["sequence"], &kept["revision"], &kept["byDevice"]),
        (&json!(2), &json!(1), &json!("phone"))
    );
    assert_eq!(next().name, "roster");
    assert_eq!(server.ask(&tablet, PATH).json(), kept);
    assert_eq!(kept["keystore"], keystore(2, 'k'));
    let told = Keystore::from_file(&keystore(2, 'k')).unwrap().told();
    assert_eq!((kept["rotations"].clone(), told.len()), (json!(told), 2));

    let behind = server.bring(&tablet, 1, 'k').assert_problem(409, "keystore_behind");
    assert!(behind["detail"].as_str().unwrap().contains("rotation 2"), "{behind}");
    let body = json!({ "keystore": keystore(3, 'k'), "sequence": 3, "after": 0 });
    server.put(PATH, &tablet, &body).assert_problem(409, "keystore_behind");
    assert_eq!(server.bring(&tablet, 3, 'k').json()["revision"], 2);
    assert_eq!(server.ask(&server.on("b", "phone"), PATH).status, 204);
}

/// Whether or not it says which one it was made from.
#[test]
fn one_that_takes_keys_back_is_refused() {
    let server = Server::start_without_demo();
    let phone = server.on("a", "phone");
    let kept = server.bring(&phone, 2, 'k').json();
    for after in [json!(null), json!(1)] {
        let refused = |keystore: &Keystore, last: u64| {
            let body = json!({ "keystore": keystore.to_file().unwrap(), "sequence": last, "after": after });
            let problem = server.put(PATH, &phone, &body).assert_problem(409, "keystore_behind");
            assert_eq!(server.ask(&phone, PATH).json(), kept, "as it was");
            problem["detail"].as_str().unwrap().to_owned()
        };
        let told = refused(&made(2, 'o'), 2);
        assert!(told.contains("rotation 2") && told.contains("Take it in"), "{told}");
        refused(&made(9, 'o'), 9);
        let vault = ItemId::new(Millis(2), [2; 10]);
        let told = refused(&Keystore { vault, ..made(9, 'k') }, 9);
        assert!(told.contains("another vault"), "{told}");
    }
    assert_eq!(server.bring(&phone, 3, 'k').status, 200);
}

#[test]
fn what_is_no_keystore_is_refused_with_a_word() {
    let server = Server::start_without_demo();
    let phone = server.on("a", "phone");
    let fault = |keystore: String, sequence: u64| {
        let body = json!({ "keystore": keystore, "sequence": sequence });
        let problem = server.put(PATH, &phone, &body).assert_problem(422, "invalid");
        problem["fields"][0]["field"].as_str().unwrap().to_owned()
    };
    assert_eq!(fault("{}".into(), 1), "keystore");
    assert_eq!(
        fault(keystore(2, 'k').replace("sealed\":\"sealed", "sealed\":\"sealee"), 2),
        "keystore",
        "damaged"
    );
    assert_eq!(fault(keystore(2, 'k'), 1), "sequence");
    let mut twice = made(2, 'k');
    twice.rotations.push(twice.rotations[1].clone());
    assert_eq!(fault(twice.to_file().unwrap(), 2), "keystore", "a rotation twice");
    assert_eq!(fault(format!("{}{}", keystore(1, 'k'), " ".repeat(256 * 1024)), 1), "keystore", "too large");
    server
        .put(PATH, &phone, &json!({ "keystore": "x".repeat(1 << 20), "sequence": 1 }))
        .assert_problem(413, "too_large");
    server.put(PATH, &phone, &json!({})).assert_problem(400, "bad_request");
    assert_eq!(server.ask(&phone, PATH).status, 204);
}

#[test]
fn a_revoked_device_neither_brings_nor_reads_one() {
    let server = Server::start_without_demo();
    let (phone, lost) = (server.on("a", "phone"), server.on("a", "lost"));
    server.bring(&phone, 1, 'k');
    assert_eq!(server.ask(&lost, PATH).status, 200);
    server.send("/api/sync/devices/lost/revoke", Some(&phone), &Value::Null);
    server.ask(&lost, PATH).assert_problem(403, "device_revoked");
    server.bring(&lost, 2, 'k').assert_problem(403, "device_revoked");
    let body = json!({ "deviceId": "lost", "items": [] });
    server.send("/api/v1/sync/push", Some(&lost), &body).assert_problem(403, "device_revoked");
    assert_eq!(server.ask(&phone, PATH).json()["sequence"], 1);
}

#[test]
fn a_device_says_which_rotation_it_has_and_the_roster_tells() {
    let server = Server::start_without_demo();
    let (phone, tablet) = (server.on("a", "phone"), server.on("a", "tablet"));
    let mark = json!({ "sequence": 4, "id": "ab".repeat(32) });
    let beat = json!({ "deviceId": "phone", "pending": 2, "oldestUnsentAt": 7, "lastRotation": mark,
        "storageUsage": 10, "storageQuota": 20 });
    assert_eq!(server.send("/api/v1/sync/heartbeat", Some(&phone), &beat).status, 200);
    let devices = server.ask(&tablet, "/api/sync/devices").json();
    let of = |id: &str| {
        let all = devices["devices"].as_array().unwrap();
        all.iter().find(|device| device["deviceId"] == id).unwrap().clone()
    };
    let told = of("phone");
    assert_eq!(
        (&told["lastRotation"], &told["pending"], &told["oldestUnsentAt"]),
        (&mark, &json!(2), &json!(7))
    );
    assert_eq!((&told["storageUsage"], &told["storageQuota"]), (&json!(10), &json!(20)));
    assert_eq!((of("tablet").get("reportedAt"), &of("tablet")["current"]), (None, &json!(true)));

    for odd in
        [json!({ "sequence": 0, "id": "ab".repeat(32) }), json!({ "sequence": 1, "id": "AB".repeat(32) })]
    {
        let beat = json!({ "deviceId": "phone", "pending": 0, "lastRotation": odd });
        server.send("/api/v1/sync/heartbeat", Some(&phone), &beat).assert_problem(422, "invalid");
    }
}
