//! What networks and storage do, and what dies.

/// What a network does to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weather {
    /// It never arrives.
    Drop,
    /// It arrives, its answer does not.
    DropAnswer,
    /// It arrives twice.
    Duplicate,
    /// It takes long, up to a minute.
    Delay,
    /// The answer breaks off.
    Truncate,
    /// A captive portal answers 200 with a page of its own.
    Portal,
    /// A captive portal answers 302.
    Redirect,
    /// A captive portal answers 511.
    Gate,
    /// A proxy answers 413 to what is larger than a kilobyte.
    ProxyLarge,
    /// A proxy answers 400.
    ProxyBad,
    /// A gateway answers 502.
    ProxyFails,
}

/// What storage does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// Reads and writes fail.
    Fails,
    /// There is no room for writes.
    Full,
    /// It takes up to five seconds.
    Slow,
}

/// What dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Victim {
    /// The page or worker whose effect it is.
    Actor,
    /// The worker.
    Worker,
    /// The whole browser, as by SIGKILL: what was not durable may be lost.
    Browser,
}
