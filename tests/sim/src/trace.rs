//! What happened, as a running hash of every step, and as text where somebody wants to read it.

use std::fmt::Write as _;
use std::hash::{Hash, Hasher};

use fieldsync_core::Input;

use crate::plan::At;
use crate::world::Who;

/// FNV-1a: the same on every machine and in every run.
#[derive(Clone, Copy, Debug)]
pub struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The hash of a text.
pub fn hash_of(text: &str) -> u64 {
    let mut hash = Fnv::default();
    hash.write(text.as_bytes());
    hash.finish()
}

/// The record of a run.
#[derive(Debug)]
pub struct Trace {
    hash: Fnv,
    lines: Option<Vec<String>>,
}

impl Trace {
    /// An empty one, with text or without.
    pub fn new(with_text: bool) -> Trace {
        Trace { hash: Fnv::default(), lines: with_text.then(Vec::new) }
    }

    /// Counts something into the hash.
    pub fn mix(&mut self, value: impl Hash) {
        value.hash(&mut self.hash);
    }

    /// Writes a line, where text is wanted.
    pub fn say(&mut self, at: At, line: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.lines {
            let mut text = format!("{:>10}.{:03}  ", at / 1_000, at % 1_000);
            let _ = write!(text, "{}", line()); // a String takes everything
            lines.push(text);
        }
    }

    /// An outcome or event arrives.
    pub fn deliver(&mut self, at: At, who: Who, input: &Input) {
        self.mix((who.device, who.seat, who.life));
        self.say(at, || format!("{} hears {}", name(who), short(&format!("{input:?}"))));
    }

    /// The hash so far.
    pub fn hash(&self) -> u64 {
        self.hash.finish()
    }

    /// The text.
    pub fn text(self) -> Vec<String> {
        self.lines.unwrap_or_default()
    }
}

/// A page or worker in a line of text.
pub fn name(who: Who) -> String {
    let seat = if who.seat == 0 { "worker".to_owned() } else { format!("tab {}", who.seat) };
    format!("d{} {seat}", who.device)
}

/// A line that is not endless.
pub fn short(text: &str) -> String {
    text.chars().take(420).collect()
}
