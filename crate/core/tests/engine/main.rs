//! The engine as a whole, driven by a scripted host and a fake clock.

mod carry;
mod checkup;
mod conflict;
mod conformance;
mod drain;
mod faults;
mod flights;
mod growth;
mod lanes;
mod local_api;
mod login;
mod metrics;
mod page;
mod preferences;
mod refresh;
mod rules;
#[expect(clippy::unwrap_used, reason = "a helper of tests")]
mod scripted;
mod uploads;
mod uploads_order;
mod vault;
mod wishes;
