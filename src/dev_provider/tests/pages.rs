//! The pages, as a browser without scripts uses them.

use url::form_urlencoded;

use super::harness::{Harness, NOW, authorize, encoded, id_claims};
use crate::dev_provider::{DevUser, SessionExpiryMode};

async fn harness() -> Harness {
    let harness = Harness::start().await;
    harness.control.authorize_by_page();
    harness
}

/// The query that the sign-in page carries along.
fn carried(target: &str) -> &str {
    target.split_once('?').unwrap().1
}

#[tokio::test]
async fn the_sign_in_page_offers_people_and_escapes_everything() {
    let harness = harness().await;
    harness.control.add_user(DevUser::new("<b>").name("\"><script>alert(1)</script>"));
    let reply =
        harness.get(&authorize(&[("state", "'><img>"), ("login_hint", "grace@example.com")])).await;
    assert_eq!((reply.status(), reply.header("cache-control")), (200, Some("no-store")));
    assert!(reply.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    let page = reply.text();
    assert!(page.contains("Development provider"));
    for raw in ["<script", "<img", "<b>"] {
        assert!(!page.contains(raw), "{raw}");
    }
    for shown in
        ["value=\"ada\"", "Ada Lovelace", "value=\"3600\"", "value=\"300\"", "&lt;script&gt;"]
    {
        assert!(page.contains(shown), "{shown}");
    }
    assert!(page.find("Grace Hopper").unwrap() < page.find("Ada Lovelace").unwrap());
}

#[tokio::test]
async fn signing_in_says_what_the_tokens_say() {
    let harness = harness().await;
    let target = authorize(&[]);
    for (seconds, expiry) in
        [("90", Some(NOW + 90)), ("-5", Some(NOW - 5)), ("", None), (" 60 ", Some(NOW + 60))]
    {
        let form = [
            ("request", carried(&target)),
            ("sub", "grace"),
            ("session_expiry_in", seconds),
            ("access_token_lifetime", "17"),
        ];
        let reply = harness.post("/sign-in", &[], &form).await;
        assert_eq!(
            (reply.status(), reply.location_parameter("state").as_deref()),
            (303, Some("a state"))
        );
        let response = harness.exchange(&reply.location_parameter("code").unwrap()).await.json();
        let claims = id_claims(&response);
        assert_eq!(claims["sub"], "grace");
        assert_eq!(claims.get("session_expiry").map(|expiry| expiry.as_i64().unwrap()), expiry);
        assert_eq!(response["expires_in"], 17);
    }
}

#[tokio::test]
async fn a_signed_in_person_is_not_asked_again_but_may_be_made_to() {
    let harness = harness().await;
    let target = authorize(&[]);
    let form = [("request", carried(&target)), ("sub", "ada"), ("access_token_lifetime", "300")];
    let cookie = harness.post("/sign-in", &[], &form).await.cookie();
    assert_eq!(harness.get_with(&target, &cookie).await.status(), 303);
    let chooser = authorize(&[("prompt", "select_account")]);
    let page = harness.get_with(&chooser, &cookie).await;
    assert!(page.text().contains("this session goes on"));
    let sids = harness.control.sessions("ada");
    for (target, same) in [(chooser, true), (authorize(&[("prompt", "login")]), false)] {
        let form =
            [("request", carried(&target)), ("sub", "ada"), ("access_token_lifetime", "300")];
        let reply = harness.post("/sign-in", std::slice::from_ref(&cookie), &form).await;
        assert_eq!(reply.status(), 303);
        assert_eq!(harness.control.sessions("ada") == sids, same);
    }
}

#[tokio::test]
async fn refusing_and_nonsense() {
    let harness = harness().await;
    let target = authorize(&[]);
    let form = [("request", carried(&target)), ("deny", "yes"), ("access_token_lifetime", "300")];
    let denied = harness.post("/sign-in", &[], &form).await;
    assert_eq!(denied.location_parameter("error").unwrap(), "access_denied");
    let foreign = authorize(&[("redirect_uri", "https://evil.example/")]);
    for form in [
        [("request", carried(&target)), ("sub", "nobody"), ("access_token_lifetime", "300")],
        [("request", carried(&target)), ("sub", "ada"), ("access_token_lifetime", "0")],
        [("request", carried(&target)), ("sub", "ada"), ("access_token_lifetime", "x")],
        [("request", carried(&foreign)), ("sub", "ada"), ("access_token_lifetime", "300")],
    ] {
        let reply = harness.post("/sign-in", &[], &form).await;
        assert_eq!((reply.status(), reply.header("location")), (400, None), "{form:?}");
    }
}

#[tokio::test]
async fn the_start_page_lists_sessions_and_ends_them() {
    let harness = Harness::start().await;
    harness.control.set_session_expiry(SessionExpiryMode::PerSession(None));
    harness.sign_in().await;
    let page = harness.get("/").await.text();
    assert!(page.contains("<strong>ada</strong>") && page.contains("without session_expiry"));
    let sid = harness.control.sessions("ada").remove(0);
    let ended = harness.post("/sessions/end", &[], &[("sid", &sid)]).await;
    assert!(ended.text().contains("0 client(s)"));
    assert!(harness.control.sessions("ada").is_empty());
    assert!(harness.get("/").await.text().contains("Nobody is signed in."));
}

#[test]
fn the_request_survives_the_page_unchanged() {
    let pairs = [("state", "a&b=c +%"), ("nonce", "ü")];
    let once = encoded(&pairs);
    let parsed: Vec<(String, String)> =
        form_urlencoded::parse(once.as_bytes()).into_owned().collect();
    let again = form_urlencoded::Serializer::new(String::new()).extend_pairs(&parsed).finish();
    assert_eq!(again, once);
}
