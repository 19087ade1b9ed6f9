//! What every store does with files on their way, and with those that have come. Each test is stamped on each of them.

use fieldsync_protocol::{AuditEvent, Code, ItemResult, Millis, Outcome};
use fieldsync_server::examine::Candidate;
use fieldsync_server::store::AuditParams;
use fieldsync_server::store::upload::{
    ABANDONED_AFTER, AppendParams, BeginUploadParams, BeginUploadResult, ClaimBlobParams, EndUpload,
    EndUploadParams, FinishUploadParams, HoldParams, HoldResult, MAX_UPLOADS, Part, UNUSED_FOR,
    UnusedBlobsParams, Upload, UploadParams, UsedBlob,
};
use serde_json::{Value, json};

use super::{Fixture, NOW, USER, id, item, statuses};
use fieldsync_protocol::PushStatus::{Applied, Replayed};

on_every_store! {
    an_upload_grows_by_what_comes_next_and_by_nothing_else
    whoever_asked_last_writes
    of_many_who_go_on_at_once_one_does
    a_whole_one_has_no_parts_and_holds_its_file_for_a_day
    what_is_abandoned_expires_and_is_forgotten
    what_is_done_with_uploads_is_audited
    a_file_that_nobody_uses_goes_after_a_day_and_one_that_is_going_is_nobodys
    nobody_has_more_on_their_way_than_may_be
    a_record_counts_on_its_persons_file_and_holds_it
    a_file_is_as_large_as_what_came_and_not_as_somebody_said
}

const MINUTE: Millis = Millis::minutes(1);

pub fn which(user: &str, id: &str) -> UploadParams {
    UploadParams { user_id: user.into(), id: id.into() }
}

/// A hash that begins with this.
pub fn sha256(mark: char) -> String {
    mark.to_string().repeat(64)
}

fn part(starts_at: u64, length: u64) -> Part {
    Part { starts_at, length, name: format!("part-{starts_at}") }
}

impl Fixture {
    pub async fn begin_upload(&self, user: &str, id: &str, length: u64) -> BeginUploadResult {
        let params = BeginUploadParams {
            user_id: user.into(),
            device_id: Some("phone".into()),
            id: id.into(),
            length,
            sha256: sha256('a'),
            metadata: "filename é".into(),
            now: NOW,
        };
        self.store.begin_upload(params).await.unwrap()
    }

    pub async fn hold(&self, user: &str, id: &str, offset: u64, holder: &str, now: Millis) -> HoldResult {
        let params = HoldParams { upload: which(user, id), offset, holder: holder.into(), now };
        self.store.hold_upload(params).await.unwrap()
    }

    async fn append(&self, holder: &str, parts: &[Part]) -> bool {
        let params = AppendParams {
            upload: which(USER, "u"),
            holder: holder.into(),
            parts: parts.to_vec(),
            now: NOW + MINUTE,
        };
        self.store.append(params).await.unwrap()
    }

    pub async fn claim_file(&self, mark: char, now: Millis) -> bool {
        self.store.claim_blob(ClaimBlobParams { sha256: sha256(mark), size: 10, now }).await.unwrap()
    }

    pub async fn finish(&self, user: &str, id: &str, holder: &str, now: Millis) -> bool {
        let params = FinishUploadParams { upload: which(user, id), holder: holder.into(), now };
        self.store.finish_upload(params).await.unwrap()
    }

    async fn end_upload(&self, user: &str, id: &str, holder: Option<&str>) -> bool {
        let why = holder.map_or(EndUpload::Asked(None), |holder| EndUpload::Wrong(holder.into()));
        let params = EndUploadParams { upload: which(user, id), why, now: NOW };
        self.store.end_upload(params).await.unwrap()
    }

    async fn known_upload(&self, user: &str, id: &str) -> Option<Upload> {
        self.store.upload(which(user, id)).await.unwrap()
    }

    pub async fn doom(&self, now: Millis) -> Vec<String> {
        self.store.doom_blobs(UnusedBlobsParams { now, limit: 9 }).await.unwrap()
    }
}

async fn an_upload_grows_by_what_comes_next_and_by_nothing_else(it: Fixture) {
    let BeginUploadResult::Begun(begun) = it.begin_upload(USER, "u", 10).await else { panic!() };
    let expected = Upload {
        id: "u".into(),
        device_id: Some("phone".into()),
        length: 10,
        received: 0,
        sha256: sha256('a'),
        metadata: "filename é".into(),
        created_at: NOW,
        expires_at: NOW + ABANDONED_AFTER,
        done_at: None,
    };
    assert_eq!(begun, expected);
    assert_eq!(it.known_upload(USER, "u").await, Some(expected.clone()));
    assert_eq!(it.known_upload("b", "u").await, None, "it is nobody else's");
    assert_eq!(it.hold("b", "u", 0, "h", NOW).await, HoldResult::Unknown);
    assert_eq!(it.hold(USER, "u", 4, "h", NOW).await, HoldResult::Elsewhere(expected));

    assert!(!it.append("h", &[part(0, 4)]).await, "it is not held");
    assert!(matches!(it.hold(USER, "u", 0, "h", NOW).await, HoldResult::Held(_)));
    assert!(it.append("h", &[part(0, 4), part(4, 2)]).await);
    assert!(!it.append("h", &[part(0, 4)]).await, "it has come already");
    assert!(!it.append("h", &[part(7, 1)]).await, "there is a gap before it");
    assert!(!it.append("h", &[part(6, 4)]).await, "the last byte comes with the hash of the whole");
    assert!(it.append("h", &[]).await);
    let grown = it.known_upload(USER, "u").await.unwrap();
    assert_eq!((grown.received, grown.expires_at), (6, NOW + MINUTE + ABANDONED_AFTER));
    assert_eq!(it.store.upload_parts(which(USER, "u")).await.unwrap(), [part(0, 4), part(4, 2)]);
    assert_eq!(it.store.upload_parts(which("b", "u")).await.unwrap(), []);
}

async fn whoever_asked_last_writes(it: Fixture) {
    it.begin_upload(USER, "u", 10).await;
    it.hold(USER, "u", 0, "first", NOW).await;
    assert!(it.append("first", &[part(0, 2)]).await);
    assert!(matches!(it.hold(USER, "u", 2, "second", NOW).await, HoldResult::Held(_)));
    assert!(!it.append("first", &[part(2, 2)]).await);
    assert!(it.claim_file('a', NOW).await);
    assert!(!it.finish(USER, "u", "first", NOW).await);
    assert!(it.append("second", &[part(2, 3)]).await);
    assert!(!it.end_upload(USER, "u", Some("first")).await);
    assert_eq!(it.known_upload(USER, "u").await.unwrap().received, 5);
    assert!(it.end_upload(USER, "u", Some("second")).await);
    assert_eq!(it.store.upload_parts(which(USER, "u")).await.unwrap(), []);
}

async fn of_many_who_go_on_at_once_one_does(it: Fixture) {
    it.begin_upload(USER, "u", 10).await;
    let tasks: Vec<_> = (0..12)
        .map(|n| {
            let store = it.store.clone();
            tokio::spawn(async move {
                let (upload, holder) = (which(USER, "u"), format!("h{n}"));
                let hold = HoldParams { upload: upload.clone(), offset: 0, holder: holder.clone(), now: NOW };
                store.hold_upload(hold).await.unwrap();
                let parts = vec![Part { starts_at: 0, length: 3, name: holder.clone() }];
                store.append(AppendParams { upload, holder, parts, now: NOW }).await.unwrap()
            })
        })
        .collect();
    let mut count = 0;
    for task in tasks {
        count += usize::from(task.await.unwrap());
    }
    assert_eq!(count, 1);
    assert_eq!(it.known_upload(USER, "u").await.unwrap().received, 3);
    assert_eq!(it.store.upload_parts(which(USER, "u")).await.unwrap().len(), 1);
}

async fn a_whole_one_has_no_parts_and_holds_its_file_for_a_day(it: Fixture) {
    it.begin_upload(USER, "u", 10).await;
    it.hold(USER, "u", 0, "h", NOW).await;
    it.append("h", &[part(0, 6)]).await;
    assert!(!it.finish(USER, "u", "h", NOW).await, "nobody has claimed its file");
    assert!(it.claim_file('a', NOW).await);
    assert!(it.claim_file('a', NOW).await, "as often as it comes");
    assert!(it.finish(USER, "u", "h", NOW + MINUTE).await);
    assert!(!it.finish(USER, "u", "h", NOW + MINUTE).await, "it is nobody's any more");
    let done = it.known_upload(USER, "u").await.unwrap();
    assert_eq!((done.received, done.done_at), (10, Some(NOW + MINUTE)));
    assert_eq!(done.expires_at, NOW + MINUTE + UNUSED_FOR);
    assert_eq!(it.store.upload_parts(which(USER, "u")).await.unwrap(), []);
    assert_eq!(it.hold(USER, "u", 10, "h", NOW + MINUTE).await, HoldResult::Done(done.clone()));
    assert_eq!(it.hold(USER, "u", 6, "h", NOW + MINUTE).await, HoldResult::Elsewhere(done));
    assert_eq!(it.doom(NOW + UNUSED_FOR).await, [""; 0]);
    assert_eq!(it.store.used_blob(USER, &sha256('a')).await.unwrap(), None, "no record uses it");
}

async fn what_is_abandoned_expires_and_is_forgotten(it: Fixture) {
    it.begin_upload(USER, "u", 10).await;
    it.begin_upload("b", "v", 10).await;
    it.hold(USER, "u", 0, "h", NOW).await;
    it.append("h", &[part(0, 6)]).await;
    let late = NOW + ABANDONED_AFTER;
    assert_eq!(it.store.expired_uploads(late - Millis(1), 9).await.unwrap(), []);
    assert_eq!(it.store.expired_uploads(late, 9).await.unwrap(), [which("b", "v")]);
    let later = late + MINUTE;
    assert_eq!(it.store.expired_uploads(later, 9).await.unwrap(), [which("b", "v"), which(USER, "u")]);
    assert_eq!(it.store.expired_uploads(later, 1).await.unwrap().len(), 1);
    assert_eq!(it.hold(USER, "u", 6, "h", later).await, HoldResult::Expired);
    assert!(it.end_upload(USER, "u", None).await);
    assert!(!it.end_upload(USER, "u", None).await);
    assert!(!it.end_upload(USER, "v", None).await, "another's");
    assert_eq!(it.known_upload(USER, "u").await, None);
    assert_eq!(it.store.upload_parts(which(USER, "u")).await.unwrap(), []);
    assert_eq!(it.hold(USER, "u", 6, "h", later).await, HoldResult::Unknown);
}

async fn a_file_that_nobody_uses_goes_after_a_day_and_one_that_is_going_is_nobodys(it: Fixture) {
    assert!(it.claim_file('a', NOW).await);
    assert!(it.claim_file('b', NOW + MINUTE).await);
    assert_eq!(it.doom(NOW + UNUSED_FOR - Millis(1)).await, [""; 0]);
    assert_eq!(it.doom(NOW + UNUSED_FOR).await, [sha256('a')]);
    assert_eq!(it.doom(NOW + UNUSED_FOR).await, [sha256('a')], "until somebody says that it is gone");
    assert!(!it.claim_file('a', NOW + UNUSED_FOR).await);
    it.begin_upload(USER, "u", 10).await;
    it.hold(USER, "u", 0, "h", NOW).await;
    assert!(!it.finish(USER, "u", "h", NOW).await);
    it.store.forget_blob(&sha256('a')).await.unwrap();
    it.store.forget_blob(&sha256('b')).await.unwrap();
    assert_eq!(it.doom(NOW + UNUSED_FOR + MINUTE).await, [sha256('b')], "one that stays is not forgotten");
    assert!(it.claim_file('a', NOW + UNUSED_FOR).await, "it comes anew");
}

async fn nobody_has_more_on_their_way_than_may_be(it: Fixture) {
    for n in 0..MAX_UPLOADS {
        assert!(matches!(it.begin_upload(USER, &n.to_string(), 10).await, BeginUploadResult::Begun(_)));
    }
    assert_eq!(it.begin_upload(USER, "one more", 10).await, BeginUploadResult::TooMany);
    assert!(matches!(it.begin_upload("b", "another's", 10).await, BeginUploadResult::Begun(_)));
    assert!(it.end_upload(USER, "7", None).await);
    assert!(matches!(it.begin_upload(USER, "one more", 10).await, BeginUploadResult::Begun(_)));
}

/// Item `n` makes a record of a file of ten bytes whose hash begins with this.
pub fn media(n: u8, mark: char) -> Candidate {
    let data = json!({ "mime": "image/png", "sha256": sha256(mark), "size": 10 });
    item(n, "CREATE", json!({ "type": "MEDIA", "data": data }))
}

fn media_change(n: u8, of: u8, action: &str, base: u64, patch: Value) -> Candidate {
    let rest = json!({ "type": "MEDIA", "entityId": id(of), "baseVersion": base, "patch": patch });
    item(n, action, rest)
}

async fn a_record_counts_on_its_persons_file_and_holds_it(it: Fixture) {
    let missing = [Some(Code::FileMissing)];
    let codes = |results: Vec<ItemResult>| results.into_iter().map(|result| result.code).collect::<Vec<_>>();
    assert_eq!(codes(it.push(&[media(1, 'a')]).await), missing);
    it.begin_upload(USER, "u", 10).await;
    it.hold(USER, "u", 0, "h", NOW).await;
    it.claim_file('a', NOW).await;
    assert_eq!(codes(it.push(&[media(1, 'a')]).await), missing, "it is not whole");
    assert!(it.finish(USER, "u", "h", NOW).await);
    assert_eq!(codes(it.push_at("b", NOW, &[media(1, 'a')]).await), missing, "another's");
    assert_eq!(statuses(&it.push(&[media(1, 'a'), media(2, 'a')]).await), [Applied; 2]);
    assert_eq!(statuses(&it.push(&[media(1, 'a')]).await), [Replayed]);
    let used = Some(UsedBlob { size: 10, mime: "image/png".into(), has_thumbnail: false });
    assert_eq!(it.store.used_blob(USER, &sha256('a')).await.unwrap(), used);
    assert_eq!(it.store.used_blob("b", &sha256('a')).await.unwrap(), None);

    // The upload itself is forgotten after its day; the records hold the file.
    assert!(it.end_upload(USER, "u", None).await);
    let late = NOW + UNUSED_FOR + UNUSED_FOR;
    assert_eq!(it.doom(late).await, [""; 0]);
    assert_eq!(statuses(&it.push_at(USER, late, &[media(3, 'a')]).await), [Applied], "who uses it has it");
    let elsewhere = json!({ "sha256": null, "size": null, "bytes": "AAAA" });
    let given_up = [
        media_change(4, 1, "DELETE", 1, json!({})),
        media_change(5, 2, "UPDATE", 1, elsewhere),
        media_change(6, 3, "UPDATE", 1, json!({ "caption": "Well" })),
    ];
    assert_eq!(statuses(&it.push_at(USER, late, &given_up).await), [Applied; 3]);
    assert_eq!(it.doom(late + UNUSED_FOR).await, [""; 0], "one still uses it");
    let last = [media_change(7, 3, "DELETE", 2, json!({}))];
    assert_eq!(statuses(&it.push_at(USER, late + MINUTE, &last).await), [Applied]);
    assert_eq!(it.store.used_blob(USER, &sha256('a')).await.unwrap(), None);
    assert_eq!(it.doom(late + UNUSED_FOR).await, [""; 0], "it has its day");
    assert_eq!(it.doom(late + MINUTE + UNUSED_FOR).await, [sha256('a')]);
    assert_eq!(codes(it.push(&[media(8, 'a')]).await), missing);
}

async fn a_file_is_as_large_as_what_came_and_not_as_somebody_said(it: Fixture) {
    // Another's upload said so, and was not what it had declared.
    let wrong = ClaimBlobParams { sha256: sha256('a'), size: 3, now: NOW };
    assert!(it.store.claim_blob(wrong).await.unwrap());
    it.begin_upload(USER, "u", 10).await;
    it.hold(USER, "u", 0, "h", NOW).await;
    assert!(it.claim_file('a', NOW).await);
    assert!(it.finish(USER, "u", "h", NOW).await);
    assert_eq!(statuses(&it.push(&[media(1, 'a')]).await), [Applied]);
    assert_eq!(it.store.used_blob(USER, &sha256('a')).await.unwrap().map(|used| used.size), Some(10));
}

async fn what_is_done_with_uploads_is_audited(it: Fixture) {
    for id in ["whole", "wrong", "left", "asked"] {
        it.begin_upload(USER, id, 10).await;
        it.hold(USER, id, 0, "h", NOW).await;
    }
    it.claim_file('a', NOW).await;
    assert!(it.finish(USER, "whole", "h", NOW).await);
    let end = async |id: &str, why| {
        let params = EndUploadParams { upload: which(USER, id), why, now: NOW };
        assert!(it.store.end_upload(params).await.unwrap());
    };
    end("wrong", EndUpload::Wrong("h".into())).await;
    end("left", EndUpload::Expired).await;
    end("asked", EndUpload::Asked(Some("desk".into()))).await;
    // Its file stays.
    end("whole", EndUpload::Expired).await;
    let params = AuditParams { user_id: USER.into(), before: None, limit: 9 };
    let rows = it.store.audit(params).await.unwrap().rows;
    let said: Vec<_> = rows
        .iter()
        .map(|row| {
            (row.event, row.upload_id.as_deref().unwrap(), row.device_id.as_deref(), row.outcome, row.code)
        })
        .collect();
    let (begin, phone) = (AuditEvent::UploadBegin, Some("phone"));
    let (finish, ended) = (AuditEvent::UploadFinish, AuditEvent::UploadEnd);
    assert_eq!(
        said,
        [
            (ended, "asked", Some("desk"), Outcome::Done, None),
            (ended, "left", None, Outcome::Done, None),
            (finish, "wrong", phone, Outcome::Refused, Some(Code::ChecksumMismatch)),
            (finish, "whole", phone, Outcome::Done, None),
            (begin, "asked", phone, Outcome::Done, None),
            (begin, "left", phone, Outcome::Done, None),
            (begin, "wrong", phone, Outcome::Done, None),
            (begin, "whole", phone, Outcome::Done, None),
        ]
    );
}
