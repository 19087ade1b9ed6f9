//! A PostgreSQL of the tests' own: a temporary cluster, reached by a socket in a directory that only it and the tests
//! can open. It ends with the process of the tests, however that ends.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{Connection, PgConnection};

/// What to do where it is missing.
const ADVICE: &str = "these tests need PostgreSQL: on Debian or Ubuntu, apt-get install postgresql; elsewhere, put \
                      initdb and postgres on the PATH";

/// Keeps the server. Once its standard input is closed, which the end of the tests' process does too, the server is
/// stopped and its directory removed. The signal goes to the server itself: `runuser` stands before it.
const KEEPER: &str = r#"
    "$@" & runs=$!
    cat >/dev/null
    kill -QUIT "$(head -n 1 "$DIRECTORY/data/postmaster.pid")"
    wait $runs
    rm -rf "$DIRECTORY"
"#;

/// What is in it is worth nothing after the tests, so nothing waits for the disk.
const FORGETFUL: &[&str] = &["fsync=off"];

/// A running cluster.
pub struct Cluster {
    directory: PathBuf,
    _keeper: Child,
    _lifeline: ChildStdin,
}

/// The URL of a new, empty database in the tests' one cluster.
pub async fn database() -> String {
    static MADE: AtomicU32 = AtomicU32::new(1);
    let name = format!("test_{}", MADE.fetch_add(1, Ordering::Relaxed));
    let mut connection = PgConnection::connect(&url("postgres")).await.unwrap();
    let create = format!("CREATE DATABASE {name}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(create)).execute(&mut connection).await.unwrap();
    url(&name)
}

fn url(database: &str) -> String {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| Cluster::start(FORGETFUL)).url(database)
}

impl Cluster {
    /// The URL of a database in it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres:///{database}?host={}&user=postgres", self.directory.display())
    }

    /// Starts one, with more settings.
    pub fn start(settings: &[&str]) -> Cluster {
        let programs = programs().expect(ADVICE);
        let directory = directory();
        let data = directory.join("data");
        let initdb = as_somebody(&programs.join("initdb"))
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "--pgdata"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(initdb.status.success(), "initdb: {}", String::from_utf8_lossy(&initdb.stderr));

        let mut server = as_somebody(&programs.join("postgres"));
        server.arg("-D").arg(&data).arg("-k").arg(&directory);
        let ours = ["listen_addresses=", "max_connections=300", "log_min_messages=warning"];
        for setting in ours.iter().chain(settings) {
            server.args(["-c", setting]);
        }
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "sh"]).arg(server.get_program()).args(server.get_args());
        keeper.env("DIRECTORY", &directory).current_dir(&directory);
        let mut keeper =
            keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let lifeline = keeper.stdin.take().unwrap();
        let mut log = BufReader::new(keeper.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("ready to accept connections") {
            let before = said.len();
            log.read_line(&mut said).unwrap();
            assert!(said.len() > before, "PostgreSQL did not start:\n{said}");
        }
        // Read on, so that it never waits for somebody to read.
        std::thread::spawn(move || log.lines().map_while(Result::ok).for_each(drop));
        Cluster { directory, _keeper: keeper, _lifeline: lifeline }
    }
}

/// The directory of the newest server programs.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).find(|directory| directory.join("initdb").is_file());
    let version = |directory: &Path| -> Option<u32> { directory.file_name()?.to_str()?.parse().ok() };
    on_path.or_else(|| {
        let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|entry| entry.path());
        let newest = versions.filter(|directory| directory.join("bin/initdb").is_file());
        Some(newest.max_by_key(|directory| version(directory))?.join("bin"))
    })
}

/// PostgreSQL refuses to run as root: there it runs as the user that comes with its package.
fn as_somebody(program: &Path) -> Command {
    let mut command = match postgres_user() {
        Some(_) => {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        }
        None => Command::new(program),
    };
    // Messages are read, so they are in the one language.
    command.env_clear().env("LC_ALL", "C").env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.current_dir("/");
    command
}

/// The user and group ids of `postgres`, where this is root.
fn postgres_user() -> Option<(u32, u32)> {
    let id = |arguments: &[&str]| -> Option<u32> {
        let output = Command::new("id").args(arguments).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    (id(&["-u"]) == Some(0)).then(|| Some((id(&["-u", "postgres"])?, id(&["-g", "postgres"])?))).flatten()
}

/// A directory that is the cluster's alone, under `target/` where PostgreSQL's user may go there, and where the path of
/// a socket fits into its 107 bytes.
fn directory() -> PathBuf {
    let name = format!("postgres-{}", std::process::id());
    let inside = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let may_go =
        || as_somebody(Path::new("test")).arg("-x").arg(inside).status().is_ok_and(|status| status.success());
    let parent =
        if inside.as_os_str().len() < 60 && may_go() { inside.to_owned() } else { std::env::temp_dir() };
    let directory = parent.join(name);
    fs::create_dir(&directory).unwrap();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o700)).unwrap();
    if let Some((user, group)) = postgres_user() {
        chown(&directory, Some(user), Some(group)).unwrap();
    }
    directory
}
