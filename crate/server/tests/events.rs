//! Server-sent events, over HTTP, through one server and through several.

use std::io::ErrorKind;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Server, Stream, reading};

const PASSWORD: &str = "correct horse";

impl Server {
    /// An account, and the access token of its first device.
    pub fn sign_up(&self, name: &str, device: &str) -> String {
        self.enter("register", name, device)
    }

    /// The access token of another device of the same person.
    fn add_device(&self, name: &str, device: &str) -> String {
        self.enter("login", name, device)
    }

    fn enter(&self, how: &str, name: &str, device: &str) -> String {
        let email = format!("{name}@fieldsync.example");
        let credentials = json!({ "email": email, "password": PASSWORD, "deviceId": device });
        let entered = self.send(&format!("/api/v1/auth/{how}"), None, &credentials);
        assert!([200, 201].contains(&entered.status), "{}", entered.text);
        entered.json()["accessToken"].as_str().unwrap().to_owned()
    }

    fn push_one(&self, token: &str, device: &str, unit: &str) -> Value {
        let body = json!({ "deviceId": device, "items": [reading(unit, 1.0)] });
        let pushed = self.send("/api/v1/sync/push", Some(token), &body).json();
        assert_eq!(pushed["results"][0]["status"], "applied", "{pushed}");
        pushed["cursor"].clone()
    }
}

fn names(stream: &mut Stream, count: usize) -> Vec<String> {
    (0..count).map(|_| stream.next().unwrap().name).collect()
}

#[test]
fn a_device_is_told_what_there_is_to_ask_for() {
    let server = Server::start_without_demo();
    let phone = server.sign_up("ada", "phone");
    let mut stream = server.listen(Some(&phone), None).unwrap();
    assert_eq!(names(&mut stream, 1), ["head"]);
    let tablet = server.add_device("ada", "tablet");
    assert_eq!(names(&mut stream, 1), ["roster"]);
    let cursor = server.push_one(&tablet, "tablet", "U1");
    let head = stream.next().unwrap();
    assert_eq!((head.name.as_str(), &head.data["cursor"]), ("head", &cursor));

    let about = "/api/v1/sync/background/start?device=phone";
    server.send(about, Some(&tablet), &json!({}));
    assert_eq!(names(&mut stream, 1), ["start"]);
    server.put(
        "/api/v1/sync/background/settings?device=phone",
        &tablet,
        &json!({ "syncIntervalMinutes": 15 }),
    );
    assert_eq!(stream.next().unwrap().data, json!({ "revision": 2 }));
    drop(stream);

    // Taken up again where it broke off: what came since, and nothing twice.
    let cursor = server.push_one(&tablet, "tablet", "U2");
    let mut again = server.listen(Some(&phone), Some(&head.id)).unwrap();
    let head = again.next().unwrap();
    assert_eq!((head.name.as_str(), &head.data["cursor"]), ("head", &cursor));
    assert_eq!(names(&mut again, 2), ["settings", "start"]);

    // One person's streams are not another's, and end with their device.
    let other = server.sign_up("bob", "phone");
    let mut others = server.listen(Some(&other), None).unwrap();
    assert_eq!(names(&mut others, 1), ["head"]);
    server.send("/api/sync/devices/phone/revoke", Some(&tablet), &json!({}));
    assert_eq!(again.next().unwrap_err().kind(), ErrorKind::UnexpectedEof);
    server.push_one(&other, "phone", "U1");
    assert_eq!(names(&mut others, 1), ["head"]);
}

#[test]
fn a_server_that_stops_ends_its_streams() {
    let mut server = Server::start();
    let mut stream = server.listen(None, None).unwrap();
    assert_eq!(stream.next().unwrap().name, "head");
    let began = std::time::Instant::now();
    server.signal("TERM");
    assert_eq!(stream.next().unwrap_err().kind(), ErrorKind::UnexpectedEof);
    assert!(server.ended().success());
    assert!(began.elapsed() < Duration::from_secs(8), "not only after the grace: {:?}", began.elapsed());
}

/// By LISTEN and NOTIFY: nobody waits for the slow look beneath.
#[cfg(unix)]
#[test]
fn an_event_arrives_through_whichever_server() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let url = runtime.block_on(crate::postgres::database());
    let [one, other] = [(); 2].map(|()| Server::start_at_without_demo(&url, &[]));
    let phone = one.sign_up("ada", "phone");
    let tablet = other.add_device("ada", "tablet");
    let mut stream = one.listen(Some(&phone), None).unwrap();
    assert_eq!(names(&mut stream, 1), ["head"]);
    for n in 0..20 {
        let cursor = other.push_one(&tablet, "tablet", &format!("U{n}"));
        // Nobody waits for a poll, which takes a minute: a read ends after half of that.
        assert_eq!(stream.next().unwrap().data["cursor"], cursor);
    }
    other.send("/api/v1/sync/background/start?device=phone", Some(&tablet), &json!({}));
    assert_eq!(names(&mut stream, 1), ["start"]);
}
