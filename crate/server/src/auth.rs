//! Who is calling. Every handler that touches a user's data takes a [`Caller`]; this is the one place where a bearer
//! token will be read once there are accounts.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

/// The only account of this version; a server starts only where it is asked for with `--demo`.
pub const DEMO_USER: &str = "demo@fieldsync.example";

/// The user on whose behalf a request is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user's id, which leads every key in the store.
    pub user_id: String,
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Caller, Infallible> {
        Ok(Caller { user_id: DEMO_USER.to_owned() })
    }
}
