//! A panic poisons the instance: nothing of it runs any more, so nobody may be left waiting for it.

use std::cell::{Cell, RefCell};

use fieldsync_core::protocol::Sorted;
use js_sys::Function;
use wasm_bindgen::JsValue;

use crate::platform;

/// How a promise is settled.
pub(crate) struct Settle {
    pub(crate) resolve: Function,
    pub(crate) reject: Function,
}

thread_local! {
    /// The calls that have not been answered. Outside the host, so that the panic hook can reach them.
    static WAITING: RefCell<Sorted<u64, Settle>> = const { RefCell::new(Sorted::new()) };
    static POISONED: Cell<bool> = const { Cell::new(false) };
    static HOOKED: Cell<bool> = const { Cell::new(false) };
}

pub(crate) fn wait(call: u64, settle: Settle) {
    WAITING.with(|waiting| waiting.borrow_mut().insert(call, settle));
}

pub(crate) fn take(call: u64) -> Option<Settle> {
    WAITING.with(|waiting| waiting.borrow_mut().remove(&call))
}

/// Reports panics on the console, gives the lock back, and rejects every waiting call with the code `internal`. The
/// worker's shell then makes a new instance; a page says so and offers a reload. What was stored is safe, and what was sent is sent again under its id.
pub(crate) fn set_hook() {
    if HOOKED.replace(true) {
        return;
    }
    std::panic::set_hook(Box::new(|info| {
        if POISONED.replace(true) {
            return;
        }
        console_error_panic_hook::hook(info);
        platform::unlock();
        let waiting =
            WAITING.with(|waiting| waiting.try_borrow_mut().map(|mut waiting| std::mem::take(&mut *waiting)));
        for settle in waiting.unwrap_or_default().into_values() {
            let _ = settle.reject.call1(&JsValue::NULL, &poisoned());
        }
    }));
}

pub(crate) fn is_poisoned() -> bool {
    POISONED.get()
}

/// The error of every call to a poisoned instance. Made without serde: the hook must not fail.
pub(crate) fn poisoned() -> JsValue {
    let words = "The sync engine stopped on a defect. What was saved is safe; reload to go on.";
    platform::object(&[("code", "internal".into()), ("retryable", true.into()), ("message", words.into())])
        .into()
}
