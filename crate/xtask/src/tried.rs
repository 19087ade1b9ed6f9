//! Whether `cargo xtask serve` does what README says: it is started as a user starts it, asked for the app, and stopped.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::{paths, process};

/// How long the server may take over an answer.
const LIMIT: Duration = Duration::from_secs(30);

/// Runs the command on a free port and on a database of its own.
pub fn serve() -> Result<()> {
    let kept = paths::in_root("target/tmp/serve-tried");
    if kept.exists() {
        fs::remove_dir_all(&kept).context("target/tmp/serve-tried cannot be emptied")?;
    }
    fs::create_dir_all(&kept).context("target/tmp/serve-tried cannot be made")?;
    let database = "sqlite://target/tmp/serve-tried/fieldsync.db";
    let mut command = process::cargo(&["xtask", "serve", "--listen", "127.0.0.1:0", "--database", database]);
    process::until_said(
        &mut command,
        |line| Some(line.split_once("fieldsync is at http://")?.1.trim().to_owned()),
        |address| {
            ask(&address, "/", "<!doctype html>")?;
            ask(&address, "/sw.js", "")?;
            ask(&address, "/healthz", "ok")
        },
    )
}

/// Asks for a path, and fails where the answer is not 200 with this at the beginning of its body.
fn ask(address: &str, path: &str, expected: &str) -> Result<()> {
    let get = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(LIMIT))?;
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    let answer = get().with_context(|| format!("no answer to {path}"))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let begins = body.get(..expected.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(expected));
    let status = head.lines().next().unwrap_or("nothing");
    match status.starts_with("HTTP/1.1 200 ") {
        true if begins => Ok(()),
        true => bail!("{path} is answered with something else than {expected}…"),
        false => bail!("{path} is answered with {status}"),
    }
}
