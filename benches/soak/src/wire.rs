//! HTTP/1.1 by hand, on a connection that is kept: the load must cost less than what it loads.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A connection to one server, opened when it is first used.
pub(crate) struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
}

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

/// A request, without `Host` and the length.
pub(crate) struct Ask<'a> {
    pub(crate) method: &'a str,
    pub(crate) target: &'a str,
    /// Whole lines, each with its end.
    pub(crate) headers: &'a str,
    pub(crate) cookies: &'a str,
    pub(crate) body: &'a str,
}

impl Connection {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    /// After an error the next request opens a new connection.
    pub(crate) async fn send(&mut self, ask: &Ask<'_>) -> Result<Reply> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => TcpStream::connect(self.address).await?,
        };
        stream.set_nodelay(true)?;
        let Ask { method, target, headers, body, .. } = ask;
        let mut request =
            format!("{method} {target} HTTP/1.1\r\nhost: {}\r\n{headers}", self.address);
        if !ask.cookies.is_empty() {
            request += &format!("cookie: {}\r\n", ask.cookies);
        }
        if *method == "POST" {
            request += &format!("content-length: {}\r\n", body.len());
        }
        request += "\r\n";
        request += body;
        stream.write_all(request.as_bytes()).await?;
        let reply = read(&mut stream).await?;
        self.stream = Some(stream);
        Ok(reply)
    }
}

async fn read(stream: &mut TcpStream) -> Result<Reply> {
    let mut bytes = Vec::with_capacity(1024);
    let end = loop {
        more(stream, &mut bytes).await?;
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let malformed = || Error::new(ErrorKind::InvalidData, head.clone());
    let status = head.get(9..12).and_then(|status| status.parse().ok()).ok_or_else(malformed)?;
    let length = values(&head, "content-length").next().ok_or_else(malformed)?;
    let length: usize = length.parse().map_err(|_| malformed())?;
    while bytes.len() < end + length {
        more(stream, &mut bytes).await?;
    }
    if bytes.len() > end + length {
        return Err(malformed());
    }
    let body = String::from_utf8_lossy(&bytes[end..]).into_owned();
    Ok(Reply { status, head, body })
}

async fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Result<()> {
    match stream.read_buf(bytes).await? {
        0 => Err(ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

fn values<'a>(head: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let pairs = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    pairs.filter_map(move |(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
}

impl Reply {
    pub(crate) fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        values(&self.head, name)
    }

    pub(crate) fn location(&self) -> Option<&str> {
        self.headers("location").next()
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let location = self.location().unwrap_or_default();
        write!(formatter, "{} {location} {:.300}", self.status, self.body)
    }
}
