//! The real server, as a process of its own, over real HTTP, on a SQLite file.
#![expect(clippy::unwrap_used, reason = "all of this is tests, its helpers too")]

mod a_keystore;
mod accounts;
mod audit;
mod bandwidth;
mod changes;
#[cfg(unix)]
mod cluster;
mod command_line;
mod concurrent;
mod crash;
#[cfg(unix)]
mod daily;
mod downloads;
mod events;
mod files;
mod fleet;
mod forms;
mod golden;
mod keystore;
mod observed;
mod operation;
#[cfg(unix)]
mod postgres;
mod push;
mod rates;
mod refusals;
mod schedules;
mod schemathesis;
mod store;
#[cfg(target_os = "linux")]
mod strain;
mod support;
mod thumbnails;
mod tls;
mod uploads;
mod uploads_broken_off;
