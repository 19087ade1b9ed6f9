//! The TypeScript declarations of the wire types, so that they are never written twice.

use ts_rs::{Config, TS};

use crate::*;

/// `export type …` for every type of this crate, in reading order.
pub fn declarations(config: &Config) -> Vec<String> {
    vec![
        declare::<Millis>(config),
        declare::<ItemId>(config),
        declare::<ItemType>(config),
        declare::<Action>(config),
        declare::<Priority>(config),
        declare::<Period>(config),
        declare::<NaturalKey>(config),
        declare::<Reading>(config),
        declare::<Code>(config),
        declare::<FieldError>(config),
        declare::<PushLimits>(config),
        declare::<Problem>(config),
        declare::<Pong>(config),
        declare::<PushItem>(config),
        declare::<PushRequest>(config),
        declare::<PushStatus>(config),
        declare::<ItemResult>(config),
        declare::<PushResponse>(config),
    ]
}

/// One exported declaration with its doc comment.
pub fn declare<T: TS + 'static>(config: &Config) -> String {
    let docs = T::docs().unwrap_or_default();
    format!("{docs}export {}", T::decl(config))
}
