//! The app and its service worker, by Vite, into `target/www`; the elements for pages of others into `target/elements`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::build::Mode;
use crate::config::Config;
use crate::size::{self, Oversize, Size};
use crate::stamp::{self, Inputs};
use crate::{npm, paths, process, report};

const STAMP: &str = "www";
const STAMP_FOR_TESTS: &str = "www-for-tests";

/// What is remembered of a build.
#[derive(Serialize, Deserialize)]
struct Made {
    inputs: String,
    files: Vec<PathBuf>,
    size: Size,
}

/// Builds the app unless nothing that goes into it has changed. Returns it when it is too large.
pub fn build(config: &Config, mode: Mode) -> Result<Option<Oversize>> {
    let inputs = inputs(config, mode)?;
    let out = paths::www();
    let whole = |made: &Made| {
        made.inputs == inputs
            && made.files.iter().all(|file| out.join(file).is_file())
            && paths::elements().join("elements.js").is_file()
    };
    let made = match stamp::recall(STAMP).filter(whole) {
        Some(made) => made,
        None => {
            let new = paths::www_new();
            report::timed("app (vite)", || vite("www/vite.config.ts", mode, &new))?;
            // After the app: the worker keeps what the app's build made.
            report::timed("service worker (vite)", || vite("sw/vite.config.ts", mode, &new))?;
            report::timed("elements (vite)", || {
                vite("www/elements.vite.config.ts", mode, &paths::elements())
            })?;
            for file in ["index.html", "sw.js"] {
                if !new.join(file).is_file() {
                    bail!("Vite made no {file}");
                }
            }
            let (sized, later): (Vec<PathBuf>, Vec<PathBuf>) =
                stamp::files(&new)?.into_iter().partition(|file| is_downloaded(config, file));
            // Compressed once, for the server to send. Only there do names tell contents, so that no compressed file
            // can be older than its original.
            let size = size::with_siblings(&sized, &new.join("assets"))?;
            size::with_siblings(&later, &new.join("assets"))?;
            let relative = |file: &PathBuf| Some(file.strip_prefix(&new).ok()?.to_path_buf());
            let files = stamp::files(&new)?.iter().filter_map(relative).collect();
            replace(&out, &new)?;
            let made = Made { inputs, files, size };
            stamp::remember(STAMP, &made)?;
            made
        }
    };
    Ok(match mode {
        Mode::Dev => None,
        _ => size::report("app shell", made.size, config.shell.budget_brotli_bytes),
    })
}

/// What the app shell that was built last comes to.
pub fn size() -> Option<Size> {
    stamp::recall(STAMP).map(|made: Made| made.size)
}

/// The app of [`Mode::Test`], unless nothing that goes into it has changed.
pub fn build_for_tests(config: &Config) -> Result<()> {
    let engine = paths::in_root("target/wasm/fieldsync-for-tests");
    let inputs = format!("{}{}", inputs(config, Mode::Test)?, Inputs::default().path(&engine)?.hash());
    let out = paths::www_for_tests();
    if stamp::recall::<String>(STAMP_FOR_TESTS).is_some_and(|made| made == inputs) && out.is_dir() {
        return Ok(());
    }
    report::timed("app for tests (vite)", || {
        for config in ["www/vite.config.ts", "sw/vite.config.ts"] {
            let mut vite = npm::program("vite");
            vite.args(["build", "--config", config, "--mode", "production", "--logLevel", "error"]);
            vite.env("FIELDSYNC_WWW_OUT", &out).env("FIELDSYNC_ENGINE", &engine);
            process::run(vite.env("VITE_FIELDSYNC_TEMPO", "test"))?;
        }
        Ok(())
    })?;
    stamp::remember(STAMP_FOR_TESTS, &inputs)
}

fn inputs(config: &Config, mode: Mode) -> Result<String> {
    let mut inputs = Inputs::default().value(mode == Mode::Dev).value(&config.shell.leave_out);
    for path in ["www", "sw", "crate/server/forms", "package.json", "package-lock.json"] {
        inputs = inputs.path(&paths::in_root(path))?;
    }
    for build in &config.build {
        inputs = inputs.path(&paths::in_root(&build.out))?;
    }
    Ok(inputs.hash())
}

fn is_downloaded(config: &Config, file: &Path) -> bool {
    let name = file.to_string_lossy();
    !config.shell.leave_out.iter().any(|end| name.ends_with(end))
}

/// Puts what was built in its place in one move: a server that runs meanwhile never sends half of a file, nor files of
/// two builds.
fn replace(out: &Path, new: &Path) -> Result<()> {
    let old = out.with_extension("old");
    let remove = |dir: &Path| if dir.exists() { fs::remove_dir_all(dir) } else { Ok(()) };
    let moved = || {
        remove(&old)?;
        if out.exists() {
            fs::rename(out, &old)?;
        }
        fs::rename(new, out)?;
        remove(&old)
    };
    moved().with_context(|| format!("{} cannot be replaced", paths::shown(out)))
}

fn vite(config: &str, mode: Mode, out: &Path) -> Result<()> {
    let mode = if mode == Mode::Dev { "development" } else { "production" };
    let mut vite = npm::program("vite");
    vite.args(["build", "--config", config, "--mode", mode, "--logLevel", "warn"]);
    process::check(vite.env("FIELDSYNC_WWW_OUT", out))
}
