//! Installing packages on Debian and what is derived from it.

use anyhow::Result;

use crate::{process, report, tools};

/// Whether packages can be installed from here.
pub fn is_possible() -> bool {
    is_root() && tools::find("apt-get").is_some()
}

/// Installs packages.
pub fn install(packages: &[&str]) -> Result<()> {
    let apt = |arguments: &[&str]| {
        process::run(process::command("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    report::timed(&format!("apt-get install {}", packages.join(" ")), || {
        apt(&["update"])?;
        apt(&[&["install", "-y", "--no-install-recommends"], packages].concat())
    })
}

fn is_root() -> bool {
    #[cfg(unix)]
    return rustix::process::geteuid().is_root();
    #[cfg(not(unix))]
    return false;
}
