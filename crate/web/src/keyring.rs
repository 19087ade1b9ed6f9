//! The keys of the vault, which the shell holds: they are the browser's own objects, and travel between pages as such.

use fieldsync_core::protocol::read;
use fieldsync_core::{Keys, Vault};
use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// What seals and opens.
    pub type Keyring;
    /// `absent`, `locked` or `open`.
    #[wasm_bindgen(method)]
    fn state(this: &Keyring) -> String;
    /// Texts sealed, each about something: under the keys, or to the public one.
    #[wasm_bindgen(method)]
    pub(crate) fn seal(this: &Keyring, abouts: &Array, texts: &Array) -> Promise;
    /// What was sealed, or nothing.
    #[wasm_bindgen(method)]
    pub(crate) fn open(this: &Keyring, abouts: &Array, sealed: &Array) -> Promise;
    /// Keyed hashes, or nothing while the keys are not here.
    #[wasm_bindgen(method, js_name = blind)]
    fn blinded(this: &Keyring, texts: &Array) -> Promise;
    /// What stands in clear of the vault, as the JSON of a `Keys`.
    #[wasm_bindgen(method)]
    fn told(this: &Keyring) -> Option<String>;
    /// Takes the keys from every page and worker of this device, and off its disk.
    #[wasm_bindgen(method)]
    pub(crate) fn lock(this: &Keyring) -> Promise;
    /// Whether it was sealed with the keys, and under the rotation of today unless any will do.
    #[wasm_bindgen(method, js_name = isFresh)]
    pub(crate) fn is_fresh(this: &Keyring, sealed: &str, any: bool) -> bool;
}

impl Keyring {
    /// How the vault stands here.
    pub(crate) fn vault(&self) -> Vault {
        match self.state().as_str() {
            "open" => Vault::Open,
            "locked" => Vault::Locked,
            _ => Vault::Absent,
        }
    }

    /// What stands in clear of the vault.
    pub(crate) fn keys(&self) -> Option<Keys> {
        read::from_str(&self.told()?).ok()
    }

    /// The keyed hash of each text; none while the keys are not here.
    pub(crate) async fn blind(&self, texts: &[&str]) -> Vec<Option<String>> {
        let all: Array = texts.iter().map(|text| JsValue::from_str(text)).collect();
        let hashes = match texts {
            [] => JsValue::UNDEFINED,
            _ => JsFuture::from(self.blinded(&all)).await.unwrap_or_default(),
        };
        let hashes = if hashes.is_object() { Array::from(&hashes) } else { Array::new() };
        (0..all.length()).map(|place| hashes.get(place).as_string()).collect()
    }
}
