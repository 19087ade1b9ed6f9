use clap::Parser;

use super::*;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn read(arguments: &[&str], environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let cli = Cli::parse_from(["fieldsync-server"].iter().chain(arguments));
    Config::read(&cli, |name| {
        environment.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
    })
}

fn check(arguments: &[&str]) -> Result<(), ConfigError> {
    read(&[&["serve"], arguments].concat(), &[]).unwrap().check()
}

#[test]
fn the_demo_stays_on_this_machine() {
    for listen in ["127.0.0.1:0", "127.9.9.9:80", "[::1]:0", "[::ffff:127.0.0.1]:0"] {
        assert_eq!(check(&["--demo", "--listen", listen]), Ok(()), "{listen}");
    }
    for listen in ["0.0.0.0:0", "[::]:0", "192.168.1.2:80", "[::ffff:10.0.0.1]:0"] {
        let refused = ConfigError::DemoBeyondLoopback(listen.parse().unwrap());
        assert_eq!(check(&["--demo", "--listen", listen]), Err(refused));
    }
}

#[test]
fn servers_on_postgresql_share_a_secret() {
    assert_eq!(check(&[]), Ok(()), "a file is beside its secret");
    let postgres = ["serve", "--database", "postgres://b/c"];
    assert_eq!(read(&postgres, &[]).unwrap().check(), Err(ConfigError::NoSecret));
    assert_eq!(read(&postgres, &[("FIELDSYNC_SECRET", SECRET)]).unwrap().check(), Ok(()));
    assert_eq!(check(&["--demo", "--database", "postgres://b/c"]), Ok(()));
}

#[test]
fn what_cannot_be_used_is_named_with_its_origin() {
    for (variable, value, said) in [
        ("FIELDSYNC_LISTEN", "8080", "listen (FIELDSYNC_LISTEN) is no address"),
        ("FIELDSYNC_METRICS_LISTEN", "x", "metrics_listen (FIELDSYNC_METRICS_LISTEN)"),
        ("FIELDSYNC_WWW", "no/such", "no/such"),
        ("FIELDSYNC_FILES", "s3://key:word@bucket", "s3://BUCKET/PREFIX"),
        ("FIELDSYNC_FORMS", "no/such", "forms (FIELDSYNC_FORMS) is no directory; it is \"no/such\""),
        ("FIELDSYNC_DEMO", "maybe", "true or false; it is \"maybe\""),
        ("FIELDSYNC_CONNECTIONS", "0", "at least 1"),
        ("FIELDSYNC_GRACE_SECONDS", "-1", "seconds"),
        ("FIELDSYNC_KEEP_DAYS", "89", "at least 90"),
        ("FIELDSYNC_TIME_ZONE", "Mars/Olympus", "no time zone"),
        ("FIELDSYNC_USER_RATE", "-1", "requests a second"),
        ("FIELDSYNC_ADDRESS_RATE", "many", "0 is without limit"),
        ("FIELDSYNC_BEHIND_PROXY", "maybe", "true or false"),
        ("FIELDSYNC_LOG", "loud", "level"),
        ("FIELDSYNC_LOG_FORMAT", "xml", "text or json"),
        ("FIELDSYNC_TLS_KEY", "key.pem", "tls_certificate"),
        ("FIELDSYNC_SECRET", "short", "32 characters"),
    ] {
        let error = read(&["serve"], &[(variable, value)]).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    let flag = read(&["serve", "--log-format", "xml"], &[]).unwrap_err().to_string();
    assert!(flag.contains("the flag --log-format"), "{flag}");
    let url = "mysql://user:password@host/name";
    let error = read(&["export"], &[("FIELDSYNC_DATABASE", url)]).unwrap_err().to_string();
    assert!(error.contains("FIELDSYNC_DATABASE") && !error.contains("password"), "{error}");
}

#[test]
fn all_is_shown_but_no_secret() {
    let url = "postgres://user:password@db.example:5433/name?application_name=x";
    let shown = read(
        &["config", "--demo", "--listen", "127.0.0.1:1"],
        &[("FIELDSYNC_DATABASE", url), ("FIELDSYNC_SECRET", SECRET)],
    )
    .unwrap()
    .shown();
    assert_eq!(shown.lines().count(), KEYS.len());
    for line in [
        "listen = \"127.0.0.1:1\"  # the flag --listen",
        "database = \"postgres://user:***@db.example:5433/name\"  # FIELDSYNC_DATABASE",
        "secret = \"***\"  # FIELDSYNC_SECRET",
        "demo = true  # the flag --demo",
        "keep_days = 90  # by default",
        "# www is not set",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
    }
    assert!(!shown.contains("password") && !shown.contains(SECRET));
}
