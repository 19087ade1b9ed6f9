//! The app's words in other languages: that what is committed is what the pages say, and that nothing is missing.
//! `cargo xtask words` looks for new messages and writes the modules anew; lit-localize does both.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::{npm, paths, process, stamp};

const CONFIG: &str = "lit-localize.json";
/// What translators read and write, and what is made of it.
const WORDS: &str = "www/locales/ar.xlf";
const MODULE: &str = "www/locales/ar.ts";
/// How many forms a number asks for in Arabic.
const FORMS: usize = 6;

/// Writes new messages into the translators' file, and the module from it.
pub fn write() -> Result<()> {
    localize(Path::new(CONFIG))?;
    complete(&text(WORDS)?)
}

/// Fails when that would change something, or when words are missing.
pub fn check() -> Result<()> {
    let dir = paths::in_root("target/words");
    fs::create_dir_all(&dir).context("target/words cannot be made")?;
    stamp::write(&dir.join("ar.xlf"), text(WORDS)?)?;
    let config = dir.join(CONFIG);
    stamp::write(&config, serde_json::to_vec_pretty(&elsewhere()?)?)?;
    localize(&config)?;
    for (committed, made) in [(WORDS, "ar.xlf"), (MODULE, "ar.ts")] {
        if text(committed)?.as_bytes() != stamp::read(&dir.join(made))? {
            bail!("{committed} is out of date; `cargo xtask words` writes it anew");
        }
    }
    complete(&text(WORDS)?)
}

/// The same configuration, for a copy in `target/words`.
fn elsewhere() -> Result<Value> {
    let mut config: Value = serde_json::from_str(&text(CONFIG)?).context("lit-localize.json is not JSON")?;
    config["tsConfig"] = json!("../../www/tsconfig.json");
    config["output"]["outputDir"] = json!(".");
    config["interchange"]["xliffDir"] = json!(".");
    Ok(config)
}

fn localize(config: &Path) -> Result<()> {
    for step in ["extract", "build"] {
        process::run(npm::program("lit-localize").arg(step).arg("--config").arg(config))?;
    }
    Ok(())
}

fn text(file: &str) -> Result<String> {
    String::from_utf8(stamp::read(&paths::in_root(file))?).with_context(|| format!("{file} is not UTF-8"))
}

/// Every message has its words, and every form that a number asks for.
fn complete(words: &str) -> Result<()> {
    for unit in words.split("<trans-unit ").skip(1) {
        let source = between(unit, "<source>", "</source>").unwrap_or_default();
        let Some(target) = between(unit, "<target>", "</target>").filter(|words| !words.trim().is_empty())
        else {
            bail!("{WORDS} has no words for \u{201c}{source}\u{201d}");
        };
        let counted = ['#', '|'].iter().all(|mark| spoken(source).contains(*mark));
        let forms = target.split('|').count();
        if counted && forms != FORMS {
            bail!("{WORDS} has {forms} forms for \u{201c}{source}\u{201d}; numbers ask for {FORMS}");
        }
        let holes = |text: &str| text.matches("<x ").count();
        if holes(source) != holes(target) {
            bail!("{WORDS} leaves out or doubles a value of \u{201c}{source}\u{201d}");
        }
    }
    Ok(())
}

/// A message without the code of its values.
fn spoken(message: &str) -> String {
    let parts = message.split("<x ").enumerate();
    parts
        .map(|(n, part)| if n == 0 { part } else { part.split_once("/>").map_or("", |(_, rest)| rest) })
        .collect()
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    Some(rest.split_once(end)?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(source: &str, target: &str) -> String {
        format!("<body><trans-unit id=\"a\"><source>{source}</source>{target}</trans-unit></body>")
    }

    #[test]
    fn finds_what_is_missing() {
        assert!(complete(&unit("Queue", "<target>قائمة</target>")).is_ok());
        let said = |source, target| complete(&unit(source, target)).unwrap_err().to_string();
        assert!(said("Queue", "").contains("no words for \u{201c}Queue\u{201d}"));
        assert!(said("Queue", "<target> </target>").contains("no words"));
        assert!(said("# item|# items", "<target>a|b</target>").contains("2 forms"));
        assert!(complete(&unit("# item|# items", "<target>a|b|c|d|e|f</target>")).is_ok());
        assert!(said("Last <x id=\"0\"/>", "<target>a</target>").contains("leaves out"));
        let inside = "<x equiv-text=\"plural(n, '# a|# b')\"/>";
        assert!(complete(&unit(&format!("Of {inside} it"), &format!("<target>a {inside}</target>"))).is_ok());
    }
}
