//! Event streams on which nothing happens: what each costs, and whether pushes still go through beside them.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::load::{Load, Pushed};
use super::running::{Running, Where};

/// A person's devices may hold 64.
const OF_A_PERSON: usize = 60;
/// Connections beside the streams, and the server's own files.
const DESCRIPTORS_BESIDE: u64 = 1_000;

/// What was seen.
pub struct Idle {
    pub streams: usize,
    pub bytes_each: f64,
    /// By people who have no stream, so that the others stay idle.
    pub pushed: Pushed,
}

impl Idle {
    /// Opens the streams, then pushes beside them.
    pub fn measure(streams: usize, load: &Load) -> Idle {
        allow(streams as u64 + DESCRIPTORS_BESIDE);
        let listeners = streams.div_ceil(OF_A_PERSON);
        let mut server = Running::start(&Where::File, load.abreast + listeners, streams);
        let listening = server.devices.split_off(load.abreast);
        let before = server.memory();
        let open: Vec<TcpStream> =
            (0..streams).map(|nth| listen(&server.address, &listening[nth / OF_A_PERSON].token)).collect();
        let bytes_each = server.memory().saturating_sub(before) as f64 / streams as f64;
        let pushed = load.push_to(&server);
        assert_eq!(open.iter().filter(|stream| is_open(stream)).count(), streams, "none was dropped");
        Idle { streams, bytes_each, pushed }
    }
}

/// A stream whose first event has come.
fn listen(address: &str, token: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /api/v1/events HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\r\n")
        .unwrap();
    let mut heard = Vec::new();
    let mut buffer = [0; 2_048];
    while !heard.windows(6).any(|window| window == b"event:") {
        let read = stream.read(&mut buffer).unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&heard));
        heard.extend_from_slice(&buffer[..read]);
    }
    assert!(heard.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&heard));
    stream
}

fn is_open(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    // The end of a stream reads as nothing; what has come is more than nothing; what has not is an error.
    !matches!(stream.peek(&mut [0]), Ok(0))
}

/// Raises how many files this process, and the server that it starts, may have open.
fn allow(descriptors: u64) {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < descriptors) {
        limit.current = Some(descriptors);
        if setrlimit(Resource::Nofile, limit).is_err() {
            println!("fewer than {descriptors} open files are allowed here: ulimit -n {descriptors}");
        }
    }
}
