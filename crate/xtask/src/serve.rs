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
    /// The address and port, where it is not 127.0.0.1; on loopback only.
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
    check_loopback(listen)?;
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
    server.args([
        "serve",
        "--demo",
        "--listen",
        &listen.to_string(),
        "--database",
        &database,
        "--www",
        "target/www",
    ]);
    process::serve(&mut server)
}

fn check_loopback(address: SocketAddr) -> Result<()> {
    if !address.ip().to_canonical().is_loopback() {
        bail!(
            "the demo has no passwords, so it is served on this machine alone, such as at 127.0.0.1:{}; {address} can \
             be reached from other machines",
            address.port()
        );
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_stays_on_this_machine() {
        for address in ["127.0.0.1:8080", "127.9.9.9:0", "[::1]:8080", "[::ffff:127.0.0.1]:1"] {
            assert!(check_loopback(address.parse().unwrap()).is_ok(), "{address}");
        }
        for address in ["0.0.0.0:8080", "[::]:8080", "192.168.1.2:80"] {
            let error = check_loopback(address.parse().unwrap()).unwrap_err();
            assert!(error.to_string().contains("on this machine alone"), "{error}");
        }
    }
}
