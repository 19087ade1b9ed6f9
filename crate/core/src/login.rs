//! Who is signed in on this device, and how: whose entries these are, and the tokens that go with every request.
//!
//! Entries are sent in the name of the person who made them, and of nobody else: another one can sign in here once
//! nothing of the first is left to be sent, and finds nothing of theirs.

use fieldsync_protocol::read::{self, Read};
use fieldsync_protocol::write::Write;
use std::fmt;

use fieldsync_protocol::{Code, Problem, Tokens};

use crate::call::{CallCode, CallError};
use crate::checkup::Checked;
use crate::event::Transfer;
use crate::ledger::{Batch, Expect, Overview};
use crate::preferences::Preferences;
use crate::progress::Session;
use crate::time::Millis;

/// A token that has not been renewed by then is asked for again.
pub(crate) const RENEW_TIMEOUT: Millis = Millis::seconds(30);

/// A token on its way to the host. It is never shown.
#[derive(Clone, PartialEq, Eq, Write)]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The person whose entries are on this device.
#[derive(Clone, Debug, PartialEq, Read, Write)]
pub struct Login {
    /// The address of their account, in lower case.
    pub email: String,
    /// None once they have signed out, or the server has ended their login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Tokens>,
}

/// What a page got from the server for an address and a password.
#[derive(Clone, Debug, Read)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SignIn {
    /// The address of the account.
    pub email: String,
    /// The answer to the login.
    pub tokens: Tokens,
}

/// This device, and who is signed in on it.
#[derive(Clone, Debug, PartialEq, Eq, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Account {
    /// The name under which this device pushes; a login is for it.
    pub device_id: String,
    /// The person whose entries are here, signed in or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether they are signed in.
    pub signed_in: bool,
    /// What goes with the page's own questions to the server; it may have to be renewed, which the next drain does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub access_token: Option<Secret>,
}

/// Nobody is signed in any more; what is queued stays.
#[derive(Clone, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct SignedOut {
    /// To be handed in at `POST /api/v1/auth/logout`, so that the server ends the login too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

impl fmt::Debug for SignedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedOut")
    }
}

impl Preferences {
    fn tokens(&self) -> Option<&Tokens> {
        self.login.as_ref()?.tokens.as_ref()
    }

    /// What goes with every request.
    pub(crate) fn bearer(&self) -> Option<Secret> {
        self.tokens().map(|tokens| Secret(tokens.access_token.clone()))
    }

    /// What a new one is to be had for.
    pub(crate) fn refresh_token(&self) -> Option<Secret> {
        self.tokens().map(|tokens| Secret(tokens.refresh_token.clone()))
    }

    /// Whether somebody has signed out here, or was signed out.
    pub(crate) fn is_signed_out(&self) -> bool {
        self.login.as_ref().is_some_and(|login| login.tokens.is_none())
    }

    /// This device's account.
    pub(crate) fn account(&self, device_id: &str) -> Account {
        Account {
            device_id: device_id.to_owned(),
            email: self.login.as_ref().map(|login| login.email.clone()),
            signed_in: self.tokens().is_some(),
            access_token: self.bearer(),
        }
    }
}

/// Signs in. Somebody else than the last one begins with an empty device.
pub(crate) fn sign_in(overview: &mut Overview, batch: &mut Batch, given: SignIn) -> Result<(), CallError> {
    let email = given.email.trim().to_ascii_lowercase();
    if let Some(before) = overview.preferences.login.as_ref().filter(|before| before.email != email) {
        let left = overview.totals.queued();
        if left > 0 {
            let entries = if left == 1 { "1 entry".to_owned() } else { format!("{left} entries") };
            let words = format!(
                "{entries} of {} on this device are not on the server yet. Sign in as {} first, to send them \
                 or to discard them.",
                before.email, before.email
            );
            return Err(CallError::new(CallCode::OtherAccount, words));
        }
        batch.hand_over = true;
        batch.expect.push(Expect::NothingQueued);
        batch.session = Some(Session::default());
        batch.checked = Some(Checked::default());
    }
    overview.preferences.login = Some(Login { email, tokens: Some(given.tokens) });
    Ok(())
}

/// What came of renewing the tokens.
#[derive(Debug)]
pub(crate) enum Renewal {
    Renewed(Tokens),
    /// The login has ended: only a person can begin another.
    Ended,
    /// The device has been revoked.
    Revoked,
    /// The server wants to be asked later.
    Asked(Option<Millis>),
    /// Not this time.
    Failed,
}

impl From<Transfer> for Renewal {
    fn from(transfer: Transfer) -> Renewal {
        let Transfer::Answered { status, retry_after, body } = transfer else { return Renewal::Failed };
        match status {
            200 => read::from_str(&body).map_or(Renewal::Failed, Renewal::Renewed),
            // Only our server's own words end a login, not a portal's or a proxy's.
            401 | 403 => match read::from_str::<Problem>(&body) {
                Ok(problem) if problem.code == Code::DeviceRevoked => Renewal::Revoked,
                Ok(problem) if problem.status == status => Renewal::Ended,
                _ => Renewal::Failed,
            },
            429 | 503 => Renewal::Asked(retry_after),
            _ => Renewal::Failed,
        }
    }
}
