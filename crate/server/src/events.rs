//! `GET /api/v1/events`: server-sent events, which say that there is something to ask for and never what.
//!
//! A stream is the difference between where its device stands and where the store does, looked at again at every notice,
//! and now and then without one. What a device has been told is in the id of its last event, so a stream that is taken up
//! again, through whichever server, goes on where it broke off.

mod position;
mod stream;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use fieldsync_protocol::{Problem, device_id_fault};
use serde::Deserialize;

use self::position::Position;
use self::stream::{Listener, open};
use crate::auth::DeviceCaller;
use crate::openapi::{CallerRefused, Refused};
use crate::problem::ApiError;
use crate::state::AppState;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// A proxy is not to wait until it has a bufferful.
const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

/// The query of `events`.
#[derive(Debug, Deserialize)]
pub struct Asked {
    /// Who listens, where no token says so: on a demo.
    device: Option<String>,
}

/// Opens a stream of events for a device. It lasts as long as its access token, and no longer than its device may.
///
/// Each event names what has moved, and never what it is now: `head` (`HeadMoved`), `settings` and `start` (`WishMade`),
/// `roster` (`RosterChanged`). Its id is what to come back with as `Last-Event-ID`.
#[utoipa::path(get, path = "/api/v1/events", tag = "sync", operation_id = "events",
    params(
        ("device" = Option<String>, Query, description = "Who listens, where no token says so: on a demo."),
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that was heard."),
    ),
    responses(
        (status = 200, description = "Events, until the access token is no longer good.", body = String, content_type = "text/event-stream"),
        (status = 400, description = "The query is not of this shape.", body = Problem, content_type = "application/problem+json"),
        CallerRefused, Refused
    ),
    security(("token" = [])))]
pub async fn events(
    State(state): State<AppState>,
    DeviceCaller(caller): DeviceCaller,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Query(asked) = asked.map_err(|error| ApiError::BadRequest(error.body_text()))?;
    let on_demo = asked.device.filter(|device| caller.is_demo && device_id_fault(device).is_none());
    let last = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()).and_then(Position::parse);
    let listener = Listener {
        notices: state.notices.subscribe(&caller.user_id)?,
        store: state.store,
        device_id: caller.device_id.or(on_demo),
        user_id: caller.user_id,
        expires_at: caller.expires_at,
    };
    let head = [(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")), UNBUFFERED];
    Ok((head, Body::new(open(listener, last))).into_response())
}
