//! In a page.

#![cfg(target_arch = "wasm32")]

mod common;

use js_sys::Reflect;
use serde_json::{Value, json};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

async fn call(name: &str, args: Value) -> Result<Value, Value> {
    let args = js_sys::JSON::parse(&args.to_string()).expect("JSON");
    call_with(name, args).await
}

async fn call_with(name: &str, args: JsValue) -> Result<Value, Value> {
    let text = |value: &JsValue| js_sys::JSON::stringify(value).ok().and_then(|text| text.as_string());
    let value = |value: JsValue| serde_json::from_str(&text(&value).expect("JSON")).expect("plain values");
    JsFuture::from(fieldsync::api::call(name, args)).await.map(value).map_err(value)
}

async fn open() {
    // One engine a page: every test here shares it, and uses units of its own.
    let options = js_sys::JSON::parse(&json!({"database": "page-tests"}).to_string()).expect("JSON");
    JsFuture::from(fieldsync::api::open("page".into(), options, None, None)).await.expect("opened");
}

fn draft(unit: &str, value: f64) -> Value {
    let data = json!({"property": "P", "unit": unit, "period": "2026-11", "value": value, "readAt": 1});
    json!({"type": "READING", "data": data})
}

#[wasm_bindgen_test]
async fn a_reading_is_saved_listed_and_discarded() {
    open().await;
    let unit = common::fresh();
    let before = call("status", json!({})).await.expect("a status");
    let item = call("enqueue", draft(&unit, 12.5)).await.expect("saved");
    assert_eq!((&item["state"], &item["data"]["value"]), (&json!("pending"), &json!(12.5)));
    let listed = call("list", json!({"limit": 1})).await.expect("a page");
    assert_eq!(listed["items"], json!([item]));
    let queued = |status: &Value| status["queueSize"].as_f64().expect("a count");
    let after = call("status", json!({})).await.expect("a status");
    assert_eq!(queued(&after), queued(&before) + 1.0);
    call("discard", json!({"id": item["id"]})).await.expect("discarded");
    let error = call("get", json!({"id": item["id"]})).await.expect_err("gone");
    assert_eq!(error["code"], "not_found");
}

#[wasm_bindgen_test]
async fn a_twin_comes_with_both_values() {
    open().await;
    let unit = common::fresh();
    let first = call("enqueue", draft(&unit, 1.0)).await.expect("saved");
    let error = call("enqueue", draft(&unit, 2.0)).await.expect_err("refused");
    assert_eq!((&error["code"], &error["itemId"]), (&json!("duplicate_reading"), &first["id"]));
    assert_eq!(error["existing"]["value"], 1);
}

#[wasm_bindgen_test]
async fn bad_calls_get_typed_errors_and_leave_the_engine_alive() {
    open().await;
    for (name, args) in [
        ("no_such_call", json!({})),
        ("enqueue", json!({})),
        ("enqueue", json!({"type": "MADE_UP", "data": {}})),
        ("get", json!({"id": "nonsense"})),
        ("list", json!({"limit": 0})),
        ("list", json!([])),
    ] {
        let error = call(name, args).await.expect_err(name);
        assert_eq!(
            (&error["code"], &error["retryable"]),
            (&json!("bad_request"), &json!(false)),
            "{name}: {error}"
        );
    }
    let circle = js_sys::Object::new();
    Reflect::set(&circle, &"self".into(), &circle).expect("set");
    let error = call_with("enqueue", circle.into()).await.expect_err("a cycle");
    assert_eq!(error["code"], "bad_request");
    let mut deep = json!(1);
    for _ in 0..500 {
        deep = json!([deep]);
    }
    let deep = format!(r#"{{"type":"READING","data":{}}}"#, serde_json::to_string(&deep).expect("JSON"));
    let error =
        call_with("enqueue", js_sys::JSON::parse(&deep).expect("JSON")).await.expect_err("no reading");
    assert_eq!(error["code"], "invalid");
    call("status", json!({})).await.expect("still alive");
}

#[wasm_bindgen_test]
async fn events_are_heard_here_and_in_other_tabs() {
    open().await;
    let (sender, heard) = {
        let slot = std::rc::Rc::new(std::cell::RefCell::new(None));
        let filled = slot.clone();
        let promise = js_sys::Promise::new(&mut |resolve, _| *filled.borrow_mut() = Some(resolve));
        (slot.borrow_mut().take().expect("a resolver"), promise)
    };
    fieldsync::api::listen(sender).expect("listening");
    let channel = web_sys::BroadcastChannel::new("page-tests").expect("a channel");
    let elsewhere = js_sys::Promise::new(&mut |resolve, _| {
        let closure = Closure::once_into_js(move |event: web_sys::MessageEvent| {
            let _ = resolve.call1(&JsValue::NULL, &event.data());
        });
        channel.set_onmessage(Some(closure.unchecked_ref()));
    });
    call("enqueue", draft(&common::fresh(), 1.0)).await.expect("saved");
    let here = JsFuture::from(heard).await.expect("an event");
    assert_eq!(Reflect::get(&here, &"type".into()).expect("a field"), "changed");
    let there = JsFuture::from(elsewhere).await.expect("an event").as_string().expect("text");
    assert_eq!(serde_json::from_str::<Value>(&there).expect("JSON"), json!({"type": "changed"}));
}

#[wasm_bindgen_test]
async fn a_drain_without_a_server_settles_and_keeps_everything() {
    open().await;
    let item = call("enqueue", draft(&common::fresh(), 1.0)).await.expect("saved");
    // Whatever answers here is no fieldsync server: it cannot echo a nonce.
    let settled = call("syncNow", json!({})).await.expect("settled");
    assert_eq!(settled["hold"]["why"], "unsteady", "{settled}");
    let kept = call("get", json!({"id": item["id"]})).await.expect("kept");
    assert_eq!(kept["state"], "pending");
}
