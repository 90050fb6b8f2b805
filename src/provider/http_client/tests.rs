use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::super::http_client_settings::HttpClientSettings;
use super::super::test_server::{Reply, TestServer};
use super::*;

const LIMIT: usize = 1000;

fn settings() -> HttpClientSettings {
    HttpClientSettings::default().timeout(Duration::from_millis(500)).max_response_size(LIMIT)
}

async fn send(settings: HttpClientSettings, origin: &str) -> Result<Response<Vec<u8>>, HttpError> {
    let url = Url::parse(&format!("{origin}/path?query=1")).unwrap();
    let request = request(Method::POST, &url).body(b"body".to_vec()).unwrap();
    settings.build().unwrap().send(request).await
}

async fn outcome(reply: Reply) -> Result<Response<Vec<u8>>, HttpError> {
    let server = TestServer::start(move |_| reply.clone());
    let result = send(settings(), &server.origin).await;
    assert_eq!(server.requests().len(), 1, "sent exactly once");
    result
}

#[tokio::test]
async fn request_and_response_pass_unchanged() {
    let server = TestServer::start(|_| Reply::response(418, "x-header: value\r\n", "tea"));
    let response = send(settings(), &server.origin).await.unwrap();
    assert_eq!((response.status().as_u16(), response.body().as_slice()), (418, &b"tea"[..]));
    assert_eq!(response.headers()["x-header"], "value");
    let request = &server.requests()[0];
    assert_eq!((request.line.as_str(), request.body.as_str()), ("POST /path?query=1", "body"));
    let agent = request.header("user-agent").unwrap();
    assert!(agent.starts_with("axum-oidc-session/"), "{agent}");
}

#[tokio::test]
async fn redirects_are_handed_back() {
    let other = TestServer::start(|_| Reply::json("{}"));
    for status in [301, 302, 303, 307, 308] {
        let reply = Reply::response(status, &format!("location: {}\r\n", other.origin), "");
        assert_eq!(outcome(reply).await.unwrap().status().as_u16(), status);
    }
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn body_is_capped_whether_its_length_is_declared_or_not() {
    let (fits, too_large) = ("a".repeat(LIMIT), "a".repeat(LIMIT + 1));
    let undeclared =
        |body: &str| Reply::Bytes(format!("HTTP/1.1 200 OK\r\n\r\n{body}").into_bytes());
    for reply in [Reply::response(200, "", &fits), undeclared(&fits)] {
        assert_eq!(outcome(reply).await.unwrap().body().len(), LIMIT);
    }
    let lie = Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_vec());
    for reply in [Reply::response(200, "", &too_large), undeclared(&too_large), lie] {
        assert!(matches!(outcome(reply).await, Err(HttpError::TooLarge)));
    }
}

#[tokio::test]
async fn silence_is_a_timeout_and_may_have_been_processed() {
    let half = Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab".to_vec());
    let error = outcome(Reply::Hang).await.unwrap_err();
    assert!(matches!(error, HttpError::Timeout) && error.may_have_been_processed());
    for broken in [Reply::Close, half, Reply::Bytes(b"not http at all\r\n\r\n".to_vec())] {
        let error = outcome(broken).await.unwrap_err();
        assert!(matches!(error, HttpError::Interrupted(_)), "{error:?}");
        assert!(error.may_have_been_processed());
    }
}

#[tokio::test]
async fn refused_connection_is_certainly_not_sent() {
    let error = send(settings(), "http://127.0.0.1:1").await.unwrap_err();
    assert!(matches!(error, HttpError::Connect(_)), "{error:?}");
    assert!(!error.may_have_been_processed());
    assert!(!format!("{error:?}").contains("query=1"), "the URL is the caller's to tell");
}

#[tokio::test]
async fn proxy_is_used_but_not_for_loopback() {
    let proxy = TestServer::start(|_| Reply::json("{}"));
    let settings = || settings().proxy(&proxy.origin);
    let server = TestServer::start(|_| Reply::json("{}"));
    send(settings(), &server.origin).await.unwrap();
    assert_eq!((server.requests().len(), proxy.requests().len()), (1, 0));
    send(settings(), "http://op.example").await.unwrap();
    assert_eq!(proxy.requests()[0].line, "POST http://op.example/path?query=1");
}

#[tokio::test]
async fn get_is_sent_once_more_when_the_connection_breaks() {
    for (reply, expected) in
        [(Reply::Close, 2), (Reply::Hang, 1), (Reply::response(500, "", ""), 1)]
    {
        let server = TestServer::start(move |_| reply.clone());
        let url = Url::parse(&server.origin).unwrap();
        let client = settings().build().unwrap();
        drop(get(&*client, request(Method::GET, &url)).await);
        assert_eq!(server.requests().len(), expected);
    }
}

fn https_server() -> TestServer {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("test_server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("test_server.key")).unwrap();
    let crypto = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(crypto)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let answer = |_: &_| Reply::json("{}");
    TestServer::start_with(answer, "https", move |stream| {
        let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
        rustls::StreamOwned::new(connection, stream)
    })
}

#[tokio::test]
async fn https_needs_a_trusted_certificate_and_no_process_wide_default() {
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
    let server = https_server();
    let error = send(settings(), &server.origin).await.unwrap_err();
    assert!(matches!(error, HttpError::Connect(_)), "{error:?}");
    assert!(server.requests().is_empty(), "nothing may be sent before the certificate is trusted");

    let trusting = || settings().root_certificates(include_bytes!("test_ca.pem"));
    assert_eq!(send(trusting(), &server.origin).await.unwrap().status(), 200);

    let by_other_name = server.origin.replace("127.0.0.1", "127.0.0.2");
    let error = send(trusting(), &by_other_name).await.unwrap_err();
    assert!(matches!(error, HttpError::Connect(_)), "{error:?}");
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}
