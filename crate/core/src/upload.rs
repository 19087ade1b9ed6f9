//! A file's way to the server, by tus 1.0 (docs/uploads.md): which step is next, how much goes with it, and what its
//! answer means. Pure; `drain/ferry` takes the steps.
//!
//! The bytes themselves stay with the host: the engine knows a file by the entity of its MEDIA, its size and its hash.

mod chunks;

pub(crate) use chunks::Chunks;
use fieldsync_protocol::read::{self, Read};
use fieldsync_protocol::write::Write;
use fieldsync_protocol::{Action, Code, EntityId, ItemType, Media, Problem};

use crate::gate::Why;
use crate::push;
use crate::record::{Record, Trouble, TroubleKind};
use crate::time::Millis;

/// A hundred years, in milliseconds: what is added to the place of a file in the queue.
pub(crate) const AFTER_TEXT: i64 = 100 * 365 * 24 * 60 * 60 * 1_000;

/// How a queued file stands; kept with its record, so that it goes on after a kill or a start of the device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
pub struct Upload {
    /// Bytes of the file.
    pub size: u64,
    /// So many of them the server has acknowledged.
    pub sent: u64,
    /// Where it goes on; nothing before it was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What went wrong with it, in a row, since something of it was acknowledged.
    #[serde(default)]
    pub troubles: u32,
    /// Whether there is more to be done.
    pub stage: Stage,
}

/// What is still to be done with a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// It has to be uploaded before its record goes.
    #[default]
    Wanted,
    /// The server has said that it has all of it.
    Whole,
    /// It is not on this device any more. Its record goes all the same: the server may have the file.
    Gone,
}

/// How far a file has come, as pages show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Write)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct UploadProgress {
    /// Bytes that the server has acknowledged.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub sent: u64,
    /// Bytes of all of it.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub size: u64,
}

/// What a host is to do for a file.
#[derive(Clone, Debug, PartialEq, Eq, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct UploadStep {
    /// What it is.
    pub kind: StepKind,
    /// The file, by the entity of its record.
    pub file: EntityId,
    /// The SHA-256 of the whole, in lower-case hexadecimal.
    pub sha256: String,
    /// Bytes of the whole.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub size: u64,
    /// Where it goes on: the path on the server; not for `create`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The first byte of a chunk,
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub from: u64,
    /// and how many go.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub length: u64,
}

/// The kinds of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum StepKind {
    /// `POST /api/v1/uploads`: an upload begins.
    Create,
    /// `HEAD`: how far has it come?
    Offset,
    /// `PATCH`: more of it, with its checksum.
    Chunk,
}

/// What came of a step. Without a status no answer came; whether the request arrived is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Read)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Uploaded {
    /// The HTTP status.
    pub status: Option<u16>,
    /// `Location`, as a path on the server.
    pub url: Option<String>,
    /// `Upload-Offset`.
    #[cfg_attr(feature = "ts", ts(optional, type = "number"))]
    pub offset: Option<u64>,
    /// `Retry-After`, in milliseconds.
    pub retry_after: Option<Millis>,
    /// The body.
    #[cfg_attr(feature = "ts", ts(as = "Option<String>"))]
    pub body: String,
    /// The file is not on this device any more, or not all of it; nothing was sent.
    #[cfg_attr(feature = "ts", ts(as = "Option<bool>"))]
    pub gone: bool,
}

/// What a step's outcome means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Turn {
    /// The server has said how far it has come.
    On(Upload),
    /// It is tried again from there after a while; why.
    Later(Upload, &'static str),
    /// The server takes no such file: a person must look at it.
    Stopped(Trouble),
    /// The server does not know who that is (any more).
    Unauthorized,
    /// Whether it arrived is unknown: the server is asked how far it has come.
    Unknown,
    /// Nothing more can be sent for now.
    Hold { why: Why, at_least: Option<Millis> },
}

/// How the file of a new record stands, where it has one.
pub(crate) fn of(r#type: ItemType, action: Action, body: &str) -> Option<Upload> {
    if (r#type, action) != (ItemType::Media, Action::Create) {
        return None;
    }
    let Media { sha256, size, .. } = read::from_str(body).ok()?;
    sha256.and(size).map(|size| Upload { size, ..Upload::default() })
}

impl Upload {
    /// As if nothing of it had been sent.
    pub(crate) fn anew(&self) -> Upload {
        Upload { size: self.size, troubles: self.troubles, ..Upload::default() }
    }

    /// What was not on this device may be by now.
    pub(crate) fn looked_for(self) -> Upload {
        if self.stage == Stage::Gone { self.anew() } else { self }
    }

    /// As far as the server says that it has come.
    fn at(&self, offset: u64) -> Upload {
        let stage = if offset == self.size { Stage::Whole } else { Stage::Wanted };
        Upload { sent: offset, stage, troubles: 0, ..self.clone() }
    }

    /// Bytes that are still to be uploaded.
    pub(crate) fn left(&self) -> u64 {
        if self.stage == Stage::Wanted { self.size.saturating_sub(self.sent) } else { 0 }
    }
}

impl Record {
    /// Whether a file of its has to be uploaded before it goes.
    pub(crate) fn wants_upload(&self) -> bool {
        self.upload.as_ref().is_some_and(|upload| upload.stage == Stage::Wanted)
    }
}

/// The next step of a file; `sure`: this drain has been told how far it has come. A chunk has at most `most` bytes.
pub(crate) fn next(record: &Record, sure: bool, most: u64) -> UploadStep {
    let upload = record.upload.clone().unwrap_or_default();
    let media: Option<Media> = read::from_str(&record.body).ok();
    let (kind, length) = match upload.url {
        None => (StepKind::Create, 0),
        Some(_) if !sure => (StepKind::Offset, 0),
        Some(_) => (StepKind::Chunk, most.min(upload.left())),
    };
    UploadStep {
        kind,
        file: record.entity_id,
        sha256: media.and_then(|media| media.sha256).unwrap_or_default(),
        size: upload.size,
        url: upload.url,
        from: upload.sent,
        length,
    }
}

/// Sorts the outcome of a step that was taken for a file that stood so.
pub(crate) fn turn(step: &UploadStep, before: &Upload, outcome: Uploaded) -> Turn {
    let Uploaded { status, url, offset, retry_after, body, gone } = outcome;
    if gone {
        return Turn::On(Upload { stage: Stage::Gone, ..before.anew() });
    }
    let offset = offset.filter(|offset| *offset <= step.size);
    match (status.unwrap_or(0), step.kind) {
        (201, StepKind::Create) if url.is_some() => {
            Turn::On(Upload { url, ..before.at(offset.unwrap_or(0)) })
        }
        (200 | 204, StepKind::Offset | StepKind::Chunk) => {
            offset.map_or(Turn::Unknown, |to| Turn::On(before.at(to)))
        }
        (401, _) => Turn::Unauthorized,
        // The whole of it was not what its hash says, and the server has none of it; or that chunk, and then it has.
        (460, _) => Turn::Later(before.clone(), "What arrived was damaged on its way. Trying again soon"),
        (404 | 410, StepKind::Offset | StepKind::Chunk) => Turn::Later(before.anew(), BEGINS_ANEW),
        (403, kind) => match read::from_str::<Problem>(&body) {
            Err(_) if kind != StepKind::Create => Turn::Later(before.anew(), BEGINS_ANEW),
            _ => Turn::Hold { why: push::forbidden(&body), at_least: None },
        },
        (409 | 423, _) => {
            Turn::Later(before.clone(), "Another window was uploading it too. Trying again soon")
        }
        (429 | 503, _) => Turn::Hold { why: Why::ServerAsked, at_least: retry_after },
        (507, _) => Turn::Hold { why: Why::ServerTrouble, at_least: retry_after },
        // A server that keeps no files says so with 501.
        (400 | 413 | 415 | 422 | 501, kind) => match read::from_str::<Problem>(&body) {
            Ok(problem) if kind == StepKind::Create && Some(problem.status) == status => {
                let too_large = problem.code == Code::TooLarge;
                let message = if too_large { TOO_LARGE.to_owned() } else { problem.detail };
                Turn::Stopped(Trouble {
                    kind: TroubleKind::Validation,
                    code: Some(problem.code),
                    message,
                    fields: problem.fields,
                })
            }
            Err(_) if status == Some(501) => Turn::Unknown,
            // A proxy's limit is met by smaller chunks, which the next one is.
            _ => Turn::Later(before.clone(), "The file was not taken on its way. Trying again soon"),
        },
        (500.., _) => Turn::Hold { why: Why::ServerTrouble, at_least: None },
        // No answer, or the words of something between us and the server.
        _ => Turn::Unknown,
    }
}

const BEGINS_ANEW: &str = "The server has forgotten what had come of it. The upload begins anew";
const TOO_LARGE: &str = "This file is larger than the server takes.";
/// What is said of a file that neither has.
pub(crate) const LOST: &str = "This file is no longer on this device, and it never came to the server whole.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::record;

    fn step(kind: StepKind) -> UploadStep {
        let record = Record { upload: Some(going()), ..record(1) };
        UploadStep { kind, ..next(&record, true, 5_000_000) }
    }

    fn going() -> Upload {
        let url = Some("/api/v1/uploads/a".to_owned());
        Upload { size: 900, sent: 300, url, troubles: 2, stage: Stage::Wanted }
    }

    fn answered(kind: StepKind, status: u16, more: Uploaded) -> Turn {
        turn(&step(kind), &going(), Uploaded { status: Some(status), ..more })
    }

    fn at(offset: u64) -> Uploaded {
        Uploaded { offset: Some(offset), ..Uploaded::default() }
    }

    #[test]
    fn a_file_is_begun_asked_about_and_gone_on_with() {
        let media = |upload| Record { upload: Some(upload), ..record(1) };
        let kind = |upload, sure| next(&media(upload), sure, 500).kind;
        assert_eq!(kind(going().anew(), false), StepKind::Create);
        assert_eq!(kind(going(), false), StepKind::Offset);
        let chunk = next(&media(going()), true, 500);
        assert_eq!((chunk.kind, chunk.from, chunk.length), (StepKind::Chunk, 300, 500));
        assert_eq!(next(&media(Upload { sent: 800, ..going() }), true, 500).length, 100);
    }

    #[test]
    fn an_answer_says_how_far_it_has_come() {
        let on = |turn| match turn {
            Turn::On(upload) => upload,
            other => panic!("{other:?}"),
        };
        let upload = on(answered(StepKind::Chunk, 204, at(800)));
        assert_eq!((upload.sent, upload.stage, upload.troubles), (800, Stage::Wanted, 0));
        assert_eq!(on(answered(StepKind::Chunk, 204, at(900))).stage, Stage::Whole);
        assert_eq!(on(answered(StepKind::Offset, 200, at(0))).sent, 0, "less than was known counts too");
        let created = Uploaded { url: Some("/b".to_owned()), ..at(0) };
        assert_eq!(on(answered(StepKind::Create, 201, created)).url.as_deref(), Some("/b"));
        assert_eq!(on(answered(StepKind::Chunk, 0, Uploaded { gone: true, ..at(0) })).stage, Stage::Gone);
    }

    #[test]
    fn what_is_no_word_of_the_server_is_unknown() {
        for (kind, status, more) in [
            (StepKind::Chunk, 204, Uploaded::default()),
            (StepKind::Chunk, 204, at(901)),
            (StepKind::Offset, 200, Uploaded { body: "<html>".to_owned(), ..Uploaded::default() }),
            (StepKind::Create, 201, at(0)),
            (StepKind::Create, 404, Uploaded::default()),
            (StepKind::Chunk, 302, Uploaded::default()),
            (StepKind::Chunk, 408, Uploaded::default()),
        ] {
            assert_eq!(answered(kind, status, more), Turn::Unknown, "{kind:?} {status}");
        }
        assert_eq!(turn(&step(StepKind::Chunk), &going(), Uploaded::default()), Turn::Unknown);
    }

    #[test]
    fn only_a_file_that_is_named_by_its_hash_is_uploaded() {
        let hash = "0f".repeat(32);
        let named = format!(r#"{{"mime":"video/mp4","sha256":"{hash}","size":7}}"#);
        assert_eq!(of(ItemType::Media, Action::Create, &named).map(|upload| upload.size), Some(7));
        assert_eq!(of(ItemType::Media, Action::Create, r#"{"mime":"image/png","bytes":"AAAA"}"#), None);
        assert_eq!(of(ItemType::Media, Action::Update, &named), None);
        assert_eq!(of(ItemType::Reading, Action::Create, &named), None);
    }
}
