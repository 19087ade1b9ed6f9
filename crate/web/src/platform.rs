//! What of the browser web-sys does not know, or hides behind its unstable flag, in hand-written externs.

use std::cell::RefCell;

use fieldsync_core::protocol::ConnectionType;
use fieldsync_core::{Entropy, Millis, Power};
use gloo_timers::callback::Timeout;
use js_sys::{Array, ArrayBuffer, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbFactory, IdbTransaction, MessagePort, RequestInit};

use crate::json;

#[wasm_bindgen]
extern "C" {
    /// `window` or the worker's `self`.
    pub(crate) type Scope;
    #[wasm_bindgen(method, getter)]
    fn navigator(this: &Scope) -> Navigator;
    #[wasm_bindgen(method, getter)]
    fn crypto(this: &Scope) -> Crypto;
    #[wasm_bindgen(method, getter, js_name = indexedDB)]
    fn indexed_db(this: &Scope) -> Option<IdbFactory>;
    #[wasm_bindgen(method, js_name = fetch)]
    pub(crate) fn fetch(this: &Scope, url: &str, init: &RequestInit) -> Promise;

    type StorageManager;
    #[wasm_bindgen(method, catch, js_name = getDirectory)]
    fn folder(this: &StorageManager) -> Result<Promise, JsValue>;

    type Folder;
    #[wasm_bindgen(method, js_name = removeEntry)]
    fn remove(this: &Folder, name: &str) -> Promise;

    type Navigator;
    #[wasm_bindgen(method, getter, js_name = onLine)]
    fn on_line(this: &Navigator) -> Option<bool>;
    #[wasm_bindgen(method, getter)]
    fn connection(this: &Navigator) -> Option<NetworkInformation>;
    #[wasm_bindgen(method, js_name = getBattery)]
    fn get_battery(this: &Navigator) -> Promise;
    #[wasm_bindgen(method, getter)]
    fn locks(this: &Navigator) -> Option<LockManager>;
    #[wasm_bindgen(method, getter)]
    fn storage(this: &Navigator) -> Option<StorageManager>;
    #[wasm_bindgen(method, getter, js_name = serviceWorker)]
    fn service_worker(this: &Navigator) -> Option<ServiceWorkerContainer>;

    type NetworkInformation;
    #[wasm_bindgen(method, getter, js_name = type)]
    fn kind(this: &NetworkInformation) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = saveData)]
    fn save_data(this: &NetworkInformation) -> Option<bool>;

    type Battery;
    #[wasm_bindgen(method, getter)]
    fn level(this: &Battery) -> f64;
    #[wasm_bindgen(method, getter)]
    fn charging(this: &Battery) -> bool;

    type Crypto;
    #[wasm_bindgen(method, js_name = getRandomValues)]
    fn get_random_values(this: &Crypto, bytes: &mut [u8]);

    type LockManager;
    #[wasm_bindgen(method, catch)]
    fn request(this: &LockManager, name: &str, options: &Object, held: &Function)
    -> Result<Promise, JsValue>;
    #[wasm_bindgen(method)]
    fn query(this: &LockManager) -> Promise;

    type ServiceWorkerContainer;
    #[wasm_bindgen(method, getter)]
    fn controller(this: &ServiceWorkerContainer) -> Option<ServiceWorker>;
    #[wasm_bindgen(method, js_name = getRegistration)]
    fn registration(this: &ServiceWorkerContainer) -> Promise;

    /// The worker that controls this page.
    pub(crate) type ServiceWorker;
    #[wasm_bindgen(method, js_name = postMessage)]
    pub(crate) fn post_message(this: &ServiceWorker, message: &JsValue, transfer: &[MessagePort]);

    type Registration;
    #[wasm_bindgen(method, getter)]
    fn sync(this: &Registration) -> Option<SyncManager>;

    type SyncManager;
    #[wasm_bindgen(method)]
    fn register(this: &SyncManager, tag: &str) -> Promise;

    type CompressionStream;
    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<CompressionStream, JsValue>;

    type Stream;
    #[wasm_bindgen(method, js_name = pipeThrough, catch)]
    fn pipe_through(this: &Stream, through: &CompressionStream) -> Result<Stream, JsValue>;

    /// A body, which is where streams come from and go to.
    #[wasm_bindgen(js_name = Response)]
    type Body;
    #[wasm_bindgen(constructor, js_class = "Response", catch)]
    fn new(content: &JsValue) -> Result<Body, JsValue>;
    #[wasm_bindgen(method, getter, js_name = body)]
    fn stream(this: &Body) -> Stream;
    #[wasm_bindgen(method, js_name = arrayBuffer)]
    fn array_buffer(this: &Body) -> Promise;

    type Database;
    #[wasm_bindgen(method, catch, js_name = transaction)]
    fn transaction(
        this: &Database,
        stores: &Array,
        mode: &str,
        options: &Object,
    ) -> Result<IdbTransaction, JsValue>;
}

/// Whether several abort signals can be joined to one.
pub(crate) fn joins_signals() -> bool {
    Reflect::get(&js_sys::global(), &"AbortSignal".into())
        .is_ok_and(|signals| Reflect::has(&signals, &"any".into()).unwrap_or(false))
}

/// `window` or the worker's `self`.
pub(crate) fn scope() -> Scope {
    js_sys::global().unchecked_into()
}

/// The hour of the day, where the device is.
pub(crate) fn hour() -> Option<u8> {
    u8::try_from(js_sys::Date::new_0().get_hours()).ok()
}

/// The wall clock.
pub(crate) fn now() -> Millis {
    Millis(js_sys::Date::now().max(0.0) as u64)
}

/// This text gzipped; nothing in a browser that cannot do it.
pub(crate) async fn gzip(text: &str) -> Option<ArrayBuffer> {
    let packing = CompressionStream::new("gzip").ok()?;
    let packed = Body::new(&text.into()).ok()?.stream().pipe_through(&packing).ok()?;
    JsFuture::from(Body::new(&packed.into()).ok()?.array_buffer()).await.ok()?.dyn_into().ok()
}

/// From the browser's generator; where an id ends (bytes 6 to 9), what this page or worker drew once. Chance is the one part of a
/// push that does not compress (P4), and of one sitting's ids, which have their milliseconds too, 42 bits of it are plenty.
pub(crate) fn entropy() -> Entropy {
    thread_local! {
        static SITTING: [u8; 16] = random();
    }
    let mut bytes = random();
    SITTING.with(|sitting| bytes[6..10].copy_from_slice(&sitting[6..10]));
    Entropy(bytes)
}

fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    scope().crypto().get_random_values(&mut bytes);
    bytes
}

/// Whether the browser sees a network; unknown where it does not say.
pub(crate) fn online() -> Option<bool> {
    scope().navigator().on_line()
}

/// What the browser says of the link: what carries it, and whether data is to be saved. Its guess at the speed is left
/// out: made from whatever was loaded last, it would hold back readings on a link that is good by now.
pub(crate) fn link() -> (ConnectionType, Option<bool>) {
    let Some(connection) = scope().navigator().connection() else {
        return (ConnectionType::Unknown, None);
    };
    let kind = match connection.kind().as_deref() {
        Some("wifi") => ConnectionType::Wifi,
        Some("cellular") => ConnectionType::Cellular,
        Some("ethernet") => ConnectionType::Ethernet,
        _ => ConnectionType::Unknown,
    };
    (kind, connection.save_data())
}

thread_local! {
    /// The battery, once the browser has handed it out; its figures are live from then on.
    static BATTERY: RefCell<Option<Battery>> = const { RefCell::new(None) };
}

/// Asks for the battery, where the browser has one to show; never in a worker.
pub(crate) async fn find_battery() {
    let navigator = scope().navigator();
    if !Reflect::has(&navigator, &"getBattery".into()).unwrap_or(false) {
        return;
    }
    if let Ok(battery) = JsFuture::from(navigator.get_battery()).await {
        BATTERY.with(|slot| slot.replace(Some(battery.unchecked_into())));
    }
}

/// The battery as it is now. Unknown is not full (I10).
pub(crate) fn power() -> Power {
    BATTERY.with(|battery| match &*battery.borrow() {
        Some(battery) => Power {
            battery_level: Some((battery.level() * 100.0) as u8),
            is_charging: Some(battery.charging()),
        },
        None => Power::default(),
    })
}

/// The worker that controls this page, if one does. A worker has none.
pub(crate) fn controller() -> Option<ServiceWorker> {
    scope().navigator().service_worker().and_then(|container| container.controller())
}

/// The browser's databases; absent in some private windows.
pub(crate) fn databases() -> Option<IdbFactory> {
    scope().indexed_db()
}

/// A read-write transaction that is durable before it is complete, where `strict`.
pub(crate) fn transaction(
    database: &web_sys::IdbDatabase,
    stores: &[&str],
    strict: bool,
) -> Result<IdbTransaction, JsValue> {
    let names: Array = stores.iter().map(|name| JsValue::from_str(name)).collect();
    let durability = if strict { "strict" } else { "relaxed" };
    let options = object(&[("durability", durability.into())]);
    database.unchecked_ref::<Database>().transaction(&names, "readwrite", &options)
}

/// Gives up the room that pages keep free (www/lib/reserve), where it is.
pub(crate) async fn release_reserve() {
    let Some(storage) = scope().navigator().storage() else { return };
    let Ok(asked) = storage.folder() else { return };
    if let Ok(folder) = JsFuture::from(asked).await {
        let _ = JsFuture::from(folder.unchecked_into::<Folder>().remove("reserve")).await; // what needs the room will tell
    }
}

/// Registers a sync event from a page; `false` where there are none, or where the browser refuses.
///
/// `register` is called from pages only: with no window open it throws.
pub(crate) async fn request_sync(tag: &str) -> bool {
    let Some(container) = scope().navigator().service_worker() else { return false };
    // Also for a page that the worker does not control, such as one that was reloaded past it.
    let Ok(registration) = JsFuture::from(container.registration()).await else { return false };
    if registration.is_undefined() {
        return false;
    }
    match registration.unchecked_into::<Registration>().sync() {
        Some(sync) => JsFuture::from(sync.register(tag)).await.is_ok(),
        None => false,
    }
}

thread_local! {
    /// Releases the lock that this page or worker holds.
    static RELEASE: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Asks for a lock without waiting. `Ok(false)`: another has it.
pub(crate) async fn lock(name: &str) -> Result<bool, JsValue> {
    let Some(locks) = scope().navigator().locks() else { return Err("this browser has no Web Locks".into()) };
    let granted = Promise::new(&mut |resolve, reject| {
        let answer = resolve.clone();
        let held = Closure::once_into_js(move |lock: JsValue| -> JsValue {
            let granted = !lock.is_null();
            let _ = answer.call1(&JsValue::NULL, &granted.into());
            if !granted {
                return JsValue::UNDEFINED;
            }
            // The lock is held until this promise resolves, or this page or worker ends.
            Promise::new(&mut |release, _| RELEASE.with(|slot| *slot.borrow_mut() = Some(release))).into()
        });
        let options = object(&[("ifAvailable", true.into())]);
        match locks.request(name, &options, held.unchecked_ref()) {
            // Its own outcome comes when the lock is released; only a failure before that is of interest.
            Ok(request) => wasm_bindgen_futures::spawn_local(async move {
                if let Err(error) = JsFuture::from(request).await {
                    let _ = reject.call1(&JsValue::NULL, &error);
                }
            }),
            Err(error) => {
                let _ = reject.call1(&JsValue::NULL, &error);
            }
        }
    });
    Ok(JsFuture::from(granted).await?.is_truthy())
}

/// Gives the lock back, if it is held here. Also called while panicking, so it must not panic itself.
pub(crate) fn unlock() {
    let release = RELEASE.with(|slot| slot.try_borrow_mut().ok().and_then(|mut slot| slot.take()));
    if let Some(release) = release {
        let _ = release.call0(&JsValue::NULL);
    }
}

/// Calls back with the lock's name a moment after whoever holds it has given it back, or has ended: what it has said before
/// comes another way, and may come later.
pub(crate) fn once_free(name: &str, free: &Function) {
    let Some(locks) = scope().navigator().locks() else { return };
    let (free, called) = (free.clone(), name.to_owned());
    let granted = Closure::once_into_js(move |_: JsValue| {
        Timeout::new(1_000, move || drop(free.call1(&JsValue::NULL, &called.into()))).forget();
    });
    let _ = locks.request(name, &Object::new(), granted.unchecked_ref()); // without it the silence ends by its time
}

/// Whether anyone on this device holds the lock.
pub(crate) async fn is_locked(name: &str) -> bool {
    let Some(locks) = scope().navigator().locks() else { return false };
    let Ok(state) = JsFuture::from(locks.query()).await else { return false };
    let held = Reflect::get(&state, &"held".into()).unwrap_or_default();
    Array::from(&held).iter().any(|lock| {
        Reflect::get(&lock, &"name".into()).is_ok_and(|held| held.as_string().as_deref() == Some(name))
    })
}

/// A plain object with these fields.
pub(crate) fn object(fields: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        let _ = Reflect::set(&object, &(*name).into(), value); // cannot fail on a fresh plain object
    }
    object
}

/// What a thrown value says.
pub(crate) fn words(error: &JsValue) -> String {
    match Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string()) {
        Some(message) => message,
        None => error.as_string().or_else(|| json::text(error)).unwrap_or_default(),
    }
}

/// The name of a thrown DOMException or Error.
pub(crate) fn name(error: &JsValue) -> String {
    Reflect::get(error, &"name".into()).ok().and_then(|name| name.as_string()).unwrap_or_default()
}
