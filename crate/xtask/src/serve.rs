//! `cargo xtask serve`: builds everything and runs the server with its demo data.

use std::fs;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::build::{self, Mode};
use crate::config::Config;
use crate::{paths, process, report, setup};

/// Options of `serve`.
#[derive(Args)]
pub struct Options {
    /// The port on 127.0.0.1.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The address and port, where it is not 127.0.0.1. The demo accounts are there on loopback only.
    #[arg(long, conflicts_with = "port")]
    listen: Option<SocketAddr>,
    /// The database: sqlite://… [default: target/serve/fieldsync.db]
    #[arg(long)]
    database: Option<String>,
    /// Runs the optimised server.
    #[arg(long)]
    release: bool,
}

/// Runs the command; it ends when the server does.
pub fn run(options: &Options) -> Result<()> {
    let listen = options.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], options.port)));
    // Before minutes of building.
    check_free(listen)?;
    report::heading("build");
    setup::ensure(setup::BUILD)?;
    let mode = if options.release { Mode::Release } else { Mode::Standard };
    for oversize in build::app(&Config::read()?, mode)? {
        // No reason not to run it: `build` and `test` fail over it.
        report::say(&format!("warning: {oversize}"));
    }
    build::server(mode)?;

    let database = match &options.database {
        Some(database) => database.clone(),
        None => {
            fs::create_dir_all(paths::in_root("target/serve")).context("target/serve cannot be made")?;
            "sqlite://target/serve/fieldsync.db".to_owned()
        }
    };
    report::heading("serve (Ctrl-C ends it)");
    let mut server = process::command(paths::server(options.release));
    server.arg("serve").args([
        "--listen",
        &listen.to_string(),
        "--database",
        &database,
        "--www",
        "target/www",
    ]);
    if listen.ip().is_loopback() {
        server.arg("--demo");
    }
    process::run(&mut server)
}

fn check_free(address: SocketAddr) -> Result<()> {
    match TcpListener::bind(address) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
            "another program listens on {address} already; end it, or choose another port: `cargo xtask serve --port {}`",
            address.port().checked_add(1).unwrap_or(8081)
        ),
        Err(error) => Err(error).with_context(|| format!("cannot listen on {address}")),
    }
}
