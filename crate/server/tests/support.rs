//! A server to talk to, and readings to send.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use fieldsync_protocol::{ItemId, Millis};
use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::Agent;
use ureq::http::Response;

/// How long anything may take before a test gives up.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// The server's binary with an empty environment, so that no variable of the caller's steers it.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fieldsync-server"));
    command.env_clear().args(arguments);
    command
}

/// A running server. Dropped, it is killed.
pub struct Server {
    child: Child,
    /// `http://ADDRESS:PORT`.
    pub origin: String,
    /// Its database, where that is a file.
    pub database: PathBuf,
    url: String,
    agent: Agent,
    /// Where the database is, if it is this server's alone.
    directory: Option<TempDir>,
}

impl Server {
    /// Starts a server on a new database.
    pub fn start() -> Server {
        Server::start_with(&[])
    }

    /// The same, with more arguments.
    pub fn start_with(arguments: &[&str]) -> Server {
        let directory = TempDir::new().unwrap();
        let mut server = Server::start_on(&directory.path().join("fieldsync.db"), arguments);
        server.directory = Some(directory);
        server
    }

    /// Starts a server on a database that may be there.
    pub fn start_on(database: &Path, arguments: &[&str]) -> Server {
        let mut server = Server::start_at(&url(database), arguments);
        server.database = database.to_owned();
        server
    }

    /// The same, on the database of a URL.
    pub fn start_at(url: &str, arguments: &[&str]) -> Server {
        Server::spawn(url, &[&["--demo"], arguments].concat(), &[])
    }

    /// Starts a server that wants access tokens, on a new database.
    pub fn start_without_demo() -> Server {
        Server::start_without_demo_with(&[])
    }

    /// The same, with variables of the environment.
    pub fn start_without_demo_with(environment: &[(&str, &str)]) -> Server {
        Server::start_on_a_new_file(&[], environment)
    }

    /// Starts a server on a new database, with variables of the environment.
    pub fn start_on_demo_with(environment: &[(&str, &str)]) -> Server {
        Server::start_on_a_new_file(&["--demo"], environment)
    }

    fn start_on_a_new_file(arguments: &[&str], environment: &[(&str, &str)]) -> Server {
        let directory = TempDir::new().unwrap();
        let database = directory.path().join("fieldsync.db");
        let mut server = Server::spawn(&url(&database), arguments, environment);
        server.database = database;
        server.directory = Some(directory);
        server
    }

    /// Starts a server that wants access tokens, on the database of a URL; several on one take each other's.
    pub fn start_at_without_demo(url: &str, arguments: &[&str]) -> Server {
        Server::spawn(url, arguments, &[("FIELDSYNC_SECRET", "a secret that these servers share")])
    }

    fn spawn(url: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Server {
        let mut serve = command(&["serve", "--listen", "127.0.0.1:0", "--database", url]);
        serve.args(arguments).envs(environment.iter().copied());
        Server::spawn_as(serve, url)
    }

    /// Starts what becomes a server, on the database of a URL.
    pub fn spawn_as(mut command: Command, url: &str) -> Server {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let origin = line.trim().strip_prefix("fieldsync is at ").expect("the address line").to_owned();
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(DEADLINE));
        let agent = config.build().into();
        Server { child, origin, database: PathBuf::new(), url: url.to_owned(), agent, directory: None }
    }

    /// `GET`s a path.
    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.agent.get(format!("{}{path}", self.origin));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.call())
    }

    /// `POST`s JSON to a path, with an access token where there is one.
    pub fn send(&self, path: &str, token: Option<&str>, body: &Value) -> Answer {
        let mut request = self.agent.post(format!("{}{path}", self.origin));
        request = request.header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        Answer::of(request.send(body.to_string()))
    }

    /// `PUT`s JSON to a path.
    pub fn put(&self, path: &str, token: &str, body: &Value) -> Answer {
        let request = self.agent.put(format!("{}{path}", self.origin));
        let request = request.header("content-type", "application/json");
        Answer::of(request.header("authorization", format!("Bearer {token}")).send(body.to_string()))
    }

    /// `POST`s a body to the push path.
    pub fn post(&self, content_type: &str, body: &[u8]) -> Answer {
        self.try_post(&[("content-type", content_type)], body).unwrap()
    }

    /// The same, with any headers, of a server that may be gone.
    pub fn try_post(&self, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer, ureq::Error> {
        let mut request = self.agent.post(format!("{}/api/v1/sync/push", self.origin));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send(body).map(|response| Answer::of(Ok(response)))
    }

    /// Pushes items, and gives the results.
    pub fn push(&self, items: &[Value]) -> Vec<Value> {
        let answer = self.post("application/json", &push_body(items));
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["results"].as_array().unwrap().clone()
    }

    /// What the server holds, by its own `export`, while it runs.
    pub fn export(&self) -> Vec<Value> {
        export_of(&self.url)
    }

    /// A bare connection.
    pub fn connect(&self) -> std::io::Result<TcpStream> {
        let stream = TcpStream::connect(self.origin.strip_prefix("http://").unwrap())?;
        stream.set_read_timeout(Some(DEADLINE))?;
        Ok(stream)
    }

    /// Opens a stream of events, with an access token where there is one, after what was heard last.
    pub fn listen(&self, token: Option<&str>, last: Option<&str>) -> std::io::Result<Stream> {
        let mut stream = self.connect()?;
        write!(stream, "GET /api/v1/events HTTP/1.1\r\nhost: localhost\r\n")?;
        if let Some(token) = token {
            write!(stream, "authorization: Bearer {token}\r\n")?;
        }
        if let Some(last) = last {
            write!(stream, "last-event-id: {last}\r\n")?;
        }
        write!(stream, "\r\n")?;
        let mut stream = Stream(BufReader::new(stream));
        let status = stream.line()?;
        if !status.starts_with("HTTP/1.1 200") {
            return Err(std::io::Error::other(status));
        }
        Ok(stream)
    }

    /// Sends the head of a push and the first part of its body, and returns once the server is reading that body.
    pub fn begin_push(&self, body: &[u8], sent: usize) -> BufReader<TcpStream> {
        let mut stream = self.connect().unwrap();
        let length = body.len();
        write!(
            stream,
            "POST /api/v1/sync/push HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        assert!(line.starts_with("HTTP/1.1 100"), "{line}");
        stream.get_mut().write_all(&body[..sent]).unwrap();
        stream
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Asks the server to stop (`TERM`), or kills it where it stands (`KILL`).
    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Waits until the server has ended.
    pub fn ended(&mut self) -> ExitStatus {
        until("the server ends", || self.child.try_wait().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A stream of events.
pub struct Stream(BufReader<TcpStream>);

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: String,
    pub name: String,
    pub data: Value,
}

impl Stream {
    /// The next event; an error where the stream has ended, or was silent for too long.
    pub fn next(&mut self) -> std::io::Result<Event> {
        let (mut id, mut name) = (String::new(), String::new());
        loop {
            let line = self.line()?;
            if let Some(text) = line.strip_prefix("id: ") {
                id = text.to_owned();
            } else if let Some(text) = line.strip_prefix("event: ") {
                name = text.to_owned();
            } else if let Some(text) = line.strip_prefix("data: ") {
                return Ok(Event { id, name, data: serde_json::from_str(text)? });
            }
        }
    }

    /// The next line, be it of the stream or of what it comes in.
    pub fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        let is_over = self.0.read_line(&mut line)? == 0;
        // The last piece is empty; the connection could go on.
        match line.trim_end() {
            "" | "0" if is_over || line.starts_with('0') => Err(std::io::ErrorKind::UnexpectedEof.into()),
            line => Ok(line.to_owned()),
        }
    }
}

/// An answer, read to its end.
pub struct Answer {
    pub status: u16,
    pub text: String,
    headers: ureq::http::HeaderMap,
}

impl Answer {
    fn of(response: Result<Response<ureq::Body>, ureq::Error>) -> Answer {
        let (parts, mut body) = response.unwrap().into_parts();
        Answer {
            status: parts.status.as_u16(),
            text: body.read_to_string().unwrap_or_default(),
            headers: parts.headers,
        }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// Asserts that this is a problem document of this status and code.
    pub fn assert_problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.header("cache-control"), "no-store");
        let problem = self.json();
        assert_eq!((&problem["status"], &problem["code"]), (&json!(status), &json!(code)), "{problem}");
        problem
    }
}

/// Asks again and again until there is an answer.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < DEADLINE, "waited in vain until {what}");
        std::thread::yield_now();
    }
}

/// What a database holds, by the server's own `export`.
pub fn export(database: &Path) -> Vec<Value> {
    export_of(&url(database))
}

fn url(database: &Path) -> String {
    format!("sqlite://{}", database.display())
}

fn export_of(url: &str) -> Vec<Value> {
    let output = command(&["export", "--database", url]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// One field of every exported line of a kind.
pub fn column(export: &[Value], kind: &str, field: &str) -> Vec<String> {
    let lines = export.iter().filter(|line| line["kind"] == kind);
    lines.map(|line| line[field].as_str().unwrap().to_owned()).collect()
}

/// A new reading for November of a unit of P-1, the only meter there.
pub fn reading(unit: &str, value: f64) -> Value {
    let id = new_id();
    json!({
        "id": id, "type": "READING", "action": "CREATE", "entityId": id, "priority": "NORMAL",
        "createdAt": 1_763_596_800_000_u64,
        "data": {
            "property": "P-1", "unit": unit, "period": "2025-11", "value": value, "readAt": 1_763_596_800_000_u64,
        },
    })
}

/// A new assessment of a site.
pub fn assessment(site: &str) -> Value {
    let id = new_id();
    json!({
        "id": id, "type": "ASSESSMENT", "action": "CREATE", "entityId": id, "createdAt": 1_763_596_800_000_u64,
        "data": { "kind": "WASH", "site": site, "population": 40 },
    })
}

/// A change of what another item made.
pub fn update(of: &Value, base: u64, patch: Value) -> Value {
    json!({
        "id": new_id(), "type": of["type"], "action": "UPDATE", "entityId": of["entityId"], "baseVersion": base,
        "createdAt": 1_763_596_800_000_u64, "patch": patch,
    })
}

/// A delete of what another item made.
pub fn delete(of: &Value, base: u64) -> Value {
    json!({
        "id": new_id(), "type": of["type"], "action": "DELETE", "entityId": of["entityId"], "baseVersion": base,
        "createdAt": 1_763_596_800_000_u64,
    })
}

fn new_id() -> ItemId {
    static MADE: AtomicU64 = AtomicU64::new(1);
    let mut entropy = [0; 10];
    entropy[2..].copy_from_slice(&MADE.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    ItemId::new(Millis(1_763_596_800_000), entropy)
}

/// The body of a push.
pub fn push_body(items: &[Value]) -> Vec<u8> {
    json!({ "deviceId": "test", "items": items }).to_string().into_bytes()
}

/// One field of every result, as text.
pub fn field<'a>(results: &'a [Value], name: &str) -> Vec<&'a str> {
    results.iter().map(|result| result[name].as_str().unwrap_or("")).collect()
}
