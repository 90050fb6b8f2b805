//! An operator finds the cause of a refused token in the log alone: what was seen, and what was expected.

use axum_oidc_session::dev_provider::{
    BrokenReply, Endpoint, Fault, IdTokenFault, LogoutSubject, OldKey, RefreshFault,
};

use super::capture::Log;
use crate::support::{App, CLIENT_ID};

fn line<'a>(text: &'a str, code: &str) -> &'a str {
    let is_it = |line: &&str| line.contains(&format!("code={code} ")) && line.contains("expected_");
    text.lines().find(is_it).unwrap_or_else(|| panic!("no line for {code}: {text}"))
}

#[tokio::test]
async fn of_an_id_token_the_values_that_were_wrong_are_named() {
    let ours = format!("expected_aud={CLIENT_ID} ");
    let cases = [
        (IdTokenFault::WrongAudience, "id_token_audience", vec!["aud=", &ours]),
        (IdTokenFault::SeveralAudiences, "id_token_extra_audience", vec!["aud=[", &ours]),
        (IdTokenFault::WrongAzp, "id_token_authorized_party", vec!["azp=", &ours]),
        (
            IdTokenFault::WrongIssuer,
            "id_token_issuer",
            vec!["iss=https", "expected_iss=http://127"],
        ),
        (IdTokenFault::OtherAlg, "id_token_algorithm", vec!["alg=ES384 ", "expected_alg=ES256 "]),
        (IdTokenFault::BadSignature, "id_token_signature", vec!["kid=", "known_kids="]),
        (IdTokenFault::Expired, "id_token_expired", vec!["exp=", "now="]),
    ];
    for (fault, code, values) in cases {
        let app = App::start().await;
        let log = Log::capture();
        app.op.set_fault(Some(Fault::IdToken(fault)));
        let browser = app.browser();
        browser.sign_in().await;
        let text = log.text();
        let line = line(&text, code);
        assert!(line.starts_with("WARN"), "{line}");
        for value in values {
            assert!(line.contains(value), "{value}: {line}");
        }
        for personal in ["ada", &*app.op.sessions("ada")[0]] {
            assert!(!line.contains(personal), "{personal}: {line}");
        }
    }
}

#[tokio::test]
async fn of_a_refreshed_id_token_and_a_logout_token_too() {
    let app = App::start().await;
    let log = Log::capture();
    let browser = app.signed_in().await;
    app.op.set_fault(Some(Fault::Refresh(RefreshFault::OtherIssuer)));
    browser.post("/api/refresh").await;
    assert!(line(&log.text(), "id_token_issuer").contains("refused ID Token"));
    let subject = LogoutSubject::Sub("ada".to_owned());
    let mut claims = app.op.logout_token_claims(CLIENT_ID, &subject).unwrap();
    claims.insert("aud".to_owned(), "somebody\u{1b}[31m\nelse".into());
    let token = app.op.sign_jwt(Some("logout+jwt"), claims).unwrap();
    app.op.set_fault(None);
    assert_eq!(app.op.send_logout_token(CLIENT_ID, &token).await.unwrap().status(), 400);
    let text = log.text();
    let line = line(&text, "logout_token_audience");
    assert!(line.contains("aud=somebody[31melse"), "{line}");
}

#[tokio::test]
async fn of_keys_that_are_not_there_the_url_is_named() {
    let app = App::start().await;
    let log = Log::capture();
    app.op.set_fault(Some(Fault::Reply(Endpoint::Jwks, BrokenReply::Redirect)));
    app.op.rotate_keys(OldKey::Dropped).unwrap();
    app.browser().sign_in().await;
    let text = log.text();
    let line = text.lines().find(|line| line.contains("code=document_redirect")).unwrap();
    assert!(line.contains(&format!("{}/jwks", app.op.issuer())), "{line}");
}
