//! Attempts: how large a push may be, and what each outcome means.

use fieldsync_protocol::read::{self, Read};
use fieldsync_protocol::{Code, ItemId, ItemResult, Problem, PushRequest, Sorted};
use serde_json::value::RawValue;

use crate::event::Transfer;
use crate::gate::Why;
use crate::plan::Caps;
use crate::record::{Record, Trouble, TroubleKind};
use crate::time::Millis;

/// A push not answered by then has an unknown outcome.
pub(crate) const PUSH_TIMEOUT: Millis = Millis::seconds(30);

/// The body of a push. Records whose stored text is damaged are left out, and so get no result.
/// From so many bytes on a gzipped body is smaller by more than the work of making it.
pub(crate) const GZIP_PAYS: u64 = 1_024;

/// The bytes of JSON that these take in a push.
pub(crate) fn bytes(records: &[Record]) -> u64 {
    records.iter().map(|record| u64::from(record.size) + 1).sum()
}

pub(crate) fn request(device_id: &str, records: &[Record]) -> PushRequest {
    PushRequest {
        device_id: device_id.to_owned(),
        items: records.iter().filter_map(Record::to_push).collect(),
    }
}

/// What a push's outcome means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// The server judged the items one by one. Those without a result are sent again.
    Judged(Sorted<ItemId, ItemResult>),
    /// The server does not know who that is (any more).
    Unauthorized,
    /// Whether it arrived is unknown: the link is checked anew, and the same ids are sent again (I4 makes that safe).
    Unknown,
    /// The server refuses the whole push as it is. Smaller ones may pass; a single item that does not is in trouble.
    Refused(Trouble),
    /// Nothing more can be sent for now.
    Hold { why: Why, at_least: Option<Millis> },
}

/// Sorts an outcome.
pub(crate) fn classify(transfer: Transfer) -> Outcome {
    let Transfer::Answered { status, retry_after, body } = transfer else { return Outcome::Unknown };
    match status {
        200 => match read::from_str::<Results>(&body) {
            // One that is not understood stops no other: it gets no result, and is sent again later.
            Ok(Results { results }) => Outcome::Judged(
                results
                    .iter()
                    .filter_map(|result| read::from_str::<ItemResult>(result.get()).ok())
                    .map(|result| (result.id, result))
                    .collect(),
            ),
            // Not our server's words: a portal, a proxy, a truncated body.
            Err(_) => Outcome::Unknown,
        },
        401 => Outcome::Unauthorized,
        403 => Outcome::Hold { why: forbidden(&body), at_least: None },
        408 => Outcome::Unknown,
        429 | 503 => Outcome::Hold { why: Why::ServerAsked, at_least: retry_after },
        400 | 409 | 413 | 415 | 422 => match read::from_str::<Problem>(&body) {
            Ok(problem) if problem.status == status => Outcome::Refused(Trouble {
                kind: TroubleKind::Validation,
                code: Some(problem.code),
                message: problem.detail,
                fields: problem.fields,
            }),
            // Not our server's words, and so no fault of the entry; but a proxy's limit is met by smaller pushes.
            _ if status == 413 => Outcome::Refused(failed()),
            _ => Outcome::Unknown,
        },
        500.. => Outcome::Refused(failed()),
        // Redirects and the like come from something between us and the server.
        _ => Outcome::Unknown,
    }
}

/// Why the server does not let this device in.
pub(crate) fn forbidden(body: &str) -> Why {
    match read::from_str::<Problem>(body) {
        Ok(problem) if problem.code == Code::DeviceRevoked => Why::Revoked,
        _ => Why::NotAllowed,
    }
}

fn failed() -> Trouble {
    Trouble { kind: TroubleKind::Server, code: None, message: "Server error".to_owned(), fields: Vec::new() }
}

/// An answer, as far as the device reads it.
#[derive(Read)]
struct Results {
    results: Vec<Box<RawValue>>,
}

/// How large the next push may be: halved when one is refused whole, doubled by every one that passes.
///
/// A push that fails because of one bad item in it thus shrinks until that item stands alone, and stops nothing else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizing {
    items: usize,
}

impl Default for Sizing {
    fn default() -> Sizing {
        Sizing { items: Caps::MOST.items }
    }
}

impl Sizing {
    /// What the next push may have, over a link that carries so many bytes of the wire in the time that one should take.
    pub(crate) fn caps(self, bytes: usize) -> Caps {
        Caps { items: self.items, bytes: bytes.min(Caps::MOST.bytes) }
    }

    pub(crate) fn shrink(&mut self, sent: usize) {
        self.items = (sent / 2).max(1);
    }

    pub(crate) fn grow(&mut self) {
        self.items = (self.items * 2).min(Caps::MOST.items);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::id;

    fn answered(status: u16, body: &str) -> Outcome {
        classify(Transfer::Answered { status, retry_after: Some(Millis(9)), body: body.to_owned() })
    }

    #[test]
    fn every_outcome_has_its_class() {
        assert_eq!(classify(Transfer::Broken), Outcome::Unknown);
        assert_eq!(classify(Transfer::TimedOut), Outcome::Unknown, "never failed");
        assert_eq!(answered(200, "<html>"), Outcome::Unknown);
        assert_eq!(answered(200, r#"{"results":[{"id":"#), Outcome::Unknown);
        assert_eq!(answered(302, ""), Outcome::Unknown);
        assert_eq!(answered(400, "<html>"), Outcome::Unknown, "a proxy's word, and no fault of the entry");
        let problem = r#"{"type":"about:blank","title":"t","status":400,"detail":"d","code":"bad_request"}"#;
        let Outcome::Refused(trouble) = answered(400, problem) else { panic!("our server's word") };
        assert_eq!((trouble.kind, trouble.message.as_str()), (TroubleKind::Validation, "d"));
        assert_eq!(answered(403, ""), Outcome::Hold { why: Why::NotAllowed, at_least: None });
        let revoked = r#"{"type":"about:blank","title":"","status":403,"detail":"","code":"device_revoked"}"#;
        assert_eq!(answered(403, revoked), Outcome::Hold { why: Why::Revoked, at_least: None });
        assert_eq!(answered(429, ""), Outcome::Hold { why: Why::ServerAsked, at_least: Some(Millis(9)) });
        assert_eq!(answered(503, ""), Outcome::Hold { why: Why::ServerAsked, at_least: Some(Millis(9)) });
        for (status, kind) in [(413, TroubleKind::Server), (500, TroubleKind::Server)] {
            let Outcome::Refused(trouble) = answered(status, "") else { panic!("{status}") };
            assert_eq!(trouble.kind, kind);
        }
    }

    #[test]
    fn results_are_found_by_id() {
        let body = format!(
            r#"{{"results":[{{"id":"{}","status":"applied","version":1,"new":true}}],"cursor":"5"}}"#,
            id(1)
        );
        let Outcome::Judged(results) = answered(200, &body) else { panic!("judged") };
        assert_eq!(results.get(&id(1)).unwrap().version, Some(1));
    }

    #[test]
    fn sizes_shrink_to_one_and_grow_back() {
        let mut sizing = Sizing::default();
        sizing.shrink(25);
        assert_eq!(sizing.caps(usize::MAX).items, 12);
        sizing.shrink(1);
        assert_eq!(sizing.caps(usize::MAX).items, 1);
        for _ in 0..12 {
            sizing.grow();
        }
        assert_eq!(sizing.caps(usize::MAX), Caps::MOST);
        assert_eq!(sizing.caps(9_000).bytes, 9_000);
    }
}
