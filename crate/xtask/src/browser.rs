//! Chromium with its driver, for the tests.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{apt, process, report, tools};

const CHROMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// The browser that the tests run in.
pub struct Browser {
    /// Chromium or Chrome.
    pub chrome: PathBuf,
    /// Its chromedriver.
    pub driver: PathBuf,
}

/// Looks for a browser and its driver: `CHROME` and `CHROMEDRIVER`, else what is on the PATH.
pub fn find() -> Result<Option<Browser>> {
    let driver = match named("CHROMEDRIVER")? {
        Some(driver) => Some(driver),
        // Set on GitHub's machines.
        None => env::var_os("CHROMEWEBDRIVER")
            .map(|dir| Path::new(&dir).join("chromedriver"))
            .filter(|driver| driver.is_file())
            .or_else(|| tools::find("chromedriver").filter(|driver| is_drivable(driver))),
    };
    let chrome = match named("CHROME")? {
        Some(chrome) => Some(chrome),
        None => {
            let mut there: Vec<PathBuf> = CHROMES.iter().filter_map(|name| tools::find(name)).collect();
            there.extend(Some(PathBuf::from(MAC)).filter(|chrome| chrome.is_file()));
            there.retain(|chrome| is_drivable(chrome));
            // Where there are several, the one that the driver was made for.
            let wanted = driver.as_deref().and_then(major);
            let fits = there.len() > 1 && wanted.is_some();
            let best = there.iter().position(|chrome| fits && major(chrome) == wanted).unwrap_or(0);
            there.into_iter().nth(best)
        }
    };
    Ok(chrome.zip(driver).map(|(chrome, driver)| Browser { chrome, driver }))
}

/// A browser that one of Debian's packages has: what `find` finds, on Debian as root after an installation too.
pub fn of_packages(
    what: &str,
    packages: &[&str],
    advice: &str,
    find: impl Fn() -> Result<Option<PathBuf>>,
) -> Result<PathBuf> {
    if let Some(browser) = find()? {
        return Ok(browser);
    }
    if is_debian_here() && apt::is_possible() {
        let installed = apt::install(packages);
        if let Some(browser) = find()? {
            return Ok(browser);
        }
        installed
            .with_context(|| format!("the tests need {what}, and apt could not install it. {advice}"))?;
    }
    bail!("the tests need {what}. {advice}");
}

/// Whether it runs, and is no snap: those live in a world of their own, where tests cannot drive them. Ubuntu's
/// `chromium-browser` is a script that starts the snap, or says that it is missing.
pub fn is_drivable(program: &Path) -> bool {
    let real = program.canonicalize().unwrap_or_else(|_| program.to_path_buf());
    let said = process::output(process::command(program).arg("--version"));
    !is_snap(program, &real) && said.is_some_and(|said| !said.ends_with(" snap"))
}

fn is_snap(program: &Path, real: &Path) -> bool {
    // /snap/bin/chromium is a link to /usr/bin/snap.
    [program, real].iter().any(|path| path.starts_with("/snap")) || real.ends_with("bin/snap")
}

fn major(program: &Path) -> Option<u32> {
    tools::version_of(program)?.first().copied()
}

/// A program that a variable of the environment names.
pub fn named(variable: &str) -> Result<Option<PathBuf>> {
    match env::var_os(variable).map(PathBuf::from) {
        Some(path) if path.is_file() => Ok(Some(path)),
        Some(path) => bail!("{variable} is set to {}, which is not there", path.display()),
        None => Ok(None),
    }
}

/// Finds the browser; on Debian as root it is installed when it is missing.
pub fn ensure() -> Result<Browser> {
    let lacks_ip = cfg!(target_os = "linux") && tools::find("ip").is_none();
    let mut browser = find()?;
    if (browser.is_none() || lacks_ip) && is_debian_here() && apt::is_possible() {
        let installed = apt(browser.is_none());
        browser = find()?;
        if browser.is_none() {
            installed.with_context(|| {
                format!(
                    "the tests need Chromium and its driver, and apt could not install them. {}",
                    advice()
                )
            })?;
        }
    }
    let Some(browser) = browser else {
        bail!("the tests need Chromium and its driver. {}", advice());
    };
    if tools::find("ip").is_none() {
        report::say(
            "`ip` (iproute2) is missing: the browser's own offline emulation stands in for network namespaces",
        );
    }
    if let (Some(chrome), Some(driver)) = (major(&browser.chrome), major(&browser.driver))
        && chrome != driver
    {
        report::say(&format!("chromedriver {driver} was not made for Chromium {chrome}: expect trouble"));
    }
    Ok(browser)
}

fn apt(with_browser: bool) -> Result<()> {
    apt::install(if with_browser { &["chromium", "chromium-driver", "iproute2"] } else { &["iproute2"] })
}

/// The command that installs the browser here.
fn advice() -> String {
    let driver = "npx --yes @puppeteer/browsers install chromedriver@stable";
    let chrome = "https://www.google.com/chrome";
    let path = "and set CHROMEDRIVER to the path that it prints";
    if cfg!(target_os = "macos") {
        return "Run: brew install --cask google-chrome chromedriver".to_owned();
    }
    if cfg!(windows) {
        return format!("Run: winget install Google.Chrome, then: {driver} {path}");
    }
    match distribution(&release()) {
        "debian" => {
            "Run: sudo apt-get update && sudo apt-get install -y --no-install-recommends chromium chromium-driver \
             iproute2"
                .to_owned()
        }
        "fedora" => "Run: sudo dnf install chromium chromedriver iproute".to_owned(),
        "arch" => "Run: sudo pacman -S chromium iproute2".to_owned(),
        "alpine" => "Run: sudo apk add chromium chromium-chromedriver iproute2".to_owned(),
        // Ubuntu's own Chromium is a snap, which tests cannot drive.
        _ => format!("Install Chrome from {chrome}, then run: {driver} {path} (or name both in CHROME and CHROMEDRIVER)"),
    }
}

fn release() -> String {
    std::fs::read_to_string("/etc/os-release").unwrap_or_default()
}

/// Whether this is Debian itself.
pub fn is_debian_here() -> bool {
    is_debian(&release())
}

/// Whether it is Debian itself: what is derived from it may mean something else by the same packages.
fn is_debian(release: &str) -> bool {
    field(release, "ID") == Some("debian")
}

fn field<'a>(release: &'a str, name: &str) -> Option<&'a str> {
    release
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
        .map(|value| value.trim_matches(['"', '\'']))
}

/// `ID`, else the first of `ID_LIKE`, of /etc/os-release.
fn distribution(release: &str) -> &str {
    let known = ["debian", "ubuntu", "fedora", "arch", "alpine"];
    let like = field(release, "ID_LIKE").and_then(|like| like.split(' ').next());
    [field(release, "ID"), like].into_iter().flatten().find(|id| known.contains(id)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_distributions_and_their_children() {
        assert_eq!(distribution("NAME=\"Debian\"\nID=debian\n"), "debian");
        assert_eq!(distribution("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"), "ubuntu");
        assert_eq!(distribution("ID=void\n"), "");
    }

    #[test]
    fn installs_on_debian_itself_alone() {
        assert!(is_debian("NAME=\"Debian\"\nID=debian\n"));
        assert!(is_debian("ID=\"debian\"\n"));
        assert!(!is_debian("ID=ubuntu\nID_LIKE=debian\n"));
        assert!(!is_debian("ID=raspbian\nID_LIKE=debian\n"));
        assert!(!is_debian(""));
    }

    #[test]
    fn knows_a_snap_and_what_does_not_run() {
        let is_snap = |program: &str, real: &str| is_snap(Path::new(program), Path::new(real));
        assert!(is_snap("/snap/bin/chromium", "/usr/bin/snap"));
        assert!(is_snap("/usr/local/bin/chromium", "/snap/chromium/1/chrome"));
        assert!(!is_snap("/usr/bin/chromium", "/usr/bin/chromium"));
        assert!(!is_drivable(Path::new("/bin/false")) && !is_drivable(Path::new("no/such")));
    }
}
