//! What every handler can ask for.

use std::sync::Arc;

use axum::extract::FromRef;

use crate::auth::Auth;
use crate::store::Store;

/// What every handler can ask for.
#[derive(Clone)]
pub struct AppState {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Who is calling.
    pub auth: Auth,
}

impl FromRef<AppState> for Arc<dyn Store> {
    fn from_ref(state: &AppState) -> Arc<dyn Store> {
        Arc::clone(&state.store)
    }
}
