//! The server's log, on the standard error: for people, or as one JSON object a line. No secret goes there: tokens,
//! passwords and URLs with a password are of types whose `Debug` shows nothing of them, and neither queries nor bodies
//! of requests are logged.

use std::io::{self, IsTerminal};

use tracing_subscriber::Layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Config, LogFormat};

/// Begins to log, for the rest of the process.
pub fn begin(config: &Config) {
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let lines = match config.log_format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    tracing_subscriber::registry().with(lines.with_filter(config.log.clone())).init();
}
