//! HTTP/1.0 by hand: every byte that is sent is the test's, and a reply ends with its connection.

use std::io;

use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

use super::Reply;

/// Sends one request; `headers` besides `Host` and `Content-Length`.
pub(crate) async fn exchange(
    method: &str,
    url: &Url,
    headers: &[(String, String)],
    body: &str,
) -> io::Result<Reply> {
    let port = url.port_or_known_default().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(request(method, url, headers, body).as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    parse(&bytes).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

fn request(method: &str, url: &Url, headers: &[(String, String)], body: &str) -> String {
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut request = format!("{method} {}{query} HTTP/1.0\r\n", url.path());
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        request += &format!("host: {}{port}\r\n", url.host_str().unwrap());
    }
    headers.iter().for_each(|(name, value)| request += &format!("{name}: {value}\r\n"));
    if !body.is_empty() || method == "POST" {
        request += &format!("content-length: {}\r\n", body.len());
    }
    request + "\r\n" + body
}

fn parse(bytes: &[u8]) -> Option<Reply> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let mut headers = HeaderMap::new();
    for line in head.lines().skip(1) {
        let (name, value) = line.split_once(':')?;
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        headers.append(name, HeaderValue::from_str(value.trim()).ok()?);
    }
    Some(Reply { status, headers, body: bytes[end + 4..].to_vec() })
}
