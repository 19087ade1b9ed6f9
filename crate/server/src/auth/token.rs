//! The two kinds of token. An access token says by itself who calls, for a quarter of an hour; a refresh token is a
//! secret, of which the store knows a hash.

use fieldsync_protocol::{Millis, Role};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::hmac;
use super::secret::{self, Secret};
use crate::problem::ApiError;
use crate::store::account::TokenHash;

/// How long an access token is good.
pub const ACCESS_LIFE: Millis = Millis::minutes(15);
/// How long a refresh token is good: a device may be out of reach for a season.
pub const REFRESH_LIFE: Millis = Millis::minutes(90 * 24 * 60);

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The user's id.
    #[serde(rename = "sub")]
    pub user_id: String,
    /// What that user may do.
    pub role: Role,
    /// The device that the login is on, once that is known.
    #[serde(rename = "device", default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
    /// The login.
    #[serde(rename = "sid", default, skip_serializing_if = "Option::is_none")]
    pub login_id: Option<String>,
    /// When it is no longer good, in seconds, as the standard has it.
    exp: u64,
}

impl Claims {
    /// When it is no longer good.
    pub fn expires_at(&self) -> Millis {
        Millis::seconds(self.exp)
    }

    /// The claims of a token that is given out now.
    pub fn new(
        user_id: String,
        role: Role,
        device_id: Option<String>,
        login_id: Option<String>,
        now: Millis,
    ) -> Claims {
        Claims { user_id, role, device_id, login_id, exp: (now + ACCESS_LIFE).0 / 1_000 }
    }
}

/// Signs access tokens, and reads them.
pub struct AccessKey {
    signs: EncodingKey,
    reads: DecodingKey,
    rules: Validation,
}

impl AccessKey {
    /// Of the server's secret.
    pub fn new(secret: &Secret) -> AccessKey {
        hmac::install();
        let mut rules = Validation::new(Algorithm::HS256);
        // By the clock that is passed in, below.
        rules.validate_exp = false;
        rules.required_spec_claims.clear();
        AccessKey {
            signs: EncodingKey::from_secret(secret.bytes()),
            reads: DecodingKey::from_secret(secret.bytes()),
            rules,
        }
    }

    /// Signs a token.
    pub fn sign(&self, claims: &Claims) -> Result<String, ApiError> {
        encode(&Header::default(), claims, &self.signs).map_err(|error| {
            tracing::error!("an access token could not be signed: {error}");
            ApiError::Internal
        })
    }

    /// What a token says; `None` where this server did not sign it or it is no longer good.
    pub fn read(&self, token: &str, now: Millis) -> Option<Claims> {
        let claims = decode::<Claims>(token, &self.reads, &self.rules).ok()?.claims;
        (now.0 / 1_000 < claims.exp).then_some(claims)
    }
}

/// A refresh token, `USER.LOGIN.SECRET`: the first two say where its hash is.
pub struct RefreshToken {
    /// Whose.
    pub user_id: String,
    /// Of which login.
    pub login_id: String,
    text: String,
}

impl RefreshToken {
    /// A new one.
    pub fn new(user_id: &str, login_id: &str) -> Result<RefreshToken, ApiError> {
        let text = format!("{user_id}.{login_id}.{}{}", secret::new_id()?, secret::new_id()?);
        Ok(RefreshToken { user_id: user_id.to_owned(), login_id: login_id.to_owned(), text })
    }

    /// One that is handed in; `None` where it cannot be one.
    pub fn read(text: &str) -> Option<RefreshToken> {
        let (rest, secret) = text.rsplit_once('.')?;
        let (user_id, login_id) = rest.rsplit_once('.')?;
        let is_token = text.len() <= 1_024
            && !text.chars().any(char::is_control)
            && ![user_id, login_id, secret].contains(&"");
        let token =
            RefreshToken { user_id: user_id.into(), login_id: login_id.into(), text: text.to_owned() };
        is_token.then_some(token)
    }

    /// What the store knows it by. It is as long as the hash, and drawn by chance: a slow hash would add nothing.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(&self.text).into())
    }

    /// The token itself, for its owner alone.
    pub fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_763_596_800_000);

    fn key(secret: &str) -> AccessKey {
        AccessKey::new(&Secret::parse(secret).unwrap())
    }

    fn claims() -> Claims {
        Claims::new("u".into(), Role::Supervisor, Some("d".into()), Some("l".into()), NOW)
    }

    #[test]
    fn an_access_token_is_good_for_a_quarter_of_an_hour() {
        let key = key("0123456789abcdef0123456789abcdef");
        let token = key.sign(&claims()).unwrap();
        assert_eq!(key.read(&token, NOW), Some(claims()));
        assert_eq!(key.read(&token, NOW + ACCESS_LIFE - Millis(1)), Some(claims()));
        assert_eq!(key.read(&token, NOW + ACCESS_LIFE), None);
    }

    #[test]
    fn no_other_token_is_read() {
        let own = key("0123456789abcdef0123456789abcdef");
        let token = own.sign(&claims()).unwrap();
        assert_eq!(key("another secret, but just as long").read(&token, NOW), None);
        let (rest, signature) = token.rsplit_once('.').unwrap();
        let (head, body) = rest.split_once('.').unwrap();
        // {"alg":"none"} and {"alg":"RS256"}
        for other in ["eyJhbGciOiJub25lIn0", "eyJhbGciOiJSUzI1NiJ9"] {
            assert_eq!(own.read(&format!("{other}.{body}.{signature}"), NOW), None);
            assert_eq!(own.read(&format!("{other}.{body}."), NOW), None);
        }
        for broken in ["", ".", "..", rest, &format!("{rest}."), &format!("{head}.e30.{signature}")] {
            assert_eq!(own.read(broken, NOW), None, "{broken}");
        }
    }

    #[test]
    fn a_refresh_token_says_where_its_hash_is() {
        let token = RefreshToken::new("demo@fieldsync.example", "login").unwrap();
        let (hash, text) = (token.hash(), token.into_text());
        let read = RefreshToken::read(&text).unwrap();
        assert_eq!((read.user_id.as_str(), read.login_id.as_str()), ("demo@fieldsync.example", "login"));
        assert_eq!(read.hash(), hash);
        assert_ne!(RefreshToken::new("demo@fieldsync.example", "login").unwrap().hash(), hash);
        for text in ["", ".", "..", "a.b", "a..c", ".b.c", "a.b.", "a.b\0.c", &"a.b.c".repeat(1_000)] {
            assert!(RefreshToken::read(text).is_none(), "{text}");
        }
    }
}
