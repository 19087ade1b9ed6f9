//! `GET /api/ping`: is the way to the server really open? The nonce comes back, so that neither a cache nor a captive
//! portal can answer in the server's place. No database, so that a busy one does not look like a bad link.

use axum::Json;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use fieldsync_protocol::{Pong, Problem};
use serde::Deserialize;

use crate::clock::now;
use crate::openapi::Refused;
use crate::problem::ApiError;

const MAX_NONCE: usize = 128;

/// The query of a ping.
#[derive(Deserialize)]
pub struct Ping {
    nonce: String,
}

/// Answers a ping.
#[utoipa::path(get, path = "/api/ping", tag = "sync", operation_id = "ping", params(("nonce" = String, Query, description = "Comes back unchanged.", min_length = 1, max_length = 128)),
    responses((status = 200, description = "The way is open.", body = Pong), (status = 400, description = "There is not one nonce of 1 to 128 characters.", body = Problem, content_type = "application/problem+json"), Refused))]
pub async fn ping(query: Result<Query<Ping>, QueryRejection>) -> Result<Json<Pong>, ApiError> {
    match query {
        Ok(Query(Ping { nonce })) if (1..=MAX_NONCE).contains(&nonce.chars().count()) => {
            Ok(Json(Pong { nonce, server_time: now() }))
        }
        _ => Err(ApiError::BadRequest(format!("Ask with one nonce of 1 to {MAX_NONCE} characters."))),
    }
}
