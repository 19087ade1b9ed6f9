//! Short names for what a module imports from its JavaScript, and for the closures that it exports to it. wasm-bindgen ends
//! each with a hash, which no compression makes smaller, and nobody but these two files reads them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;
/// How the names of exported closures begin.
const CLOSURE: &str = "wasm_bindgen__convert__closures";
/// `\0asm` and the version.
const HEADER: usize = 8;

/// Renames imports and closures, in the module and in the JavaScript beside it.
pub fn shorten(module: &Path, script: &Path) -> Result<()> {
    let (wasm, text) = (fs::read(module)?, fs::read_to_string(script)?);
    let (wasm, text) = shortened(&wasm, &text).context("the module's names cannot be shortened")?;
    fs::write(module, wasm)?;
    fs::write(script, text)?;
    Ok(())
}

fn shortened(wasm: &[u8], script: &str) -> Result<(Vec<u8>, String)> {
    let (header, mut rest) = wasm.split_at_checked(HEADER).context("it is no module")?;
    let (mut made, mut script) = (header.to_vec(), script.to_owned());
    while let Some((&section, after)) = rest.split_first() {
        rest = after;
        let content = sized(&mut rest)?;
        made.push(section);
        match section {
            IMPORTS => put_sized(&mut made, &imported(content, &mut script)?),
            EXPORTS => put_sized(&mut made, &exported(content, &mut script)?),
            _ => put_sized(&mut made, content),
        }
    }
    Ok((made, script))
}

/// The section of imports with its functions renamed, as they are in the script too.
fn imported(mut imports: &[u8], script: &mut String) -> Result<Vec<u8>> {
    let mut made = Vec::new();
    let count = number(&mut imports)?;
    put_number(&mut made, count);
    for index in 0..count {
        let of = sized(&mut imports)?;
        let name = str::from_utf8(sized(&mut imports)?)?;
        let (kind, after) = imports.split_first().context("it breaks off")?;
        ensure!(*kind == 0, "{name} is no function");
        imports = after;
        let r#type = number(&mut imports)?;

        let (long, short) = (format!(" {name}: function("), format!(" {}: function(", letters(index)));
        ensure!(script.matches(&long).count() == 1, "{name} is not once in the script");
        *script = script.replace(&long, &short);

        put_sized(&mut made, of);
        put_sized(&mut made, letters(index).as_bytes());
        made.push(*kind);
        put_number(&mut made, r#type);
    }
    Ok(made)
}

/// The section of exports with its closures renamed, as they are in the script too.
fn exported(mut exports: &[u8], script: &mut String) -> Result<Vec<u8>> {
    let mut made = Vec::new();
    let count = number(&mut exports)?;
    put_number(&mut made, count);
    for index in 0..count {
        let name = str::from_utf8(sized(&mut exports)?)?;
        let (kind, after) = exports.split_first().context("it breaks off")?;
        exports = after;
        let of = number(&mut exports)?;

        if name.starts_with(CLOSURE) {
            let (long, short) = (format!("wasm.{name}("), format!("wasm.closure_{}(", letters(index)));
            ensure!(script.contains(&long), "{name} is not in the script");
            *script = script.replace(&long, &short);
            put_sized(&mut made, format!("closure_{}", letters(index)).as_bytes());
        } else {
            put_sized(&mut made, name.as_bytes());
        }
        made.push(*kind);
        put_number(&mut made, of);
    }
    Ok(made)
}

/// `a` to `z`, `aa` to `zz` and so on.
fn letters(index: usize) -> String {
    let last = char::from(b'a' + (index % 26) as u8);
    match index / 26 {
        0 => last.into(),
        before => format!("{}{last}", letters(before - 1)),
    }
}

/// An unsigned LEB128.
fn number(bytes: &mut &[u8]) -> Result<usize> {
    let mut number = 0;
    for shift in (0..u32::BITS).step_by(7) {
        let (byte, after) = bytes.split_first().context("it breaks off")?;
        *bytes = after;
        number |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    anyhow::bail!("a number is too large")
}

fn sized<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8]> {
    let size = number(bytes)?;
    let (content, after) = bytes.split_at_checked(size).context("it breaks off")?;
    *bytes = after;
    Ok(content)
}

fn put_number(into: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        into.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    into.push(number as u8);
}

fn put_sized(into: &mut Vec<u8>, content: &[u8]) {
    put_number(into, content.len());
    into.extend_from_slice(content);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(names: &[&str], closure: &str) -> Vec<u8> {
        let mut exports = Vec::new();
        put_number(&mut exports, 2);
        for (name, kind) in [("memory", 2), (closure, 0)] {
            put_sized(&mut exports, name.as_bytes());
            exports.push(kind);
            put_number(&mut exports, 300);
        }
        let mut imports = Vec::new();
        put_number(&mut imports, names.len());
        for (index, name) in names.iter().enumerate() {
            put_sized(&mut imports, b"./m.js");
            put_sized(&mut imports, name.as_bytes());
            imports.push(0);
            put_number(&mut imports, 100 * index);
        }
        let mut made = b"\0asm\x01\0\0\0".to_vec();
        for (section, content) in
            [(1, &[7; 300][..]), (IMPORTS, &imports), (EXPORTS, &exports), (10, b"code")]
        {
            made.push(section);
            put_sized(&mut made, content);
        }
        made
    }

    const INVOKE: &str = "wasm_bindgen__convert__closures_____invoke__h529bc53f0e5f0ffe";

    #[test]
    fn renames_in_both() {
        let script = format!(
            "{{ __wbg_get_1: function(a) {{ wasm.{INVOKE}(a); wasm.{INVOKE}(1) }}, __wbg_get_12: function() {{}} }}"
        );
        let (wasm, script) = shortened(&module(&["__wbg_get_12", "__wbg_get_1"], INVOKE), &script).unwrap();
        assert_eq!(script, "{ b: function(a) { wasm.closure_b(a); wasm.closure_b(1) }, a: function() {} }");
        assert_eq!(wasm, module(&["a", "b"], "closure_b"));
    }

    #[test]
    fn refuses_what_it_does_not_understand() {
        let wasm = module(&["__wbg_get_1"], INVOKE);
        let script =
            |import: &str, closure: &str| format!("{{ {import}: function() {{ wasm.{closure}() }} }}");
        assert!(shortened(&wasm, &script("__wbg_get_1", INVOKE)).is_ok());
        assert!(shortened(&wasm, &script("__wbg_get_12", INVOKE)).is_err(), "not in the script");
        assert!(shortened(&wasm, &script("__wbg_get_1", "other")).is_err(), "not in the script");
        assert!(shortened(&wasm[..wasm.len() - 1], &script("__wbg_get_1", INVOKE)).is_err(), "cut off");
    }

    #[test]
    fn counts_in_letters() {
        assert_eq!([0, 25, 26, 27, 701, 702].map(letters), ["a", "z", "aa", "ab", "zz", "aaa"]);
    }
}
