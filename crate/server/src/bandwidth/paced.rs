//! Bodies that go no faster than their device may, as they are on the wire: answers after they were packed, requests
//! before they are unpacked. While one is held nothing more of it is read, so whoever sends it has to wait.
//!
//! Files are held for as long as it takes. Everything else is text, which goes before files and has somebody's time limit
//! over it: it is held for some seconds at most, and goes on after that as it comes.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use super::pace::{Pace, Way};
use crate::auth::Caller;
use crate::state::AppState;
use crate::store::Store;

/// What is no file is held for so long.
const TEXT_IS_HELD: Duration = Duration::from_secs(10);

/// Whose pace a request goes by, once that is known.
#[derive(Clone, Debug, Default)]
struct Whose(Arc<OnceLock<Arc<Pace>>>);

/// From now on the bodies of this request go by the pace of this caller.
pub async fn go_by(parts: &Parts, caller: &Caller, state: &AppState) {
    let Some(whose) = parts.extensions.get::<Whose>() else { return };
    // Whoever called first is who calls.
    let _ = whose.0.set(state.paces.of(caller, &*state.store).await);
}

/// Holds the bodies of files.
pub async fn files(State(store): State<Arc<dyn Store>>, request: Request, next: Next) -> Response {
    hold(store, None, request, next).await
}

/// Holds bodies that are no files.
pub async fn text(State(store): State<Arc<dyn Store>>, request: Request, next: Next) -> Response {
    hold(store, Some(TEXT_IS_HELD), request, next).await
}

async fn hold(
    store: Arc<dyn Store>,
    patience: Option<Duration>,
    mut request: Request,
    next: Next,
) -> Response {
    let whose = Whose::default();
    request.extensions_mut().insert(whose.clone());
    let paced = |body: Body, way| {
        if body.is_end_stream() {
            return body;
        }
        let (whose, store) = (whose.clone(), Arc::clone(&store));
        Body::new(Paced { body, way, whose, store, patience, rest: Bytes::new(), held: None })
    };
    let response = next.run(request.map(|body| paced(body, Way::Up))).await;
    // Nobody's answer goes by nobody's pace.
    if whose.0.get().is_none() {
        return response;
    }
    response.map(|body| paced(body, Way::Down))
}

struct Paced {
    body: Body,
    way: Way,
    whose: Whose,
    store: Arc<dyn Store>,
    /// How much longer it may be held; `None` for as long as it takes.
    patience: Option<Duration>,
    /// What has come and not gone yet.
    rest: Bytes,
    /// So many bytes of it go once this is over.
    held: Option<(usize, Pin<Box<Sleep>>)>,
}

impl Paced {
    /// How much of the rest goes now, or how much of it after which wait.
    fn reserve(&mut self) -> (usize, Duration) {
        let all = (self.rest.len(), Duration::ZERO);
        let Some(pace) = self.whose.0.get() else { return all };
        if pace.is_to_be_looked_up() {
            let (pace, store) = (Arc::clone(pace), Arc::clone(&self.store));
            tokio::spawn(async move { pace.look_up(&*store).await });
        }
        let Some(reserved) = pace.reserve(self.way, self.rest.len(), self.patience) else {
            // The next piece would be held for longer; all that follows it, too.
            self.patience = Some(Duration::ZERO);
            return all;
        };
        self.patience = self.patience.map(|patience| patience.saturating_sub(reserved.1));
        reserved
    }
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(frame) => return Poll::Ready(Some(Ok(frame))),
                },
                over => return Poll::Ready(over),
            }
        }
        if self.held.is_none() {
            let (bytes, wait) = self.reserve();
            self.held = Some((bytes, Box::pin(sleep(wait)))).filter(|_| !wait.is_zero());
            if wait.is_zero() {
                return Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(bytes)))));
            }
        }
        let Some((bytes, over)) = &mut self.held else { return Poll::Ready(None) };
        ready!(over.as_mut().poll(context));
        let bytes = *bytes;
        self.held = None;
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(bytes)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.len() as u64;
        let body = self.body.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(body.lower() + rest);
        if let Some(upper) = body.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}
