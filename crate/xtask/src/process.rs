//! Starting programs, and ending them.
//!
//! Every child leads a process group of its own, so that Ctrl-C reaches xtask alone, which passes it on once: a server
//! stops gracefully, a compiler at once. What is still there ten seconds later, or at a second Ctrl-C, is killed. What
//! these programs leave behind is a matter for [`crate::orphans`].

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{env, thread};

use anyhow::{Context, Result, anyhow, bail};

use crate::failure::Said;
use crate::{orphans, paths, report};

/// How long a program may be silent before a line says that it is still at work.
const SILENCE: Duration = Duration::from_secs(30);
/// How long programs have for stopping by themselves.
#[cfg(unix)]
const GRACE: Duration = Duration::from_secs(10);

/// How long a program that is only tried may take, over all.
const PATIENCE: Duration = Duration::from_secs(300);

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// The programs that xtask itself started and waits for, by process id.
pub fn running() -> MutexGuard<'static, Vec<u32>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether Ctrl-C or a signal asked for the end.
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// Ends the run as Ctrl-C does.
pub fn stop() {
    INTERRUPTED.store(true, Ordering::SeqCst);
    forward();
}

/// A program to be run at the repository's root.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(paths::root());
    command
}

/// Cargo, as if it were called from outside: without what `cargo run` told xtask about xtask.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|n| n.starts_with("CARGO_PKG_") || n.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    command.args(arguments).env("CARGO_TARGET_DIR", paths::cargo_target());
    command
}

/// Runs a program with its output shown; an error names it when it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let name = name_of(command);
    match status(command)? {
        status if status.success() => Ok(()),
        status => bail!("{name} failed ({status})"),
    }
}

/// Runs a program that is at work until somebody ends it: no line says that it still is.
pub fn serve(command: &mut Command) -> Result<()> {
    let name = name_of(command);
    match wait(begin(command)?)? {
        status if status.success() => Ok(()),
        status => bail!("{name} failed ({status})"),
    }
}

/// Runs a program with its output shown.
pub fn status(command: &mut Command) -> Result<ExitStatus> {
    start(command)?.wait()
}

/// Runs a program as [`run`] does; an error has with it what the program said of it, so that it can be told again later.
/// Where somebody looks on, the output stays the program's own: it draws how far it is.
pub fn check(command: &mut Command) -> Result<()> {
    if report::is_terminal() {
        return run(command);
    }
    let (name, mut said) = (name_of(command), Said::default());
    match lines(command, |line| said.hear(line))? {
        status if status.success() => Ok(()),
        status => Err(said.failed(format!("{name} failed ({status})")).into()),
    }
}

/// Runs a program whose output is shown line by line and also handed to `each`: where somebody looks on only the
/// standard output, which leaves the program the other to draw on.
pub fn lines(command: &mut Command, mut each: impl FnMut(&str)) -> Result<ExitStatus> {
    let (output, input) = io::pipe().context("there is no pipe for its output")?;
    if !report::is_terminal() {
        command.stderr(input.try_clone().context("there is no pipe for its errors")?);
    }
    let running = start(command.stdout(input))?;
    // What the command holds of the pipe would keep it from ending.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    // By bytes: a program may print what is not UTF-8.
    for line in BufReader::new(output).split(b'\n') {
        let line = line.context("its output could not be read")?;
        let line = String::from_utf8_lossy(&line);
        running.heard();
        report::line(&line);
        each(&line);
    }
    running.wait()
}

/// Runs a program until it has said what `find` looks for, does `work` with that, and asks the program to stop. Fails
/// where any of this fails, or takes too long.
pub fn until_said<T>(
    command: &mut Command,
    find: impl Fn(&str) -> Option<T>,
    work: impl FnOnce(T) -> Result<()>,
) -> Result<()> {
    let name = name_of(command);
    let mut running = start(command.stdout(Stdio::piped()))?;
    let id = running.child.id();
    let (over, watched) = mpsc::channel::<()>();
    // A program that hangs is stopped, and what is done below sees it end.
    thread::spawn(move || {
        if watched.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            signals::terminate(id);
        }
    });
    let mut found = Err(anyhow!("{name} ended before it was ready"));
    let mut work = Some(work);
    for line in BufReader::new(running.child.stdout.take().context("it has no output")?).split(b'\n') {
        let line = line.context("its output could not be read")?;
        let line = String::from_utf8_lossy(&line);
        running.heard();
        report::line(&line);
        if let Some(said) = find(&line)
            && let Some(work) = work.take()
        {
            found = work(said);
            signals::terminate(id);
        }
    }
    let status = running.wait()?;
    drop(over);
    found?;
    // Elsewhere it cannot be asked, only ended.
    if cfg!(unix) && !status.success() {
        bail!("{name} was asked to stop and ended otherwise ({status})");
    }
    Ok(())
}

/// The standard output of a short program; `None` when it is missing or fails.
pub fn output(command: &mut Command) -> Option<String> {
    let out = captured(command.stderr(Stdio::null())).ok().filter(|out| out.status.success())?;
    Some(String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

/// Runs a program and keeps what it prints on its standard output. `Command::output` would not do: a program that is
/// not registered is taken for an orphan, and is gone before it is waited for.
pub fn captured(command: &mut Command) -> io::Result<Output> {
    let child = spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    let id = child.id();
    let out = child.wait_with_output();
    forget(id);
    out
}

fn name_of(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    // `cargo clippy`, `npm ci`, `node test.ts`: the first argument says what is run.
    if let Some(first) = command.get_args().next().filter(|a| !a.to_string_lossy().starts_with('-')) {
        name = format!("{name} {}", first.to_string_lossy());
    }
    name
}

/// Starts a program in a group of its own and registers it. Both under one lock: whoever reaps orphans must never see
/// it unregistered.
fn spawn(command: &mut Command) -> io::Result<Child> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let mut running = running();
    let child = command.spawn()?;
    running.push(child.id());
    Ok(child)
}

fn forget(id: u32) {
    running().retain(|other| *other != id);
}

/// A program at work. A heartbeat tells when it has been silent for long.
struct Running {
    child: Child,
    heard: Sender<()>,
}

fn begin(command: &mut Command) -> Result<Child> {
    if interrupted() {
        bail!("interrupted");
    }
    let name = name_of(command);
    let child =
        spawn(command.stdin(Stdio::null())).with_context(|| format!("{name} could not be started"))?;
    if interrupted() {
        // The signal came between the check above and the registration.
        forward();
    }
    Ok(child)
}

fn wait(mut child: Child) -> Result<ExitStatus> {
    let status = child.wait();
    forget(child.id());
    if interrupted() {
        bail!("interrupted");
    }
    status.context("waiting for a program failed")
}

fn start(command: &mut Command) -> Result<Running> {
    let name = name_of(command);
    let child = begin(command)?;
    let (heard, beats) = mpsc::channel();
    let began = Instant::now();
    thread::spawn(move || {
        loop {
            match beats.recv_timeout(SILENCE) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => report::still(&name, began.elapsed()),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    });
    Ok(Running { child, heard })
}

impl Running {
    fn heard(&self) {
        // Nobody listening means only that there is no heartbeat.
        let _ = self.heard.send(());
    }

    fn wait(self) -> Result<ExitStatus> {
        wait(self.child)
    }
}

#[cfg(unix)]
mod signals {
    use rustix::process::{Pid, Signal, kill_process, kill_process_group};
    use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};

    use super::*;

    /// From now on Ctrl-C and termination end the running programs first.
    pub fn watch_signals() -> Result<()> {
        orphans::adopt()?;
        let mut signals = signal_hook::iterator::Signals::new([SIGCHLD, SIGINT, SIGTERM, SIGHUP])?;
        thread::spawn(move || {
            for signal in signals.forever() {
                if signal == SIGCHLD {
                    orphans::reap();
                } else if INTERRUPTED.swap(true, Ordering::SeqCst) {
                    signal_groups(Signal::KILL);
                } else {
                    forward();
                    thread::spawn(|| {
                        thread::sleep(GRACE);
                        signal_groups(Signal::KILL);
                    });
                }
            }
        });
        Ok(())
    }

    /// Asks every running program to stop, as Ctrl-C does.
    pub fn forward() {
        signal_groups(Signal::INT);
    }

    fn signal_groups(signal: Signal) {
        for group in running().iter().filter_map(|id| pid(*id)) {
            // An error means that it has ended by itself.
            let _ = kill_process_group(group, signal);
        }
    }

    fn pid(id: u32) -> Option<Pid> {
        i32::try_from(id).ok().and_then(Pid::from_raw)
    }

    /// Asks one program to stop, as a service manager does.
    pub fn terminate(id: u32) {
        if let Some(pid) = pid(id) {
            // An error means that it has ended by itself.
            let _ = kill_process(pid, Signal::TERM);
        }
    }
}

#[cfg(not(unix))]
mod signals {
    /// Nothing to do: the console passes Ctrl-C to every program itself.
    pub fn watch_signals() -> anyhow::Result<()> {
        Ok(())
    }
    pub fn forward() {}
    /// Ends one program and what it started: it cannot be asked.
    pub fn terminate(id: u32) {
        let id = id.to_string();
        super::output(std::process::Command::new("taskkill").args(["/T", "/F", "/PID", &id]));
    }
}

use signals::forward;
pub use signals::watch_signals;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_a_program_by_its_first_word() {
        assert_eq!(name_of(Command::new("/usr/bin/npm").args(["ci", "--no-audit"])), "npm ci");
        assert_eq!(name_of(Command::new("tsc").arg("--noEmit")), "tsc");
    }

    #[test]
    fn hands_on_what_a_program_says() {
        assert!(output(command("rustc").arg("--version")).unwrap().starts_with("rustc "));
        assert_eq!(output(&mut command("no-such-program")), None);
        assert_eq!(output(command("rustc").arg("--no-such-flag")), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_was_started_here_is_not_taken_for_an_orphan() {
        use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

        let mut child = spawn(command("rustc").arg("--version").stdout(Stdio::null())).unwrap();
        // It has ended, and nobody has waited for it yet.
        let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        waitid(WaitId::Pid(Pid::from_child(&child)), ended).unwrap();
        orphans::reap();
        assert!(child.wait().is_ok_and(|status| status.success()));
        forget(child.id());
    }
}
