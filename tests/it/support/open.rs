//! A response that is read while it comes: HTTP/1.1 by hand.

use std::time::Duration;

use axum_oidc_session::clock::{Clock as _, SystemClock};
use futures_util::future::{Either, select};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

use super::Browser;

/// A response that goes on.
pub(crate) struct Open {
    stream: TcpStream,
    bytes: Vec<u8>,
}

/// How a response ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With its last chunk.
    Clean,
    /// The connection broke off.
    Cut,
}

impl Open {
    /// GET of `path` at `origin` with the browser's cookies; `headers` are lines.
    pub(crate) async fn get(browser: &Browser, origin: &str, path: &str, headers: &str) -> Self {
        let url = Url::parse(origin).unwrap();
        let port = url.port().unwrap();
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let cookies = browser.cookie_header(path);
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncookie: {cookies}\r\n{headers}\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        Self { stream, bytes: Vec::new() }
    }

    /// Waits until `text` has come once more than before.
    pub(crate) async fn until(&mut self, text: &str) {
        let before = self.count(text);
        while self.count(text) == before {
            assert!(self.read().await > 0, "it ended: {}", self.text());
        }
    }

    /// Reads to the end.
    pub(crate) async fn end(&mut self) -> End {
        while self.read().await > 0 {
            if self.bytes.ends_with(b"\r\n0\r\n\r\n") {
                return End::Clean;
            }
        }
        End::Cut
    }

    /// Whether it goes on for a moment.
    pub(crate) async fn goes_on(&mut self) -> bool {
        let before = self.bytes.len();
        while self.bytes.len() < before + 64 {
            if self.read().await == 0 || self.bytes.ends_with(b"\r\n0\r\n\r\n") {
                return false;
            }
        }
        true
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// How many bytes have come.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    fn count(&self, text: &str) -> usize {
        self.bytes.windows(text.len()).filter(|window| *window == text.as_bytes()).count()
    }

    async fn read(&mut self) -> usize {
        let mut buffer = [0; 4096];
        let read = Box::pin(self.stream.read(&mut buffer));
        let read = match select(read, SystemClock.sleep(Duration::from_secs(10))).await {
            // A reset is an end, too.
            Either::Left((read, _)) => read.unwrap_or(0),
            Either::Right(_) => panic!("nothing comes"),
        };
        self.bytes.extend_from_slice(&buffer[..read]);
        read
    }
}
