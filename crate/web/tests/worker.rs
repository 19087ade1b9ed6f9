//! In a service worker.

#![cfg(target_arch = "wasm32")]

mod common;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_service_worker);

#[wasm_bindgen_test]
async fn the_worker_opens_the_same_engine_and_settles_at_once_when_nothing_waits() {
    let options = js_sys::JSON::parse(r#"{"database": "worker-tests"}"#).expect("JSON");
    JsFuture::from(fieldsync::api::open("worker".into(), options, None, None)).await.expect("opened");
    let cause = js_sys::JSON::parse(r#"{"cause": "sync"}"#).expect("JSON");
    let settled = JsFuture::from(fieldsync::api::call("wake", cause)).await.expect("settled");
    let remaining = js_sys::Reflect::get(&settled, &"remaining".into()).expect("a field");
    assert_eq!(remaining, JsValue::from(0));
}
