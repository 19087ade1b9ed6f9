//! Who is to be told that something of a person's has moved. A notice says no more than whose; whoever hears it looks in
//! the store. So notices may run together, come twice, or be lost: that costs time, and never data, because everyone
//! looks now and then without one.

mod hub;
mod postgres;

pub use self::hub::{Full, Hub, Subscription};
pub use self::postgres::PgNotifier;

/// Passes notices on.
pub trait Notifier: Send + Sync + 'static {
    /// Something of this person's has been committed. Does not wait.
    fn moved(&self, user_id: &str);

    /// Notices of this person's from now on.
    fn subscribe(&self, user_id: &str) -> Result<Subscription, Full>;

    /// How many subscriptions there are in this process.
    fn subscriptions(&self) -> usize;

    /// Ends every subscription: the server stops.
    fn close(&self);
}
