//! A loopback HTTP server that answers what a test tells it to, well-formed or not, and remembers what it was asked.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A running server; it ends with the test process.
pub(super) struct TestServer {
    pub(super) origin: String,
    requests: Arc<Mutex<Vec<Recorded>>>,
}

/// A request as it came in.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    /// Method, path and query.
    pub(super) line: String,
    /// In lower case: `name: value` lines.
    pub(super) headers: String,
    pub(super) body: String,
}

impl Recorded {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.headers.lines().filter_map(|line| line.split_once(':'));
        lines
            .into_iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    /// These bytes, then the end of the connection.
    Bytes(Vec<u8>),
    /// The end of the connection.
    Close,
    /// Nothing, until the client hangs up.
    Hang,
}

impl Reply {
    pub(super) fn json(body: impl Into<String>) -> Self {
        Self::response(200, "content-type: application/json\r\n", &body.into())
    }

    pub(super) fn response(status: u16, headers: &str, body: &str) -> Self {
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n");
        Self::Bytes(format!("{head}{headers}\r\n{body}").into_bytes())
    }
}

impl TestServer {
    /// Starts a server that answers with `answer`.
    pub(super) fn start(answer: impl Fn(&Recorded) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_with(answer, "http", |stream| stream)
    }

    /// The same, over what `wrap` makes of a connection.
    pub(super) fn start_with<S: Read + Write>(
        answer: impl Fn(&Recorded) -> Reply + Send + Sync + 'static,
        scheme: &str,
        wrap: impl Fn(TcpStream) -> S + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("{scheme}://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (answer, wrap, log) = (Arc::new(answer), Arc::new(wrap), Arc::clone(&requests));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (answer, wrap, log) =
                    (Arc::clone(&answer), Arc::clone(&wrap), Arc::clone(&log));
                std::thread::spawn(move || serve(wrap(stream), &*answer, &log));
            }
        });
        Self { origin, requests }
    }

    pub(super) fn requests(&self) -> Vec<Recorded> {
        self.requests.lock().unwrap().clone()
    }

    /// How many requests for `path` there have been.
    pub(super) fn count(&self, path: &str) -> usize {
        self.requests().iter().filter(|request| request.line.ends_with(path)).count()
    }
}

fn serve(
    mut stream: impl Read + Write,
    answer: &dyn Fn(&Recorded) -> Reply,
    log: &Mutex<Vec<Recorded>>,
) {
    let Some(request) = read(&mut stream) else {
        return;
    };
    log.lock().unwrap().push(request.clone());
    match answer(&request) {
        Reply::Bytes(bytes) => {
            // The client may have hung up: that is what some tests are about.
            let _ = stream.write_all(&bytes).and_then(|()| stream.flush());
        }
        Reply::Close => {}
        Reply::Hang => {
            let _ = stream.read(&mut [0; 1]);
        }
    }
}

fn read(stream: &mut impl Read) -> Option<Recorded> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let (line, headers) = head.split_once("\r\n")?;
            let line = line.strip_suffix(" HTTP/1.1")?.to_owned();
            let request = Recorded { line, headers: headers.to_owned(), body: body.to_owned() };
            let length =
                request.header("content-length").map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return Some(request);
            }
        }
        match stream.read(&mut chunk).ok()? {
            0 => return None,
            count => bytes.extend_from_slice(&chunk[..count]),
        }
    }
}
