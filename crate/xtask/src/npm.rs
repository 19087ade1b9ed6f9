//! Node and the npm packages.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};
use serde_json::{Map, Value};

use crate::stamp::{self, Inputs};
use crate::{paths, process, report, tools};

/// Beside the packages, so that it goes when they go.
const STAMP: &str = "node_modules/.fieldsync-lock";

/// A program of an npm package.
pub fn program(name: &str) -> Command {
    let suffix = if cfg!(windows) { ".cmd" } else { "" };
    process::command(paths::in_root("node_modules/.bin").join(format!("{name}{suffix}")))
}

/// Node, at the repository's root.
pub fn node(arguments: &[&str]) -> Command {
    let mut command = process::command("node");
    command.args(arguments);
    command
}

/// Installs the packages of `package-lock.json`, unless they are there.
pub fn ensure() -> Result<()> {
    ensure_in(paths::root())
}

/// The same for another directory that has such a file.
pub fn ensure_in(directory: &Path) -> Result<()> {
    let lock = directory.join("package-lock.json");
    if !lock.is_file() {
        bail!("{} is missing; `npm install` writes it", paths::shown(&lock));
    }
    let hash = Inputs::default().path(&lock)?.hash();
    let stamp = directory.join(STAMP);
    if stamp::read(&stamp).is_ok_and(|kept| kept == hash.as_bytes()) {
        return Ok(());
    }
    check_node()?;
    if !installed(directory) {
        report::timed("npm ci", || {
            let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
            let mut npm = process::command(npm);
            process::run(npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(directory))
        })?;
    }
    stamp::write(&stamp, hash)
}

/// Whether Node and npm are there and new enough: `package.json` says what that is.
fn check_node() -> Result<()> {
    let package = json(&paths::in_root("package.json")).unwrap_or_default();
    let wanted = package["engines"]["node"].as_str().and_then(tools::version_in).unwrap_or_else(|| vec![20]);
    let shown = wanted.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
    let how = "install it from https://nodejs.org (LTS) or with your package manager";
    match tools::version_of(Path::new("node")) {
        None => bail!("Node is missing: version {shown} or newer is needed, with npm; {how}"),
        Some(found) if found < wanted => {
            let found = found.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
            bail!("Node {found} is too old: {shown} or newer is needed; {how}")
        }
        Some(_) if tools::find("npm").is_none() && !cfg!(windows) => {
            bail!(
                "npm is missing: it comes with Node from https://nodejs.org, or as your system's package `npm`"
            )
        }
        Some(_) => Ok(()),
    }
}

/// Whether `npm install` has already installed exactly what the lock names: npm keeps a copy of what it did.
fn installed(directory: &Path) -> bool {
    let packages = |path: &Path| match json(path)?["packages"].take() {
        Value::Object(packages) => Some(packages),
        _ => None,
    };
    let there = packages(&directory.join("node_modules/.package-lock.json"));
    match (packages(&directory.join("package-lock.json")), there) {
        (Some(wanted), Some(there)) => covers(&wanted, &there),
        _ => false,
    }
}

fn covers(wanted: &Map<String, Value>, there: &Map<String, Value>) -> bool {
    let same = |name: &String, package: &Value| match there.get(name) {
        Some(found) => found["version"] == package["version"] && found["integrity"] == package["integrity"],
        // Packages for other platforms are left out.
        None => name.is_empty() || package["optional"] == true || package["devOptional"] == true,
    };
    wanted.iter().all(|(name, package)| same(name, package))
        && there.keys().all(|name| wanted.contains_key(name))
}

fn json(path: &Path) -> Option<Value> {
    serde_json::from_slice(&stamp::read(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn knows_when_the_packages_are_those_of_the_lock() {
        let object = |value: Value| value.as_object().cloned().unwrap();
        let wanted = object(json!({
            "": { "name": "fieldsync" },
            "node_modules/a": { "version": "1.0.0", "integrity": "x" },
            "node_modules/b-darwin": { "version": "1.0.0", "optional": true },
        }));
        assert!(covers(
            &wanted,
            &object(json!({ "node_modules/a": { "version": "1.0.0", "integrity": "x" } }))
        ));
        assert!(!covers(
            &wanted,
            &object(json!({ "node_modules/a": { "version": "1.0.1", "integrity": "y" } }))
        ));
        assert!(!covers(&wanted, &object(json!({}))));
        let more =
            json!({ "node_modules/a": { "version": "1.0.0", "integrity": "x" }, "node_modules/c": {} });
        assert!(!covers(&wanted, &object(more)));
    }
}
