//! What is stored, sent and told is read under the names under which it is written.
#![expect(clippy::unwrap_used, reason = "all of this is tests, its helpers too")]

use std::any::type_name;

use fieldsync_core::protocol::read::{self, Read, Shape};
use fieldsync_core::protocol::{
    Action, Advice, Assessment, AssessmentKind, AveragePerformance, Change, ChangesResponse, Code, Condition,
    ConflictPolicy, ConnectionQuality, ConnectionType, Connectivity, CurrentOperation, FieldError,
    ItemResult, ItemType, Media, MetricsReport, Op, Pong, Priority, Problem, Progress, PushLimits,
    PushStatus, Reading, Response, ResponseStatus, Rule, ServerItem, SessionMetrics, Settings, Tokens,
    Trigger,
};
use fieldsync_core::{
    CallCode, CallError, Cause, Flight, Hold, ItemState, Known, Power, Preferences, Receipt, Record, RuleSet,
    Session, Settled, Shelf, Totals, Trouble, TroubleKind, Wake, Why,
};
use serde::Serialize;
use serde_json::Value;

fn agree<T: Read + Serialize>() {
    let blank = T::blank();
    match blank.shape() {
        Shape::Name(names) => {
            for name in *names {
                let text = serde_json::to_string(name).unwrap();
                let read: T = read::from_str(&text).unwrap();
                assert_eq!(serde_json::to_string(&read).unwrap(), text);
            }
        }
        Shape::Object { fields, .. } => {
            let title = type_name::<T>();
            let Value::Object(written) = serde_json::to_value(&blank).unwrap() else { panic!("{title}") };
            for name in written.keys() {
                assert!(fields.contains(&name.as_str()), "{title} is written with {name}");
            }
        }
        shape => panic!("{shape:?}"),
    }
}

macro_rules! agree {
    ($($of:ty),* $(,)?) => { $( agree::<$of>(); )* };
}

#[test]
fn names_are_read_as_they_are_written() {
    agree!(
        Action,
        AssessmentKind,
        CallCode,
        Cause,
        Code,
        ConflictPolicy,
        ConnectionQuality,
        ConnectionType,
        ItemState,
        ItemType,
        Op,
        Priority,
        PushStatus,
        ResponseStatus,
        Shelf,
        Trigger,
        TroubleKind,
        Why,
    );
}

#[test]
fn fields_are_read_as_they_are_written() {
    agree!(
        Advice,
        Assessment,
        AveragePerformance,
        CallError,
        Change,
        ChangesResponse,
        Condition,
        Connectivity,
        CurrentOperation,
        FieldError,
        Flight,
        Hold,
        ItemResult,
        Known,
        Media,
        MetricsReport,
        Pong,
        Power,
        Preferences,
        Problem,
        Progress,
        PushLimits,
        Reading,
        Receipt,
        Record,
        Response,
        Rule,
        RuleSet,
        ServerItem,
        Session,
        SessionMetrics,
        Settings,
        Settled,
        Tokens,
        Totals,
        Trouble,
        Wake,
    );
}
