//! The accounts of the demo. Their password is no secret: a demo server is reached from its own machine alone.

use fieldsync_protocol::Role;

use crate::auth::DEMO_USER;
use crate::auth::password::Passwords;
use crate::clock::now;
use crate::problem::ApiError;
use crate::store::Store;
use crate::store::account::{AddUserParams, User, UserParams};

const PASSWORD: &str = "demo-demo-demo";
const SUPERVISOR: &str = "supervisor@fieldsync.example";
const TEAM: &str = "demo";

/// Makes those that are missing. Their ids are their addresses: what earlier demos have kept is found again.
pub async fn make(store: &dyn Store, passwords: &Passwords) -> Result<(), ApiError> {
    for (email, role) in [(DEMO_USER, Role::Worker), (SUPERVISOR, Role::Supervisor)] {
        if store.user(UserParams::Id(email.to_owned())).await?.is_some() {
            continue;
        }
        let user = User {
            id: email.to_owned(),
            email: email.to_owned(),
            password_hash: passwords.hash(PASSWORD.to_owned()).await?,
            role,
            team: Some(TEAM.to_owned()),
            created_at: now(),
        };
        // Taken only where another server has just made it.
        store.add_user(AddUserParams { user }).await?;
    }
    Ok(())
}
