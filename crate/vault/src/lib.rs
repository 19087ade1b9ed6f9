//! The keystore's part of the vault, as one small wasm module of its own: it is loaded where a vault is set up, opened or
//! changed, in a worker of its own, because Argon2id takes a third of a second and 19 MB that are never given back.
//!
//! Texts are JSON of the types of `fieldsync_protocol::keystore`. Signatures are checked by WebCrypto, so a merge is asked for
//! twice: first for the claims that it rests on, then with those that are genuine.

use std::cell::RefCell;

use argon2::{Algorithm, Argon2, Params, Version};
use fieldsync_core::keystore::{self, Claim};
use fieldsync_protocol::{ItemId, Keystore, Rotation, SealedWork, read, write};
use wasm_bindgen::prelude::*;

/// The key that a passphrase comes to: Argon2id, version 0x13, one lane, 32 bytes. Memory is in KiB.
#[wasm_bindgen]
pub fn derive(passphrase: &str, salt: &[u8], memory_kib: u32, passes: u32) -> Result<Vec<u8>, JsError> {
    let mut key = vec![0; 32];
    let params = Params::new(memory_kib, passes, 1, Some(key.len())).map_err(failed)?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, &mut key)
        .map_err(failed)?;
    Ok(key)
}

/// The text that a rotation's predecessor signs. Its signature need not be there yet.
#[wasm_bindgen(js_name = signedText)]
pub fn signed_text(vault: &str, rotation: &str) -> Result<String, JsError> {
    Ok(parsed::<Rotation>(rotation)?.signed(&id(vault)?))
}

/// A rotation's name: the SHA-256 of what is signed, in hexadecimal.
#[wasm_bindgen(js_name = nameOf)]
pub fn name_of(vault: &str, rotation: &str) -> Result<String, JsError> {
    Ok(parsed::<Rotation>(rotation)?.id(&id(vault)?))
}

/// The name of the rotation that counts.
#[wasm_bindgen]
pub fn head(keystore: &str) -> Result<String, JsError> {
    let keystore: Keystore = parsed(keystore)?;
    let head = keystore::head(&keystore).ok_or_else(|| JsError::new("a keystore without rotations"))?;
    Ok(head.id(&keystore.vault))
}

/// What stands in clear of its rotations, as JSON.
#[wasm_bindgen]
pub fn told(keystore: &str) -> Result<String, JsError> {
    Ok(write::to_string(&parsed::<Keystore>(keystore)?.told()))
}

/// The file of a keystore.
#[wasm_bindgen(js_name = toFile)]
pub fn to_file(keystore: &str) -> Result<String, JsError> {
    let keystore: Keystore = parsed(keystore)?;
    keystore.check().map_err(failed)?;
    keystore.to_file().map_err(failed)
}

/// The keystore of a file. The error's message is for the person.
#[wasm_bindgen(js_name = fromFile)]
pub fn from_file(text: &str) -> Result<String, JsError> {
    Ok(write::to_string(&Keystore::from_file(text).map_err(failed)?))
}

/// What of sealed work stands in clear: it is bound to what is sealed.
#[wasm_bindgen(js_name = workHead)]
pub fn work_head(work: &str) -> Result<String, JsError> {
    Ok(parsed::<SealedWork>(work)?.head())
}

/// The file of sealed work.
#[wasm_bindgen(js_name = workToFile)]
pub fn work_to_file(work: &str) -> Result<String, JsError> {
    parsed::<SealedWork>(work)?.to_file().map_err(failed)
}

/// The sealed work of a file. The error's message is for the person.
#[wasm_bindgen(js_name = workFromFile)]
pub fn work_from_file(text: &str) -> Result<String, JsError> {
    Ok(write::to_string(&SealedWork::from_file(text).map_err(failed)?))
}

/// What a merge comes to.
#[wasm_bindgen]
pub struct Merged {
    keystore: String,
    /// How many rotations were not known here.
    pub learned: usize,
    /// Whether the passphrase that counts from now on is theirs.
    #[wasm_bindgen(js_name = theirLock)]
    pub their_lock: bool,
}

#[wasm_bindgen]
impl Merged {
    /// Both histories, as JSON.
    #[wasm_bindgen(getter)]
    pub fn keystore(&self) -> String {
        self.keystore.clone()
    }
}

/// The signatures that taking in a keystore rests on: `{key, text, signature}` one after another, as JSON texts.
#[wasm_bindgen]
pub fn claims(mine: &str, theirs: &str) -> Result<Vec<String>, JsError> {
    let (mine, theirs): (Keystore, Keystore) = (parsed(mine)?, parsed(theirs)?);
    let asked = RefCell::new(keystore::claims(&theirs));
    let all_genuine = |claim: &Claim| {
        asked.borrow_mut().push(claim.clone());
        true
    };
    // Whatever it comes to: what matters is what it asked for.
    let _ = keystore::merge(&mine, &theirs, &all_genuine);
    Ok(asked.borrow().iter().map(text).collect())
}

fn text(Claim { key, text, signature }: &Claim) -> String {
    serde_json::json!({"key": key, "text": text, "signature": signature}).to_string()
}

/// Takes the keystore of another device in. `genuine` are those of [`claims`] whose signatures are right, whole: a signature by
/// itself says nothing of another text. The error's message is for the person.
#[wasm_bindgen]
pub fn merge(mine: &str, theirs: &str, genuine: Vec<String>) -> Result<Merged, JsError> {
    let (mine, theirs): (Keystore, Keystore) = (parsed(mine)?, parsed(theirs)?);
    let is_genuine = |claim: &Claim| genuine.contains(&text(claim));
    let merged = keystore::merge(&mine, &theirs, &is_genuine).map_err(failed)?;
    let keystore = write::to_string(&merged.keystore);
    Ok(Merged { keystore, learned: merged.learned, their_lock: merged.their_lock })
}

/// Whether a merge is refused because the other keystore is older: `[mine, theirs]`, the last rotations of both; else nothing.
#[wasm_bindgen]
pub fn downgrade(mine: &str, theirs: &str, genuine: Vec<String>) -> Result<Vec<f64>, JsError> {
    let (mine, theirs): (Keystore, Keystore) = (parsed(mine)?, parsed(theirs)?);
    Ok(match keystore::merge(&mine, &theirs, &|claim| genuine.contains(&text(claim))) {
        Err(keystore::Refused::Downgrade { mine, theirs }) => vec![mine as f64, theirs as f64],
        _ => Vec::new(),
    })
}

fn parsed<T: read::Read>(text: &str) -> Result<T, JsError> {
    read::from_str(text).map_err(failed)
}

fn id(text: &str) -> Result<ItemId, JsError> {
    ItemId::parse(text).map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> JsError {
    JsError::new(&error.to_string())
}
