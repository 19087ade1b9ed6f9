//! What every store does with what a push leaves to be done. Each test is stamped on each of them.

use fieldsync_protocol::Millis;
use fieldsync_protocol::PushStatus::Applied;
use fieldsync_server::examine::Candidate;
use fieldsync_server::store::task::{PutOffTaskParams, THUMBNAIL, TakeTaskParams, Task, Thumbnail};
use fieldsync_server::store::upload::{BeginUploadParams, EndUpload, EndUploadParams, UNUSED_FOR};
use serde_json::json;

use super::uploads::{media, sha256, which};
use super::{Fixture, NOW, USER, id, item, statuses};

on_every_store! {
    a_photo_leaves_one_task_and_what_is_none_leaves_none
    of_many_who_ask_at_once_each_is_given_another
    a_task_is_its_takers_for_the_lease_and_comes_again_where_it_is_put_off
    a_picture_is_known_until_its_file_goes
}

const LEASE: Millis = Millis(1_000);

impl Fixture {
    /// A whole file whose hash begins with this.
    async fn file(&self, mark: char) {
        let id = mark.to_string();
        let params = BeginUploadParams {
            user_id: USER.into(),
            device_id: None,
            id: id.clone(),
            length: 10,
            sha256: sha256(mark),
            metadata: String::new(),
            now: NOW,
        };
        self.store.begin_upload(params).await.unwrap();
        self.hold(USER, &id, 0, "h", NOW).await;
        assert!(self.claim_file(mark, NOW).await);
        assert!(self.finish(USER, &id, "h", NOW).await);
    }

    async fn take(&self, now: Millis) -> Option<Task> {
        self.store.take_task(TakeTaskParams { kind: THUMBNAIL, now, lease: LEASE }).await.unwrap()
    }

    async fn end_thumbnail(&self, mark: char, thumbnail: Thumbnail) -> bool {
        self.store.end_thumbnail(&sha256(mark), thumbnail).await.unwrap()
    }

    async fn has_thumbnail(&self, mark: char) -> Option<bool> {
        let used = self.store.used_blob(USER, &sha256(mark)).await.unwrap();
        used.map(|used| used.has_thumbnail)
    }
}

fn task(mark: char, attempts: u64) -> Option<Task> {
    Some(Task { subject: sha256(mark), attempts })
}

fn document(n: u8, mark: char) -> Candidate {
    let data = json!({ "mime": "application/pdf", "sha256": sha256(mark), "size": 10 });
    item(n, "CREATE", json!({ "type": "MEDIA", "data": data }))
}

async fn a_photo_leaves_one_task_and_what_is_none_leaves_none(it: Fixture) {
    for mark in ['a', 'b'] {
        it.file(mark).await;
    }
    let items = [media(1, 'a'), media(2, 'a'), document(3, 'b')];
    assert_eq!(statuses(&it.push(&items).await), [Applied; 3]);
    assert_eq!(it.take(NOW - Millis(1)).await, None, "it is not due");
    assert_eq!(it.take(NOW).await, task('a', 1));
    assert_eq!(it.take(NOW).await, None);
    assert!(it.end_thumbnail('a', Thumbnail::Unreadable).await);
    assert_eq!(statuses(&it.push(&[media(4, 'a')]).await), [Applied]);
    assert_eq!(it.take(NOW + LEASE).await, None, "what cannot be read is not tried again");
    // What was refused leaves nothing.
    it.push(&[media(5, 'c')]).await;
    assert_eq!(it.take(NOW + LEASE).await, None);
}

async fn of_many_who_ask_at_once_each_is_given_another(it: Fixture) {
    let marks = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (n, mark) in marks.into_iter().enumerate() {
        it.file(mark).await;
        assert_eq!(statuses(&it.push(&[media(n as u8, mark)]).await), [Applied]);
    }
    let asking: Vec<_> = (0..12)
        .map(|_| {
            let store = it.store.clone();
            let params = TakeTaskParams { kind: THUMBNAIL, now: NOW, lease: LEASE };
            tokio::spawn(async move { store.take_task(params).await.unwrap() })
        })
        .collect();
    let mut taken = Vec::new();
    for asked in asking {
        taken.extend(asked.await.unwrap().map(|task| task.subject));
    }
    // Who passes over what another takes may find nothing, and asks again.
    while let Some(task) = it.take(NOW).await {
        taken.push(task.subject);
    }
    taken.sort();
    assert_eq!(taken, marks.map(sha256));
}

async fn a_task_is_its_takers_for_the_lease_and_comes_again_where_it_is_put_off(it: Fixture) {
    it.file('a').await;
    it.push(&[media(1, 'a')]).await;
    assert_eq!(it.take(NOW).await, task('a', 1));
    assert_eq!(it.take(NOW + LEASE - Millis(1)).await, None);
    assert_eq!(it.take(NOW + LEASE).await, task('a', 2), "whoever had it is dead");
    let due_at = NOW + Millis(5_000);
    let params = PutOffTaskParams { kind: THUMBNAIL, subject: sha256('a'), due_at };
    it.store.put_off_task(params).await.unwrap();
    assert_eq!(it.take(due_at - Millis(1)).await, None);
    assert_eq!(it.take(due_at).await, task('a', 3));
    assert!(it.end_thumbnail('a', Thumbnail::Made).await);
    assert_eq!(it.take(due_at + LEASE).await, None);
}

async fn a_picture_is_known_until_its_file_goes(it: Fixture) {
    it.file('a').await;
    it.push(&[media(1, 'a')]).await;
    assert_eq!(it.has_thumbnail('a').await, Some(false));
    assert!(it.end_thumbnail('a', Thumbnail::Made).await);
    assert_eq!(it.has_thumbnail('a').await, Some(true));
    let gone = json!({ "type": "MEDIA", "entityId": id(1), "baseVersion": 1 });
    assert_eq!(statuses(&it.push(&[item(2, "DELETE", gone)]).await), [Applied]);
    assert_eq!(it.has_thumbnail('a').await, None);
    let ended = EndUploadParams { upload: which(USER, "a"), why: EndUpload::Expired, now: NOW };
    it.store.end_upload(ended).await.unwrap();
    let late = NOW + UNUSED_FOR + UNUSED_FOR;
    assert_eq!(it.doom(late).await, [sha256('a')]);
    assert!(!it.end_thumbnail('a', Thumbnail::Made).await, "of a file that is going it is of no use");
    it.store.forget_blob(&sha256('a')).await.unwrap();
    assert!(!it.end_thumbnail('a', Thumbnail::Made).await);
}
