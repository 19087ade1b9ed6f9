//! What the command line refuses.

use std::process::Stdio;

use tempfile::TempDir;

use crate::support::command;

/// The exit code and what was said, of a start that must fail.
fn refused(arguments: &[&str], environment: &[(&str, &str)]) -> (Option<i32>, String) {
    let directory = TempDir::new().unwrap();
    let output = command(arguments)
        .current_dir(directory.path())
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.stdout.is_empty());
    assert_eq!(directory.path().read_dir().unwrap().count(), 0, "nothing was made");
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn the_demo_does_not_listen_beyond_loopback() {
    let (code, said) = refused(&["serve", "--demo", "--listen", "0.0.0.0:0"], &[]);
    assert_eq!(code, Some(2));
    assert!(said.contains("loopback") && said.contains("0.0.0.0:0"), "{said}");
    let (code, _) = refused(&["serve"], &[("FIELDSYNC_DEMO", "1"), ("FIELDSYNC_LISTEN", "[::]:0")]);
    assert_eq!(code, Some(2));
}

#[test]
fn a_missing_or_short_secret_is_said_so() {
    let postgres = ["serve", "--listen", "127.0.0.1:0", "--database", "postgres://127.0.0.1:1/name"];
    let (code, said) = refused(&postgres, &[]);
    assert_eq!(code, Some(2));
    assert!(said.contains("FIELDSYNC_SECRET"), "{said}");
    let (code, said) = refused(&["serve", "--demo"], &[("FIELDSYNC_SECRET", "too short")]);
    assert_eq!(code, Some(2));
    assert!(said.contains("32 characters") && !said.contains("too short"), "{said}");
}

#[test]
fn a_database_out_of_reach_is_said_so_without_its_password() {
    for command in [["migrate"], ["export"]] {
        let url = "postgres://user:secret@127.0.0.1:1/name";
        let (code, said) = refused(&[command[0], "--database", url], &[]);
        assert_eq!(code, Some(1));
        assert!(said.contains("the PostgreSQL database") && !said.contains("secret"), "{said}");
    }
    let (code, _) = refused(&["export"], &[("FIELDSYNC_DATABASE", "mysql://host/name")]);
    assert_eq!(code, Some(2));
}

#[test]
fn a_missing_directory_or_database_is_said_so() {
    let (code, said) = refused(&["serve", "--demo", "--www", "no/such"], &[]);
    assert_eq!(code, Some(2));
    assert!(said.contains("no/such"), "{said}");
    let (code, said) = refused(&["export"], &[]);
    assert_eq!(code, Some(1));
    assert!(said.contains("sqlite://fieldsync.db"), "{said}");
}
