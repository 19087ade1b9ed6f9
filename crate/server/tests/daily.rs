//! The daily work, by three real processes that begin at once on one database: one of them does it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;

use tempfile::TempDir;

use crate::support::command;

const PROCESSES: usize = 3;
/// What each job says once it is done.
const DONE: [&str; 2] = ["removed what is older than 90 days", "removed abandoned uploads and unused files"];
/// What each process says once it knows of nothing more to do.
const OVER: &str = "the daily work is done, or somebody is at it";

fn worker(url: &str, files: &Path) -> Child {
    let mut command = command(&["worker", "--log", "fieldsync_server=debug", "--database", url, "--files"]);
    command.arg(files).stderr(Stdio::piped()).spawn().unwrap()
}

/// How often each job was done, once every process has nothing more to do.
fn done_by_three(url: &str, files: &Path) -> [usize; 2] {
    let workers: [Child; PROCESSES] = std::array::from_fn(|_| worker(url, files));
    let reading = workers.map(|mut worker| {
        let log = BufReader::new(worker.stderr.take().unwrap());
        thread::spawn(move || {
            let mut said = String::new();
            for line in log.lines().map_while(Result::ok) {
                said.push_str(&line);
                said.push('\n');
                if line.contains(OVER) {
                    break;
                }
            }
            worker.kill().unwrap();
            worker.wait().unwrap();
            said
        })
    });
    let said: Vec<String> = reading.into_iter().map(|reading| reading.join().unwrap()).collect();
    assert!(said.iter().all(|said| said.contains(OVER)), "{said:?}");
    DONE.map(|done| said.iter().filter(|said| said.contains(done)).count())
}

fn assert_once(url: &str) {
    let files = TempDir::new().unwrap();
    assert!(command(&["migrate", "--database", url]).status().unwrap().success());
    assert_eq!(done_by_three(url, files.path()), [1, 1]);
    assert_eq!(done_by_three(url, files.path()), [0, 0], "not before the next night");
}

#[test]
fn of_three_processes_on_sqlite_one_does_it() {
    let directory = TempDir::new().unwrap();
    assert_once(&format!("sqlite://{}", directory.path().join("fieldsync.db").display()));
}

#[tokio::test]
async fn of_three_processes_on_postgresql_one_does_it() {
    assert_once(&crate::postgres::database().await);
}
