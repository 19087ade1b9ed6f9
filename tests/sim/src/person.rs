//! What people enter and correct, choose and set.

use fieldsync_core::protocol::{Action, EntityId, ItemId, ItemType, Rule, merge_patch};
use fieldsync_core::{
    ById, Cause, Choice, Command, Found, Item, ItemState, ListQuery, Millis, Nothing, Power, Query, Record,
    Resolve, RuleSet as Kept, SettingsChange, Shelf,
};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::device::WORKER;
use crate::plan::{Entry, RuleSet, Setting, Touch};
use crate::seat::Doing;
use crate::world::{BEGAN, Event, World};

/// What a person looks at now and then, beside the status, the list and the figures.
const LOOKS: [(&str, &str); 9] = [
    ("testConnection", "{}"),
    ("eraseMetrics", "{}"),
    ("records", r#"{"type": "READING"}"#),
    ("latest", r#"{"property": "P-1", "unit": "U1"}"#),
    ("settings", "{}"),
    ("rules", "{}"),
    ("tryRules", r#"{"rules": []}"#),
    ("http", r#"{"method": "GET", "path": "/api/v1/sync/background/status"}"#),
    ("scheduler", r#"{"wish": "check"}"#),
];

impl World {
    /// A person looks around.
    pub fn look(&mut self, device: usize, tab: usize, pick: u32) {
        let who = self.page(device, tab);
        self.call(who, Command::Status(Nothing {}), Doing::Other);
        let (name, args) = LOOKS.get(pick as usize % 20).copied().unwrap_or(("metrics", "{}"));
        match Command::parse(name, args) {
            Ok(check @ Command::Scheduler(_)) => self.check_now(who, check),
            Ok(command) => self.call(who, command, Doing::Other),
            Err(error) => unreachable!("a call that is none: {error}"),
        }
        let shelf = if pick.is_multiple_of(2) { Shelf::Queue } else { Shelf::Done };
        self.call(who, Command::List(ListQuery { shelf, ..ListQuery::default() }), Doing::Other);
        if let Some(mine) = self.mine(device, pick) {
            self.call(who, Command::Get(ById { id: mine.id }), Doing::Other);
        }
    }

    /// The draft of something new.
    pub fn entered(&mut self, device: usize, entry: Entry, priority: u8, on: Option<u32>) -> String {
        let mut on = on.and_then(|pick| self.mine(device, pick)).map(|mine| mine.id);
        let well = self.rng.below(50);
        let assessed = |health: bool, population: u32| {
            let kind = if health { "HEALTH" } else { "WASH" };
            format!(r#"{{"kind":"{kind}","site":"Well {well}","population":{population}}}"#)
        };
        let (r#type, data) = match entry {
            Entry::Reading { unit, value } => ("READING", reading(unit, value)),
            Entry::Assessment { health, population } => ("ASSESSMENT", assessed(health, population)),
            Entry::Response { pick } => {
                match self.mine(device, pick).filter(|mine| mine.r#type == ItemType::Assessment) {
                    Some(to) => {
                        on = Some(to.id);
                        let id = to.entity;
                        let plan = r#""kind":"WASH","plan":"Dig","status":"PLANNED""#;
                        ("RESPONSE", format!(r#"{{"assessmentId":"{id}",{plan}}}"#))
                    }
                    None => ("ASSESSMENT", assessed(false, 40)),
                }
            }
            Entry::Refused => {
                let hash = "0f".repeat(32);
                ("MEDIA", format!(r#"{{"mime":"image/jpeg","sha256":"{hash}","size":5}}"#))
            }
        };
        let priority = ["HIGH", "NORMAL", "LOW"][usize::from(priority % 3)];
        let on = on.map(|id| format!(r#","dependsOn":"{id}""#)).unwrap_or_default();
        format!(r#"{{"type":"{type}","priority":"{priority}","data":{data}{on}}}"#)
    }

    /// A person attaches a file, which its device keeps from then on.
    pub fn attach(&mut self, device: usize, tab: usize, (number, size): (u64, u64), on: Option<u32>) {
        let mut name = [0; 10];
        name[..8].copy_from_slice(&number.to_le_bytes());
        name[8] = u8::try_from(device).unwrap_or(9);
        let entity = ItemId::new(Millis(BEGAN + self.now), name);
        self.devices[device].files.insert(entity);
        let on = on.and_then(|pick| self.mine(device, pick)).map(|mine| mine.id);
        let on = on.map(|id| format!(r#","dependsOn":"{id}""#)).unwrap_or_default();
        let data = format!(r#"{{"mime":"video/mp4","sha256":"{:056x}{device:08x}","size":{size}}}"#, number);
        let text = format!(r#"{{"type":"MEDIA","entityId":"{entity}","data":{data}{on}}}"#);
        self.enter(device, tab, &text, None);
    }

    /// A record in this state, as a person finds it in the queue.
    pub fn queued(&self, device: usize, pick: u32, state: ItemState) -> Option<Record> {
        let mut records = self.devices[device].disk.everything().0;
        records.retain(|record| record.state == state);
        (!records.is_empty()).then(|| records.swap_remove(pick as usize % records.len()))
    }

    /// A person corrects what they see in the queue.
    pub fn replace(&mut self, device: usize, tab: usize, pick: u32) {
        let Some(mine) = self.mine(device, pick) else { return };
        let Some(old) = self.devices[device].disk.record(mine.id) else { return };
        let (kind, id, entity) = (kind(old.r#type), old.id, old.entity_id);
        let text = match (old.action, &old.whole) {
            (Action::Create, _) => {
                let data = corrected(old.r#type, &old.body, pick);
                format!(r#"{{"type":"{kind}","data":{data},"replaces":"{id}"}}"#)
            }
            (Action::Update, Some(whole)) => {
                let data = corrected(old.r#type, whole, pick);
                let action = format!(r#""action":"UPDATE","entityId":"{entity}""#);
                format!(r#"{{"type":"{kind}",{action},"data":{data},"replaces":"{id}"}}"#)
            }
            (Action::Update, None) | (Action::Delete, _) => return,
        };
        self.enter(device, tab, &text, Some(mine));
    }

    /// A person takes back that they dropped this one, as the page offers for what was new.
    pub fn undo(&mut self, device: usize, tab: usize, gone: &Item) {
        if gone.action == Action::Create {
            let (kind, data) = (kind(gone.r#type), gone.data.get());
            self.enter(device, tab, &format!(r#"{{"type":"{kind}","data":{data}}}"#), None);
        }
    }

    /// A person changes a record with all of it before them, as this device shows it.
    pub fn edit(&mut self, device: usize, tab: usize, pick: u32, unit: Option<u32>) {
        let Some(mine) = self.mine(device, pick) else { return };
        let (kind, id) = (kind(mine.r#type), mine.entity);
        let Some(shown) = self.shown(device, id) else { return };
        let mut data = corrected(mine.r#type, &shown, pick);
        if let Some(unit) = unit.filter(|_| mine.r#type == ItemType::Reading) {
            data = merge_patch::apply(&data, &format!(r#"{{"unit":"U{unit}"}}"#));
        }
        let text = format!(r#"{{"type":"{kind}","action":"UPDATE","entityId":"{id}","data":{data}}}"#);
        self.enter(device, tab, &text, None);
    }

    /// A record as this device shows it.
    fn shown(&self, device: usize, entity: EntityId) -> Option<String> {
        let query = Query::Lane { entity, depends_on: None };
        let Ok(Found::Lane(lane)) = self.devices[device].disk.store().read(&query) else { return None };
        match lane.queued.last() {
            Some(last) if last.action == Action::Create => Some(last.body.clone()),
            Some(last) => last.whole.clone(),
            None => lane.known.map(|known| known.data),
        }
    }

    /// A person changes a record that they see elsewhere: on another device of theirs, or on the web.
    pub fn share(&mut self, device: usize, tab: usize, pick: u32, stale: bool, touch: Touch) {
        let user = self.devices[device].make.user;
        let Some(entity) = self.oracle.contents().pick(user, pick) else { return };
        let (id, kind, last) = (entity.id, kind(entity.r#type), entity.versions.len());
        let version = if stale { last.saturating_sub(1).max(1) } else { last };
        let Some(Some(seen)) = entity.versions.get(version - 1) else { return };
        let seen = seen.to_string();
        let (action, part) = match touch {
            Touch::Patch => ("UPDATE", format!(r#","patch":{{"note":"shared {pick}"}}"#)),
            Touch::Whole => ("UPDATE", format!(r#","data":{}"#, corrected(entity.r#type, &seen, pick))),
            Touch::Delete => ("DELETE", String::new()),
        };
        let about = format!(r#""entityId":"{id}","baseVersion":{version}"#);
        self.enter(device, tab, &format!(r#"{{"type":"{kind}","action":"{action}",{about}{part}}}"#), None);
    }

    /// A person chooses between the sides of a conflict.
    pub fn choose(&mut self, device: usize, tab: usize, pick: u32, choice: Choice) {
        let clash = self.queued(device, pick, ItemState::Conflict);
        let record = clash.or_else(|| self.devices[device].disk.record(self.mine(device, pick)?.id));
        if let Some(record) = record {
            self.choose_one(device, tab, record, pick, choice);
        }
    }

    /// This one.
    pub fn choose_one(&mut self, device: usize, tab: usize, record: Record, pick: u32, choice: Choice) {
        let theirs = record.server_item.as_ref().and_then(|item| item.get("data")).map(Value::to_string);
        let either = theirs.filter(|data| data.starts_with('{')).or(record.whole).unwrap_or(record.body);
        let merged = either.starts_with('{').then(|| corrected(record.r#type, &either, pick));
        let data = merged.and_then(|data| RawValue::from_string(data).ok());
        let data = data.filter(|_| choice == Choice::Merged);
        let who = self.page(device, tab);
        self.oracle.leaving(device, record.id);
        let resolve = Resolve { id: record.id, choice, data };
        self.call(who, Command::Resolve(resolve), Doing::Resolve(record.id));
    }

    /// A person changes a setting.
    pub fn set(&mut self, device: usize, tab: usize, setting: Setting) {
        let change = match setting {
            Setting::Enabled(on) => json!({"enabled": on}),
            Setting::OnlyCharging(on) => json!({"syncOnlyWhenCharging": on}),
            Setting::Battery(level) => json!({"minimumBatteryLevel": level}),
            Setting::AtOnce(most) => json!({"maximumConcurrentOperations": most}),
            Setting::Interval(minutes) => json!({"syncIntervalMinutes": minutes}),
            Setting::Attempts(most) => json!({"maxRetryAttempts": most}),
            Setting::Threshold(lowest) => json!({"priorityThreshold": lowest}),
            Setting::Policy(policy) => json!({"conflictPolicy": policy}),
            Setting::Metrics(on) => json!({"metrics": on}),
            Setting::MetricsDays(days) => json!({"metricsDays": days}),
            Setting::ReceiptDays(days) => json!({"receiptDays": days}),
        };
        self.change_settings(device, tab, &change);
    }

    /// Some settings at once.
    pub fn change_settings(&mut self, device: usize, tab: usize, change: &Value) {
        let Ok(change) = RawValue::from_string(change.to_string()) else { return };
        let who = self.page(device, tab);
        self.call(who, Command::SetSettings(SettingsChange(change)), Doing::Other);
    }

    /// A person keeps other priority rules.
    pub fn keep_rules(&mut self, device: usize, tab: usize, rules: RuleSet) {
        let rule = |id: &str, points: i32, condition: Value| json!([{"id": id, "name": id, "on": true, "points": points, "conditions": [condition]}]);
        let rules = match rules {
            RuleSet::None => json!([]),
            RuleSet::Readings => {
                rule("readings", 60, json!({"field": "type", "op": "eq", "value": "READING"}))
            }
            RuleSet::LargeValues => {
                rule("large-values", 30, json!({"field": "/value", "op": "gte", "value": 500}))
            }
            RuleSet::ChangesLater => {
                rule("changes-later", -60, json!({"field": "action", "op": "eq", "value": "UPDATE"}))
            }
        };
        let Ok(rules) = serde_json::from_value::<Vec<Rule>>(rules) else { return };
        let who = self.page(device, tab);
        self.call(who, Command::SetRules(Kept { rules }), Doing::Other);
    }

    /// A new version of the app waits: the worker is asked to give way, and goes.
    pub fn update(&mut self, device: usize, after: u64) {
        let who = self.who(device, WORKER);
        if self.lives(who) {
            self.call(who, Command::GiveWay(Nothing {}), Doing::Other);
            self.at(self.now + after, Event::Retire(who));
        }
    }

    /// The battery is so now. Pages hear of the charger alone.
    pub fn plugged(&mut self, device: usize, level: u8, charging: bool) {
        let owner = &mut self.devices[device];
        let power = Power { battery_level: Some(level), is_charging: Some(charging) };
        let was = std::mem::replace(&mut owner.power, power);
        if was.is_charging != power.is_charging && owner.facts(1, self.now).power == power {
            self.wake_pages(device, Cause::Power);
        }
    }

    /// Every open page has an occasion to wake.
    pub fn wake_pages(&mut self, device: usize, cause: Cause) {
        for seat in 1..self.devices[device].seats.len() {
            let who = self.who(device, seat);
            if self.lives(who) {
                self.after(0, 100, Event::Wake(who, cause));
            }
        }
    }
}

/// A record with one field changed.
fn corrected(r#type: ItemType, data: &str, pick: u32) -> String {
    let change = match r#type {
        ItemType::Reading if pick.is_multiple_of(4) => r#"{"note":null}"#.to_owned(),
        ItemType::Reading => format!(r#"{{"value":{pick}}}"#),
        ItemType::Assessment => format!(r#"{{"population":{}}}"#, 2 * pick),
        ItemType::Response => format!(r#"{{"plan":"Dig {pick} m"}}"#),
        ItemType::Media => format!(r#"{{"note":"{pick}"}}"#),
    };
    merge_patch::apply(data, &change)
}

/// A type as it stands in a draft.
pub fn kind(r#type: ItemType) -> &'static str {
    match r#type {
        ItemType::Reading => "READING",
        ItemType::Assessment => "ASSESSMENT",
        ItemType::Response => "RESPONSE",
        ItemType::Media => "MEDIA",
    }
}

fn reading(unit: u32, value: u32) -> String {
    format!(
        r#"{{"property":"P-1","unit":"U{unit}","period":"2026-11","value":{value},"readAt":1795000000000}}"#
    )
}
