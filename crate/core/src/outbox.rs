//! Effects on their way to the host, and what the rooms of the engine share while one input is handled.

use std::collections::VecDeque;

use fieldsync_protocol::ItemId;

use crate::call::{Answer, CallError, Event, Settled};
use crate::event::{CallId, Effect, Token};
use crate::gate::{Facts, Power};
use crate::preferences::Preferences;
use crate::progress::Session;
use crate::time::{Jitter, Millis, Timers};

/// Effects in order, each with a token of its own.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    effects: VecDeque<(Token, Effect)>,
    last: u64,
}

impl Outbox {
    pub(crate) fn push(&mut self, effect: Effect) -> Token {
        self.last += 1;
        let token = Token(self.last);
        self.effects.push_back((token, effect));
        token
    }

    pub(crate) fn pop(&mut self) -> Option<(Token, Effect)> {
        self.effects.pop_front()
    }

    pub(crate) fn answer(&mut self, call: CallId, result: Result<Answer, CallError>) {
        self.push(Effect::Answer(call, Box::new(result)));
    }

    pub(crate) fn tell(&mut self, event: Event) {
        self.push(Effect::Tell(Box::new(event)));
    }
}

/// The engine's shared part, lent to the room that handles the input.
#[derive(Debug)]
pub(crate) struct Desk {
    /// The wall clock, for what is stored and shown. It jumps when somebody sets it.
    pub(crate) now: Millis,
    /// The time that has passed since the engine was made, for what is waited for. It never goes back.
    pub(crate) uptime: Millis,
    pub(crate) out: Outbox,
    pub(crate) jitter: Jitter,
    pub(crate) timers: Timers,
    pub(crate) facts: Facts,
    /// As they were seen last.
    pub(crate) preferences: Preferences,
    /// What a page told of the battery, and when, in uptime.
    pub(crate) told_power: Option<(Power, Millis)>,
    /// The name under which this device pushes.
    pub(crate) device_id: String,
    /// Clashes that are being settled by the policy: what comes of them is to be sent too.
    pub(crate) settling: usize,
    /// What came into conflict and is still to be settled.
    pub(crate) clashes: Vec<ItemId>,
    /// The drain that ended while this input was handled.
    pub(crate) settled: Option<Settled>,
    /// The server has said that this device is revoked: as it was stored last, or since.
    pub(crate) revoked: bool,
}

/// What a page told of the battery counts for so long.
const POWER_KEEPS: Millis = Millis::minutes(10);

impl Desk {
    /// The host has looked at the world. Of the battery it may know nothing itself.
    pub(crate) fn looked(&mut self, facts: Facts) {
        self.facts = facts;
        if let Some((power, at)) = self.told_power
            && self.facts.power == Power::default()
            && self.uptime - at <= POWER_KEEPS
        {
            self.facts.power = power;
        }
    }

    /// The last session was read.
    pub(crate) fn remember(&mut self, session: Option<&Session>) {
        self.revoked = session.is_some_and(|session| session.revoked);
    }

    /// The server has said so. Once for all pages and workers, so that a person who opens the vault again can save what is
    /// here.
    pub(crate) fn revoke(&mut self) {
        if !std::mem::replace(&mut self.revoked, true) {
            self.out.push(Effect::DropKeys);
        }
    }

    /// The wall clock says this now.
    pub(crate) fn pass(&mut self, now: Millis) {
        // The first look at the clock passes no time; one that shows an earlier time than the last passes none either.
        if self.now != Millis::ZERO {
            self.uptime = self.uptime + (now - self.now);
        }
        self.now = now;
    }

    /// The uptime at this time of the wall clock, if nobody sets it.
    pub(crate) fn up(&self, wall: Millis) -> Millis {
        self.uptime + (wall - self.now)
    }

    /// The time of the wall clock at this uptime, if nobody sets it.
    pub(crate) fn wall(&self, up: Millis) -> Millis {
        self.now + (up - self.uptime)
    }
}
