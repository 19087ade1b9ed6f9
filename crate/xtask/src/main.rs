//! The automation of fieldsync: `cargo xtask serve` and `cargo xtask test` do all of their set-up themselves.
//!
//! A command is one file with a `run` function, one entry in [`Command`] and one line in [`dispatch`]. Programs are
//! started through [`process`], so that none of them outlives an interrupted run; what was done once is remembered
//! through [`stamp`], so that nothing is repeated.

mod apt;
mod bench;
mod browser;
mod build;
mod chaos;
mod client;
mod config;
mod count;
mod coverage;
mod disk;
mod e2e;
mod failure;
mod firefox;
mod flake;
mod load;
mod names;
mod npm;
mod orphans;
mod paths;
mod postgres;
mod process;
mod read;
mod report;
mod schemathesis;
mod serve;
mod setup;
mod shots;
mod sim;
mod size;
mod stamp;
mod step;
mod test;
mod tools;
mod tried;
mod types;
mod wasm;
mod web;
mod webkit;
mod words;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, serves and tests fieldsync; sets up what that takes.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds everything and runs the server with its demo data.
    Serve(serve::Options),
    /// Runs every check and every test, and counts them.
    Test(test::Options),
    /// Builds the wasm, the app, its service worker and the server.
    Build(build::Options),
    /// Writes what is generated from Rust: TypeScript declarations, the OpenAPI document, the calls of the server.
    Types(types::Options),
    /// Writes new messages of the app into the translators' file, and the app's modules from it.
    Words,
    /// Simulates devices, network and server from seeds, and checks the invariants at every step.
    Sim(sim::Options),
    /// Measures how much of the engine its tests reach.
    Coverage,
    /// Holds the server against its OpenAPI document, on SQLite and PostgreSQL, with schemathesis.
    Schemathesis(schemathesis::Options),
    /// Measures speed and size beside what others do in the same run.
    Bench(bench::Options),
    /// Makes pictures of every page of the app, to be looked at.
    Shots(shots::Options),
    /// Measures the first load on the field link and the next one offline, and what Lighthouse says of the start page.
    Load(load::Options),
    /// Runs scenarios over and over, and says how often they passed.
    Flake(flake::Options),
    /// Has everything go wrong at random while somebody enters things, and looks for what was lost, doubled or stuck.
    Chaos(chaos::Options),
    /// Installs what building takes: the wasm target, wasm-bindgen, the npm packages.
    Setup(setup::Options),
}

fn dispatch(command: &Command) -> Result<bool> {
    match command {
        Command::Serve(options) => serve::run(options).map(|()| true),
        Command::Test(options) => test::run(options),
        Command::Build(options) => build::run(options).map(|()| true),
        Command::Types(options) => types::run(options).map(|()| true),
        Command::Words => npm::ensure().and_then(|()| words::write()).map(|()| true),
        Command::Sim(options) => sim::run(options),
        Command::Coverage => tools::ensure_llvm().and_then(|()| coverage::run()).map(|()| true),
        Command::Schemathesis(options) => schemathesis::run(options).map(|()| true),
        Command::Bench(options) => bench::run(options).map(|()| true),
        Command::Shots(options) => shots::run(options).map(|()| true),
        Command::Load(options) => load::run(options).map(|()| true),
        Command::Flake(options) => flake::run(options),
        Command::Chaos(options) => chaos::run(options),
        Command::Setup(options) => setup::run(options).map(|()| true),
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = process::watch_signals().and_then(|()| dispatch(&cli.command));
    if process::interrupted() {
        orphans::end();
        eprintln!("stopped");
        // The shell's code for "ended by Ctrl-C"; a server that was asked to stop has done all it should.
        return if matches!(cli.command, Command::Serve(_)) {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(130)
        };
    }
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
