//! Carries out the engine's effects in the browser: each is started here, and its outcome goes back as an input.

use std::cell::{Cell, RefCell};

use fieldsync_core::schedule::Tempo;
use fieldsync_core::{
    Answer, CallCode, CallError, CallId, Command, Config, Effect, Engine, Event, Facts, Found, Input, Lock,
    Query, Role, StoreError, Token, Uploaded,
};
use fieldsync_protocol::write::Write;
use gloo_timers::callback::Timeout;
use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::channel::{self, Channel};
use crate::files::Files;
use crate::json;
use crate::keyring::Keyring;
use crate::net::{Net, Request};
use crate::platform;
use crate::poison::{self, Settle};
use crate::store::{Fault, Store};

/// A browser timer holds no longer than this.
const LONGEST_TIMER: u64 = i32::MAX as u64;

/// The engine and its browser.
pub(crate) struct Host {
    engine: RefCell<Engine>,
    store: Store,
    /// The name of the lock that elects one drainer on this device.
    drainer: String,
    net: Net,
    /// Who keeps and sends files, where there is somebody.
    files: Option<Files>,
    role: Role,
    channel: RefCell<Option<Channel>>,
    listeners: RefCell<Vec<Function>>,
    timer: RefCell<Option<Timeout>>,
    calls: Cell<u64>,
}

impl Host {
    /// Opens the store and starts to listen. The host is there for as long as this page or worker, so nothing is ever taken
    /// down.
    pub(crate) async fn open(
        role: Role,
        name: &str,
        server: String,
        tempo: Tempo,
        keyring: Option<Keyring>,
        files: Option<Files>,
    ) -> Result<&'static Host, CallError> {
        let store = Store::open(name, keyring).await.map_err(unopened)?;
        let device_id = store.device_id().await.map_err(unopened)?;
        let [a, b, c, d, e, f, g, h, ..] = platform::entropy().0;
        let seed = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
        let host: &'static Host = Box::leak(Box::new(Host {
            engine: RefCell::new(Engine::new(Config { role, device_id, seed, tempo })),
            store,
            drainer: format!("{name}:drainer"),
            net: Net::new(server),
            files,
            role,
            channel: RefCell::new(None),
            listeners: RefCell::default(),
            timer: RefCell::new(None),
            calls: Cell::new(0),
        }));
        if role == Role::Page {
            spawn_local(platform::find_battery());
        }
        let channel = Channel::open(name, move |event| {
            host.publish(&event);
            host.handle(Input::Heard(event));
        });
        *host.channel.borrow_mut() = Some(channel.map_err(|error| unopened(error.into()))?);
        Ok(host)
    }

    /// A call from JavaScript, as a promise of its answer.
    pub(crate) fn call(&'static self, command: Command) -> Promise {
        let call = self.calls.get() + 1;
        self.calls.set(call);
        let promise = Promise::new(&mut |resolve, reject| poison::wait(call, Settle { resolve, reject }));
        self.handle(Input::Call { call: CallId(call), command, entropy: platform::entropy() });
        promise
    }

    /// The vault was set up, opened or locked.
    pub(crate) fn vault_changed(&'static self) {
        self.handle(Input::Tick); // with the facts of now
        self.publish(&Event::Changed);
    }

    /// See [`crate::api::seal_anew`].
    pub(crate) async fn seal_anew(&'static self) -> Result<JsValue, JsValue> {
        self.store.seal_anew().await.map(JsValue::from).map_err(|error| plain(&unopened(error)))
    }

    /// Who is told of every event, with the event as its argument.
    pub(crate) fn listen(&self, listener: Function) {
        self.listeners.borrow_mut().push(listener);
    }

    fn handle(&'static self, input: Input) {
        let now = platform::now();
        {
            let mut engine = self.engine.borrow_mut();
            engine.handle(now, Input::Facts(self.facts()));
            engine.handle(now, input);
        }
        loop {
            let Some((token, effect)) = self.engine.borrow_mut().poll_effect() else { break };
            self.start(token, effect);
        }
        self.arm();
    }

    fn facts(&self) -> Facts {
        let (connection, save_data) = platform::link();
        Facts {
            online: platform::online(),
            worker: self.role == Role::Page && platform::controller().is_some(),
            connection,
            slow: None, // for the pings to tell
            save_data,
            hour: platform::hour(),
            power: platform::power(),
            vault: self.store.vault(),
        }
    }

    /// Starts an effect. Nothing here decides anything.
    fn start(&'static self, token: Token, effect: Effect) {
        match effect {
            Effect::Answer(CallId(call), result) => answer(call, *result),
            Effect::Unlock => platform::unlock(),
            Effect::BreakOff => self.net.break_off(),
            Effect::DropKeys => self.store.drop_keys(),
            Effect::Tell(event) => {
                if let Some(channel) = &*self.channel.borrow() {
                    channel.tell(&event);
                }
                self.publish(&event);
            }
            effect => {
                spawn_local(async move {
                    let input = self.outcome(token, effect).await;
                    self.handle(input);
                });
            }
        }
    }

    async fn outcome(&self, token: Token, effect: Effect) -> Input {
        match effect {
            Effect::Lock => Input::Locked(token, self.lock().await),
            Effect::Read(query) => Input::Read(token, self.read(query).await),
            Effect::Write(batch) => Input::Written(token, self.store.write(*batch).await),
            Effect::Ping { nonce, timeout } => Input::Pinged(token, self.net.ping(&nonce, timeout).await),
            Effect::Push { request, gzip, bearer, timeout } => {
                let (transfer, sent) = self.net.push(&request, gzip, bearer, timeout).await;
                Input::Pushed(token, transfer, sent)
            }
            Effect::Pull { cursor, bearer, timeout } => {
                Input::Pulled(token, self.net.send(Request::pull(cursor.as_deref(), bearer, timeout)).await)
            }
            Effect::Renew { refresh_token, timeout } => {
                Input::Renewed(token, self.net.send(Request::renew(refresh_token, timeout)).await)
            }
            Effect::Ask { method, path, body, bearer, timeout } => {
                Input::Asked(token, self.net.send(Request::ask(method, path, body, bearer, timeout)).await)
            }
            Effect::Upload { step, bearer, timeout } => {
                let outcome = match &self.files {
                    Some(files) => self.net.upload(files, &step, bearer, timeout).await,
                    None => Uploaded { gone: true, ..Uploaded::default() }, // nobody here has any
                };
                Input::Uploaded(token, outcome)
            }
            Effect::Delegate { cause, power, timeout } => {
                channel::delegate(token, cause, power, timeout).await
            }
            Effect::RequestSync { tag } => Input::SyncRequested(token, platform::request_sync(&tag).await),
            Effect::Answer(..) | Effect::Unlock | Effect::BreakOff | Effect::DropKeys | Effect::Tell(_) => {
                unreachable!("started without an outcome")
            }
        }
    }

    async fn read(&self, query: Query) -> Result<Found, StoreError> {
        let mut found = self.store.read(query).await;
        if let Ok(Found::Overview(overview)) = &mut found {
            overview.draining = platform::is_locked(&self.drainer).await;
        }
        Ok(found?)
    }

    async fn lock(&self) -> Result<Lock, StoreError> {
        match platform::lock(&self.drainer).await {
            Ok(false) => Ok(Lock::Busy),
            Ok(true) => match self.store.next_epoch().await {
                Ok(epoch) => Ok(Lock::Held(epoch)),
                Err(error) => {
                    platform::unlock();
                    Err(error.into())
                }
            },
            Err(error) => Err(StoreError::Failed(platform::words(&error))),
        }
    }

    /// One timer, for the engine's next wake; none while there is nothing to wait for.
    fn arm(&'static self) {
        let at = self.engine.borrow().next_wake();
        *self.timer.borrow_mut() = at.map(|at| {
            let wait = (at - platform::now()).0.min(LONGEST_TIMER);
            Timeout::new(wait as u32, move || self.handle(Input::Tick))
        });
    }

    fn publish(&self, event: &Event) {
        let Ok(event) = json::to_js(event) else { return };
        let listeners = self.listeners.borrow().clone();
        for listener in listeners {
            let _ = listener.call1(&JsValue::NULL, &event); // a listener's fault is its own
        }
    }
}

fn answer(call: u64, result: Result<Answer, CallError>) {
    let Some(settle) = poison::take(call) else { return };
    let _ = match result {
        Ok(answer) => settle.resolve.call1(&JsValue::NULL, &plain(&answer)),
        Err(error) => settle.reject.call1(&JsValue::NULL, &plain(&error)),
    };
}

/// What JavaScript is given. It is always JSON; should it not be, then the reason is.
pub(crate) fn plain(value: &dyn Write) -> JsValue {
    json::to_js(value).unwrap_or_else(|reason| reason)
}

fn unopened(fault: Fault) -> CallError {
    let error = StoreError::from(fault);
    let words = format!("This browser does not let the app store anything here ({error}).");
    CallError::new(CallCode::Storage, words)
}
