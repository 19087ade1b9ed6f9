//! Effects on their way to the host, and what the rooms of the engine share while one input is handled.

use std::collections::VecDeque;

use crate::call::{Answer, CallError, Event, Settled};
use crate::event::{CallId, Effect, Token};
use crate::gate::Facts;
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
    pub(crate) now: Millis,
    pub(crate) out: Outbox,
    pub(crate) jitter: Jitter,
    pub(crate) timers: Timers,
    pub(crate) facts: Facts,
    /// The name under which this device pushes.
    pub(crate) device_id: String,
    /// The drain that ended while this input was handled.
    pub(crate) settled: Option<Settled>,
}
