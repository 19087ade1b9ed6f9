//! WebKitGTK, for the tests: its driver, which brings a small browser, and Xvfb, as it needs a display.

use std::path::PathBuf;

use anyhow::Result;

use crate::{browser, tools};

const DRIVER: &str = "WebKitWebDriver";
const DISPLAY: &str = "Xvfb";

/// WebKitGTK is Linux's.
pub const IS_POSSIBLE: bool = cfg!(target_os = "linux");

const ADVICE: &str = "On Debian: sudo apt-get install -y --no-install-recommends webkit2gtk-driver xvfb; elsewhere what brings \
                      WebKitWebDriver and Xvfb, or name the driver in WEBKIT_DRIVER.";

/// Finds the driver: `WEBKIT_DRIVER`, else what is on the PATH. On Debian as root it is installed when it is missing.
pub fn ensure() -> Result<PathBuf> {
    browser::of_packages("WebKitGTK's driver and Xvfb", &["webkit2gtk-driver", "xvfb"], ADVICE, find)
}

fn find() -> Result<Option<PathBuf>> {
    let driver = browser::named("WEBKIT_DRIVER")?.or_else(|| tools::find(DRIVER));
    Ok(driver.filter(|_| tools::find(DISPLAY).is_some()))
}
