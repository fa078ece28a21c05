//! The real program, started, asked over HTTP and killed: what a test needs to watch it fail.
//!
//! The client is written by hand, one connection for each request, so that a killed server shows as what it is: no
//! answer. Nothing is retried here.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Longest time a server may take to listen, or an answer to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// Returns the program with arguments.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bihu"));
    command.args(arguments).env_remove("BIHU_STORE").env_remove("BIHU_LOG").stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub fn run(arguments: &[&str]) -> Output {
    program(arguments).output().expect("the program starts")
}

/// Makes an admin token for the store at `url`.
pub fn token(url: &str) -> String {
    let made = run(&["token", "create", "--role", "admin", "--name", "tester", "--store", url]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).expect("text").trim().to_owned()
}

/// A running `bihu serve`; killed when dropped.
pub struct Server {
    child: Child,
    /// Where it listens, `host:port`.
    pub address: String,
    said: Arc<Mutex<String>>,
}

impl Server {
    /// Starts a server on the store at `url`, without the demonstration district.
    pub fn start(url: &str) -> Self {
        Self::spawn(program(&["serve", "--listen", "127.0.0.1:0", "--no-demo", "--store", url]))
    }

    /// Starts a server that can not write more than `kib` KiB into any one file: a full disk, for those who own no disk.
    /// The signal that goes with the limit is ignored, so that the write fails as it does on a full disk.
    pub fn start_on_a_small_disk(url: &str, kib: u32) -> Self {
        let script = "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"";
        let mut command = Command::new("bash");
        command.args(["-c", script, &kib.to_string(), env!("CARGO_BIN_EXE_bihu")]);
        command.args(["serve", "--listen", "127.0.0.1:0", "--no-demo", "--store", url]).stdin(Stdio::null());
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        let started = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = started.expect("the program starts");
        let said = Arc::new(Mutex::new(String::new()));
        let errors = BufReader::new(child.stderr.take().expect("a pipe"));
        let keep = said.clone();
        thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                keep.lock().expect("not poisoned").push_str(&(line + "\n"));
            }
        });
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some(address) = line.strip_prefix("listening on http://") {
                    let _ = tell.send(address.to_owned());
                }
            }
        });
        match told.recv_timeout(PATIENCE) {
            Ok(address) => Self { child, address, said },
            Err(_) => panic!("no server: {}", said.lock().expect("not poisoned")),
        }
    }

    /// Ends it as a power cut would end it.
    pub fn kill(&mut self) {
        self.child.kill().expect("SIGKILL is sent");
        self.child.wait().expect("it ends");
    }

    /// Returns what it has written to its log.
    pub fn said(&self) -> String {
        self.said.lock().expect("not poisoned").clone()
    }

    /// Asks and returns the answer, which must come.
    pub fn ask(&self, ask: &Ask) -> Answer {
        ask.of(&self.address).unwrap_or_else(|e| panic!("{} {}: {e}; {}", ask.method, ask.path, self.said()))
    }

    /// Asks with GET and nothing else.
    pub fn get(&self, path: &str) -> Answer {
        self.ask(&Ask::new("GET", path))
    }

    /// Listens to `/api/live`: what comes after `data: `, with the time at which it came.
    pub fn listen(&self) -> Receiver<(Instant, Value)> {
        let mut stream = TcpStream::connect(&self.address).expect("the server is there");
        write!(stream, "GET /api/live HTTP/1.1\r\nhost: bihu\r\n\r\n").expect("the server listens");
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let Some(event) = line.strip_prefix("data: ") else { continue };
                let event = serde_json::from_str(event).expect("an event is JSON");
                if tell.send((Instant::now(), event)).is_err() {
                    return;
                }
            }
        });
        told
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let said = self.said();
        if said.contains("panicked") && !thread::panicking() {
            panic!("the server panicked: {said}");
        }
    }
}

/// A request.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Value>,
}

impl Ask {
    /// Returns a request without headers and body.
    pub fn new(method: &'static str, path: &str) -> Self {
        Self { method, path: path.to_owned(), ..Self::default() }
    }

    /// Adds a header.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Signs it with a token.
    pub fn by(self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    /// Adds a body.
    pub fn saying(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Sends it and reads the answer; an answer that breaks off is none.
    pub fn of(&self, address: &str) -> std::io::Result<Answer> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let body = self.body.as_ref().map(Value::to_string).unwrap_or_default();
        let mut text = format!("{} {} HTTP/1.1\r\nhost: bihu\r\nconnection: close\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            text += &format!("{name}: {value}\r\n");
        }
        if self.body.is_some() {
            text += &format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
        }
        stream.write_all((text + "\r\n" + &body).as_bytes())?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        Answer::read(&bytes).ok_or_else(|| std::io::Error::other("the answer breaks off"))
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status.
    pub status: u16,
    head: String,
    /// Body; null when it is not JSON.
    pub body: Value,
}

impl Answer {
    fn read(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let mut answer = Self { status, head, body: Value::Null };
        let body = &bytes[end + 4..];
        let whole = answer.header("content-length").is_none_or(|n| n.parse() == Ok(body.len()));
        answer.body = serde_json::from_slice(body).unwrap_or_default();
        whole.then_some(answer)
    }

    /// Returns a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// Returns the revision in the tag of one resource.
    pub fn revision(&self) -> u64 {
        let tag = self.header("etag").unwrap_or_else(|| panic!("no tag: {self:?}"));
        tag.trim_matches('"').trim_start_matches('r').parse().unwrap_or_else(|_| panic!("not a row's tag: {tag}"))
    }
}
