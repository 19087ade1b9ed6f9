//! `cargo xtask types`: the TypeScript declarations of the Rust types, in `www/lib/generated.ts`; the server's OpenAPI
//! document, in `docs/openapi.json`, and the app's typed calls from that, in `www/lib/server-calls.ts`.

use anyhow::{Context, Result, bail};
use clap::Args;
use ts_rs::Config;

use crate::{client, paths, process, report, stamp};

/// Where they go.
const FILE: &str = "www/lib/generated.ts";
/// The app's calls of the server, from its document.
const CALLS: &str = "www/lib/server-calls.ts";
/// What the server says of its interface.
const DOCUMENT: &str = "docs/openapi.json";
const HEADER: &str = "// Generated from Rust by `cargo xtask types`; do not edit.";

/// Options of `types`.
#[derive(Args)]
pub struct Options {
    /// Writes nothing; fails when a file is not what the Rust types say.
    #[arg(long)]
    check: bool,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<()> {
    if options.check {
        return check();
    }
    write_document()?;
    let changed = write()?;
    report::say(&format!("{FILE}, {CALLS}: {}", if changed { "written" } else { "unchanged" }));
    Ok(())
}

/// Writes the files that differ, and tells whether any did.
pub fn write() -> Result<bool> {
    let mut changed = false;
    for (file, text) in files()? {
        let path = paths::in_root(file);
        if stamp::read(&path).map_or(true, |there| there != text.as_bytes()) {
            stamp::write(&path, text)?;
            changed = true;
        }
    }
    Ok(changed)
}

/// Fails when a file is not what it is made from says.
pub fn check() -> Result<()> {
    for (file, text) in files()? {
        let there = stamp::read(&paths::in_root(file))?;
        let there = String::from_utf8_lossy(&there);
        if there == text {
            continue;
        }
        let line = there.lines().zip(text.lines()).take_while(|(a, b)| a == b).count();
        bail!(
            "{file} is out of date from line {} on; `cargo xtask types` writes it anew. It says\n     {}\n   and should say\n     {}",
            line + 1,
            there.lines().nth(line).unwrap_or("(nothing)"),
            text.lines().nth(line).unwrap_or("(nothing)")
        )
    }
    Ok(())
}

/// What is generated, by file. The document is the committed one: that it is what the server says, the server's own
/// tests check.
fn files() -> Result<[(&'static str, String); 2]> {
    let declared = text();
    let document = String::from_utf8(stamp::read(&paths::in_root(DOCUMENT))?)?;
    let calls = client::text(&document, &declared)?;
    Ok([(FILE, declared), (CALLS, calls)])
}

/// Asks the server's own program for its document.
fn write_document() -> Result<()> {
    let mut cargo = process::cargo(&["run", "--quiet", "--package", "fieldsync-server", "--", "openapi"]);
    let document = process::captured(&mut cargo).context("the server could not be run")?;
    if !document.status.success() {
        bail!("the server could not say its OpenAPI document");
    }
    let path = paths::in_root(DOCUMENT);
    if stamp::read(&path).map_or(true, |there| there != document.stdout) {
        stamp::write(&path, document.stdout)?;
        report::say(&format!("{DOCUMENT}: written"));
    }
    Ok(())
}

fn text() -> String {
    // Counters, times and sizes stay far below 2^53.
    let config = Config::new().with_large_int("number");
    let mut parts = vec![HEADER.to_owned()];
    parts.extend(fieldsync_protocol::ts::declarations(&config));
    parts.extend(fieldsync_core::ts::declarations(&config));
    parts.iter().map(|part| tidy(part)).collect::<Vec<_>>().join("\n")
}

/// A declaration as a person would lay it out: indented, short comments on one line.
fn tidy(declaration: &str) -> String {
    let declaration = declaration.trim().replace("/**\n * ", "/** ");
    let mut text = String::with_capacity(declaration.len());
    let mut depth: usize = 0;
    let mut opened = false;
    for line in declaration.lines().map(str::trim) {
        if opened && line == "*/" {
            // The comment's only line is the one before.
            text.truncate(text.trim_end().len());
            text.push_str(" */\n");
            opened = false;
            continue;
        }
        let comment = line.starts_with('*') || line.starts_with("/**");
        let closing = !comment && line.starts_with(['}', ']', ')']);
        let indent = "  ".repeat(depth.saturating_sub(usize::from(closing)));
        // Where a comment goes on, its stars stand below its first.
        let star = if line.starts_with('*') { " " } else { "" };
        text.push_str(format!("{indent}{star}{line}").trim_end());
        text.push('\n');
        if !comment {
            let count = |marks: [char; 3]| line.matches(marks).count();
            depth = (depth + count(['{', '[', '('])).saturating_sub(count(['}', ']', ')']));
        }
        opened = line.starts_with("/**");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lays_a_declaration_out() {
        let raw = "/**\n * One.\n */\nexport type A = { \n/**\n * Two\n * lines.\n */\nb: Array<{ c: string, }>, \nd: C, };";
        let tidied = "/** One. */\nexport type A = {\n  /** Two\n   * lines.\n   */\n  b: Array<{ c: string, }>,\n  d: C, };\n";
        assert_eq!(tidy(raw), tidied);
    }
}
