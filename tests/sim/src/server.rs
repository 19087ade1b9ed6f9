//! The server: its real judgement over its store in memory, durable at commit, and the troubles around it.

use std::collections::BTreeMap;

use fieldsync_core::protocol::{Change, Millis, PushRequest, PushResponse};
use fieldsync_core::{Transfer, UploadStep, Uploaded};
use fieldsync_server::examine::{Intent, examine};
use fieldsync_server::store::{
    ChangesParams, ChangesResult, ExportResult, LEAST_KEEP_DAYS, Memory, MemoryStore, PruneParams, PushParams,
};

use crate::keys::Carried;
use crate::mutants::Mutant;
use crate::plan::At;
use crate::uploads::Uploads;
use crate::world::BEGAN;

/// The server.
#[derive(Debug)]
pub struct Server {
    held: MemoryStore,
    /// The files that are on their way to it.
    pub uploads: Uploads,
    /// It answers every push with this until then.
    pub trouble: Vec<(At, Trouble)>,
    /// It dies at the next push: after the commit or before it, and for how long.
    pub crash: Option<(bool, u64)>,
    /// It is down until then.
    pub down: At,
    /// How often it was restored: a cursor of before is not honoured.
    pub restored: u32,
    /// What it carries of people's keys.
    pub keystores: BTreeMap<usize, Carried>,
}

/// An answer that is no judgement.
#[derive(Clone, Copy, Debug)]
pub struct Trouble {
    /// The HTTP status.
    pub status: u16,
    /// In a problem document.
    pub own_words: bool,
    /// `Retry-After`, in milliseconds.
    pub retry_after: Option<u64>,
}

impl Default for Server {
    fn default() -> Server {
        Server {
            held: MemoryStore::new(Memory::new("sim")),
            uploads: Uploads::default(),
            trouble: Vec::new(),
            crash: None,
            down: 0,
            restored: 0,
            keystores: BTreeMap::new(),
        }
    }
}

impl Server {
    /// Judges and keeps a push; with it the number of the user's last change.
    pub fn push(
        &mut self,
        user: usize,
        now: At,
        request: &PushRequest,
        mutant: Option<Mutant>,
    ) -> (PushResponse, u64) {
        if mutant == Some(Mutant::ServerForgets) {
            self.forget();
        }
        let user_id = format!("user-{user}");
        let mut candidates: Vec<_> = request.items.iter().map(examine).collect();
        if mutant == Some(Mutant::BaseIgnored) {
            for candidate in &mut candidates {
                let held = self
                    .held
                    .with(|held| held.entity(&user_id, candidate.entity).map(|entity| entity.version));
                if let (Ok(Intent::Update { base, .. }), Some(held)) = (&mut candidate.intent, held) {
                    *base = held;
                }
            }
        }
        let device_id = request.device_id.clone();
        let params = PushParams { user_id, device_id, now: Millis(BEGAN + now), candidates };
        let mut result = self.held.with(|held| held.push(&params));
        if mutant == Some(Mutant::ReplayTellsNothing) {
            result.results.iter_mut().for_each(|result| result.latest = false);
        }
        (PushResponse { results: result.results, cursor: result.cursor.to_string() }, result.head)
    }

    /// What has changed for a user since a cursor, the next cursor, and whether there is more; none where that cursor is
    /// not honoured.
    pub fn changes(&self, user: usize, cursor: Option<&str>) -> Option<(Vec<Change>, String, bool)> {
        let mark = format!("{}.", self.restored);
        let cursor = match cursor {
            Some(text) => Some(text.strip_prefix(&mark)?.to_owned()),
            None => None,
        };
        let params = ChangesParams { user_id: format!("user-{user}"), cursor, limit: 3 };
        match self.held.with(|held| held.changes(&params)) {
            ChangesResult::Page { changes, cursor, has_more } => {
                Some((changes, format!("{mark}{cursor}"), has_more))
            }
            ChangesResult::Expired => None,
        }
    }

    /// Everything that it holds.
    pub fn export(&self) -> ExportResult {
        self.held.with(|held| held.export())
    }

    /// Loses every receipt, as no server does.
    pub fn forget(&mut self) {
        let far = Millis(BEGAN * 3);
        self.held.with(|held| held.prune(&PruneParams { now: far, keep_days: LEAST_KEEP_DAYS }));
    }

    /// A step of an upload; with it what is wrong with the file that has come whole by it.
    pub fn upload(&mut self, user: usize, now: At, step: &UploadStep) -> (Uploaded, Option<String>) {
        self.uploads.step(&self.held, user, now, step)
    }

    /// Uploads are revoked; `files`: what nobody uses is removed too.
    pub fn forget_uploads(&mut self, now: At, files: bool) {
        self.uploads.forget(&self.held, now, files);
    }

    /// The trouble that it is in.
    pub fn trouble(&self, now: At) -> Option<Trouble> {
        self.trouble.iter().find(|(until, _)| *until > now).map(|(_, trouble)| *trouble)
    }
}

impl Trouble {
    /// The whole answer.
    pub fn answer(self) -> Transfer {
        let retry_after = self.retry_after.map(Millis);
        Transfer::Answered { status: self.status, retry_after, body: self.body() }
    }

    /// The body of the answer.
    pub fn body(self) -> String {
        if !self.own_words {
            return "<html><h1>Something is wrong</h1></html>".to_owned();
        }
        let code = match self.status {
            400 => "bad_request",
            401 => "unauthorized",
            403 => "forbidden",
            413 => "too_large",
            429 => "too_many_requests",
            503 => "unavailable",
            _ => "internal",
        };
        let status = self.status;
        format!(r#"{{"type":"about:blank","title":"No","status":{status},"detail":"No.","code":"{code}"}}"#)
    }
}
