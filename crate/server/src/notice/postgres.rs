//! Notices between the servers of one PostgreSQL, by LISTEN and NOTIFY: one connection a process listens, whoever has
//! how many streams. What moved is told after its commit, and what moves at once in one statement: a NOTIFY within the
//! push's transaction would take a lock that all commits of the database wait for.

use std::collections::BTreeSet;
use std::mem::take;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::{Full, Hub, Notifier, Subscription};

const CHANNEL: &str = "fieldsync";
/// What comes within this goes out together.
const GATHER: Duration = Duration::from_millis(20);
/// How long until the next try where the database is out of reach.
const BREATH: Duration = Duration::from_secs(2);
/// More people than this are not told one by one.
const MOST: usize = 1_000;
/// Whom a notice is for that is for everyone: no id of a person is empty.
const EVERYONE: &str = "";

/// Notices through a PostgreSQL database, and within this process.
pub struct PgNotifier {
    hub: Hub,
    waiting: Arc<Waiting>,
    tasks: [JoinHandle<()>; 2],
}

/// Whose notices have not gone out yet.
#[derive(Default)]
struct Waiting {
    people: Mutex<BTreeSet<String>>,
    some: Notify,
}

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, user_id: &str) {
        let mut people = self.lock();
        if !people.contains(EVERYONE) {
            people.insert(user_id.to_owned());
        }
        if people.len() > MOST {
            *people = BTreeSet::from([EVERYONE.to_owned()]);
        }
        drop(people);
        self.some.notify_one();
    }
}

impl PgNotifier {
    /// Listens on the database of a URL from now on, as soon as it can be reached. `process` tells the notices of this
    /// process from the others'.
    pub fn start(url: &str, process: String, hub: Hub) -> Result<PgNotifier, sqlx::Error> {
        let options = PgConnectOptions::from_str(url)?.application_name("fieldsync-server events");
        // One listens, one tells. Neither is ever too old.
        let pool = PgPoolOptions::new().max_connections(2).idle_timeout(None).max_lifetime(None);
        let pool = pool.connect_lazy_with(options);
        let waiting = Arc::new(Waiting::default());
        let tasks = [
            tokio::spawn(listen(pool.clone(), process.clone(), hub.clone())),
            tokio::spawn(tell(pool, process, Arc::clone(&waiting))),
        ];
        Ok(PgNotifier { hub, waiting, tasks })
    }
}

impl Notifier for PgNotifier {
    fn moved(&self, user_id: &str) {
        // Here at once; the others hear it from the database.
        self.hub.moved(user_id);
        self.waiting.add(user_id);
    }

    fn subscribe(&self, user_id: &str) -> Result<Subscription, Full> {
        self.hub.subscribe(user_id)
    }

    fn subscriptions(&self) -> usize {
        self.hub.subscriptions()
    }

    fn close(&self) {
        self.hub.close();
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Drop for PgNotifier {
    fn drop(&mut self) {
        self.close();
    }
}

async fn listen(pool: PgPool, process: String, hub: Hub) {
    loop {
        if let Err(error) = listen_on(&pool, &process, &hub).await {
            tracing::warn!("notices of other servers come late for now: {error}");
            sleep(BREATH).await;
        }
    }
}

/// Listens until the connection breaks.
async fn listen_on(pool: &PgPool, process: &str, hub: &Hub) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    // What moved while nobody listened.
    hub.moved_all();
    while let Some(notice) = listener.try_recv().await? {
        match read(notice.payload(), process) {
            Some(EVERYONE) => hub.moved_all(),
            Some(user_id) => hub.moved(user_id),
            None => {}
        }
    }
    Ok(())
}

async fn tell(pool: PgPool, process: String, waiting: Arc<Waiting>) {
    loop {
        waiting.some.notified().await;
        sleep(GATHER).await;
        let people = take(&mut *waiting.lock());
        let notices: Vec<String> = people.iter().map(|user_id| write(&process, user_id)).collect();
        let told = sqlx::query("SELECT pg_notify($1, notice) FROM unnest($2::text[]) AS notice")
            .bind(CHANNEL)
            .bind(notices)
            .execute(&pool)
            .await;
        if let Err(error) = told {
            // Whoever waits for them looks without: they are not kept for later.
            tracing::warn!("other servers are told late for now: {error}");
        }
    }
}

/// A notice as it crosses.
fn write(process: &str, user_id: &str) -> String {
    format!("{process} {user_id}")
}

/// Whom another process's notice is for; `None` where it is this one's own, or none at all.
fn read<'a>(notice: &'a str, process: &str) -> Option<&'a str> {
    let (from, user_id) = notice.split_once(' ')?;
    (from != process).then_some(user_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_does_not_hear_itself() {
        assert_eq!(read(&write("p", "a b"), "q"), Some("a b"));
        assert_eq!(read(&write("p", EVERYONE), "q"), Some(EVERYONE));
        assert_eq!(read(&write("p", "a"), "p"), None);
        assert_eq!(read("nonsense", "p"), None);
    }

    #[test]
    fn what_waits_is_bounded() {
        let waiting = Waiting::default();
        for n in 0..MOST {
            waiting.add(&format!("{n}"));
        }
        assert_eq!(waiting.lock().len(), MOST);
        for n in 0..5 {
            waiting.add(&format!("more {n}"));
            assert_eq!(*waiting.lock(), BTreeSet::from([EVERYONE.to_owned()]));
        }
    }
}
