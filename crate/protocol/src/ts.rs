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
        declare::<AssessmentKind>(config),
        declare::<Assessment>(config),
        declare::<ResponseStatus>(config),
        declare::<Response>(config),
        declare::<Media>(config),
        declare::<Code>(config),
        declare::<FieldError>(config),
        declare::<PushLimits>(config),
        declare::<Problem>(config),
        declare::<Pong>(config),
        declare::<Role>(config),
        declare::<Credentials>(config),
        declare::<Tokens>(config),
        declare::<RefreshRequest>(config),
        declare::<DeviceRegistration>(config),
        declare::<Device>(config),
        declare::<RegisteredDevice>(config),
        declare::<Devices>(config),
        declare::<PushItem>(config),
        declare::<PushRequest>(config),
        declare::<PushStatus>(config),
        declare::<ItemResult>(config),
        declare::<ServerItem>(config),
        declare::<PushResponse>(config),
        declare::<AuditEvent>(config),
        declare::<Outcome>(config),
        declare::<AuditRow>(config),
        declare::<AuditPage>(config),
        declare::<Change>(config),
        declare::<ChangesResponse>(config),
        declare::<ConflictPolicy>(config),
        declare::<Settings>(config),
        declare::<Op>(config),
        declare::<Condition>(config),
        declare::<Rule>(config),
        declare::<ConnectionType>(config),
        declare::<ConnectionQuality>(config),
        declare::<Connectivity>(config),
        declare::<Trigger>(config),
        declare::<CurrentOperation>(config),
        declare::<Progress>(config),
        declare::<SessionMetrics>(config),
        declare::<AveragePerformance>(config),
        declare::<Advice>(config),
        declare::<MetricsReport>(config),
        declare::<StorageRisk>(config),
        declare::<RotationMark>(config),
        declare::<KeystorePut>(config),
        declare::<RotationTold>(config),
        declare::<CarriedKeystore>(config),
        declare::<Activity>(config),
        declare::<Heartbeat>(config),
        declare::<Wishes>(config),
        declare::<HeartbeatAnswer>(config),
        declare::<FleetDevice>(config),
        declare::<FleetPage>(config),
        declare::<DeviceStatus>(config),
        declare::<HeadMoved>(config),
        declare::<WishMade>(config),
        declare::<RosterChanged>(config),
        declare::<PassphraseLock>(config),
        declare::<Rotation>(config),
        declare::<Keystore>(config),
        declare::<SealedWork>(config),
    ]
}

/// One exported declaration with its doc comment.
pub fn declare<T: TS + 'static>(config: &Config) -> String {
    let docs = T::docs().unwrap_or_default();
    format!("{docs}export {}", T::decl(config))
}
