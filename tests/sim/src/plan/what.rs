//! What can happen from outside.

use fieldsync_core::Choice;
use fieldsync_core::protocol::{ConflictPolicy, Priority};

use super::{Storage, Victim, Weather};

/// What can happen from outside. `tab` is 1 to 3; `pick` chooses among what this person knows, by remainder.
#[derive(Clone, Debug)]
pub enum What {
    /// A person enters something new.
    Enter {
        /// Where.
        tab: usize,
        /// What.
        entry: Entry,
        /// 0 to 2: high, normal, low.
        priority: u8,
        /// Depends on one entered before.
        on: Option<u32>,
    },
    /// A person attaches a file.
    Attach {
        /// Where.
        tab: usize,
        /// Its name, and of how many bytes it is.
        file: (u64, u64),
        /// Goes after one entered before.
        on: Option<u32>,
    },
    /// The server forgets what was uploaded.
    UploadsGone {
        /// Also what had come whole, and no record uses yet.
        files: bool,
    },
    /// A file is gone from its device.
    FileGone {
        /// Which.
        pick: u32,
    },
    /// A person changes one that they entered before.
    Change {
        /// Where.
        tab: usize,
        /// Which.
        pick: u32,
        /// Depends on another.
        on: Option<u32>,
    },
    /// A person deletes the record of one that they entered before.
    Delete {
        /// Where.
        tab: usize,
        /// Which.
        pick: u32,
    },
    /// A person enters another value in place of a queued one.
    Replace {
        /// Where.
        tab: usize,
        /// Which.
        pick: u32,
    },
    /// A person drops a queued one.
    Discard {
        /// Where.
        tab: usize,
        /// Which.
        pick: u32,
        /// And takes that back: it is entered again.
        undo: bool,
    },
    /// A person changes the record of one that they entered before, with all of it before them.
    Edit {
        /// Where.
        tab: usize,
        /// Which.
        pick: u32,
        /// To another unit: another natural key.
        unit: Option<u32>,
    },
    /// A person changes or deletes a record that any of their devices has made, as they see it elsewhere.
    Shared {
        /// Where.
        tab: usize,
        /// Which.
        pick: u32,
        /// They see the version before the last.
        stale: bool,
        /// What they do to it.
        touch: Touch,
    },
    /// A person sends one again: one that is set aside, if there is one.
    Retry {
        /// Where.
        tab: usize,
        /// Which.
        pick: u32,
    },
    /// A person chooses between the two sides of a conflict, if there is one.
    Resolve {
        /// Where.
        tab: usize,
        /// Which.
        pick: u32,
        /// For which side.
        choice: Choice,
    },
    /// A person takes what waits to another device of theirs, as a file.
    Carry {
        /// Where it is packed, and where it is taken in.
        tab: usize,
        /// To which.
        pick: u32,
    },
    /// A person changes a setting.
    Set {
        /// Where.
        tab: usize,
        /// Which, and to what.
        setting: Setting,
    },
    /// A person keeps other priority rules.
    Rules {
        /// Where.
        tab: usize,
        /// Which.
        rules: RuleSet,
    },
    /// A person pauses sync.
    Pause {
        /// Where.
        tab: usize,
    },
    /// A person ends the pause.
    Resume {
        /// Where.
        tab: usize,
    },
    /// A person locks the vault, and opens it after so long.
    Lock {
        /// So long.
        span: u64,
    },
    /// The person's devices have a vault, and this one its keys; its pages watch whether they are in step.
    Vault {
        /// Where it is looked.
        tab: usize,
    },
    /// A person makes new keys, or another passphrase.
    MakeKeys {
        /// Where.
        tab: usize,
        /// A passphrase.
        passphrase: bool,
    },
    /// A person takes in the keys that their other devices made.
    TakeKeys {
        /// Where.
        tab: usize,
    },
    /// A person revokes the device from elsewhere.
    Revoke,
    /// A new version of the app takes over from the worker.
    Update {
        /// So long after it was asked to give way.
        after: u64,
    },
    /// The battery is so from now on.
    Battery {
        /// In percent.
        level: u8,
        /// Whether it is being charged.
        charging: bool,
    },
    /// The link is so from now on, as the browser sees it.
    Link {
        /// 2G or less.
        slow: bool,
        /// The person asked the browser to save data.
        save_data: bool,
    },
    /// A person looks at the status, the list and one item.
    Look {
        /// Where.
        tab: usize,
        /// Which.
        pick: u32,
    },
    /// A person presses "sync now".
    SyncNow {
        /// Where.
        tab: usize,
    },
    /// A tab is looked at again.
    Visible {
        /// Where.
        tab: usize,
    },
    /// A tab is opened, if it is not open.
    Open {
        /// Which.
        tab: usize,
    },
    /// A tab is closed.
    Close {
        /// Which.
        tab: usize,
    },
    /// A tab is in the background: its timers go off up to a minute late.
    Hide {
        /// Which.
        tab: usize,
        /// For so long.
        span: u64,
    },
    /// The network treats requests so, this often in a hundred.
    Weather {
        /// How.
        weather: Weather,
        /// So often.
        percent: u8,
        /// For so long.
        span: u64,
    },
    /// There is no network.
    Offline {
        /// For so long.
        span: u64,
        /// Whether the browser notices.
        noticed: bool,
    },
    /// The browser says this of its network, whatever is true.
    Lie {
        /// `None`: nothing.
        online: Option<bool>,
        /// For so long.
        span: u64,
    },
    /// The server answers every push with this.
    Trouble {
        /// The HTTP status.
        status: u16,
        /// In its own words (a problem document), or a proxy's.
        own_words: bool,
        /// `Retry-After`.
        retry_after: Option<u64>,
        /// For so long.
        span: u64,
    },
    /// The tokens of the device have expired.
    TokensExpire,
    /// The login of the device is ended from elsewhere.
    LoginEnded,
    /// A person signs out.
    SignOut {
        /// Where.
        tab: usize,
    },
    /// A person signs in, where nobody is.
    SignIn {
        /// Where.
        tab: usize,
    },
    /// The server honours no cursor that a device has, as after a restore: everything is asked anew.
    CursorsGone,
    /// The server dies at the next push and comes back.
    ServerCrash {
        /// After the commit, before the answer; else before the commit.
        committed: bool,
        /// How long it is down.
        down: u64,
    },
    /// Somebody sets the device's clock.
    Clock {
        /// So far.
        by: i64,
    },
    /// The device's storage misbehaves, this often in a hundred.
    Storage {
        /// How.
        fault: Storage,
        /// So often.
        percent: u8,
        /// For so long.
        span: u64,
    },
    /// Something dies at an effect's boundary.
    Kill {
        /// What.
        victim: Victim,
        /// After the effect was carried out, before its outcome is told; else before it is carried out.
        done: bool,
        /// So many effects of this device from now.
        skip: u32,
    },
    /// The drainer's lock is taken from whoever holds it.
    LockLost,
    /// One page or the worker (0) is stopped for a while: what it was about to do comes late.
    Freeze {
        /// Which.
        tab: usize,
        /// For so long.
        span: u64,
    },
    /// The device sleeps: nothing of it runs.
    Sleep {
        /// For so long.
        span: u64,
    },
}

/// What a person enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A meter reading of this unit: the unit is what natural keys clash by.
    Reading {
        /// The unit.
        unit: u32,
        /// The value.
        value: u32,
    },
    /// An assessment.
    Assessment {
        /// Of health, and not of water.
        health: bool,
        /// How many people it is about.
        population: u32,
    },
    /// A response to an assessment that was entered before, and depends on it; else an assessment.
    Response {
        /// Which.
        pick: u32,
    },
    /// A file that the device takes and this server refuses.
    Refused,
}

/// What a person does to a record that they see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// Changes one field.
    Patch,
    /// Saves all of it, with one field changed.
    Whole,
    /// Deletes it.
    Delete,
}

/// A setting and its new value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// `enabled`
    Enabled(bool),
    /// `syncOnlyWhenCharging`
    OnlyCharging(bool),
    /// `minimumBatteryLevel`
    Battery(u8),
    /// `maximumConcurrentOperations`
    AtOnce(u8),
    /// `syncIntervalMinutes`
    Interval(u16),
    /// `maxRetryAttempts`
    Attempts(u16),
    /// `priorityThreshold`
    Threshold(Priority),
    /// `conflictPolicy`
    Policy(ConflictPolicy),
    /// `metrics`
    Metrics(bool),
    /// `metricsDays`
    MetricsDays(u16),
    /// `receiptDays`
    ReceiptDays(u16),
}

/// Some priority rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleSet {
    /// None at all.
    None,
    /// Readings are urgent: 60 points more.
    Readings,
    /// A value of 500 and above is worth 30 points.
    LargeValues,
    /// Changes can wait: 60 points fewer.
    ChangesLater,
}
