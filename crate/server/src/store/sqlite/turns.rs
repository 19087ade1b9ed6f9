//! Pushes that wait for the one writing connection go together: whoever's turn comes takes along those that wait behind
//! it, and one flush to the disk serves all of them. Each is judged by itself, and answered after the commit.

use std::sync::{Arc, Mutex, PoisonError};

use sqlx::sqlite::SqlitePool;
use tokio::sync::oneshot;

use super::push::push;
use super::{attempt, is_unique_violation};
use crate::judge::Verdict;
use crate::store::PushParams;

/// How many go together, so that nobody waits long for another's.
const TOGETHER: usize = 16;
/// How often a push is judged anew after a unique constraint contradicted what had just been found.
const JUDGED_AT_MOST: usize = 3;

type Outcome = Result<Verdict, sqlx::Error>;

/// Those that wait, the first to come first.
#[derive(Clone, Debug, Default)]
pub struct Turns {
    waiting: Arc<Mutex<Waiting>>,
}

#[derive(Debug, Default)]
struct Waiting {
    came: u64,
    pushes: Vec<Push>,
}

#[derive(Debug)]
struct Push {
    number: u64,
    params: PushParams,
    answer: oneshot::Sender<Outcome>,
}

impl Turns {
    /// One push, in one transaction. It runs to its end even where the client goes away (I4).
    pub async fn push(&self, writer: &SqlitePool, params: PushParams) -> Outcome {
        let (answer, heard) = oneshot::channel();
        let number = self.wait(params, answer);
        let (turns, writer) = (self.clone(), writer.clone());
        // Each that waits has a turn of its own to come, so none is forgotten, whoever takes whom along.
        tokio::spawn(async move { turns.take(&writer, number).await });
        heard.await.map_err(|_| sqlx::Error::WorkerCrashed)?
    }

    fn wait(&self, params: PushParams, answer: oneshot::Sender<Outcome>) -> u64 {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.came += 1;
        let number = waiting.came;
        waiting.pushes.push(Push { number, params, answer });
        number
    }

    /// How many wait.
    #[cfg(test)]
    pub fn waiting(&self) -> usize {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).pushes.len()
    }

    async fn take(&self, writer: &SqlitePool, number: u64) {
        let mut connection = match writer.acquire().await {
            Ok(connection) => connection,
            Err(error) => {
                // Where somebody has taken it along, it is theirs to answer.
                if let Some(push) = self.leave(|push| push.number == number).pop() {
                    let _ = push.answer.send(Err(error)); // whoever asked may be gone
                }
                return;
            }
        };
        let mut together = 0;
        let pushes = self.leave(|_| {
            together += 1;
            together <= TOGETHER
        });
        if pushes.is_empty() {
            return;
        }
        let outcome = attempt(&mut connection, async |connection| {
            let mut verdicts = Vec::new();
            for Push { params, .. } in &pushes {
                verdicts.push(push(connection, params).await?);
            }
            Ok(verdicts)
        })
        .await;
        match outcome {
            Ok(verdicts) => {
                for (push, verdict) in pushes.into_iter().zip(verdicts) {
                    let _ = push.answer.send(Ok(verdict)); // whoever asked may be gone
                }
            }
            Err(error) => {
                // None of them is written.
                connection.close_on_drop();
                drop(connection);
                self.apart(writer, pushes, error).await;
            }
        }
    }

    /// What one of them ran into does not concern the others: each is tried by itself. Who was alone need not be, but
    /// where another process was quicker.
    async fn apart(&self, writer: &SqlitePool, mut pushes: Vec<Push>, error: sqlx::Error) {
        if pushes.len() == 1 && !is_unique_violation(&error) {
            if let Some(push) = pushes.pop() {
                let _ = push.answer.send(Err(error)); // whoever asked may be gone
            }
            return;
        }
        for push in pushes {
            let _ = push.answer.send(alone(writer, &push.params).await); // whoever asked may be gone
        }
    }

    /// Those that this is true of wait no longer.
    fn leave(&self, mut leaves: impl FnMut(&Push) -> bool) -> Vec<Push> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.pushes.extract_if(.., |push| leaves(push)).collect()
    }
}

async fn alone(writer: &SqlitePool, params: &PushParams) -> Outcome {
    for _ in 1..JUDGED_AT_MOST {
        match super::write(writer, async |connection| push(connection, params).await).await {
            Err(error) if is_unique_violation(&error) => {}
            outcome => return outcome,
        }
    }
    super::write(writer, async |connection| push(connection, params).await).await
}
