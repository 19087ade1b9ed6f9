//! `POST /api/v1/sync/heartbeat`: a device says how it is doing, and is told what is asked of it.

use axum::Json;
use axum::extract::{Request, State};
use fieldsync_protocol::{Activity, Heartbeat, HeartbeatAnswer, MetricsReport, Problem, SessionMetrics};

use crate::account::registered;
use crate::auth::DeviceCaller;
use crate::body::read_json;
use crate::clock::now;
use crate::openapi::{BodyRefused, CallerRefused, Refused};
use crate::problem::ApiError;
use crate::state::AppState;
use crate::store::account::RegisterDeviceParams;
use crate::store::fleet::ReportParams;

/// Of figures so many sessions are kept, the newest.
const MAX_SESSIONS: usize = 30;
/// Of the errors of a session so many are kept.
const MAX_ERRORS: usize = 20;
/// Of a device's own words so many characters are kept.
const MAX_WORDS: usize = 300;

/// Takes a heartbeat.
#[utoipa::path(post, path = "/api/v1/sync/heartbeat", tag = "devices", operation_id = "heartbeat", request_body = Heartbeat,
    responses((status = 200, description = "What is asked of the device.", body = HeartbeatAnswer), (status = 422, description = "`fields` says what to enter instead.", body = Problem, content_type = "application/problem+json"), CallerRefused, BodyRefused, Refused), security(("token" = [])))]
pub async fn heartbeat(
    State(state): State<AppState>,
    caller: DeviceCaller,
    request: Request,
) -> Result<Json<HeartbeatAnswer>, ApiError> {
    let heartbeat: Heartbeat = read_json(request).await?;
    let faults = heartbeat.validate();
    if !faults.is_empty() {
        return Err(ApiError::Invalid(faults));
    }
    caller.require_own(&heartbeat.device_id)?;
    let (caller, now) = (caller.0, now());
    if caller.is_demo {
        // Nobody logs in on a demo, so this is where its devices come from.
        let params = RegisterDeviceParams {
            user_id: caller.user_id.clone(),
            device_id: heartbeat.device_id.clone(),
            name: None,
            login_id: None,
            now,
        };
        registered(state.store.register_device(params).await?)?;
    }
    let params = ReportParams { user_id: caller.user_id, now, heartbeat: cut(heartbeat) };
    let wishes = state.store.report(params).await?;
    Ok(Json(HeartbeatAnswer { wishes, now }))
}

/// A report is bounded, whatever a device says.
fn cut(mut heartbeat: Heartbeat) -> Heartbeat {
    if let Some(Activity { last_error: Some(words), .. }) = &mut heartbeat.activity {
        cut_words(words);
    }
    if let Some(MetricsReport { current, historical, advice, .. }) = &mut heartbeat.metrics {
        historical.truncate(MAX_SESSIONS);
        // The device's own conclusions: whoever looks draws theirs.
        advice.clear();
        for SessionMetrics { errors, .. } in historical.iter_mut().chain(current) {
            errors.truncate(MAX_ERRORS);
            errors.iter_mut().for_each(cut_words);
        }
    }
    heartbeat
}

fn cut_words(words: &mut String) {
    // No database keeps such a character.
    *words = words.chars().filter(|c| *c != '\0').take(MAX_WORDS).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_bounded() {
        let long = "é\0".repeat(1_000);
        let session = SessionMetrics { errors: vec![long.clone(); 100], ..SessionMetrics::default() };
        let metrics = MetricsReport {
            current: Some(session.clone()),
            historical: vec![session; 100],
            ..MetricsReport::default()
        };
        let activity = Activity { last_error: Some(long), ..Activity::default() };
        let heartbeat =
            Heartbeat { activity: Some(activity), metrics: Some(metrics), ..Heartbeat::default() };
        let cut = cut(heartbeat);
        let metrics = cut.metrics.unwrap();
        assert_eq!(metrics.historical.len(), MAX_SESSIONS);
        let words = "é".repeat(MAX_WORDS);
        assert_eq!(metrics.historical[29].errors, vec![words.clone(); MAX_ERRORS]);
        assert_eq!(metrics.current.unwrap().errors.len(), MAX_ERRORS);
        assert_eq!(cut.activity.unwrap().last_error, Some(words));
    }
}
