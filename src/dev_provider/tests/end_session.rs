//! The end session endpoint.

use super::harness::{HOME, Harness, authorize, encoded};
use crate::dev_provider::OldKey;

#[tokio::test]
async fn a_hint_ends_the_session_and_leads_back_with_the_state() {
    let harness = Harness::start().await;
    let reply = harness.get(&authorize(&[])).await;
    let cookie = reply.cookie();
    let response = harness.exchange(&reply.location_parameter("code").unwrap()).await.json();
    let hint = response["id_token"].as_str().unwrap();
    harness.control.rotate_keys(OldKey::Dropped).unwrap();
    harness.later(86_400);
    let query = [("id_token_hint", hint), ("post_logout_redirect_uri", HOME), ("state", "x y")];
    let reply = harness.get(&format!("/end-session?{}", encoded(&query))).await;
    assert_eq!(
        (reply.status(), reply.header("location")),
        (303, Some("http://127.0.0.1:3000/?state=x+y"))
    );
    assert!(reply.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert!(harness.control.sessions("ada").is_empty());
    let silent = harness.get_with(&authorize(&[("prompt", "none")]), &cookie).await;
    assert_eq!(silent.location_parameter("error").unwrap(), "login_required");
}

#[tokio::test]
async fn without_a_hint_the_person_is_asked() {
    let harness = Harness::start().await;
    let cookie = harness.get(&authorize(&[])).await.cookie();
    let query = [("client_id", "demo"), ("post_logout_redirect_uri", HOME)];
    let asked = harness.get_with(&format!("/end-session?{}", encoded(&query)), &cookie).await;
    assert_eq!((asked.status(), asked.header("location")), (200, None));
    assert_eq!(harness.control.sessions("ada").len(), 1);
    let form = [query[0], query[1], ("confirmed", "yes")];
    let done = harness.post("/end-session", &[cookie], &form).await;
    assert_eq!(done.header("location"), Some(HOME));
    assert!(harness.control.sessions("ada").is_empty());
    let bare = harness.post("/end-session", &[], &[("confirmed", "yes")]).await;
    assert_eq!((bare.status(), bare.header("location")), (200, None));
}

#[tokio::test]
async fn it_redirects_nowhere_that_is_not_registered() {
    let harness = Harness::start().await;
    let response = harness.sign_in().await;
    let hint = response["id_token"].as_str().unwrap();
    for query in [
        vec![("id_token_hint", hint), ("post_logout_redirect_uri", "http://127.0.0.1:3000")],
        vec![("id_token_hint", hint), ("post_logout_redirect_uri", "https://evil.example/")],
        vec![("post_logout_redirect_uri", HOME)],
        vec![("id_token_hint", "forged.token.x"), ("post_logout_redirect_uri", HOME)],
        vec![("id_token_hint", hint), ("client_id", "public")],
        vec![("id_token_hint", hint), ("state", "a"), ("state", "b")],
    ] {
        let reply = harness.get(&format!("/end-session?{}", encoded(&query))).await;
        assert_eq!((reply.status(), reply.header("location")), (400, None), "{query:?}");
        assert_eq!(harness.control.sessions("ada").len(), 1);
    }
}
