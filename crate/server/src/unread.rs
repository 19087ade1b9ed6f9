//! What is answered before its body was read: a refusal that needs no more than the head, such as 401 or 421.
//!
//! A connection that is closed over bytes nobody has read is reset, and whoever is still sending them may never see the
//! answer: to a device that looks like a link that broke, and it would send the same again instead of signing in. So the
//! rest of the body is taken in and thrown away first, up to a bound; then the connection can also be used again.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;

/// More than what devices send at once, be it a push or a piece of a file. Who sends more has the connection closed.
const MOST: usize = 16 << 20;
/// No longer is waited for it.
const LONGEST: Duration = Duration::from_secs(30);

/// Answers once the body is read, or has been thrown away.
pub async fn hear_out(request: Request, next: Next) -> Response {
    // Who asks first whether to send it sends nothing after a refusal.
    if request.body().is_end_stream() || request.headers().contains_key(header::EXPECT) {
        return next.run(request).await;
    }
    let unread = Arc::new(Mutex::new(None));
    let lend = |body| Body::new(Lent { body: Some(body), unread: Arc::clone(&unread) });
    let answer = next.run(request.map(lend)).await;
    let rest = unread.lock().ok().and_then(|mut unread| unread.take());
    if let Some(rest) = rest {
        let _ = tokio::time::timeout(LONGEST, throw_away(rest)).await; // it is answered in any case
    }
    answer
}

async fn throw_away(mut body: Body) {
    let mut thrown = 0;
    while let Some(Ok(frame)) = body.frame().await {
        thrown += frame.data_ref().map_or(0, Bytes::len);
        if thrown > MOST {
            return;
        }
    }
}

/// A body that comes back when it is dropped before its end.
struct Lent {
    body: Option<Body>,
    unread: Arc<Mutex<Option<Body>>>,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(body).poll_frame(context));
        if !matches!(frame, Some(Ok(_))) {
            self.body = None; // over, or broken
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(body), Ok(mut unread)) = (self.body.take(), self.unread.lock())
            && !body.is_end_stream()
        {
            *unread = Some(body);
        }
    }
}
