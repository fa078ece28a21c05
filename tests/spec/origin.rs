//! A server on loopback that answers as it is told, well or badly, and remembers what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How the next request is answered; the last one said stays.
#[derive(Clone)]
pub enum Act {
    /// 200 with these headers and this body.
    Give(&'static str, String),
    /// A bare status, with these headers.
    Status(u16, String),
    /// A body shorter than its Content-Length.
    CutOff(String),
    /// Nothing, for ever.
    Silence,
    /// A byte now and then.
    Drip,
    /// A body that does not end.
    Endless,
}

/// The server; it ends with the test.
pub struct Origin {
    pub url: String,
    act: Arc<Mutex<Act>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Origin {
    /// Opens the server on a port of its choice.
    pub async fn open(act: Act) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/list.csv", listener.local_addr().expect("an address"));
        let (act, asked) = (Arc::new(Mutex::new(act)), Arc::new(Mutex::new(Vec::new())));
        let origin = Self { url, act: act.clone(), asked: asked.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (act, asked) = (act.clone(), asked.clone());
                tokio::spawn(async move { answer(stream, &act, &asked).await });
            }
        });
        origin
    }

    /// Says how the next requests are answered.
    pub fn act(&self, act: Act) {
        *self.act.lock().expect("no panic") = act;
    }

    /// Gives a table from now on.
    pub fn give(&self, body: &str) {
        self.act(Act::Give("", body.to_owned()));
    }

    /// Returns the heads of all requests so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").clone()
    }
}

async fn answer(mut stream: TcpStream, act: &Mutex<Act>, asked: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    let mut byte = [0u8; 1];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte).await {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    asked.lock().expect("no panic").push(String::from_utf8_lossy(&head).to_lowercase());
    let act = act.lock().expect("no panic").clone();
    let say = |text: String| text.into_bytes();
    let bytes = match act {
        Act::Give(headers, body) => say(format!(
            "HTTP/1.1 200 OK\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )),
        Act::Status(status, headers) => {
            say(format!("HTTP/1.1 {status} Told\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n"))
        }
        Act::CutOff(body) => say(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len() + 500)),
        Act::Silence => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            return;
        }
        Act::Drip => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n").await;
            while stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            return;
        }
        Act::Endless => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").await;
            while stream.write_all(&[b'x'; 8192]).await.is_ok() {}
            return;
        }
    };
    let _ = stream.write_all(&bytes).await;
    let _ = stream.shutdown().await;
}
