//! What stands in the tables, read back.

use fieldsync_protocol::{ItemId, Millis};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::content_hash::ContentHash;
use crate::judge::{Entity, Receipt};
use crate::record::Record;

pub fn entity(row: &SqliteRow) -> Result<Entity, sqlx::Error> {
    let key: Option<String> = row.try_get("natural_key")?;
    Ok(Entity {
        id: id(row, "entity_id")?,
        r#type: name(row, "type")?,
        version: number(row, "version")?,
        number: number(row, "change_number")?,
        updated_at: Millis(number(row, "updated_at")?),
        key: key.map(|key| parse("natural_key", Value::from(key))).transpose()?,
        record: row.try_get::<Option<&str>, _>("data")?.map(Record::from_stored),
    })
}

pub fn receipt(row: &SqliteRow) -> Result<(ItemId, Receipt), sqlx::Error> {
    let hash: &[u8] = row.try_get("content_hash")?;
    let hash = hash.try_into().map_err(|error| unreadable("content_hash", error))?;
    Ok((id(row, "item_id")?, Receipt { hash: ContentHash(hash), version: number(row, "version")? }))
}

pub fn id(row: &SqliteRow, column: &str) -> Result<ItemId, sqlx::Error> {
    ItemId::parse(row.try_get(column)?).map_err(|error| unreadable(column, error))
}

pub fn number(row: &SqliteRow, column: &str) -> Result<u64, sqlx::Error> {
    u64::try_from(row.try_get::<i64, _>(column)?).map_err(|error| unreadable(column, error))
}

/// One of an enum's names.
pub fn name<T: DeserializeOwned>(row: &SqliteRow, column: &str) -> Result<T, sqlx::Error> {
    parse(column, Value::from(row.try_get::<&str, _>(column)?))
}

pub fn optional_name<T: DeserializeOwned>(row: &SqliteRow, column: &str) -> Result<Option<T>, sqlx::Error> {
    let value: Option<&str> = row.try_get(column)?;
    value.map(|value| parse(column, Value::from(value))).transpose()
}

fn parse<T: DeserializeOwned>(column: &str, value: Value) -> Result<T, sqlx::Error> {
    serde_json::from_value(value).map_err(|error| unreadable(column, error))
}

fn unreadable(column: &str, source: impl Into<sqlx::error::BoxDynError>) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: source.into() }
}
