//! `POST /api/sync/schedule/create`, `…/preview` and `…/{id}/disable`, `GET /api/sync/schedules` and
//! `…/schedule/{id}/runs`: when a person's devices are asked to sync (D2, D3).

pub mod due;

use std::iter::once;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use fieldsync_protocol::{
    FieldError, MAX_SCHEDULES, Millis, Problem, Schedule, ScheduleDraft, SchedulePreview, ScheduleRuns,
    Schedules, TOLD_RUNS,
};

use crate::auth::Caller;
use crate::auth::secret::new_id;
use crate::body::read_json;
use crate::clock::now;
use crate::openapi::{BodyRefused, CallerRefused, Refused};
use crate::place::{Place, Plan};
use crate::problem::ApiError;
use crate::store::Store;
use crate::store::schedule::{
    CreateScheduleParams, CreateScheduleResult, DisableScheduleParams, ScheduleRunsParams,
};

/// Makes a schedule for one of the caller's devices.
#[utoipa::path(post, path = "/api/sync/schedule/create", tag = "schedules", operation_id = "createSchedule", request_body = ScheduleDraft,
    responses((status = 201, description = "The schedule, which is in force.", body = Schedule), (status = 404, description = "The caller has no such device, or no longer.", body = Problem, content_type = "application/problem+json"), (status = 422, description = "`fields` says what to enter instead.", body = Problem, content_type = "application/problem+json"), CallerRefused, (status = 403, description = "The device that asks has been revoked, or there are as many schedules as there may be.", body = Problem, content_type = "application/problem+json"), BodyRefused, Refused), security(("token" = [])))]
pub async fn create(
    State(store): State<Arc<dyn Store>>,
    caller: Caller,
    request: Request,
) -> Result<(StatusCode, Json<Schedule>), ApiError> {
    let (draft, plan) = sound(read_json(request).await?)?;
    let now = now();
    let device_id = draft.device_id.clone();
    let params = CreateScheduleParams {
        user_id: caller.user_id,
        schedule_id: new_id()?,
        on_device_id: caller.device_id,
        draft,
        next_run_at: plan.next_run_after(now),
        now,
    };
    match store.create_schedule(params).await? {
        CreateScheduleResult::Created(schedule) => Ok((StatusCode::CREATED, Json(told(schedule, now)))),
        CreateScheduleResult::NoSuchDevice => {
            Err(ApiError::NotFound(format!("a device of the id {device_id}")))
        }
        CreateScheduleResult::TooMany => {
            let words = format!("There may be {MAX_SCHEDULES} schedules. Disable one first.");
            Err(ApiError::Forbidden(words))
        }
    }
}

/// Tells when a schedule would run, and makes none.
#[utoipa::path(post, path = "/api/sync/schedule/preview", tag = "schedules", operation_id = "previewSchedule", request_body = ScheduleDraft,
    responses((status = 200, description = "Its next five runs.", body = SchedulePreview), (status = 422, description = "`fields` says what to enter instead.", body = Problem, content_type = "application/problem+json"), CallerRefused, BodyRefused, Refused), security(("token" = [])))]
pub async fn preview(_caller: Caller, request: Request) -> Result<Json<SchedulePreview>, ApiError> {
    let (_, plan) = sound(read_json(request).await?)?;
    Ok(Json(SchedulePreview { next_runs: plan.runs_after(now()).take(TOLD_RUNS).collect() }))
}

/// Lists the caller's schedules, with their last and their next runs.
#[utoipa::path(get, path = "/api/sync/schedules", tag = "schedules", operation_id = "schedules",
    responses((status = 200, description = "All of them; disabled ones for 90 days.", body = Schedules), CallerRefused, Refused), security(("token" = [])))]
pub async fn schedules(
    State(store): State<Arc<dyn Store>>,
    caller: Caller,
) -> Result<Json<Schedules>, ApiError> {
    let now = now();
    let schedules = store.schedules(&caller.user_id).await?;
    Ok(Json(Schedules { schedules: schedules.into_iter().map(|schedule| told(schedule, now)).collect() }))
}

/// Disables one of the caller's schedules: it runs no more, for good.
#[utoipa::path(post, path = "/api/sync/schedule/{id}/disable", tag = "schedules", operation_id = "disableSchedule", params(("id" = String, Path, description = "As the server named it.")),
    responses((status = 200, description = "The schedule, which is disabled.", body = Schedule), (status = 400, description = "The id is not UTF-8.", body = Problem, content_type = "application/problem+json"), (status = 404, description = "The caller has no such schedule.", body = Problem, content_type = "application/problem+json"), CallerRefused, Refused), security(("token" = [])))]
pub async fn disable(
    State(store): State<Arc<dyn Store>>,
    caller: Caller,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Schedule>, ApiError> {
    let (schedule_id, now) = (named(id)?, now());
    let none = no_such_schedule(&schedule_id);
    let params =
        DisableScheduleParams { user_id: caller.user_id, schedule_id, on_device_id: caller.device_id, now };
    Ok(Json(told(store.disable_schedule(params).await?.ok_or(none)?, now)))
}

/// Lists the last runs of one of the caller's schedules, the latest first.
#[utoipa::path(get, path = "/api/sync/schedule/{id}/runs", tag = "schedules", operation_id = "scheduleRuns", params(("id" = String, Path, description = "As the server named it.")),
    responses((status = 200, description = "The last hundred at most.", body = ScheduleRuns), (status = 400, description = "The id is not UTF-8.", body = Problem, content_type = "application/problem+json"), (status = 404, description = "The caller has no such schedule.", body = Problem, content_type = "application/problem+json"), CallerRefused, Refused), security(("token" = [])))]
pub async fn runs(
    State(store): State<Arc<dyn Store>>,
    caller: Caller,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<ScheduleRuns>, ApiError> {
    let schedule_id = named(id)?;
    let none = no_such_schedule(&schedule_id);
    let params = ScheduleRunsParams { user_id: caller.user_id, schedule_id };
    Ok(Json(ScheduleRuns { runs: store.schedule_runs(params).await?.ok_or(none)? }))
}

/// The id of a path, where it may be one.
fn named(id: Result<Path<String>, PathRejection>) -> Result<String, ApiError> {
    let Path(id) = id.map_err(|error| ApiError::BadRequest(error.body_text()))?;
    // No database keeps such a text.
    if id.contains('\0') { Err(no_such_schedule(&id)) } else { Ok(id) }
}

fn no_such_schedule(id: &str) -> ApiError {
    ApiError::NotFound(format!("a schedule of the id {id}"))
}

/// A draft that can be kept, its place by its right name, and how it runs.
fn sound(draft: ScheduleDraft) -> Result<(ScheduleDraft, Plan), ApiError> {
    let mut draft = draft.tidy();
    let mut faults = draft.validate();
    match Place::named(&draft.time_zone) {
        Some(place) => draft.time_zone = place.name().unwrap_or(&draft.time_zone).to_owned(),
        None if faults.iter().any(|fault| fault.field == "timeZone") => {}
        None => faults.push(FieldError::new("timeZone", "This server knows no time zone of this name.")),
    }
    match Plan::of(&draft).filter(|_| faults.is_empty()) {
        Some(plan) => Ok((draft, plan)),
        None => Err(ApiError::Invalid(faults)),
    }
}

/// With its next runs: the first may be one that is overdue.
fn told(mut schedule: Schedule, now: Millis) -> Schedule {
    if let Some(next) = schedule.next_run_at {
        let after = Plan::of(&schedule.draft);
        let after = after.iter().flat_map(|plan| plan.runs_after(next.max(now)));
        schedule.next_runs = once(next).chain(after).take(TOLD_RUNS).collect();
    }
    schedule
}
