//! Which path leads where, and what surrounds every request.

#[cfg(test)]
mod authorization;
mod routes;

use std::any::Any;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
#[cfg(test)]
use axum::http::Method;
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use self::routes::Route;
use crate::bandwidth::paced;
use crate::headers::{no_store, security};
use crate::host::own_names_only;
use crate::observe::observe;
use crate::problem::{ApiError, cover};
use crate::rate::by_address;
use crate::state::AppState;
use crate::unread::hear_out;
use crate::upload::{self, tus};
use crate::www::{Www, not_installed};

/// How long a request may take, from its head to the head of its answer. A body sent drop by drop ends here.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Everything a server answers.
pub fn router(state: AppState, www: Option<&Path>, demo: bool) -> Router {
    let with_demo = |routes: Vec<Route>, of_demo: fn() -> Vec<Route>| {
        let of_demo = if demo { of_demo() } else { Vec::new() };
        let all = routes.into_iter().chain(of_demo);
        all.fold(Router::new(), |router, route| router.route(route.path, route.answer))
    };
    let api = with_demo(routes::api().into_iter().chain(routes::docs()).collect(), routes::demo_api)
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(state.clone(), paced::text))
        .layer(from_fn_with_state(state.rates.clone(), by_address))
        .layer(map_response(no_store));
    // Files go as they are: compressed, nobody could ask for a part of one.
    let files = with_demo(routes::uploads(), Vec::new)
        .layer(from_fn(tus))
        .merge(with_demo(routes::downloads(), Vec::new))
        .layer(from_fn_with_state(state.clone(), paced::files))
        .layer(from_fn_with_state(state.rates.clone(), by_address))
        .layer(map_response(no_store));
    let mut routes = api.merge(files).merge(with_demo(routes::plain(), routes::demo_pages));
    routes = match www.map(Www::new) {
        Some(www) => routes.fallback(move |request| www.answer(request)),
        None => routes.route("/", get(not_installed)),
    };
    if demo {
        routes = routes.layer(from_fn(own_names_only));
    }
    let metrics = Arc::clone(&state.metrics);
    // Outermost: what it counts and logs is what was answered in the end.
    shield(routes.with_state(state)).layer(from_fn_with_state(metrics, observe))
}

/// The method and the path of every route there is, in a demo and elsewhere.
#[cfg(test)]
pub fn every_route() -> impl Iterator<Item = (Method, &'static str)> {
    every().map(|route| (route.method, route.path))
}

#[cfg(test)]
fn every() -> impl Iterator<Item = Route> {
    [
        routes::api(),
        routes::uploads(),
        routes::downloads(),
        routes::docs(),
        routes::demo_api(),
        routes::plain(),
        routes::demo_pages(),
    ]
    .into_iter()
    .flatten()
}

/// Whatever happens within is answered in time, as a problem document where it is an error, and with the security
/// headers.
fn shield(routes: Router) -> Router {
    routes
        .layer(from_fn(time_limit))
        .layer(CatchPanicLayer::custom(|_: Box<dyn Any + Send>| ApiError::Internal.into_response()))
        .layer(from_fn(cover))
        .layer(map_response(security))
        .layer(from_fn(hear_out))
}

async fn time_limit(request: Request, next: Next) -> Response {
    // What comes of an upload is kept, however slowly it comes.
    let is_upload = request.uri().path().starts_with(upload::PATH);
    let limit = if is_upload { upload::TIME_LIMIT } else { TIME_LIMIT };
    let answer = tokio::time::timeout(limit, next.run(request)).await;
    answer.unwrap_or_else(|_| ApiError::TimedOut.into_response())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{StatusCode, header};
    use fieldsync_protocol::{Code, Problem};
    use tower::ServiceExt;

    use super::*;

    async fn answer_of(routes: Router) -> (StatusCode, Option<String>, Problem) {
        let response = shield(routes).oneshot(Request::new(Body::empty())).await.unwrap();
        assert!(response.headers().contains_key(header::CONTENT_SECURITY_POLICY));
        let retry =
            response.headers().get(header::RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned());
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, retry, serde_json::from_slice(&bytes).unwrap())
    }

    #[tokio::test]
    async fn a_panic_is_an_internal_error() {
        async fn broken() -> &'static str {
            panic!("on purpose")
        }
        let (status, _, problem) = answer_of(Router::new().route("/", get(broken))).await;
        assert_eq!((status, problem.code), (StatusCode::INTERNAL_SERVER_ERROR, Code::Internal));
    }

    #[tokio::test(start_paused = true)]
    async fn what_takes_too_long_is_unavailable() {
        let forever = Router::new().route("/", get(std::future::pending::<()>));
        let (status, retry, problem) = answer_of(forever).await;
        assert_eq!((status, problem.code), (StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable));
        assert_eq!(retry.as_deref(), Some("2"));
    }

    #[tokio::test]
    async fn a_bare_error_becomes_a_problem() {
        for (bare, code) in [
            (StatusCode::NOT_FOUND, Code::NotFound),
            (StatusCode::PAYLOAD_TOO_LARGE, Code::TooLarge),
            (StatusCode::RANGE_NOT_SATISFIABLE, Code::BadRequest),
            (StatusCode::BAD_GATEWAY, Code::Internal),
        ] {
            let (status, _, problem) =
                answer_of(Router::new().route("/", get(move || async move { bare }))).await;
            assert_eq!((status, problem.status, problem.code), (bare, bare.as_u16(), code));
        }
    }
}
