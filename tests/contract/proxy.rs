//! A wire to the database that can be cut and stopped: what stands between a server and its PostgreSQL in the tests.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;
use std::time::Duration;

/// State of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Wire {
    /// Everything passes.
    Whole,
    /// Connections end, new ones are refused: the database was stopped.
    Cut,
    /// Nothing passes and nobody is told: the cable was pulled.
    Dead,
}

/// The proxy; it ends with the test process.
pub struct Proxy {
    /// Address of the database by way of the proxy.
    pub url: String,
    state: Arc<AtomicU8>,
}

impl Proxy {
    /// Puts a wire in front of the database at `url` (`postgres://USER@HOST:PORT/DATABASE`).
    pub fn to(url: &str) -> Self {
        let host = url.find('@').expect("a user") + 1;
        let end = host + url[host..].find('/').expect("a database");
        let upstream = url[host..end].to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let own = listener.local_addr().expect("an address");
        let state = Arc::new(AtomicU8::new(Wire::Whole as u8));
        let seen = state.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if seen.load(Ordering::Acquire) == Wire::Cut as u8 {
                    continue;
                }
                let Ok(server) = TcpStream::connect(&upstream) else { continue };
                join(&client, &server, &seen);
                join(&server, &client, &seen);
            }
        });
        Self { url: format!("{}{own}{}", &url[..host], &url[end..]), state }
    }

    /// Brings the wire into a state.
    pub fn set(&self, wire: Wire) {
        self.state.store(wire as u8, Ordering::Release);
    }
}

/// Carries bytes one way in a thread of its own, as long as the wire is not cut.
fn join(from: &TcpStream, to: &TcpStream, state: &Arc<AtomicU8>) {
    let (mut from, mut to) = (from.try_clone().expect("a handle"), to.try_clone().expect("a handle"));
    let state = state.clone();
    from.set_read_timeout(Some(Duration::from_millis(20))).expect("a timeout");
    thread::spawn(move || {
        let mut bytes = [0; 16 * 1024];
        loop {
            let wire = state.load(Ordering::Acquire);
            if wire == Wire::Dead as u8 {
                thread::sleep(Duration::from_millis(20));
                continue;
            }
            let passed = match from.read(&mut bytes) {
                _ if wire == Wire::Cut as u8 => break,
                Ok(0) => break,
                Ok(n) => carry(&mut to, &bytes[..n], &state),
                Err(e) => matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
            };
            if !passed {
                break;
            }
        }
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    });
}

/// Writes what was read, later when the wire has died in between.
fn carry(to: &mut TcpStream, bytes: &[u8], state: &AtomicU8) -> bool {
    while state.load(Ordering::Acquire) == Wire::Dead as u8 {
        thread::sleep(Duration::from_millis(20));
    }
    to.write_all(bytes).is_ok()
}
