//! Which database.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use sqlx::postgres::PgConnectOptions;

/// Where the data is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file.
    File(PathBuf),
    /// A PostgreSQL database, by its URL.
    Postgres(String),
}

impl Database {
    /// What is said of a URL that is neither.
    pub(super) const WRONG: &str = "has to be a file, such as sqlite://fieldsync.db, or a postgres:// URL";

    /// Reads a URL; `None` where it is neither a SQLite file nor a PostgreSQL database.
    pub fn parse(url: &str) -> Option<Database> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Some(Database::Postgres(url.to_owned()));
        }
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"))?;
        let path = percent_decode_str(path).decode_utf8().ok()?;
        // What is in memory alone could not keep what it acknowledges.
        let is_file = !path.is_empty() && !path.starts_with(':') && !path.contains('?');
        is_file.then(|| Database::File(Path::new(&*path).to_owned()))
    }

    /// Where files are kept that nobody said another place for. Several servers on one PostgreSQL have none in common.
    pub fn files_beside(&self) -> Option<PathBuf> {
        let Database::File(file) = self else { return None };
        let mut name = file.as_os_str().to_owned();
        name.push(".files");
        Some(name.into())
    }

    /// Its URL without a password, nor anything else that might be one.
    pub fn masked(&self) -> String {
        match self {
            Database::File(file) => format!("sqlite://{}", file.display()),
            Database::Postgres(url) => match PgConnectOptions::from_str(url) {
                Ok(options) => {
                    let (user, host, port) = (options.get_username(), options.get_host(), options.get_port());
                    format!("postgres://{user}:***@{host}:{port}/{}", options.get_database().unwrap_or(""))
                }
                Err(_) => "postgres://***".into(),
            },
        }
    }
}

/// Of a PostgreSQL URL, which may hold a password, nothing is shown.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Database::File(file) => write!(f, "sqlite://{}", file.display()),
            Database::Postgres(_) => f.write_str("the PostgreSQL database"),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_a_file_or_a_server() {
        let file = |path: &str| Some(Database::File(path.into()));
        assert_eq!(Database::parse("sqlite://fieldsync.db"), file("fieldsync.db"));
        assert_eq!(Database::parse("sqlite:///var/a%20b.db"), file("/var/a b.db"));
        for url in ["postgres://a:secret@b/c", "postgresql://b/c?password=secret", "postgres://a:secret@b:x"]
        {
            let database = Database::parse(url).unwrap();
            assert!(!format!("{database} {database:?} {}", database.masked()).contains("secret"));
            assert_eq!(database, Database::Postgres(url.into()));
        }
        for url in ["sqlite::memory:", "sqlite://a.db?mode=memory", "sqlite://", "mysql://a", "a.db"] {
            assert_eq!(Database::parse(url), None, "{url}");
        }
    }
}
