//! UserInfo: its failure leaves a login with the ID Token's claims alone.

use axum_oidc_session::dev_provider::{BrokenReply, DevUser, Endpoint, Fault, UserInfoFault as F};
use serde_json::{Value, json};

use super::impatient;
use crate::support::{App, Calls, NOW};

/// Ada, about whom UserInfo knows more, and of whom it tells one thing that the ID Token tells otherwise.
fn ada() -> DevUser {
    let ada = DevUser::new("ada").name("Ada Lovelace").email("ada@example.com");
    ada.userinfo_claim("department", "engines").userinfo_claim("name", "Ada from UserInfo")
}

/// Signs in and returns the claims; UserInfo is asked as often as `asked` says.
async fn claims_with(app: &App, fault: Fault, asked: u64) -> Value {
    let row = format!("{fault:?}");
    app.op.add_user(ada());
    app.op.set_fault(Some(fault));
    let browser = app.browser();
    let reply = browser.sign_in().await;
    assert_eq!(reply.status, 303, "{row}: {}", reply.text());
    let calls = Calls { discovery: 1, jwks: 1, code: 1, userinfo: asked, ..Calls::default() };
    assert_eq!(app.calls(), calls, "{row}: and no redirect was followed");
    let me = browser.fetch("/api/me").await.json();
    assert_eq!(me["ceiling"], NOW + 3_600, "{row}");
    assert_eq!(me["claims"]["sub"], "ada", "{row}");
    assert_eq!(me["claims"]["name"], "Ada Lovelace", "{row}: the ID Token's");
    me["claims"].clone()
}

#[tokio::test]
async fn its_claims_are_added_and_override_nothing() {
    let app = App::start().await;
    app.op.add_user(ada());
    let browser = app.signed_in().await;
    let claims = browser.fetch("/api/me").await.json()["claims"].clone();
    assert_eq!(claims["department"], "engines");
    assert_eq!(claims["name"], "Ada Lovelace");
}

#[tokio::test]
async fn each_wrong_response_is_not_used() {
    for &fault in F::ALL {
        let app = App::builder().sealed_store().start().await;
        let claims = claims_with(&app, Fault::UserInfo(fault), 1).await;
        let department = match fault {
            F::WrongSub | F::MissingSub | F::Unauthorized | F::Huge => Value::Null,
            // Used, but not for this claim.
            F::SessionExpiry => json!("engines"),
            other => panic!("{other:?} has no row"),
        };
        assert_eq!(claims["department"], department, "{fault:?}");
        assert_eq!(claims["session_expiry"], NOW + 3_600, "{fault:?}");
    }
}

#[tokio::test]
async fn each_broken_reply_leaves_the_id_tokens_claims() {
    for &broken in BrokenReply::ALL {
        let app = App::builder().configure(impatient).sealed_store().start().await;
        let asked = if broken == BrokenReply::Close { 2 } else { 1 };
        let claims = claims_with(&app, Fault::Reply(Endpoint::UserInfo, broken), asked).await;
        assert_eq!(claims["department"], Value::Null, "{broken:?}");
        assert_eq!(claims["email"], "ada@example.com", "{broken:?}");
    }
}

/// The access token goes into the header, never into the URL (RFC 6750 section 5.3).
#[tokio::test]
async fn it_is_asked_with_the_access_token() {
    let app = App::start().await;
    let browser = app.signed_in().await;
    let token = browser.fetch("/api/token").await.json()["access_token"].clone();
    let request = app.op.last_request(Endpoint::UserInfo).unwrap();
    assert_eq!(request.authorization(), Some(&*format!("Bearer {}", token.as_str().unwrap())));
    assert_eq!(request.parameters(), []);
}
