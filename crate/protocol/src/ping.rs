use serde::Serialize;

use crate::Millis;
use crate::read::Read;

/// The answer to `GET /api/ping?nonce=N`: it echoes the nonce, so a cache or a captive portal cannot fake it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Read)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Pong {
    /// The nonce that was asked with, unchanged.
    pub nonce: String,
    /// The server's clock.
    pub server_time: Millis,
}
