//! Wasm modules from `wasm-pack.toml`: Cargo, then wasm-bindgen, then wasm-opt, then shorter names, then the size report.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::build::Mode;
use crate::config::{self, WasmBuild};
use crate::size::{self, Oversize, Size};
use crate::stamp::{self, Inputs};
use crate::{names, npm, paths, process, report, tools};

/// The compiler's flags for wasm alone.
const RUSTFLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";

/// What is remembered of a build.
#[derive(Serialize, Deserialize)]
struct Made {
    inputs: String,
    size: Size,
}

/// Builds one module. Cargo decides whether there is anything to compile; the other steps run when it made something
/// new. Returns a module that is too large.
pub fn build(build: &WasmBuild, mode: Mode) -> Result<Option<Oversize>> {
    let compiled = compile(build, mode)?;
    let optimised = matches!(mode, Mode::Standard | Mode::Release) && !build.opt_flags.is_empty();
    let inputs = Inputs::default()
        .value(build)
        .value(config::locked_version("wasm-bindgen")?)
        .value(mode == Mode::Dev)
        .value(mode == Mode::Test)
        .path(&paths::in_root("node_modules/binaryen/package.json"))?
        .path(&compiled)?
        .hash();
    let for_tests = if mode == Mode::Test { "-for-tests" } else { "" };
    let out = paths::in_root(format!("{}{for_tests}", build.out));
    let module = format!("{}_bg.wasm", build.name);
    let stamp = format!("wasm-{}{for_tests}", build.name);
    let kept =
        stamp::recall(&stamp).filter(|made: &Made| made.inputs == inputs && out.join(&module).is_file());
    let size = match kept {
        Some(made) => made.size,
        None => {
            // Made elsewhere and moved when whole, so that nobody ever reads half of it.
            let draft = paths::in_root("target/wasm/.draft").join(&build.name);
            remove(&draft)?;
            report::timed("wasm-bindgen", || bindgen(build, mode, &compiled, &draft))?;
            if optimised {
                report::timed("wasm-opt", || optimise(build, &draft.join(&module)))?;
                names::shorten(&draft.join(&module), &draft.join(format!("{}.js", build.name)))?;
            }
            remove(&out)?;
            fs::rename(&draft, &out).with_context(|| format!("{} cannot be written", paths::shown(&out)))?;
            let size = size::of(&[out.join(&module)])?;
            stamp::remember(&stamp, &Made { inputs, size })?;
            size
        }
    };
    Ok(if optimised { size::report(&module, size, build.budget_brotli_bytes) } else { None })
}

fn compile(build: &WasmBuild, mode: Mode) -> Result<PathBuf> {
    let profile = if mode == Mode::Dev { "dev" } else { &build.profile };
    let mut features = build.features.clone();
    features.extend((mode == Mode::Test).then(|| "test-mode".to_owned()));
    let features = features.join(",");
    // As a library for Rust too, which the tests link to, it would be compiled without link-time optimisation: a tenth
    // larger.
    let mut cargo = process::cargo(&[
        "rustc",
        "--package",
        &build.package,
        "--lib",
        "--crate-type",
        "cdylib",
        "--target",
        tools::WASM,
        "--profile",
        profile,
        "--features",
        &features,
    ]);
    if let Some(home) = sources() {
        // Where a panic came from is written into the module: by the library's name, not by the builder's directories.
        cargo.env(RUSTFLAGS, format!("--remap-path-prefix={}=", home.display()));
    }
    process::check(&mut cargo)?;
    let dir = if profile == "dev" { "debug" } else { profile };
    let file = format!("{}.wasm", build.package.replace('-', "_"));
    Ok(paths::cargo_target().join(tools::WASM).join(dir).join(file))
}

/// Where Cargo keeps the sources of libraries.
fn sources() -> Option<PathBuf> {
    let home =
        env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")))?;
    Some(home.join("registry/src/"))
}

fn bindgen(build: &WasmBuild, mode: Mode, compiled: &Path, out: &Path) -> Result<()> {
    let mut command = process::command(tools::wasm_bindgen("wasm-bindgen")?);
    command
        .args(["--target", &build.target, "--typescript", "--out-name", &build.name])
        .args(&build.bindgen_flags);
    if mode == Mode::Dev {
        command.args(["--debug", "--keep-debug"]);
    }
    process::check(command.arg("--out-dir").arg(out).arg(compiled))
}

fn optimise(build: &WasmBuild, module: &Path) -> Result<()> {
    process::check(npm::program("wasm-opt").args(&build.opt_flags).arg(module).arg("--output").arg(module))
}

fn remove(dir: &Path) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir).with_context(|| format!("{} cannot be removed", paths::shown(dir)))?;
    }
    Ok(())
}
