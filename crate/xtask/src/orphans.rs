//! Processes that programs leave behind: browsers, which live in groups of their own and outlive a test that was killed.
//!
//! On Linux xtask adopts them in init's place: it reaps those that end, and ends the others when a step is over or the
//! run is interrupted. Elsewhere nothing is known about them.

#[cfg(target_os = "linux")]
pub use linux::{adopt, end, reap};
#[cfg(not(target_os = "linux"))]
pub use other::{adopt, end, reap};

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::thread;
    use std::time::{Duration, Instant};

    use anyhow::{Context, Result};
    use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, set_child_subreaper, waitpid};

    use crate::process;

    /// How long a process has for ending by itself, and then for being killed.
    const GRACE: Duration = Duration::from_secs(2);

    /// From now on orphans below xtask become its children.
    pub fn adopt() -> Result<()> {
        set_child_subreaper(Some(getpid())).context("left-over processes cannot be adopted")
    }

    /// Lets orphans that have ended go, as init would: tests wait for a killed browser to be gone.
    pub fn reap() {
        // Held throughout: what is registered is waited for by whoever started it.
        let started = process::running();
        let own = getpid().as_raw_pid();
        for ended in all().into_iter().filter(|found| found.parent == own && found.ended) {
            if started.iter().all(|id| i64::from(*id) != i64::from(ended.id)) {
                // An error means that it is gone already.
                let _ = waitpid(Pid::from_raw(ended.id), WaitOptions::NOHANG);
            }
        }
    }

    /// Ends everything below xtask, and says how many processes that were.
    pub fn end() -> usize {
        let send = |signal| {
            let found = descendants();
            for id in found.iter().filter_map(|id| Pid::from_raw(*id)) {
                // An error means that it has ended by itself.
                let _ = kill_process(id, signal);
            }
            found.len()
        };
        let found = send(Signal::TERM);
        let began = Instant::now();
        // A process in the kernel's hands cannot be killed: do not wait for ever.
        while !descendants().is_empty() && began.elapsed() < 2 * GRACE {
            if began.elapsed() > GRACE {
                send(Signal::KILL);
            }
            thread::sleep(Duration::from_millis(20));
        }
        found
    }

    struct Process {
        id: i32,
        parent: i32,
        ended: bool,
    }

    fn all() -> Vec<Process> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
        ids.filter_map(|id| parse(id, &fs::read_to_string(format!("/proc/{id}/stat")).ok()?)).collect()
    }

    /// `id (name) state parent …`, where the name may hold anything.
    fn parse(id: i32, stat: &str) -> Option<Process> {
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        let ended = matches!(fields.next()?, "Z" | "X");
        Some(Process { id, parent: fields.next()?.parse().ok()?, ended })
    }

    /// Every living process below this one.
    fn descendants() -> Vec<i32> {
        let all = all();
        let mut found = vec![getpid().as_raw_pid()];
        let mut next = 0;
        while let Some(parent) = found.get(next).copied() {
            found.extend(all.iter().filter(|p| p.parent == parent && !p.ended).map(|p| p.id));
            next += 1;
        }
        found.remove(0);
        found
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn reads_the_parent_past_a_name_with_brackets() {
            let found = parse(12, "12 (a) b) S 7 12 12 0").unwrap();
            assert_eq!((found.id, found.parent, found.ended), (12, 7, false));
            assert!(parse(12, "12 (a) Z 7 12").unwrap().ended);
            assert!(parse(12, "12 (a").is_none());
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod other {
    /// Nothing is adopted.
    pub fn adopt() -> anyhow::Result<()> {
        Ok(())
    }

    /// Nothing was adopted.
    pub fn reap() {}

    /// Nothing is known to be left.
    pub fn end() -> usize {
        0
    }
}
