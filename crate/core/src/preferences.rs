//! What the person has set: read with every look at the queue, so that a change takes effect at the next step, on every
//! page and in the worker.

use fieldsync_protocol::read::{self, Read};
use fieldsync_protocol::write::{self, Write};
use fieldsync_protocol::{ConflictPolicy, Rule, Settings, Sorted, merge_patch};
use serde_json::value::RawValue;

use crate::call::{Answer, CallCode, CallError, Event, Nothing, RuleSet};
use crate::event::{CallId, Effect, StoreError, Token, WriteError};
use crate::ledger::{Batch, Expect, Found, Query};
use crate::login::{self, Login, SignIn, SignedOut};
use crate::outbox::Desk;
use crate::priority::{self, rescore};

/// The person's settings and rules, and whether they have paused sync.
#[derive(Clone, Debug, PartialEq, Read, Write)]
#[serde(rename_all = "camelCase", default)]
pub struct Preferences {
    /// The settings.
    pub settings: Settings,
    /// Nothing is sent until it is resumed.
    pub paused: bool,
    /// The priority rules.
    pub rules: Vec<Rule>,
    /// Who is signed in here; nobody has ever been where the server asks for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<Login>,
    /// How often any of this was changed, ever: who writes what follows from it sees that it is so still.
    pub changes: u64,
}

impl Default for Preferences {
    fn default() -> Preferences {
        Preferences {
            settings: Settings::default(),
            paused: false,
            rules: priority::defaults(),
            login: None,
            changes: 0,
        }
    }
}

/// Some of the settings: the others stay.
#[derive(Clone, Debug, Read)]
#[serde(transparent)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "Partial<Settings>"))]
pub struct SettingsChange(pub Box<RawValue>);

/// What is to become of them.
#[derive(Clone, Debug)]
enum Task {
    Show,
    Change(SettingsChange),
    Pause(bool),
    Rules,
    SetRules(RuleSet),
    Account,
    SignIn(SignIn),
    SignOut,
}

impl Preferences {
    /// Whether a clash waits for a person to settle it.
    pub(crate) fn asks(&self) -> bool {
        self.settings.conflict_policy == ConflictPolicy::Ask
    }
}

#[derive(Debug)]
enum Stage {
    Reading(Task),
    Writing(Box<Preferences>, Answer),
}

/// The calls about preferences that are under way.
#[derive(Debug, Default)]
pub(crate) struct Desired {
    calls: Sorted<Token, (CallId, Stage)>,
}

impl Desired {
    pub(crate) fn show(&mut self, desk: &mut Desk, call: CallId) {
        self.ask(desk, call, Task::Show);
    }

    pub(crate) fn change(&mut self, desk: &mut Desk, call: CallId, change: SettingsChange) {
        self.ask(desk, call, Task::Change(change));
    }

    pub(crate) fn pause(&mut self, desk: &mut Desk, call: CallId, paused: bool) {
        self.ask(desk, call, Task::Pause(paused));
    }

    pub(crate) fn rules(&mut self, desk: &mut Desk, call: CallId) {
        self.ask(desk, call, Task::Rules);
    }

    pub(crate) fn set_rules(&mut self, desk: &mut Desk, call: CallId, rules: RuleSet) {
        match acceptable(&rules.rules) {
            Ok(()) => self.ask(desk, call, Task::SetRules(rules)),
            Err(error) => desk.out.answer(call, Err(error)),
        }
    }

    pub(crate) fn account(&mut self, desk: &mut Desk, call: CallId) {
        self.ask(desk, call, Task::Account);
    }

    pub(crate) fn sign_in(&mut self, desk: &mut Desk, call: CallId, given: SignIn) {
        self.ask(desk, call, Task::SignIn(given));
    }

    pub(crate) fn sign_out(&mut self, desk: &mut Desk, call: CallId) {
        self.ask(desk, call, Task::SignOut);
    }

    /// Forgets the figures of all drains.
    pub(crate) fn erase_metrics(&mut self, desk: &mut Desk, call: CallId) {
        let batch = Batch { erase_metrics: true, ..Batch::default() };
        let token = desk.out.push(Effect::Write(Box::new(batch)));
        let answer = Answer::EraseMetrics(Box::new(Nothing {}));
        self.calls.insert(token, (call, Stage::Writing(Box::new(desk.preferences.clone()), answer)));
    }

    pub(crate) fn awaits(&self, token: Token) -> bool {
        self.calls.contains_key(&token)
    }

    fn ask(&mut self, desk: &mut Desk, call: CallId, task: Task) {
        let token = desk.out.push(Effect::Read(Query::Overview));
        self.calls.insert(token, (call, Stage::Reading(task)));
    }

    pub(crate) fn read(&mut self, desk: &mut Desk, token: Token, outcome: Result<Found, StoreError>) {
        let Some((call, Stage::Reading(task))) = self.calls.remove(&token) else { return };
        let Ok(Found::Overview(mut overview)) = outcome else {
            let words = "This device's storage did not answer. Please try again.";
            return desk.out.answer(call, Err(CallError::new(CallCode::Storage, words)));
        };
        let expect = vec![Expect::Preferences(overview.preferences.changes)];
        let mut batch = Batch { expect, ..Batch::default() };
        let preferences = &mut overview.preferences;
        let answer = match task {
            Task::Account => {
                let account = preferences.account(&desk.device_id);
                return desk.out.answer(call, Ok(Answer::Account(Box::new(account))));
            }
            Task::SignIn(given) => match login::sign_in(&mut overview, &mut batch, given) {
                Ok(()) => Answer::SignIn(Box::new(overview.preferences.account(&desk.device_id))),
                Err(error) => return desk.out.answer(call, Err(error)),
            },
            Task::SignOut => {
                let refresh_token = preferences.refresh_token().map(|token| token.0);
                if let Some(login) = &mut preferences.login {
                    login.tokens = None;
                }
                Answer::SignOut(Box::new(SignedOut { refresh_token }))
            }
            Task::Rules => {
                let rules = RuleSet { rules: overview.preferences.rules };
                return desk.out.answer(call, Ok(Answer::Rules(Box::new(rules))));
            }
            Task::SetRules(set) => {
                preferences.rules = set.rules.clone();
                batch.unscored = Some(Some(rescore::BEGIN));
                Answer::SetRules(Box::new(set))
            }
            Task::Show => {
                return desk.out.answer(call, Ok(Answer::Settings(Box::new(overview.preferences.settings))));
            }
            Task::Change(SettingsChange(change)) => match changed(&preferences.settings, change.get()) {
                Ok(settings) => {
                    preferences.settings = settings.clone();
                    Answer::SetSettings(Box::new(settings))
                }
                Err(error) => return desk.out.answer(call, Err(error)),
            },
            Task::Pause(paused) => {
                preferences.paused = paused;
                Answer::Pause(Box::new(Nothing {}))
            }
        };
        let mut preferences = overview.preferences;
        preferences.changes += 1;
        batch.preferences = Some(preferences.clone());
        let token = desk.out.push(Effect::Write(Box::new(batch)));
        self.calls.insert(token, (call, Stage::Writing(Box::new(preferences), answer)));
    }

    /// Whether something has changed, so that what waits is looked at anew.
    pub(crate) fn written(&mut self, desk: &mut Desk, token: Token, outcome: Result<(), WriteError>) -> bool {
        let Some((call, Stage::Writing(preferences, answer))) = self.calls.remove(&token) else {
            return false;
        };
        let written = outcome.is_ok();
        if written {
            desk.preferences = *preferences;
            desk.out.tell(Event::Changed);
        }
        let refused = |error: WriteError| {
            let words = match error {
                WriteError::Changed => {
                    "It was changed in another window meanwhile. Please try again.".to_owned()
                }
                error => format!("This device could not save it ({error}). Please try again."),
            };
            CallError::new(CallCode::Storage, words)
        };
        desk.out.answer(call, outcome.map(|()| answer).map_err(refused));
        written
    }
}

/// Whether these rules can be kept, or tried.
pub(crate) fn acceptable(rules: &[Rule]) -> Result<(), CallError> {
    let fields = priority::check(rules);
    if fields.is_empty() {
        return Ok(());
    }
    let mut error = CallError::new(CallCode::Invalid, "Some of the rules need a correction.");
    error.fields = fields;
    Err(error)
}

/// The settings with some of them changed, or what is wrong with the change.
fn changed(settings: &Settings, change: &str) -> Result<Settings, CallError> {
    let wrong = |error: read::Error| CallError::new(CallCode::BadRequest, format!("settings: {error}."));
    if !change.starts_with('{') {
        return Err(CallError::new(CallCode::BadRequest, "settings: an object of those that change."));
    }
    let current = write::to_string(settings);
    let settings: Settings = read::from_str(&merge_patch::apply(&current, change)).map_err(wrong)?;
    let fields = settings.validate();
    if fields.is_empty() {
        return Ok(settings);
    }
    let mut error = CallError::new(CallCode::Invalid, "Some of the settings need a correction.");
    error.fields = fields;
    Err(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_leaves_the_others_and_nonsense_changes_nothing() {
        let settings = Settings { receipt_days: 7, ..Settings::default() };
        let after = changed(&settings, r#"{"minimumBatteryLevel":35}"#).unwrap();
        assert_eq!((after.minimum_battery_level, after.receipt_days), (35, 7));
        let error = changed(&settings, r#"{"minimumBatteryLevel":101}"#).unwrap_err();
        assert_eq!((error.code, error.fields[0].field.as_str()), (CallCode::Invalid, "minimumBatteryLevel"));
        for odd in [r#"{"enabled":"yes"}"#, r#"{"maximumConcurrentOperations":-1}"#, "[]", "5"] {
            assert_eq!(changed(&settings, odd).unwrap_err().code, CallCode::BadRequest, "{odd}");
        }
        let back = changed(&after, r#"{"minimumBatteryLevel":null}"#).unwrap();
        assert_eq!(back.minimum_battery_level, 20, "null is back to the default");
    }
}
