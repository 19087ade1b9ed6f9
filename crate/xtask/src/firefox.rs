//! Firefox, for the tests: a browser without Background Sync. It needs no driver.

use std::path::PathBuf;

use anyhow::Result;

use crate::{browser, tools};

const FIREFOXES: [&str; 2] = ["firefox-esr", "firefox"];
const MAC: &str = "/Applications/Firefox.app/Contents/MacOS/firefox";

const ADVICE: &str = "On Debian: sudo apt-get install -y --no-install-recommends firefox-esr; elsewhere install it from \
                      https://www.mozilla.org/firefox (no snap: tests cannot drive those), or name it in FIREFOX.";

/// Finds it: `FIREFOX`, else what is on the PATH. On Debian as root it is installed when it is missing.
pub fn ensure() -> Result<PathBuf> {
    browser::of_packages("Firefox", &["firefox-esr"], ADVICE, find)
}

fn find() -> Result<Option<PathBuf>> {
    if let Some(firefox) = browser::named("FIREFOX")? {
        return Ok(Some(firefox));
    }
    let mut there = FIREFOXES.iter().filter_map(|name| tools::find(name)).collect::<Vec<_>>();
    there.extend(Some(PathBuf::from(MAC)).filter(|firefox| firefox.is_file()));
    Ok(there.into_iter().find(|firefox| browser::is_drivable(firefox)))
}
