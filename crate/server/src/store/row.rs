//! What stands in the tables of a database, read back.

use fieldsync_protocol::{
    AuditRow, CarriedKeystore, DeviceBandwidthLimit, FleetDevice, ItemId, Millis, RotationMark, Schedule,
    ScheduleDraft, ScheduleRun, Wishes,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::Row;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

use super::account::{Device, User};
use super::fleet::Report;
use super::job::Job;
use super::operation::{ExportedEntity, ExportedReceipt};
use super::schedule::DueSchedule;
use super::task::{Task, Thumbnail};
use super::upload::{Part, Upload, UploadParams, UsedBlob};
use crate::content_hash::ContentHash;
use crate::judge::{Entity, Receipt};
use crate::record::Record;

/// What the tables are made of.
pub trait Columns {
    fn text(&self, column: &str) -> Result<Option<&str>, sqlx::Error>;
    fn bytes(&self, column: &str) -> Result<&[u8], sqlx::Error>;
    fn integer(&self, column: &str) -> Result<i64, sqlx::Error>;
    fn optional_integer(&self, column: &str) -> Result<Option<i64>, sqlx::Error>;
}

macro_rules! columns_of {
    ($row:ty) => {
        impl Columns for $row {
            fn text(&self, column: &str) -> Result<Option<&str>, sqlx::Error> {
                self.try_get(column)
            }
            fn bytes(&self, column: &str) -> Result<&[u8], sqlx::Error> {
                self.try_get(column)
            }
            fn integer(&self, column: &str) -> Result<i64, sqlx::Error> {
                self.try_get(column)
            }
            fn optional_integer(&self, column: &str) -> Result<Option<i64>, sqlx::Error> {
                self.try_get(column)
            }
        }
    };
}

columns_of!(SqliteRow);
columns_of!(PgRow);

pub fn entity(row: &impl Columns) -> Result<Entity, sqlx::Error> {
    Ok(Entity {
        id: id(row, "entity_id")?,
        r#type: name(row, "type")?,
        version: number(row, "version")?,
        number: number(row, "change_number")?,
        updated_at: Millis(number(row, "updated_at")?),
        key: optional_name(row, "natural_key")?,
        record: row.text("data")?.map(Record::from_stored),
    })
}

pub fn receipt(row: &impl Columns) -> Result<(ItemId, Receipt), sqlx::Error> {
    let hash = row.bytes("content_hash")?.try_into().map_err(|error| unreadable("content_hash", error))?;
    Ok((id(row, "item_id")?, Receipt { hash: ContentHash(hash), version: number(row, "version")? }))
}

pub fn audit(row: &impl Columns) -> Result<AuditRow, sqlx::Error> {
    Ok(AuditRow {
        number: number(row, "audit_number")?,
        at: Millis(number(row, "at")?),
        event: name(row, "event")?,
        actor_id: optional_text(row, "actor_id")?,
        device_id: optional_text(row, "device_id")?,
        subject_id: optional_text(row, "subject_id")?,
        item_id: optional_name(row, "item_id")?,
        entity_id: optional_name(row, "entity_id")?,
        r#type: optional_name(row, "type")?,
        action: optional_name(row, "action")?,
        schedule_id: optional_text(row, "schedule_id")?,
        upload_id: optional_text(row, "upload_id")?,
        changes_detected: optional_number(row, "changes_detected")?,
        outcome: name(row, "status")?,
        code: optional_name(row, "code")?,
    })
}

pub fn exported_entity(row: &impl Columns) -> Result<ExportedEntity, sqlx::Error> {
    Ok(ExportedEntity::of(text(row, "user_id")?.to_owned(), &entity(row)?))
}

pub fn exported_receipt(row: &impl Columns) -> Result<ExportedReceipt, sqlx::Error> {
    let (item, receipt) = receipt(row)?;
    let (user, device) = (text(row, "user_id")?.to_owned(), text(row, "device_id")?.to_owned());
    Ok(ExportedReceipt::of(user, item, receipt.version, Millis(number(row, "received_at")?), device))
}

pub fn user(row: &impl Columns) -> Result<User, sqlx::Error> {
    Ok(User {
        id: text(row, "user_id")?.to_owned(),
        email: text(row, "email")?.to_owned(),
        password_hash: text(row, "password_hash")?.to_owned(),
        role: name(row, "role")?,
        team: optional_text(row, "team")?,
        created_at: Millis(number(row, "created_at")?),
    })
}

pub fn device(row: &impl Columns) -> Result<Device, sqlx::Error> {
    Ok(Device {
        id: text(row, "device_id")?.to_owned(),
        name: text(row, "name")?.to_owned(),
        registered_at: Millis(number(row, "registered_at")?),
        last_seen_at: Millis(number(row, "last_seen_at")?),
        revoked_at: optional_number(row, "revoked_at")?.map(Millis),
    })
}

/// Of a device that said something.
pub fn report(row: &impl Columns) -> Result<Option<Report>, sqlx::Error> {
    let Some(at) = optional_number(row, "at")? else { return Ok(None) };
    Ok(Some(Report {
        at: Millis(at),
        pending: number(row, "pending")?,
        oldest_unsent_at: optional_number(row, "oldest_unsent_at")?.map(Millis),
        storage: optional_name(row, "storage")?,
        app_version: optional_text(row, "app_version")?,
        activity: optional_json(row, "activity")?,
        metrics: optional_json(row, "metrics")?,
        last_rotation: rotation_mark(row)?,
        storage_usage: optional_number(row, "storage_usage")?,
        storage_quota: optional_number(row, "storage_quota")?,
    }))
}

fn rotation_mark(row: &impl Columns) -> Result<Option<RotationMark>, sqlx::Error> {
    let sequence = optional_number(row, "rotation_sequence")?;
    let id = optional_text(row, "rotation_id")?;
    Ok(sequence.zip(id).map(|(sequence, id)| RotationMark { sequence, id }))
}

pub fn keystore(row: &impl Columns) -> Result<CarriedKeystore, sqlx::Error> {
    Ok(CarriedKeystore {
        keystore: text(row, "text")?.to_owned(),
        sequence: number(row, "sequence")?,
        revision: number(row, "revision")?,
        updated_at: Millis(number(row, "updated_at")?),
        by_device: optional_text(row, "device_id")?,
        rotations: Vec::new(),
    })
}

pub fn wishes(row: &impl Columns) -> Result<Wishes, sqlx::Error> {
    Ok(Wishes {
        revision: number(row, "revision")?,
        start_revision: number(row, "start_revision")?,
        settings_revision: number(row, "settings_revision")?,
        paused: row.optional_integer("paused")?.map(|paused| paused != 0),
        settings: optional_json(row, "settings")?,
        taken_revision: number(row, "taken_revision")?,
    })
}

pub fn upload(row: &impl Columns) -> Result<Upload, sqlx::Error> {
    Ok(Upload {
        id: text(row, "upload_id")?.to_owned(),
        device_id: optional_text(row, "device_id")?,
        length: number(row, "length")?,
        received: number(row, "received")?,
        sha256: text(row, "sha256")?.to_owned(),
        metadata: text(row, "metadata")?.to_owned(),
        created_at: Millis(number(row, "created_at")?),
        expires_at: Millis(number(row, "expires_at")?),
        done_at: optional_number(row, "done_at")?.map(Millis),
    })
}

pub fn which_upload(row: &impl Columns) -> Result<UploadParams, sqlx::Error> {
    Ok(UploadParams { user_id: text(row, "user_id")?.to_owned(), id: text(row, "upload_id")?.to_owned() })
}

pub fn part(row: &impl Columns) -> Result<Part, sqlx::Error> {
    Ok(Part {
        starts_at: number(row, "starts_at")?,
        length: number(row, "length")?,
        name: text(row, "name")?.to_owned(),
    })
}

pub fn task(row: &impl Columns) -> Result<Task, sqlx::Error> {
    Ok(Task { subject: text(row, "subject")?.to_owned(), attempts: number(row, "attempts")? })
}

/// The hash of a file, and how many bytes it has.
pub fn file(row: &impl Columns) -> Result<(String, u64), sqlx::Error> {
    Ok((text(row, "sha256")?.to_owned(), number(row, "size")?))
}

pub fn used_blob(row: &impl Columns) -> Result<UsedBlob, sqlx::Error> {
    let has_thumbnail = optional_number(row, "thumbnail")? == Some(Thumbnail::Made.number());
    Ok(UsedBlob { size: number(row, "size")?, mime: text(row, "mime")?.to_owned(), has_thumbnail })
}

pub fn job(row: &impl Columns) -> Result<Job, sqlx::Error> {
    Ok(Job {
        claimed_at: optional_number(row, "claimed_at")?.map(Millis),
        done_at: optional_number(row, "done_at")?.map(Millis),
    })
}

pub fn schedule(row: &impl Columns) -> Result<Schedule, sqlx::Error> {
    Ok(Schedule {
        id: text(row, "schedule_id")?.to_owned(),
        draft: schedule_draft(row)?,
        created_at: Millis(number(row, "created_at")?),
        disabled_at: optional_number(row, "disabled_at")?.map(Millis),
        next_run_at: optional_number(row, "next_run_at")?.map(Millis),
        last_run_at: optional_number(row, "last_run_at")?.map(Millis),
        next_runs: Vec::new(),
    })
}

fn schedule_draft(row: &impl Columns) -> Result<ScheduleDraft, sqlx::Error> {
    let day = optional_number(row, "day_of_month")?.map(u8::try_from).transpose();
    Ok(ScheduleDraft {
        device_id: text(row, "device_id")?.to_owned(),
        schedule_type: name(row, "schedule_type")?,
        time_of_day: text(row, "time_of_day")?.to_owned(),
        time_zone: text(row, "time_zone")?.to_owned(),
        day_of_week: optional_name(row, "day_of_week")?,
        day_of_month: day.map_err(|error| unreadable("day_of_month", error))?,
        sync_deletions: number(row, "sync_deletions")? != 0,
        resolve_conflicts: name(row, "resolve_conflicts")?,
    })
}

/// What a newer server has written need not be readable: it must not keep the others from being run.
pub fn due_schedule(row: &impl Columns) -> Result<DueSchedule, sqlx::Error> {
    Ok(DueSchedule {
        user_id: text(row, "user_id")?.to_owned(),
        schedule_id: text(row, "schedule_id")?.to_owned(),
        due_at: Millis(number(row, "next_run_at")?),
        draft: schedule_draft(row).ok(),
    })
}

pub fn schedule_run(row: &impl Columns) -> Result<ScheduleRun, sqlx::Error> {
    Ok(ScheduleRun {
        number: number(row, "run_number")?,
        at: Millis(number(row, "at")?),
        due_at: Millis(number(row, "due_at")?),
        changes_detected: number(row, "changes_detected")?,
        outcome: name(row, "outcome")?,
    })
}

pub fn bandwidth(row: &impl Columns) -> Result<DeviceBandwidthLimit, sqlx::Error> {
    Ok(DeviceBandwidthLimit {
        device_id: text(row, "device_id")?.to_owned(),
        upload_speed_limit: optional_number(row, "upload")?,
        download_speed_limit: optional_number(row, "download")?,
    })
}

pub fn fleet_device(row: &impl Columns) -> Result<FleetDevice, sqlx::Error> {
    Ok(FleetDevice {
        user_id: text(row, "user_id")?.to_owned(),
        email: text(row, "email")?.to_owned(),
        device_id: text(row, "device_id")?.to_owned(),
        name: text(row, "name")?.to_owned(),
        last_seen_at: Millis(number(row, "last_seen_at")?),
        revoked_at: optional_number(row, "revoked_at")?.map(Millis),
        reported_at: optional_number(row, "at")?.map(Millis),
        pending: optional_number(row, "pending")?,
        oldest_unsent_at: optional_number(row, "oldest_unsent_at")?.map(Millis),
        storage: optional_name(row, "storage")?,
        app_version: optional_text(row, "app_version")?,
        wishes_waiting: number(row, "revision")? > number(row, "taken_revision")?,
    })
}

/// As it stands in a column of JSON text.
pub fn json_of(value: &impl Serialize) -> Option<String> {
    serde_json::to_string(value).ok()
}

pub fn optional_text(row: &impl Columns, column: &str) -> Result<Option<String>, sqlx::Error> {
    Ok(row.text(column)?.map(str::to_owned))
}

/// The name of an enum's value on the wire, which is the one in the tables.
pub fn name_of(value: &impl Serialize) -> Option<String> {
    match serde_json::to_value(value) {
        Ok(Value::String(name)) => Some(name),
        _ => None,
    }
}

pub fn number(row: &impl Columns, column: &str) -> Result<u64, sqlx::Error> {
    unsigned(column, row.integer(column)?)
}

pub fn optional_number(row: &impl Columns, column: &str) -> Result<Option<u64>, sqlx::Error> {
    row.optional_integer(column)?.map(|number| unsigned(column, number)).transpose()
}

fn optional_json<T: DeserializeOwned>(row: &impl Columns, column: &str) -> Result<Option<T>, sqlx::Error> {
    let read = |text| serde_json::from_str(text).map_err(|error| unreadable(column, error));
    row.text(column)?.map(read).transpose()
}

fn unsigned(column: &str, number: i64) -> Result<u64, sqlx::Error> {
    u64::try_from(number).map_err(|error| unreadable(column, error))
}

/// A number as the columns hold it. One beyond their range cannot come from a clock, nor from counting.
pub fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn id(row: &impl Columns, column: &str) -> Result<ItemId, sqlx::Error> {
    ItemId::parse(text(row, column)?).map_err(|error| unreadable(column, error))
}

fn text<'a>(row: &'a impl Columns, column: &str) -> Result<&'a str, sqlx::Error> {
    row.text(column)?.ok_or_else(|| unreadable(column, "nothing"))
}

/// One of an enum's names.
fn name<T: DeserializeOwned>(row: &impl Columns, column: &str) -> Result<T, sqlx::Error> {
    parse(column, text(row, column)?)
}

fn optional_name<T: DeserializeOwned>(row: &impl Columns, column: &str) -> Result<Option<T>, sqlx::Error> {
    row.text(column)?.map(|text| parse(column, text)).transpose()
}

fn parse<T: DeserializeOwned>(column: &str, text: &str) -> Result<T, sqlx::Error> {
    serde_json::from_value(Value::from(text)).map_err(|error| unreadable(column, error))
}

fn unreadable(column: &str, source: impl Into<sqlx::error::BoxDynError>) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: source.into() }
}
