//! Every wrong logout token through the real route, with its exact reason.

use axum_oidc_session::error::{ClaimsError, JwtError, LogoutTokenError as E};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::*;
use crate::support::{Fails, NOW};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The claims with one set; `null` removes it.
fn with(app: &App, name: &str, value: Value) -> Map<String, Value> {
    let mut claims = claims(app);
    claims.insert(name.to_owned(), value);
    claims.retain(|_, value| !value.is_null());
    claims
}

#[tokio::test]
async fn each_wrong_claim_has_its_own_reason() {
    let app = App::start().await;
    let rows = [
        ("toe", json!("unknown"), None),
        ("aud", json!([CLIENT_ID]), None),
        ("exp", json!(null), None),
        ("sid", json!(null), None),
        ("sub", json!(null), None),
        ("iss", json!("https://another.example"), Some(E::Issuer)),
        ("iss", json!(null), Some(E::Issuer)),
        ("aud", json!("another"), Some(E::Audience)),
        ("aud", json!([CLIENT_ID, "another"]), Some(E::ExtraAudience)),
        ("events", json!(null), Some(E::Event)),
        ("events", json!({}), Some(E::Event)),
        ("events", json!({EVENT: "{}"}), Some(E::Event)),
        ("nonce", json!("n"), Some(E::Nonce)),
        ("sub", json!(""), Some(E::Subject)),
        ("sid", json!(""), Some(E::SessionId)),
        ("jti", json!(null), Some(E::TokenId)),
        ("jti", json!(""), Some(E::TokenId)),
        ("iat", json!(null), Some(E::Time("iat"))),
        ("exp", json!("soon"), Some(E::Time("exp"))),
        ("exp", json!(NOW - 3_600), Some(E::Expired)),
        ("nbf", json!(NOW + 3_600), Some(E::NotYetValid)),
        ("iat", json!(NOW + 3_600), Some(E::IssuedInFuture)),
        ("iat", json!(NOW - 100_000), Some(E::IssuedTooLongAgo)),
    ];
    for (name, value, expected) in rows {
        let row = format!("{name} {value}");
        let token = app.op.sign_jwt(Some("logout+jwt"), with(&app, name, value)).unwrap();
        let response = send(&app, &token).await;
        assert_eq!(refusal(&response), expected, "{row}");
        if let Some(expected) = expected {
            assert_eq!(description(response).await, expected.to_string(), "{row}");
        }
    }
    let mut nobody = with(&app, "sub", json!(null));
    nobody.remove("sid");
    let token = app.op.sign_jwt(None, nobody).unwrap();
    assert_eq!(refusal(&send(&app, &token).await), Some(E::NoSubject));
    assert_eq!(app.calls().jwks, 1, "none of it is a reason to ask for keys again");
}

#[tokio::test]
async fn the_type_may_be_missing_but_not_another() {
    let app = App::start().await;
    for (typ, expected) in [
        (None, None),
        (Some("JWT"), None),
        (Some("logout+jwt"), None),
        (Some("application/logout+jwt"), None),
        (Some("at+jwt"), Some(E::TokenType)),
        (Some("dpop+jwt"), Some(E::TokenType)),
    ] {
        let token = app.op.sign_jwt(typ, claims(&app)).unwrap();
        assert_eq!(refusal(&send(&app, &token).await), expected, "{typ:?}");
    }
}

fn unsigned(header: Value, claims: &Map<String, Value>, signature: &str) -> String {
    let part = |json: String| URL_SAFE_NO_PAD.encode(json);
    let claims = Value::Object(claims.clone());
    format!("{}.{}.{signature}", part(header.to_string()), part(claims.to_string()))
}

#[tokio::test]
async fn a_token_that_the_provider_did_not_sign_is_refused() {
    let app = App::start().await;
    let good = good_token(&app);
    let [header, payload, signature] =
        <[&str; 3]>::try_from(good.split('.').collect::<Vec<_>>()).unwrap();
    let claims = claims(&app);
    let header_json: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    let with_header = |name: &str, value: Value| {
        let mut header = header_json.clone();
        header[name] = value;
        unsigned(header, &claims, signature)
    };
    let garbage = "A".repeat(86);
    let rows = [
        (format!("{header}.{payload}.{garbage}"), E::Signature),
        (format!("{header}.{payload}."), E::Signature),
        (
            unsigned(header_json.clone(), &with(&app, "sid", json!("other")), signature),
            E::Signature,
        ),
        (unsigned(json!({"alg": "none"}), &claims, ""), E::Algorithm),
        (with_header("alg", json!("none")), E::Algorithm),
        (with_header("alg", json!("HS256")), E::Algorithm),
        (with_header("alg", json!("RS256")), E::Algorithm),
        (with_header("kid", json!("made-up")), E::UnknownKey),
        (with_header("crit", json!(["b64"])), E::Malformed(JwtError::CriticalHeader)),
        (with_header("cty", json!("JWT")), E::Malformed(JwtError::ContentType)),
        (format!("{header}.{payload}"), E::Malformed(JwtError::NotCompact)),
        (format!("{good}.x.y"), E::Malformed(JwtError::Encrypted)),
        ("not a token".to_owned(), E::Malformed(JwtError::NotCompact)),
        (format!("{good}="), E::Malformed(JwtError::Encoding)),
        (format!(" {good}"), E::Malformed(JwtError::Encoding)),
    ];
    for (token, expected) in rows {
        // The keys may be fetched again by now: the refusal is final.
        app.later(5);
        let response = send(&app, &token).await;
        assert_eq!(refusal(&response), Some(expected), "{token}");
        let text = description(response).await;
        assert!(!text.contains("eyJ") && !text.contains("made-up"), "{text}");
    }
    assert_eq!(refusal(&send(&app, &good).await), None);
}

/// The ID Token of a real login: it is signed by the right key, for us, and its session is alive.
#[tokio::test]
async fn an_id_token_is_no_logout_token() {
    let app = App::start().await;
    let browser = app.signed_in().await;
    let mut id_tokens = 0;
    for value in app.op.issued_values() {
        if value.split('.').count() != 3 {
            continue;
        }
        let response = send(&app, &value).await;
        let refused = refusal(&response);
        assert!(matches!(refused, Some(E::Event | E::TokenType)), "{refused:?}");
        id_tokens += u32::from(refused == Some(E::Event));
    }
    assert!(id_tokens > 0, "there was no ID Token to try it with");
    assert_eq!(browser.fetch("/api/me").await.status, 200);
}

#[tokio::test]
async fn a_name_that_occurs_twice_is_refused() {
    let app = App::start().await;
    let token = good_token(&app);
    let [header, payload, signature] =
        <[&str; 3]>::try_from(token.split('.').collect::<Vec<_>>()).unwrap();
    let twice = |part: &str, member: &str| {
        let json = String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        URL_SAFE_NO_PAD.encode(json.replacen('{', &format!("{{{member},"), 1))
    };
    let token = format!("{}.{payload}.{signature}", twice(header, r#""kid":"another""#));
    let duplicate = JwtError::Header(ClaimsError::Duplicate("kid".into()));
    assert_eq!(refusal(&send(&app, &token).await), Some(E::Malformed(duplicate)));
    // Of claims nothing is read before the signature has been verified.
    let token = format!("{header}.{}.{signature}", twice(payload, r#""sid":"another""#));
    assert_eq!(refusal(&send(&app, &token).await), Some(E::Signature));
}

/// A logout that was not carried out is never answered with success.
#[tokio::test]
async fn a_store_that_fails_is_no_success() {
    let app = App::builder().sealed_store().start().await;
    app.store().fail(Fails::Everything);
    let token = good_token(&app);
    let response = send(&app, &token).await;
    assert!(matches!(error(&response), Some(BackchannelLogoutError::Store(_))));
    let text = description(response).await;
    assert_eq!(text, "the logout could not be carried out now, please send it again");
    let reply = app.op.send_logout_token(CLIENT_ID, &token).await.unwrap();
    assert_eq!((reply.status(), reply.header("cache-control")), (400, Some("no-store")));
}
