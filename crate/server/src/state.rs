//! What every handler can ask for.

use std::sync::Arc;

use axum::extract::FromRef;
use tokio::sync::Notify;

use crate::auth::Auth;
use crate::bandwidth::pace::Paces;
use crate::forms::Forms;
use crate::metrics::Metrics;
use crate::notice::Notifier;
use crate::rate::Rates;
use crate::store::Store;
use crate::upload::Uploads;

/// What every handler can ask for.
#[derive(Clone)]
pub struct AppState {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Who is calling.
    pub auth: Auth,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// How many requests there may be.
    pub rates: Rates,
    /// How fast devices may go.
    pub paces: Paces,
    /// Who is told that something has moved.
    pub notices: Arc<dyn Notifier>,
    /// What assessments ask for.
    pub forms: Forms,
    /// Told where a push may have left something to be done.
    pub left: Arc<Notify>,
    /// What it takes to take files.
    pub uploads: Uploads,
}

impl FromRef<AppState> for Arc<dyn Store> {
    fn from_ref(state: &AppState) -> Arc<dyn Store> {
        Arc::clone(&state.store)
    }
}

impl FromRef<AppState> for Arc<Metrics> {
    fn from_ref(state: &AppState) -> Arc<Metrics> {
        Arc::clone(&state.metrics)
    }
}

impl FromRef<AppState> for Forms {
    fn from_ref(state: &AppState) -> Forms {
        state.forms.clone()
    }
}
