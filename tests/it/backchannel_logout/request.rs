//! The request: its method, its body, and who sends it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum_oidc_session::error::BackchannelLogoutError as E;
use futures_util::stream;

use super::*;
use crate::layer::stores;

const CAP: usize = 64 * 1024;

/// A form with a good token that is `size` bytes long.
fn of_size(app: &App, size: usize) -> String {
    let form = form(&[("logout_token", &good_token(app)), ("padding", "")]);
    let padding = "x".repeat(size - form.len());
    form + &padding
}

#[tokio::test]
async fn only_post_is_heard() {
    let app = App::start().await;
    for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let form = form(&[("logout_token", &good_token(&app))]);
        let request = Request::builder().method(method).uri(ROUTE).header("content-type", FORM);
        let response = app.ask(request.body(form.into()).unwrap()).await;
        assert_eq!(response.status(), 405, "{method}");
        assert_eq!(response.headers()["allow"], "POST", "{method}");
    }
    assert_eq!(app.calls().jwks, 0);
}

#[tokio::test]
async fn the_body_is_a_form_whatever_follows_the_semicolon() {
    let app = App::start().await;
    let body = || form(&[("logout_token", &good_token(&app))]);
    for media_type in [
        FORM,
        "Application/X-WWW-Form-URLEncoded",
        "application/x-www-form-urlencoded;charset=UTF-8",
        "application/x-www-form-urlencoded ; charset=utf-8; x",
        " application/x-www-form-urlencoded;",
    ] {
        let request = Request::post(ROUTE).header("content-type", media_type);
        let response = app.ask(request.body(body().into()).unwrap()).await;
        assert_eq!(refusal(&response), None, "{media_type}");
    }
    for media_type in [
        "",
        ";",
        "text/plain",
        "application/json",
        "application/jwt",
        "multipart/form-data; boundary=application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded-too",
        "x/application/x-www-form-urlencoded",
    ] {
        let request = Request::post(ROUTE).header("content-type", media_type);
        let response = app.ask(request.body(body().into()).unwrap()).await;
        assert!(matches!(error(&response), Some(E::MediaType)), "{media_type}");
    }
    let untyped = app.ask(Request::post(ROUTE).body(body().into()).unwrap()).await;
    assert!(matches!(error(&untyped), Some(E::MediaType)));
    assert!(description(untyped).await.contains("x-www-form-urlencoded"));
}

#[tokio::test]
async fn there_is_one_logout_token_and_the_rest_is_ignored() {
    let app = App::start().await;
    for shape in [
        "logout_token=TOKEN",
        "state=x&logout_token=TOKEN&state=y",
        "logout_token=TOKEN&id_token=eyJ&=",
        "Logout_Token=another+name&logout_token=TOKEN",
        "&&logout%5Ftoken=TOKEN&",
    ] {
        let response = app.ask(post(shape.replace("TOKEN", &good_token(&app)))).await;
        assert_eq!(refusal(&response), None, "{shape}");
    }
    let token = &*good_token(&app);
    for pairs in [[("logout_token", token); 2], [("logout_token", ""), ("logout_token", token)]] {
        let response = app.ask(post(form(&pairs))).await;
        assert!(matches!(error(&response), Some(E::DuplicateToken)), "{pairs:?}");
        assert!(!description(response).await.contains("eyJ"));
    }
    for body in ["", "logout_token", "logout_token=", "token=x", "=", "logout_token%3Dx"] {
        let response = app.ask(post(body)).await;
        assert!(matches!(error(&response), Some(E::MissingToken)), "{body}");
        description(response).await;
    }
    let in_the_query = Request::post(format!("{ROUTE}?logout_token={token}"));
    let request = in_the_query.header("content-type", FORM).body(Body::empty()).unwrap();
    assert!(matches!(error(&app.ask(request).await), Some(E::MissingToken)));
}

#[tokio::test]
async fn a_body_of_64_kib_is_the_largest() {
    let app = App::start().await;
    let fits = of_size(&app, CAP);
    assert_eq!(fits.len(), CAP);
    assert_eq!(refusal(&app.ask(post(fits)).await), None);
    let response = app.ask(post(of_size(&app, CAP + 1))).await;
    assert!(matches!(error(&response), Some(E::TooLarge)));
    assert!(description(response).await.contains("64 KiB"));
}

/// A body of chunks of 1 KiB without end, and how many of them were taken.
fn endless() -> (Body, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&taken);
    let chunks = stream::repeat_with(move || {
        count.fetch_add(1, Ordering::SeqCst);
        Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 1024]))
    });
    (Body::from_stream(chunks), taken)
}

#[tokio::test]
async fn more_is_not_read() {
    let app = App::start().await;
    let (body, taken) = endless();
    let response = app.ask(post(body)).await;
    assert!(matches!(error(&response), Some(E::TooLarge)));
    assert_eq!(taken.load(Ordering::SeqCst), CAP / 1024 + 1, "up to the first that is too much");
    for length in [CAP + 1, usize::MAX] {
        let (body, taken) = endless();
        let mut request = post(body);
        request.headers_mut().insert("content-length", length.into());
        assert!(matches!(error(&app.ask(request).await), Some(E::TooLarge)));
        assert_eq!(taken.load(Ordering::SeqCst), 0, "it said so");
    }
    let (body, taken) = endless();
    let request = Request::post(ROUTE).header("content-type", "text/plain").body(body).unwrap();
    assert!(matches!(error(&app.ask(request).await), Some(E::MediaType)));
    assert_eq!(taken.load(Ordering::SeqCst), 0);
    assert_eq!(app.calls().jwks, 0);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_logout() {
    let app = App::start().await;
    let begun = form(&[("logout_token", &good_token(&app))]);
    let chunks =
        [Ok(Bytes::from(begun)), Err(std::io::Error::from(std::io::ErrorKind::BrokenPipe))];
    let response = app.ask(post(Body::from_stream(stream::iter(chunks)))).await;
    assert!(matches!(error(&response), Some(E::Unreadable)));
    description(response).await;
}

/// The provider is no browser. What looks like another site's request is judged by its token alone.
#[tokio::test]
async fn neither_origin_nor_cookies_matter() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let cookies = browser.cookie_header(ROUTE);
        assert!(!cookies.is_empty());
        for (name, value) in [
            ("origin", "https://op.example"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("cookie", &cookies),
            ("cookie", "app=garbage"),
        ] {
            let mut request = post(form(&[("logout_token", &good_token(&app))]));
            request.headers_mut().insert(name, value.parse().unwrap());
            let response = app.ask(request).await;
            assert_eq!(refusal(&response), None, "{name}: {value}");
            assert!(!response.headers().contains_key("set-cookie"), "{name}: {value}");
            assert_eq!(response.headers()["cache-control"], "no-store");
        }
        let refused = browser.send("POST", ROUTE, &[("content-type", FORM)], "").await;
        assert_eq!((refused.status, refused.set_cookies().len()), (400, 0));
        assert_eq!(browser.fetch("/api/me").await.status, 200, "nobody was signed out by it");
    }
}

#[tokio::test]
async fn the_route_is_where_it_is_configured() {
    use axum_oidc_session::AuthPaths;
    let app = App::builder()
        .base_path("/below")
        .configure(|auth| {
            let backchannel_logout = "/ended".to_owned();
            auth.paths(AuthPaths { backchannel_logout, ..AuthPaths::default() })
        })
        .start()
        .await;
    for (path, status) in
        [("/below/ended", 400), ("/ended", 404), ("/below/auth/backchannel-logout", 404)]
    {
        let request = Request::post(path).header("content-type", FORM).body(Body::empty());
        assert_eq!(app.ask(request.unwrap()).await.status(), status, "{path}");
    }
}
