//! What whoever runs a server does with it: configure it, back it up, have its daily work done.

use std::fs;
use std::process::Output;

use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;

use crate::support::{Server, column, command, delete, export, reading};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn url(server: &Server) -> String {
    format!("sqlite://{}", server.database.display())
}

fn on(server: &Server, arguments: &[&str]) -> Output {
    command(&[arguments, &["--database", &url(server)]].concat()).output().unwrap()
}

#[test]
fn the_configuration_is_printed_with_its_origins_and_can_be_read_again() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("fieldsync.toml");
    fs::write(&file, "listen = \"127.0.0.1:1\"\ngrace_seconds = 3\n").unwrap();
    let print = |file: &str| {
        let output = command(&["config", "--config", file, "--log", "warn"])
            .env("FIELDSYNC_SECRET", "0123456789abcdef0123456789abcdef")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let printed = print(file.to_str().unwrap());
    assert!(printed.contains("secret = \"***\"  # FIELDSYNC_SECRET"), "{printed}");
    assert!(printed.contains("log = \"warn\"  # the flag --log"), "{printed}");
    assert!(printed.contains(&format!("grace_seconds = 3  # {}", file.display())), "{printed}");

    let again = directory.path().join("again.toml");
    fs::write(&again, &printed).unwrap();
    let values = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split("  #").next().unwrap().to_owned()).collect()
    };
    assert_eq!(values(&print(again.to_str().unwrap())), values(&printed));
}

#[test]
fn a_bad_configuration_is_said_in_a_sentence() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("fieldsync.toml");
    for (content, said) in [
        ("lisen = \"127.0.0.1:1\"", "\"lisen\" in "),
        ("listen = 8080", "is no address with a port, such as 127.0.0.1:8080; it is \"8080\""),
        ("listen = [", "cannot be read"),
        ("database = \"postgres://host/name\"", "FIELDSYNC_SECRET"),
    ] {
        fs::write(&file, content).unwrap();
        let output = command(&["serve", "--config", file.to_str().unwrap()]).output().unwrap();
        let error = text(&output.stderr);
        assert!(output.status.code() == Some(2) && error.contains(said), "{error}");
        assert_eq!(error.contains("fieldsync.toml"), !said.contains("SECRET"), "{error}");
    }
}

#[test]
fn a_server_is_backed_up_while_it_runs() {
    let server = Server::start();
    let made = [reading("U1", 12.5), reading("U2", 13.5)];
    server.push(&made);
    server.push(&[delete(&made[1], 1)]);
    let directory = TempDir::new().unwrap();
    let copy = directory.path().join("copy.db");
    let backup = || on(&server, &["backup", copy.to_str().unwrap()]);
    let output = backup();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(export(&copy), server.export());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    let held = fs::read(&copy).unwrap();
    let again = backup();
    assert!(!again.status.success() && text(&again.stderr).contains("copy.db"), "no backup is written over");
    assert_eq!(fs::read(&copy).unwrap(), held);

    drop(server);
    let restored = Server::start_on(&copy, &[]);
    assert_eq!(restored.push(&made[..1])[0]["status"], "replayed");
}

#[test]
fn a_backup_that_failed_leaves_nothing() {
    let directory = TempDir::new().unwrap();
    let copy = directory.path().join("copy.db");
    for (url, code, said) in
        [("sqlite://no/such.db", 1, "no/such.db"), ("postgres://user:secret@host/name", 2, "pg_dump")]
    {
        let output = command(&["backup", copy.to_str().unwrap(), "--database", url]).output().unwrap();
        let error = text(&output.stderr);
        assert!(output.status.code() == Some(code) && error.contains(said), "{error}");
        assert!(!error.contains("secret") && !copy.exists());
    }
}

#[tokio::test]
async fn the_worker_removes_what_is_too_old() {
    let server = Server::start();
    server.push(&[reading("U1", 1.0), reading("U2", 2.0)]);
    let mut connection =
        SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(&server.database))
            .await
            .unwrap();
    let aged = "UPDATE receipt SET received_at = 1 WHERE item_id = (SELECT min(item_id) FROM receipt)";
    sqlx::raw_sql(aged).execute(&mut connection).await.unwrap();
    let output = on(&server, &["worker", "--once", "--log-format", "json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let log = text(&output.stderr);
    let said = log.lines().map(|line| serde_json::from_str(line).unwrap());
    let said: Vec<serde_json::Value> = said.collect();
    let [.., old, files] = &said[..] else { panic!("{said:?}") };
    assert_eq!((&old["level"], &old["receipts"]), (&json!("INFO"), &json!(1)), "{old}");
    assert_eq!((&files["level"], &files["uploads"]), (&json!("INFO"), &json!(0)), "{files}");
    assert_eq!(column(&server.export(), "receipt", "itemId").len(), 1);
    assert_eq!(column(&server.export(), "reading", "entityId").len(), 2);
}
