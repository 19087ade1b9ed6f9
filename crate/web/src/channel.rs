//! Page ↔ worker, and tab ↔ tab.

use fieldsync_core::{CallCode, CallError, Cause, Event, Input, Millis, Power, Token};
use fieldsync_protocol::write;
use gloo_timers::callback::Timeout;
use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{BroadcastChannel, MessageChannel, MessageEvent};

use crate::host::plain;
use crate::json;
use crate::platform;

/// What the other pages and the worker say.
pub(crate) struct Channel {
    broadcast: BroadcastChannel,
    _heard: Closure<dyn FnMut(MessageEvent)>,
}

impl Channel {
    /// Listens until dropped; the channel has the database's name, and events travel on it as JSON text. What is no event of ours is passed over.
    pub(crate) fn open(name: &str, mut heard: impl FnMut(Event) + 'static) -> Result<Channel, JsValue> {
        let broadcast = BroadcastChannel::new(name)?;
        let closure = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            let event = message.data().as_string().and_then(|json| Event::hear(&json));
            event.into_iter().for_each(&mut heard);
        });
        broadcast.set_onmessage(Some(closure.as_ref().unchecked_ref()));
        Ok(Channel { broadcast, _heard: closure })
    }

    /// Tells every other page and the worker.
    pub(crate) fn tell(&self, event: &Event) {
        let _ = self.broadcast.post_message(&write::to_string(event).into()); // fails only when closed
    }
}

impl Drop for Channel {
    /// What is dropped is not called any more.
    fn drop(&mut self) {
        self.broadcast.close();
    }
}

/// Asks the controlling worker to drain, and waits until it has settled. The worker's shell answers on the port that
/// comes with the question: `{ok: Settled}` or `{error: CallError}`. While it is at it, which it says by `{began: true}`, it
/// holds the lock that comes with the question too: one that is free without an answer means that the worker has ended. A
/// worker that is gone, or answers something else, has not answered.
pub(crate) async fn delegate(token: Token, cause: Cause, power: Power, timeout: Millis) -> Input {
    let answer = ask(cause, power, timeout).await.unwrap_or_default();
    if answer.as_string().is_some() {
        return Input::WorkerEnded(token);
    }
    let outcome = json::from_js(&field(&answer, "ok")).map_err(|_| {
        let words = "The background worker did not answer. It is tried again.";
        json::from_js(&field(&answer, "error")).unwrap_or_else(|_| CallError::new(CallCode::Timeout, words))
    });
    Input::Delegated(token, outcome)
}

fn field(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or_default()
}

async fn ask(cause: Cause, power: Power, timeout: Millis) -> Option<JsValue> {
    let worker = platform::controller()?;
    let lock = format!("fieldsync:asked:{}", platform::entropy().id(platform::now()));
    let channel = MessageChannel::new().ok()?;
    let port = channel.port1();
    let message = platform::object(&[
        ("type", "fieldsync:wake".into()),
        ("cause", plain(&cause)),
        ("power", plain(&power)),
        ("lock", (&lock).into()),
    ]);
    let mut ends = None;
    let answer = Promise::new(&mut |resolve, _| {
        let (late, lock) = (resolve.clone(), lock.clone());
        let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            let said = message.data();
            if field(&said, "began").is_truthy() {
                return platform::once_free(&lock, &resolve);
            }
            let _ = resolve.call1(&JsValue::NULL, &said);
        });
        port.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        let wait = u32::try_from(timeout.0).unwrap_or(u32::MAX);
        ends = Some((heard, Timeout::new(wait, move || drop(late.call0(&JsValue::NULL)))));
    });
    worker.post_message(&message, &[channel.port2()]);
    let answer = JsFuture::from(answer).await;
    drop(ends);
    port.close();
    answer.ok()
}
