//! The steps of `cargo xtask test`, in their order, and what each needs.

use clap::ValueEnum;

use crate::setup::{self, Part};

/// What it takes to run the app in a browser.
const BROWSE: &[Part] = &[Part::Compiler, Part::Npm, Part::WasmTarget, Part::WasmBindgen, Part::Browser];
const BROWSE_FIREFOX: &[Part] =
    &[Part::Compiler, Part::Npm, Part::WasmTarget, Part::WasmBindgen, Part::Firefox];

const BROWSE_WEBKIT: &[Part] =
    &[Part::Compiler, Part::Npm, Part::WasmTarget, Part::WasmBindgen, Part::WebKit];

/// A step. A new one is a line in each `match` here and a function in `test.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Step {
    /// Installs what is missing
    Setup,
    /// cargo fmt
    Fmt,
    /// cargo clippy
    Clippy,
    /// cargo doc
    Doc,
    /// The generated TypeScript declarations are up to date
    Types,
    /// cargo test
    Unit,
    /// How much of the engine they reach (with --all)
    Coverage,
    /// The invariants, in tens of thousands of simulated scenarios
    Sim,
    /// Wasm, app, service worker, server, their sizes, and that `serve` serves them
    Build,
    /// tsc, biome, and the words in other languages
    Ts,
    /// Uploads by tus-js-client and Uppy
    Tus,
    /// The wasm crate's tests, in Chromium
    Wasm,
    /// The app with its server, in Chromium
    E2e,
    /// The same in Firefox, which has no Background Sync
    Firefox,
    /// Start, save offline, sync and badge in WebKitGTK
    Webkit,
}

impl Step {
    /// The steps to run, in order: those asked for and those that they need. When none is asked for it is all, but for what takes
    /// too long for every change.
    pub fn plan(asked: &[Self], all: bool) -> Vec<Self> {
        let needed = |step: &Self| {
            (asked.is_empty() && (all || *step != Self::Coverage))
                || asked.iter().any(|a| a == step || a.after() == Some(*step))
                || match step {
                    Self::Setup => asked.iter().any(|a| !a.parts().is_empty()),
                    _ => false,
                }
        };
        Self::value_variants().iter().copied().filter(needed).collect()
    }

    /// The name that `--only` takes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Fmt => "fmt",
            Self::Clippy => "clippy",
            Self::Doc => "doc",
            Self::Types => "types",
            Self::Unit => "unit",
            Self::Coverage => "coverage",
            Self::Sim => "sim",
            Self::Build => "build",
            Self::Ts => "ts",
            Self::Tus => "tus",
            Self::Wasm => "wasm",
            Self::E2e => "e2e",
            Self::Firefox => "firefox",
            Self::Webkit => "webkit",
        }
    }

    /// The heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Setup => "set-up",
            Self::Fmt => "Rust formatting (cargo fmt)",
            Self::Clippy => "Rust lints (cargo clippy)",
            Self::Doc => "Rust documentation (cargo doc)",
            Self::Types => "generated TypeScript types",
            Self::Unit => "Rust tests (cargo test)",
            Self::Coverage => "line coverage of the engine",
            Self::Sim => "simulated faults",
            Self::Build => "build",
            Self::Ts => "TypeScript (tsc, biome)",
            Self::Tus => "uploads by tus-js-client and Uppy",
            Self::Wasm => "wasm tests in Chromium",
            Self::E2e => "end-to-end tests in Chromium",
            Self::Firefox => "end-to-end tests in Firefox",
            Self::Webkit => "end-to-end test in WebKitGTK",
        }
    }

    /// The set-up that it needs.
    pub fn parts(self) -> &'static [Part] {
        match self {
            Self::Setup => setup::ALL,
            Self::Fmt => &[Part::Components],
            Self::Clippy => &[Part::Components, Part::WasmTarget],
            Self::Doc => &[Part::WasmTarget],
            Self::Types | Self::Sim => &[],
            Self::Coverage => &[Part::Llvm],
            Self::Unit => &[Part::Postgres],
            Self::Build | Self::Ts | Self::Tus => setup::BUILD,
            Self::Wasm => &[Part::WasmTarget, Part::WasmBindgen, Part::Browser],
            Self::E2e => BROWSE,
            Self::Firefox => BROWSE_FIREFOX,
            Self::Webkit => BROWSE_WEBKIT,
        }
    }

    /// The step whose result it uses.
    pub fn after(self) -> Option<Self> {
        match self {
            // The pages import the declarations that wasm-bindgen writes.
            // The others run the server.
            Self::Ts | Self::Tus | Self::E2e | Self::Firefox | Self::Webkit => Some(Self::Build),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_what_a_step_needs_and_no_more() {
        assert_eq!(Step::plan(&[], true), Step::value_variants());
        let usual = Step::plan(&[], false);
        assert_eq!(usual.len(), Step::value_variants().len() - 1);
        assert!(!usual.contains(&Step::Coverage));
        assert_eq!(Step::plan(&[Step::E2e], false), [Step::Setup, Step::Build, Step::E2e]);
        assert_eq!(Step::plan(&[Step::Firefox], false), [Step::Setup, Step::Build, Step::Firefox]);
        assert_eq!(Step::plan(&[Step::Types], false), [Step::Types]);
        assert_eq!(Step::plan(&[Step::Unit], false), [Step::Setup, Step::Unit]);
        assert_eq!(Step::plan(&[Step::Wasm, Step::Fmt], false), [Step::Setup, Step::Fmt, Step::Wasm]);
    }
}
