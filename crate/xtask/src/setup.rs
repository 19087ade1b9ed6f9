//! `cargo xtask setup`: what building and testing take. Every command calls for the parts that it needs.

use anyhow::{Error, Result};
use clap::Args;

use crate::{browser, firefox, npm, postgres, process, report, tools, webkit};

/// Options of `setup`.
#[derive(Args)]
pub struct Options {
    /// Also what the tests take: clippy, rustfmt, Chromium and its driver, Firefox, WebKitGTK, PostgreSQL.
    #[arg(long)]
    test: bool,
}

/// Something that must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A C compiler, for SQLite and for linking.
    Compiler,
    /// The Rust target.
    WasmTarget,
    /// wasm-bindgen, of the right version.
    WasmBindgen,
    /// Node and its packages, wasm-opt among them.
    Npm,
    /// clippy and rustfmt.
    Components,
    /// llvm-cov and llvm-profdata.
    Llvm,
    /// Chromium and its driver.
    Browser,
    /// Firefox.
    Firefox,
    /// WebKitGTK's driver and browser, and a display for them.
    WebKit,
    /// PostgreSQL's server programs.
    Postgres,
}

/// What building takes.
pub const BUILD: &[Part] = &[Part::Compiler, Part::Npm, Part::WasmTarget, Part::WasmBindgen];
/// What the tests take.
pub const ALL: &[Part] = &[
    Part::Compiler,
    Part::Npm,
    Part::WasmTarget,
    Part::Components,
    Part::Llvm,
    Part::Browser,
    Part::Firefox,
    Part::WebKit,
    Part::Postgres,
    Part::WasmBindgen,
];

/// Runs the command.
pub fn run(options: &Options) -> Result<()> {
    report::heading("set-up");
    ensure(if options.test { ALL } else { BUILD })?;
    report::say("everything is there");
    Ok(())
}

/// Sets up the parts; the first that fails ends it. Says nothing when all are there.
pub fn ensure(parts: &[Part]) -> Result<()> {
    parts.iter().try_for_each(|part| part.ensure())
}

/// Sets up the parts and returns those that failed.
pub fn try_each(parts: &[Part]) -> Vec<(Part, Error)> {
    let parts = parts.iter().take_while(|_| !process::interrupted());
    parts.filter_map(|part| Some((*part, part.ensure().err()?))).collect()
}

impl Part {
    fn ensure(self) -> Result<()> {
        match self {
            Self::Compiler => tools::check_compiler(),
            Self::WasmTarget => tools::ensure_wasm_target(),
            Self::WasmBindgen => tools::ensure_wasm_bindgen(),
            Self::Npm => npm::ensure(),
            Self::Components => tools::ensure_components(),
            Self::Llvm => tools::ensure_llvm(),
            Self::Browser => browser::ensure().map(|_| ()),
            Self::Firefox => firefox::ensure().map(|_| ()),
            Self::WebKit if !webkit::IS_POSSIBLE => Ok(()),
            Self::WebKit => webkit::ensure().map(|_| ()),
            Self::Postgres => postgres::ensure(),
        }
    }
}
