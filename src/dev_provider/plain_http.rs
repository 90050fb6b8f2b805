//! The smallest HTTP client there is: one POST of a form to a plain `http` URL, no redirects.
//!
//! It speaks HTTP/1.0, so that the reply ends with the connection and is never chunked.

use std::io;
use std::time::Duration;

use axum::http::HeaderValue;
use futures_util::future::{self, Either};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

use crate::clock::Clock;

/// A reply: status, head as text, body.
#[derive(Clone, Debug)]
pub(crate) struct PlainReply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// Posts `form` (already encoded) to `url`, within 10 s by `clock`.
pub(crate) async fn post_form(url: &Url, form: &str, clock: &dyn Clock) -> io::Result<PlainReply> {
    let head = format!(
        "POST {} HTTP/1.0\r\nhost: {}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
        target(url),
        authority(url)?,
        form.len()
    );
    let exchange = Box::pin(exchange(url, head + form));
    match future::select(exchange, clock.sleep(LONGEST_WAIT)).await {
        Either::Left((reply, _)) => reply,
        Either::Right(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}

/// Sends `request` to the host of `url` as it is, and reads until the connection ends.
pub(crate) async fn exchange(url: &Url, request: String) -> io::Result<PlainReply> {
    let host = url.host_str().ok_or(io::ErrorKind::InvalidInput)?;
    let port = url.port_or_known_default().ok_or(io::ErrorKind::InvalidInput)?;
    let address = (host.trim_start_matches('[').trim_end_matches(']'), port);
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut reply = Vec::new();
    stream.take(LONGEST_REPLY).read_to_end(&mut reply).await?;
    parse(&reply).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

fn target(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

fn authority(url: &Url) -> io::Result<String> {
    let host = url.host_str().ok_or(io::ErrorKind::InvalidInput)?;
    let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    HeaderValue::from_str(&authority).map_err(|_| io::ErrorKind::InvalidInput)?;
    Ok(authority)
}

fn parse(reply: &[u8]) -> Option<PlainReply> {
    let end = reply.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(reply.get(..end)?).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(PlainReply { status, head, body: reply.get(end + 4..)?.to_vec() })
}

const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// More than the largest reply of the provider itself (50 MB), which its tests read with this client.
const LONGEST_REPLY: u64 = 64 * 1_048_576;
