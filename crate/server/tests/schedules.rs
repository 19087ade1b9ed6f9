//! Schedules over HTTP.

use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};

use crate::support::{Server, command, reading};

const PASSWORD: &str = "correct horse";

impl Server {
    /// A new account, and the access token of its device `phone`.
    pub fn somebody(&self, name: &str) -> String {
        let email = format!("{name}@fieldsync.example");
        let made = self.send("/api/v1/auth/register", None, &json!({ "email": email, "password": PASSWORD }));
        assert_eq!(made.status, 201, "{}", made.text);
        let credentials = json!({ "email": email, "password": PASSWORD, "deviceId": "phone" });
        let login = self.send("/api/v1/auth/login", None, &credentials).json();
        login["accessToken"].as_str().unwrap().to_owned()
    }
}

fn daily() -> Value {
    json!({ "device_id": "phone", "schedule_type": "daily", "time_of_day": "06:30", "time_zone": "europe/berlin" })
}

#[test]
fn a_schedule_is_made_listed_and_disabled() {
    let server = Server::start_without_demo();
    let (ana, ben) = (server.somebody("ana"), server.somebody("ben"));
    let mut wanted = daily();
    wanted["resolve_conflicts"] = json!("keep_newest");
    wanted["sync_deletions"] = json!(true);
    let made = server.send("/api/sync/schedule/create", Some(&ana), &wanted);
    assert_eq!(made.status, 201, "{}", made.text);
    let schedule = made.json();
    assert_eq!(schedule["timeZone"], "Europe/Berlin", "as the tables have it");
    assert_eq!(
        (&schedule["resolveConflicts"], &schedule["syncDeletions"]),
        (&json!("keep_newest"), &json!(true))
    );
    let next = schedule["nextRuns"].as_array().unwrap();
    assert_eq!((next.len(), &next[0]), (5, &schedule["nextRunAt"]));
    assert!(next.is_sorted_by_key(|at| at.as_u64().unwrap()));
    let preview = server.send("/api/sync/schedule/preview", Some(&ana), &wanted).json();
    assert_eq!(preview, json!({ "nextRuns": next }));

    assert_eq!(server.ask(&ana, "/api/sync/schedules").json(), json!({ "schedules": [schedule] }));
    assert_eq!(server.ask(&ben, "/api/sync/schedules").json(), json!({ "schedules": [] }));
    let id = schedule["id"].as_str().unwrap();
    let (disable, runs) =
        (format!("/api/sync/schedule/{id}/disable"), format!("/api/sync/schedule/{id}/runs"));
    server.send(&disable, Some(&ben), &json!({})).assert_problem(404, "not_found");
    server.ask(&ben, &runs).assert_problem(404, "not_found");
    assert_eq!(server.ask(&ana, &runs).json(), json!({ "runs": [] }));
    let disabled = server.send(&disable, Some(&ana), &json!({})).json();
    assert_eq!((disabled.get("nextRunAt"), &disabled["nextRuns"]), (None, &json!([])), "{disabled}");
    assert_eq!(server.ask(&ana, "/api/sync/schedules").json()["schedules"][0], disabled);
    server.send("/api/sync/schedule/%00/disable", Some(&ana), &json!({})).assert_problem(404, "not_found");

    let rows = server.ask(&ana, "/api/v1/audit?limit=2").json()["rows"].take();
    let said: Vec<_> =
        rows.as_array().unwrap().iter().map(|row| (&row["event"], &row["scheduleId"])).collect();
    let id = json!(id);
    assert_eq!(said, [(&json!("schedule_disable"), &id), (&json!("schedule_create"), &id)]);
}

#[test]
fn what_cannot_be_scheduled_is_said_field_by_field() {
    let server = Server::start_without_demo();
    let ana = server.somebody("ana");
    let refused = |change: Value| {
        let mut draft = daily();
        draft.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let create = server.send("/api/sync/schedule/create", Some(&ana), &draft);
        let fields = create.assert_problem(422, "invalid")["fields"].take();
        let preview = server.send("/api/sync/schedule/preview", Some(&ana), &draft);
        assert_eq!(preview.assert_problem(422, "invalid")["fields"], fields);
        let named =
            fields.as_array().unwrap().iter().map(|fault| fault["field"].as_str().unwrap().to_owned());
        named.collect::<Vec<_>>()
    };
    assert_eq!(refused(json!({ "time_zone": "Mars/Olympus" })), ["timeZone"]);
    assert_eq!(refused(json!({ "time_zone": "../x", "time_of_day": "25:00" })), ["timeOfDay", "timeZone"]);
    assert_eq!(refused(json!({ "schedule_type": "weekly" })), ["dayOfWeek"]);
    assert_eq!(refused(json!({ "schedule_type": "monthly", "day_of_month": 32 })), ["dayOfMonth"]);
    let mut elsewhere = daily();
    elsewhere["device_id"] = json!("tablet");
    server.send("/api/sync/schedule/create", Some(&ana), &elsewhere).assert_problem(404, "not_found");
    let odd = json!({ "schedule_type": "hourly" });
    server.send("/api/sync/schedule/create", Some(&ana), &odd).assert_problem(400, "bad_request");
    assert_eq!(server.ask(&ana, "/api/sync/schedules").json(), json!({ "schedules": [] }));
}

#[tokio::test]
async fn a_worker_runs_what_is_due_and_the_device_is_asked_to_sync() {
    let server = Server::start_without_demo();
    let ana = server.somebody("ana");
    let made = server.send("/api/sync/schedule/create", Some(&ana), &daily()).json();
    let push = |unit: &str| {
        let body = json!({ "deviceId": "phone", "items": [reading(unit, 1.0)] });
        assert_eq!(server.send("/api/v1/sync/push", Some(&ana), &body).status, 200);
    };
    push("U1");
    assert_eq!(server.ask(&ana, "/api/v1/sync/changes").json()["changes"].as_array().unwrap().len(), 1);
    push("U2");
    push("U3");
    let options = SqliteConnectOptions::new().filename(&server.database);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql("UPDATE schedule SET next_run_at = 1").execute(&mut connection).await.unwrap();
    let url = format!("sqlite://{}", server.database.display());
    for _ in 0..2 {
        let output = command(&["worker", "--once", "--database", &url]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    let id = made["id"].as_str().unwrap();
    let runs = server.ask(&ana, &format!("/api/sync/schedule/{id}/runs")).json()["runs"].take();
    let run = &runs[0];
    assert_eq!((runs.as_array().unwrap().len(), &run["outcome"]), (1, &json!("asked")), "{runs}");
    assert_eq!((&run["dueAt"], &run["changesDetected"]), (&json!(1), &json!(2)), "{run}");
    let listed = server.ask(&ana, "/api/sync/schedules").json()["schedules"][0].take();
    assert_eq!((&listed["lastRunAt"], &listed["nextRunAt"]), (&run["at"], &made["nextRunAt"]));
    let beat = json!({ "deviceId": "phone", "pending": 0 });
    let wishes = server.send("/api/v1/sync/heartbeat", Some(&ana), &beat).json()["wishes"].take();
    assert_eq!(wishes["startRevision"], 1, "{wishes}");
    let row = server.ask(&ana, "/api/v1/audit?limit=1").json()["rows"][0].take();
    assert_eq!(row["event"], "sync_schedule_execution");
    assert_eq!((&row["scheduleId"], &row["deviceId"]), (&json!(id), &json!("phone")), "{row}");
    assert_eq!(row["changesDetected"], 2);
}
