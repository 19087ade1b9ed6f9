//! `cargo xtask types`: the TypeScript declarations of the Rust types, in `www/lib/generated.ts`.

use anyhow::{Result, bail};
use clap::Args;
use ts_rs::Config;

use crate::{paths, report, stamp};

/// Where they go.
const FILE: &str = "www/lib/generated.ts";
const HEADER: &str = "// Generated from Rust by `cargo xtask types`; do not edit.";

/// Options of `types`.
#[derive(Args)]
pub struct Options {
    /// Writes nothing; fails when the file is not what the Rust types say.
    #[arg(long)]
    check: bool,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<()> {
    if options.check {
        return check();
    }
    let changed = write()?;
    report::say(&format!("{FILE}: {}", if changed { "written" } else { "unchanged" }));
    Ok(())
}

/// Writes the file when it differs, and tells whether it did.
pub fn write() -> Result<bool> {
    let text = text();
    let path = paths::in_root(FILE);
    let changed = stamp::read(&path).map_or(true, |there| there != text.as_bytes());
    if changed {
        stamp::write(&path, text)?;
    }
    Ok(changed)
}

/// Fails when the file is not what the Rust types say.
pub fn check() -> Result<()> {
    let there = stamp::read(&paths::in_root(FILE))?;
    let (there, text) = (String::from_utf8_lossy(&there), text());
    if there == text {
        return Ok(());
    }
    let line = there.lines().zip(text.lines()).take_while(|(a, b)| a == b).count();
    bail!(
        "{FILE} is out of date from line {} on; `cargo xtask types` writes it anew. It says\n     {}\n   and should say\n     {}",
        line + 1,
        there.lines().nth(line).unwrap_or("(nothing)"),
        text.lines().nth(line).unwrap_or("(nothing)")
    )
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
