//! `GET /api/v1/audit`: who did what, from where, when, and what became of it.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use fieldsync_protocol::{AuditPage, MAX_AUDIT_ROWS, Problem};
use serde::Deserialize;

use crate::auth::Caller;
use crate::openapi::{CallerRefused, Refused};
use crate::problem::ApiError;
use crate::store::account::OverseesParams;
use crate::store::{AuditParams, Store};

/// The query of `audit`.
#[derive(Debug, Deserialize)]
pub struct Asked {
    user: Option<String>,
    before: Option<u64>,
    limit: Option<u32>,
}

/// Answers a page of the caller's rows, or of somebody's of the caller's team; the latest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "team", operation_id = "audit", params(("user" = Option<String>, Query, description = "Somebody of the team; absent, the caller."), ("before" = Option<u64>, Query, description = "`next` of the page before."), ("limit" = Option<u32>, Query, description = "At most so many.", minimum = 1, maximum = 500)),
    responses((status = 200, description = "A page of rows.", body = AuditPage), (status = 400, description = "The query is not of this shape.", body = Problem, content_type = "application/problem+json"), (status = 404, description = "There is no such person in the caller's team.", body = Problem, content_type = "application/problem+json"), CallerRefused, Refused), security(("token" = [])))]
pub async fn audit(
    State(store): State<Arc<dyn Store>>,
    caller: Caller,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<AuditPage>, ApiError> {
    let Query(asked) = asked.map_err(|error| ApiError::BadRequest(error.body_text()))?;
    let limit = asked.limit.unwrap_or(MAX_AUDIT_ROWS);
    if !(1..=MAX_AUDIT_ROWS).contains(&limit) {
        return Err(ApiError::BadRequest(format!("limit: 1 to {MAX_AUDIT_ROWS}.")));
    }
    let user_id = overseen(&*store, &caller, asked.user).await?;
    let page = store.audit(AuditParams { user_id, before: asked.before, limit }).await?;
    let next = page.rows.last().filter(|_| page.has_more).map(|row| row.number);
    Ok(Json(AuditPage { rows: page.rows, next }))
}

/// Whom a request is about: the caller, or somebody whose supervisor the caller is. Nobody else learns that there is such
/// a person.
pub async fn overseen(store: &dyn Store, caller: &Caller, asked: Option<String>) -> Result<String, ApiError> {
    let Some(user_id) = asked.filter(|user_id| *user_id != caller.user_id) else {
        return Ok(caller.user_id.clone());
    };
    let nobody = || ApiError::NotFound(format!("a person of the id {user_id} in your team"));
    // No database keeps such a text.
    if user_id.contains('\0') {
        return Err(nobody());
    }
    let params = OverseesParams { supervisor_id: caller.user_id.clone(), user_id: user_id.clone() };
    if store.oversees(params).await? { Ok(user_id) } else { Err(nobody()) }
}
