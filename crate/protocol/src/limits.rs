use crate::read::Read;
use crate::write::Write;

/// At most this many items in one push.
pub const MAX_PUSH_ITEMS: usize = 500;

/// At most this many bytes of JSON in one push, before any compression.
pub const MAX_PUSH_BYTES: usize = 1 << 20;

/// At most this many bytes in an uploaded file: a quarter of an hour of video.
pub const MAX_UPLOAD_BYTES: u64 = 512 << 20;

/// The limits of one push, as a 413 answer states them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushLimits {
    /// Items in one push.
    pub max_items: usize,
    /// Bytes of JSON in one push.
    pub max_bytes: usize,
}

impl Default for PushLimits {
    fn default() -> PushLimits {
        PushLimits { max_items: MAX_PUSH_ITEMS, max_bytes: MAX_PUSH_BYTES }
    }
}
