//! Checked when a push takes off: what the person has set, as it was committed, and what the engine was told of battery
//! and link when it decided. Reckoned here anew, and never by asking the engine's gate.

use std::collections::BTreeSet;

use fieldsync_core::protocol::{Action, ItemType, Priority, Rule};
use fieldsync_core::{Facts, Power, Record, Token};
use serde_json::Value;

use super::{Checked, Invariant, Model, Oracle, must};
use crate::plan::{At, RuleSet};
use crate::world::Who;

/// What a page has told of the battery binds a worker for so long: a little less than the worker itself believes it.
const TOLD: At = 9 * 60_000;

/// What one page or worker was told in this life.
#[derive(Clone, Debug, Default)]
pub struct Life {
    facts: Facts,
    /// What a page told it of the battery, and when.
    power: Option<(Power, At)>,
    /// Calls of a person who wants it sent now, not answered yet.
    asked: u32,
    /// A person wanted the drain that runs.
    manual: bool,
    /// Its pushes that have not come back.
    aloft: BTreeSet<Token>,
}

impl Oracle {
    /// A page is opened, the worker begins.
    pub fn begins(&mut self, who: Who) {
        *self.life(who) = Life::default();
    }

    /// It was told of the world.
    pub fn told_facts(&mut self, who: Who, facts: &Facts) {
        let life = self.life(who);
        if life.facts != *facts {
            life.facts = facts.clone();
        }
    }

    /// A page told it of the battery.
    pub fn told_power(&mut self, who: Who, power: Power, at: At) {
        self.life(who).power = Some((power, at));
    }

    /// A person wants it sent now.
    pub fn asked(&mut self, who: Who) {
        let life = self.life(who);
        life.asked += 1;
        life.manual = true;
    }

    /// They were answered. The drain that they wanted may go on, and stays theirs.
    pub fn answered(&mut self, who: Who, drains: bool) {
        let life = self.life(who);
        life.asked = life.asked.saturating_sub(1);
        life.manual &= drains || life.asked > 0;
    }

    /// Its drain is over.
    pub fn unlocks(&mut self, who: Who) {
        let life = self.life(who);
        life.manual = life.asked > 0;
        life.aloft.clear();
    }

    /// A push of it takes off.
    pub fn took_off(&mut self, who: Who, token: Token) {
        self.life(who).aloft.insert(token);
    }

    /// It has come back, in whatever state.
    pub fn came_back(&mut self, who: Who, token: Token) {
        self.life(who).aloft.remove(&token);
    }

    /// It has decided that a push takes off, knowing what it knows now.
    pub fn decides(&mut self, who: Who) {
        let model = &mut self.devices[who.device];
        model.decided[who.seat] = model.lives[who.seat].clone();
    }

    fn life(&mut self, who: Who) -> &mut Life {
        &mut self.devices[who.device].lives[who.seat]
    }
}

impl Model {
    /// A push takes off with these.
    pub(super) fn gate(&self, who: Who, now: At, sent: &[Record]) -> Checked {
        let device = who.device;
        let gate = |holds: bool, words: &str| {
            must(holds, Invariant::Gate, || format!("device {device}: a push takes off {words}"))
        };
        gate(!self.preferences.paused, "while sync is paused")?;
        let out = self.preferences.login.as_ref().is_some_and(|login| login.tokens.is_none());
        gate(!out, "while nobody is signed in")?;
        let life = &self.decided[who.seat];
        let most = usize::from(self.preferences.settings.maximum_concurrent_operations);
        gate(life.aloft.len() < most, "beside as many as are wanted at once")?;
        let rules = rules_of(&self.preferences.rules);
        for record in sent {
            let class = class(rules, record);
            must(record.urgency == class, Invariant::Gate, || {
                let id = record.id;
                format!("device {device}: {id} goes as {:?}, and is {class:?} by the rules", record.urgency)
            })?;
        }
        if life.manual {
            return Ok(()); // a person overrides what the device puts off
        }
        let settings = &self.preferences.settings;
        gate(settings.enabled, "by itself, and nothing is to be sent by itself")?;
        gate(life.facts.online != Some(false), "while the browser sees no network")?;
        // What a page told long ago, or before the clock was set, may be forgotten by now.
        let told = life.power.filter(|(_, at)| now < at + TOLD && self.clock_sets == 0);
        let known = life.facts.power != Power::default();
        let power = if known { life.facts.power } else { told.map(|(power, _)| power).unwrap_or_default() };
        let charging = power.is_charging;
        gate(!settings.sync_only_when_charging || charging != Some(false), "without the charger")?;
        let low = power.battery_level.is_some_and(|level| level < settings.minimum_battery_level);
        gate(!low || charging == Some(true), "on a low battery")?;
        let poor = life.facts.slow == Some(true) || life.facts.save_data == Some(true);
        // How good the link was measured to be is the engine's own affair: it can only hold more.
        let wanted = settings.priority_threshold;
        let lowest = if poor { wanted.min(Priority::Normal) } else { wanted };
        let below = sent.iter().find(|record| class(rules, record) > lowest);
        gate(below.is_none(), &format!("with one below {lowest:?}: {below:?}"))
    }
}

/// What the rules come to, by the only sets that anyone here keeps; none where they are the device's own.
fn rules_of(rules: &[Rule]) -> Option<RuleSet> {
    match rules.first().map(|rule| rule.id.as_str()) {
        None => Some(RuleSet::None),
        Some("readings") => Some(RuleSet::Readings),
        Some("large-values") => Some(RuleSet::LargeValues),
        Some("changes-later") => Some(RuleSet::ChangesLater),
        Some(_) => None,
    }
}

/// How urgent it is by these rules.
fn class(rules: Option<RuleSet>, record: &Record) -> Priority {
    let base = match record.priority {
        Priority::High => 100,
        Priority::Normal => 50,
        Priority::Low => 0,
    };
    let number = |field: &str| {
        let text = record.whole.as_ref().unwrap_or(&record.body);
        let data: Value = serde_json::from_str(text).unwrap_or_default();
        data.get(field).and_then(Value::as_f64).unwrap_or(0.0)
    };
    let assessment = record.r#type == ItemType::Assessment;
    let points = match rules {
        Some(RuleSet::Readings) if record.r#type == ItemType::Reading => 60,
        Some(RuleSet::LargeValues) if number("value") >= 500.0 => 30,
        Some(RuleSet::ChangesLater) if record.action == Action::Update => -60,
        None if assessment => {
            let text = record.whole.as_ref().unwrap_or(&record.body);
            let health = if text.contains(r#""kind":"HEALTH""#) { 25 } else { 0 };
            health + if number("population") >= 1_000.0 { 20 } else { 0 }
        }
        _ => 0,
    };
    let heavy = if record.r#type == ItemType::Media { 80 } else { 0 }; // never more than LOW by itself
    match base + points - heavy {
        75.. => Priority::High,
        25.. => Priority::Normal,
        _ => Priority::Low,
    }
}
