//! All that JavaScript sees: open, call, listen.

use fieldsync_protocol::read::Read;
use std::cell::{Cell, RefCell};

use fieldsync_core::schedule::Tempo;
use fieldsync_core::{CallCode, CallError, Command, Role};
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

use crate::files::Files;
use crate::host::{Host, plain};
use crate::json;
use crate::keyring::Keyring;
use crate::poison;

thread_local! {
    static HOST: Cell<Option<&'static Host>> = const { Cell::new(None) };
    /// The first call's promise, given to every later one.
    static OPENING: RefCell<Option<Promise>> = const { RefCell::new(None) };
}

/// What [`open`] can be told besides the role.
#[derive(Debug, Default, Read)]
#[serde(rename_all = "camelCase", default)]
pub struct Options {
    /// The server's origin; this page's own unless said otherwise.
    pub server: Option<String>,
    /// The database's name; `fieldsync` unless said otherwise.
    pub database: Option<String>,
    /// How often sync is checked: `normal`, or, in test builds alone, `test`.
    pub tempo: Option<String>,
}

/// Opens the store and starts the engine, once; a second call changes nothing. With a keyring what people enter is sealed by
/// it wherever it is stored; with files, what has `sha256` is uploaded before its record goes. Rejects with a `CallError`.
#[wasm_bindgen(unchecked_return_type = "Promise<void>")]
pub fn open(
    #[wasm_bindgen(unchecked_param_type = "'page' | 'worker'")] role: String,
    #[wasm_bindgen(unchecked_optional_param_type = "{server?: string, database?: string, tempo?: string}")]
    options: JsValue,
    #[wasm_bindgen(unchecked_optional_param_type = "object")] keyring: Option<Keyring>,
    #[wasm_bindgen(unchecked_optional_param_type = "object")] files: Option<Files>,
) -> Promise {
    poison::set_hook();
    let opening = OPENING.with(|opening| opening.borrow().clone());
    opening.unwrap_or_else(|| {
        let promise = wasm_bindgen_futures::future_to_promise(start(role, options, keyring, files));
        OPENING.with(|opening| opening.replace(Some(promise.clone())));
        promise
    })
}

async fn start(
    role: String,
    options: JsValue,
    keyring: Option<Keyring>,
    files: Option<Files>,
) -> Result<JsValue, JsValue> {
    match host(&role, options, keyring, files).await {
        Ok(host) => {
            HOST.set(Some(host));
            Ok(JsValue::UNDEFINED)
        }
        Err(error) => {
            OPENING.with(|opening| opening.replace(None)); // the next call tries again
            Err(error)
        }
    }
}

async fn host(
    role: &str,
    options: JsValue,
    keyring: Option<Keyring>,
    files: Option<Files>,
) -> Result<&'static Host, JsValue> {
    let role = match role {
        "page" => Role::Page,
        "worker" => Role::Worker,
        _ => return Err(bad_request("The role is 'page' or 'worker'.")),
    };
    let options: Options = match options.is_undefined() {
        true => Options::default(),
        false => json::from_js(&options).map_err(|error| bad_request(&error))?,
    };
    let name = options.database.as_deref().unwrap_or("fieldsync");
    let tempo = Tempo::named(options.tempo.as_deref().unwrap_or_default())
        .map_err(|error| bad_request(&error.to_string()))?;
    let server = options.server.unwrap_or_default();
    Host::open(role, name, server, tempo, keyring, files).await.map_err(|error| plain(&error))
}

/// Calls the engine by name; the calls, their arguments and answers are `Calls` in the generated types. Rejects with a
/// `CallError`.
#[wasm_bindgen(unchecked_return_type = "Promise<unknown>")]
pub fn call(name: &str, #[wasm_bindgen(unchecked_optional_param_type = "unknown")] args: JsValue) -> Promise {
    if poison::is_poisoned() {
        return Promise::reject(&poison::poisoned());
    }
    let Some(host) = HOST.get() else {
        return Promise::reject(&bad_request("Call open() first, and wait for it."));
    };
    match command(name, &args) {
        Ok(command) => host.call(command),
        Err(error) => Promise::reject(&plain(&error)),
    }
}

/// Has a function called with every `Event`: those of this engine, and those of other pages and the worker.
#[wasm_bindgen]
pub fn listen(listener: Function) -> Result<(), JsValue> {
    let host = HOST.get();
    host.ok_or_else(|| bad_request("Call open() first, and wait for it."))?.listen(listener);
    Ok(())
}

/// The keyring has something new to say of the vault.
#[wasm_bindgen(js_name = vaultChanged)]
pub fn vault_changed() {
    if let Some(host) = HOST.get() {
        host.vault_changed();
    }
}

/// Seals again what was stored before the vault was set up, while it was locked, or under an older rotation; answers whether
/// that is all of it. It can be ended at any point, and then goes on the next time. Rejects with a `CallError`.
#[wasm_bindgen(js_name = sealAnew, unchecked_return_type = "Promise<boolean>")]
pub fn seal_anew() -> Promise {
    match HOST.get() {
        Some(host) => wasm_bindgen_futures::future_to_promise(host.seal_anew()),
        None => Promise::reject(&bad_request("Call open() first, and wait for it.")),
    }
}

/// Arguments come as JSON: that refuses what cannot be stored (cycles, functions), and bounds how deep they nest.
fn command(name: &str, args: &JsValue) -> Result<Command, CallError> {
    let json = match args.is_undefined() {
        true => "{}".to_owned(),
        false => json::text(args).unwrap_or_default(),
    };
    if !json.starts_with('{') {
        let words = "The arguments are one plain object that can be written as JSON.";
        return Err(CallError::new(CallCode::BadRequest, words));
    }
    Command::parse(name, &json)
}

fn bad_request(words: &str) -> JsValue {
    plain(&CallError::new(CallCode::BadRequest, words))
}
