//! Where a setting comes from: a flag, else a variable of the environment, else the configuration file, else what is so
//! by default. Each value is read as text here, with its origin, so that whatever is wrong with it can be told in one
//! form.

use std::ffi::OsString;
use std::path::Path;

use config::{File, FileFormat, Map, Source, Value, ValueKind};

use super::ConfigError;

/// A setting.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name in the file, such as `log_format`.
    pub name: &'static str,
    /// What it is where nobody says.
    pub otherwise: Option<&'static str>,
}

/// Every setting, in the order in which they are printed.
pub const KEYS: [Key; 20] = [
    Key { name: "listen", otherwise: Some("127.0.0.1:8080") },
    Key { name: "metrics_listen", otherwise: None },
    Key { name: "database", otherwise: Some("sqlite://fieldsync.db") },
    Key { name: "files", otherwise: None },
    Key { name: "secret", otherwise: None },
    Key { name: "www", otherwise: None },
    Key { name: "forms", otherwise: None },
    Key { name: "demo", otherwise: Some("false") },
    Key { name: "tls_certificate", otherwise: None },
    Key { name: "tls_key", otherwise: None },
    Key { name: "connections", otherwise: Some("480") },
    Key { name: "database_connections", otherwise: Some("16") },
    Key { name: "grace_seconds", otherwise: Some("10") },
    Key { name: "keep_days", otherwise: Some("90") },
    Key { name: "time_zone", otherwise: Some("UTC") },
    Key { name: "user_rate", otherwise: Some("20") },
    Key { name: "address_rate", otherwise: Some("100") },
    Key { name: "behind_proxy", otherwise: Some("false") },
    Key { name: "log", otherwise: Some("info") },
    Key { name: "log_format", otherwise: Some("text") },
];

impl Key {
    /// Its variable in the environment, such as `FIELDSYNC_LOG_FORMAT`.
    pub fn variable(self) -> String {
        format!("FIELDSYNC_{}", self.name.to_uppercase())
    }
}

/// A value as it was written, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Its key.
    pub key: &'static str,
    /// As text, whatever it was in the file.
    pub text: String,
    /// Where it is from, such as `the flag --listen`.
    pub origin: String,
}

/// What was given, for each key at most once.
#[derive(Clone, Debug)]
pub struct Layers(Vec<Given>);

impl Layers {
    /// Lays flags over the environment over a file over what is so by default. An empty variable is none.
    pub fn read(
        file: Option<&Path>,
        environment: impl Fn(&str) -> Option<OsString>,
        flags: &[(&'static str, String)],
    ) -> Result<Layers, ConfigError> {
        let by_default =
            KEYS.iter().filter_map(|key| Some((key.name, key.otherwise?.to_owned(), "by default")));
        let mut variables = Vec::new();
        for key in KEYS {
            let variable = key.variable();
            match environment(&variable).map(OsString::into_string) {
                Some(Ok(text)) if !text.is_empty() => variables.push((key.name, text, variable)),
                Some(Err(_)) => return Err(ConfigError::NoText(variable)),
                _ => {}
            }
        }
        let flags = flags.iter().map(|(name, text)| (*name, text.clone(), flag(name)));

        let mut layers = config::Config::builder().add_source(Layer::of(by_default));
        if let Some(file) = file {
            layers = layers.add_source(Layer(of_file(file)?));
        }
        let merged = layers
            .add_source(Layer::of(variables))
            .add_source(Layer::of(flags))
            .build()
            .and_then(|all| all.collect())
            .map_err(|error| ConfigError::Unreadable(error.to_string()))?;
        let given = |key: &Key| merged.get(key.name).map(|value| given(key.name, value));
        KEYS.iter().filter_map(given).collect::<Result<_, _>>().map(Layers)
    }

    /// What was given for a key.
    pub fn get(&self, key: &str) -> Option<&Given> {
        self.0.iter().find(|given| given.key == key)
    }
}

/// How a flag is spoken of.
fn flag(name: &str) -> String {
    format!("the flag --{}", name.replace('_', "-"))
}

/// The file's values. A key that means nothing is most likely another one misspelt.
fn of_file(file: &Path) -> Result<Map<String, Value>, ConfigError> {
    let shown = file.display().to_string();
    if !file.is_file() {
        return Err(ConfigError::NoFile(shown));
    }
    let values = File::from(file)
        .format(FileFormat::Toml)
        .collect()
        .map_err(|error| ConfigError::Unreadable(error.to_string()))?;
    let mut found = Map::new();
    for (name, value) in values {
        let Some(key) = KEYS.iter().find(|key| key.name == name) else {
            return Err(ConfigError::UnknownKey(name, shown));
        };
        let value = Value::new(Some(&shown), value.kind);
        // Before the layers are merged: a table would be laid over a text.
        given(key.name, &value)?;
        found.insert(name, value);
    }
    Ok(found)
}

fn given(key: &'static str, value: &Value) -> Result<Given, ConfigError> {
    let origin = value.origin().unwrap_or("by default").to_owned();
    let text = match &value.kind {
        ValueKind::String(text) => text.clone(),
        ValueKind::Boolean(is_so) => is_so.to_string(),
        ValueKind::I64(number) => number.to_string(),
        _ => return Err(ConfigError::NoScalar { key, origin }),
    };
    Ok(Given { key, text, origin })
}

/// Values that did not come from a file.
#[derive(Clone, Debug)]
struct Layer(Map<String, Value>);

impl Layer {
    fn of(values: impl IntoIterator<Item = (&'static str, String, impl Into<String>)>) -> Layer {
        let value = |(name, text, origin): (&str, String, _)| {
            (name.to_owned(), Value::new(Some(&Into::<String>::into(origin)), text))
        };
        Layer(values.into_iter().map(value).collect())
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, config::ConfigError> {
        Ok(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    fn read(text: &str, flags: &[(&'static str, String)]) -> Result<Layers, ConfigError> {
        let directory = TempDir::new().unwrap();
        let file = directory.path().join("fieldsync.toml");
        fs::write(&file, text).unwrap();
        let environment = |name: &str| match name {
            "FIELDSYNC_LOG" => Some("debug".into()),
            "FIELDSYNC_LISTEN" => Some("127.0.0.1:3".into()),
            "FIELDSYNC_WWW" => Some("".into()),
            _ => None,
        };
        Layers::read(Some(&file), environment, flags)
    }

    #[test]
    fn a_flag_goes_before_the_environment_before_the_file_before_the_default() {
        let text = "listen = '127.0.0.1:2'\nlog = 'warn'\ndemo = true\ngrace_seconds = 3\nwww = 'app'";
        let layers = read(text, &[("listen", "127.0.0.1:4".into())]).unwrap();
        for (key, text, origin) in [
            ("listen", "127.0.0.1:4", "the flag --listen"),
            ("log", "debug", "FIELDSYNC_LOG"),
            ("demo", "true", "fieldsync.toml"),
            ("grace_seconds", "3", "fieldsync.toml"),
            ("www", "app", "fieldsync.toml"),
            ("log_format", "text", "by default"),
        ] {
            let given = layers.get(key).unwrap();
            assert!(given.text == text && given.origin.ends_with(origin), "{given:?}");
        }
        assert_eq!(layers.get("secret"), None);
    }

    #[test]
    fn what_is_wrong_in_a_file_is_named_with_the_file() {
        for (text, named) in [
            ("lisen = '127.0.0.1:2'", "lisen"),
            ("[database]\nurl = 'x'", "database"),
            ("www = ['a', 'b']", "www"),
            ("listen = ", "TOML"),
        ] {
            let error = read(text, &[]).unwrap_err().to_string();
            assert!(error.contains("fieldsync.toml") && error.contains(named), "{error}");
        }
        let missing = Layers::read(Some(Path::new("no/such.toml")), |_| None, &[]).unwrap_err();
        assert!(missing.to_string().contains("no/such.toml"));
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_no_text_is_named() {
        use std::os::unix::ffi::OsStringExt;
        let odd = |name: &str| (name == "FIELDSYNC_WWW").then(|| OsString::from_vec(vec![0xff]));
        assert!(Layers::read(None, odd, &[]).unwrap_err().to_string().contains("FIELDSYNC_WWW"));
    }
}
