//! Where things are. Everything that is made goes under `target/`.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
    let own =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    // …/crate/xtask → …
    own.ancestors().nth(2).unwrap_or(&own).to_path_buf()
});

static CARGO_TARGET: LazyLock<PathBuf> = LazyLock::new(|| match env::var_os("CARGO_TARGET_DIR") {
    Some(dir) => std::path::absolute(&dir).unwrap_or_else(|_| dir.into()),
    None => ROOT.join("target"),
});

/// The repository's root.
pub fn root() -> &'static Path {
    &ROOT
}

/// A file or directory of the repository.
pub fn in_root(path: impl AsRef<Path>) -> PathBuf {
    ROOT.join(path)
}

/// Where Cargo puts what it builds: `CARGO_TARGET_DIR`, or `target`.
pub fn cargo_target() -> &'static Path {
    &CARGO_TARGET
}

/// The server's binary.
pub fn server(release: bool) -> PathBuf {
    let profile = if release { "release" } else { "debug" };
    CARGO_TARGET.join(profile).join(format!("fieldsync-server{}", env::consts::EXE_SUFFIX))
}

/// The server that has a defect on purpose.
pub fn forgetful_server() -> PathBuf {
    CARGO_TARGET.join("debug").join(format!("fieldsync-server-forgetful{}", env::consts::EXE_SUFFIX))
}

/// The built app, as the server serves it.
pub fn www() -> PathBuf {
    in_root("target/www")
}

/// The app with which end-to-end tests make checks every second.
pub fn www_for_tests() -> PathBuf {
    in_root("target/www-for-tests")
}

/// Where the app is built, to take the place of the one before once it is whole.
pub fn www_new() -> PathBuf {
    in_root("target/www.new")
}

/// The built elements, for pages of others.
pub fn elements() -> PathBuf {
    in_root("target/elements")
}

/// Traces and screenshots of failed tests.
pub fn artifacts() -> PathBuf {
    in_root("target/test-artifacts")
}

/// A path as it is shown: relative to the root where it lies below it.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
