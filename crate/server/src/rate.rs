//! How many requests one address and one person may make: first a burst, then so many a second. Who asks for more is told
//! when to come back. What is kept for it takes the same memory whoever comes.

mod table;

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use self::table::{Rate, RateTable};
use crate::problem::ApiError;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// What guesses passwords, and makes the server hash them.
const ATTEMPTS: [&str; 2] = ["/api/v1/auth/register", "/api/v1/auth/login"];
/// A team that begins its day behind one address logs in at once; who guesses goes on.
const ATTEMPT: Rate = Rate { per_second: 1, burst: 30 };
/// A burst is as much as so many seconds give. A device that was away for long has much to say at once.
const BURST_SECONDS: u32 = 30;

/// How many requests there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// Requests a second of one person, after a burst; 0 is without limit.
    pub user: u32,
    /// Requests a second from one address, after a burst; 0 is without limit, for logins too.
    pub address: u32,
    /// There is a proxy before the server, and only it can be reached: addresses are as it says in X-Forwarded-For.
    pub behind_proxy: bool,
}

/// The address that a connection comes from.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Counts requests. Clones count together.
#[derive(Clone)]
pub struct Rates(Arc<Tables>);

struct Tables {
    began: Instant,
    users: Option<RateTable>,
    addresses: Option<RateTable>,
    attempts: Option<RateTable>,
    behind_proxy: bool,
}

impl Rates {
    /// With these limits.
    pub fn new(limits: RateLimits) -> Rates {
        let RateLimits { user, address, behind_proxy } = limits;
        let table = |per_second: u32| {
            let burst = per_second.saturating_mul(BURST_SECONDS);
            (per_second > 0).then(|| RateTable::new(Rate { per_second, burst }))
        };
        Rates(Arc::new(Tables {
            began: Instant::now(),
            users: table(user),
            addresses: table(address),
            attempts: (address > 0).then(|| RateTable::new(ATTEMPT)),
            behind_proxy,
        }))
    }

    /// Without any.
    pub fn unlimited() -> Rates {
        Rates::new(RateLimits { user: 0, address: 0, behind_proxy: false })
    }

    /// Counts a request of a person's, or refuses it.
    pub fn count_user(&self, user_id: &str) -> Result<(), ApiError> {
        self.count(self.0.users.as_ref(), &user_id)
    }

    fn count_address(&self, address: IpAddr, path: &str) -> Result<(), ApiError> {
        let network = network(address);
        self.count(self.0.addresses.as_ref(), &network)?;
        if ATTEMPTS.contains(&path) {
            self.count(self.0.attempts.as_ref(), &network)?;
        }
        Ok(())
    }

    fn count(&self, table: Option<&RateTable>, key: &impl std::hash::Hash) -> Result<(), ApiError> {
        let Some(table) = table else { return Ok(()) };
        table.count(key, self.0.began.elapsed()).map_err(|wait| ApiError::TooManyRequests(seconds(wait)))
    }

    /// Where a request comes from; `None` where nobody says.
    fn address(&self, request: &Request) -> Option<IpAddr> {
        let forwarded = self.0.behind_proxy.then(|| forwarded_for(request.headers())).flatten();
        forwarded.or_else(|| request.extensions().get::<Peer>().map(|peer| peer.0.ip()))
    }
}

/// Refuses what comes from an address more often than it may.
pub async fn by_address(State(rates): State<Rates>, request: Request, next: Next) -> Response {
    let Some(address) = rates.address(&request) else { return next.run(request).await };
    match rates.count_address(address, request.uri().path()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// The last address of the header, which is the one that the proxy itself has seen: those before it anybody can write.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all(FORWARDED_FOR).iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

/// What is counted as one: who has one address of the new kind has 2^64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        address => address,
    }
}

/// Whole seconds, as the header has them, and not too early.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn forwarded(values: &[&'static str]) -> Option<IpAddr> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(value));
        }
        forwarded_for(&headers)
    }

    #[test]
    fn only_the_proxys_own_word_counts() {
        let address = "10.0.0.1".parse().ok();
        assert_eq!(forwarded(&["10.0.0.1"]), address);
        assert_eq!(forwarded(&["1.1.1.1, 10.0.0.1"]), address);
        assert_eq!(forwarded(&["1.1.1.1", "2.2.2.2,10.0.0.1"]), address);
        assert_eq!(forwarded(&["10.0.0.1, nonsense"]), None);
        assert_eq!(forwarded(&[]), None);
    }

    #[test]
    fn a_network_is_one() {
        let network = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("::ffff:10.0.0.1"), "10.0.0.1");
        assert_eq!(network("10.0.0.1"), "10.0.0.1");
    }

    #[test]
    fn nobody_comes_back_too_early() {
        for (millis, expected) in [(1, 1), (999, 1), (1_000, 1), (1_001, 2)] {
            assert_eq!(seconds(Duration::from_millis(millis)), expected);
        }
    }

    #[test]
    fn logins_are_counted_by_themselves_too() {
        let rates = Rates::new(RateLimits { user: 0, address: 100, behind_proxy: false });
        let address = "10.0.0.1".parse().unwrap();
        for _ in 0..ATTEMPT.burst {
            assert!(rates.count_address(address, ATTEMPTS[1]).is_ok());
        }
        let refusal = rates.count_address(address, ATTEMPTS[1]).unwrap_err();
        assert!(matches!(refusal, ApiError::TooManyRequests(1)), "{refusal}");
        assert!(rates.count_address(address, "/api/v1/sync/push").is_ok());
        assert!(rates.count_address("10.0.0.2".parse().unwrap(), ATTEMPTS[1]).is_ok());
        for _ in 0..10_000 {
            assert!(rates.count_user("a").is_ok(), "without limit");
            assert!(Rates::unlimited().count_user("a").is_ok());
        }
    }
}
