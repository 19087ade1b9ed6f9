//! Connections: how many there may be, how long one may take to say what it wants, and how they end.

mod patience;

use std::future::Future;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use self::patience::Patience;
use crate::rate::Peer;

/// How long to wait before asking again where the system has no connection to give, such as for want of descriptors.
const BREATH: Duration = Duration::from_secs(1);

/// At most so much of what comes is held for each connection before it is taken, in bytes; and a request's head must fit.
const BUFFER: usize = 64 << 10;

/// What a listener allows.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a client may take from the connection's beginning, or from the last answer, to the end of a request's
    /// head. Without it, a few hundred clients that say nothing shut out everyone else.
    pub head: Duration,
    /// How long a client may take nothing of what is sent to it.
    pub patience: Duration,
    /// How many connections are open at once. Whoever comes next waits for its turn.
    pub connections: usize,
    /// How long running requests may take to end once the server is told to stop.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            head: Duration::from_secs(10),
            patience: Duration::from_secs(30),
            // A process has 1,024 descriptors where nobody asked for more, and an answer may hold a file beside its
            // connection.
            connections: 480,
            grace: Duration::from_secs(10),
        }
    }
}

/// Answers until `stop` is done, by TLS where there is something to do that with. Then nothing more is taken, idle
/// connections are closed at once, and running requests end.
pub async fn answer(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head).max_buf_size(BUFFER);
    let places = Arc::new(Semaphore::new(limits.connections));
    let open = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let next = async {
            // Never closed: there is always a place to come.
            let place = Arc::clone(&places).acquire_owned().await;
            (place, accept(&listener).await)
        };
        let (place, (stream, address)) = tokio::select! {
            biased;
            () = &mut stop => break,
            next = next => next,
        };
        let service = router.clone().map_request(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(address));
            request
        });
        let service = TowerToHyperService::new(service);
        let (http, watcher) = (http.clone(), open.watcher());
        let tls = tls.clone();
        let stream = Patience::new(stream, limits.patience);
        tokio::spawn(async move {
            let ended = match tls {
                None => watcher.watch(http.serve_connection(TokioIo::new(stream), service)).await,
                Some(tls) => match timeout(limits.head, tls.accept(stream)).await {
                    Ok(Ok(stream)) => {
                        watcher.watch(http.serve_connection(TokioIo::new(stream), service)).await
                    }
                    // A client that knows no TLS, or not this certificate, or says nothing.
                    Ok(Err(_)) | Err(_) => Ok(()),
                },
            };
            if let Err(error) = ended {
                tracing::debug!("a connection ended: {error}");
            }
            drop(place);
        });
    }
    drop(listener);
    if timeout(limits.grace, open.shutdown()).await.is_err() {
        tracing::warn!("stopped with requests still running");
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(connection) => return connection,
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                tracing::error!("no connection can be taken: {error}");
                sleep(BREATH).await;
            }
        }
    }
}

/// Whether a client went away before its turn, which concerns nobody else.
fn is_the_clients(error: &io::Error) -> bool {
    use ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;

    use super::*;

    const HALF: &[u8] = b"GET / HTTP/1.1\r\nhost: local";
    const WHOLE: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    const SHORT: Limits = Limits {
        head: Duration::from_millis(100),
        patience: Duration::from_secs(10),
        connections: 4,
        grace: Duration::from_secs(10),
    };

    async fn listen(limits: Limits) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(|| async { "ok" })).route("/forever", get(pending::<()>));
        let (stop, stopped) = oneshot::channel();
        let stopped = async { stopped.await.unwrap() };
        (address, stop, tokio::spawn(answer(listener, None, router, limits, stopped)))
    }

    async fn say(address: SocketAddr, text: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(text).await.unwrap();
        stream
    }

    /// Everything until the server closes the connection, and it does.
    async fn heard(mut stream: TcpStream) -> String {
        let mut text = Vec::new();
        // Reset or closed in order: it is over.
        let read = timeout(Duration::from_secs(30), stream.read_to_end(&mut text)).await;
        read.expect("the server closes the connection").ok();
        String::from_utf8(text).unwrap()
    }

    #[tokio::test]
    async fn half_a_head_is_closed() {
        let (address, stop, _ended) = listen(SHORT).await;
        assert!(!heard(say(address, HALF).await).await.contains(" 200 "));
        assert_eq!(heard(say(address, b"").await).await, "");
        drop(stop);
    }

    #[tokio::test]
    async fn half_heads_shut_nobody_out() {
        let (address, stop, _ended) = listen(SHORT).await;
        let mut half = Vec::new();
        for _ in 0..5 * SHORT.connections {
            half.push(say(address, HALF).await);
        }
        assert!(heard(say(address, WHOLE).await).await.starts_with("HTTP/1.1 200"));
        drop((half, stop));
    }

    #[tokio::test]
    async fn no_more_are_open_than_may_be() {
        let (address, stop, _ended) = listen(Limits { head: Duration::from_secs(600), ..SHORT }).await;
        let mut half = Vec::new();
        for _ in 0..SHORT.connections {
            half.push(say(address, HALF).await);
        }
        let mut waiting = pin!(heard(say(address, WHOLE).await));
        let early = timeout(SHORT.head, &mut waiting).await;
        assert!(early.is_err(), "there is no place yet: {early:?}");
        drop(half.pop());
        assert!(waiting.await.starts_with("HTTP/1.1 200"));
        drop(stop);
    }

    #[tokio::test]
    async fn told_to_stop_it_closes_what_is_idle_at_once() {
        let long = Duration::from_secs(600);
        let (address, stop, ended) = listen(Limits { head: long, grace: long, ..SHORT }).await;
        let silent = say(address, b"").await;
        let mut kept = say(address, b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
        let mut answer = String::new();
        while !answer.ends_with("ok") {
            answer.push(char::from(kept.read_u8().await.unwrap()));
        }
        stop.send(()).unwrap();
        assert_eq!((heard(kept).await, heard(silent).await), (String::new(), String::new()));
        ended.await.unwrap();
    }

    #[tokio::test]
    async fn told_to_stop_it_does_not_wait_for_ever() {
        let (address, stop, ended) = listen(Limits { grace: Duration::from_millis(100), ..SHORT }).await;
        let request = say(address, b"GET /forever HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
        // Answered after it, so the one before has been taken.
        heard(say(address, WHOLE).await).await;
        stop.send(()).unwrap();
        ended.await.unwrap();
        drop(request);
    }
}
