//! RFC 8725 sections 3.11 and 3.12: no ID Token is a logout token, and no logout token is an ID Token, typed or not.

use super::*;
use crate::protocol::id_token::{
    IdTokenError, IdTokenExpectations, NonceExpectation, VerifiedIdToken,
};
use crate::protocol::logout_token::event::EVENT;
use LogoutTokenError as E;

const NONCE: &str = "n-0S6_WzA2Mj";

fn id_token() -> Value {
    json!({
        "iss": "https://op.example/tenant/",
        "sub": "248289761001",
        "sid": "s1",
        "aud": "client",
        "exp": NOW + 300,
        "iat": NOW,
        "jti": "bWJq",
    })
}

fn as_id_token(raw: &str, nonce: NonceExpectation<'_>) -> Result<VerifiedIdToken, IdTokenError> {
    let expected = IdTokenExpectations {
        issuer: "https://op.example/tenant/",
        client_id: "client",
        trusted_audiences: &[],
        algorithm: SigningAlgorithm::Es256,
        nonce,
        access_token: None,
        max_age: None,
        acr_values: &[],
        amr: &[],
        clock_tolerance: Duration::from_secs(60),
        max_token_age: Duration::from_secs(600),
        now: UnixTime::from_seconds(NOW),
    };
    VerifiedIdToken::verify(raw, &key().set(), &expected)
}

fn typed(typ: &str, payload: &Value) -> String {
    let header = json!({"alg": "ES256", "kid": "1", "typ": typ}).to_string();
    key().token_with(&header, &payload.to_string())
}

#[test]
fn an_id_token_is_no_logout_token() {
    let (refreshed, mut of_login) = (id_token(), id_token());
    of_login["nonce"] = json!(NONCE);
    for payload in [&refreshed, &of_login] {
        let raw = key().token(&payload.to_string());
        assert_eq!(verify_raw(&raw).err(), Some(E::Event), "{payload}");
        assert_eq!(verify_raw(&typed("JWT", payload)).err(), Some(E::Event), "{payload}");
    }
    of_login["events"] = json!({EVENT: {}});
    assert_eq!(refusal(&of_login), Some(E::Nonce), "whatever else it claims to be");
}

#[test]
fn a_logout_token_is_no_id_token() {
    use IdTokenError as I;
    let refresh =
        [NonceExpectation::SameIfPresent(None), NonceExpectation::SameIfPresent(Some(NONCE))];
    let login = [NonceExpectation::Exactly(NONCE)];
    let payload = payload();
    assert_eq!(refusal(&payload), None);
    for nonce in refresh.into_iter().chain(login) {
        for raw in [key().token(&payload.to_string()), typed("JWT", &payload)] {
            assert_eq!(as_id_token(&raw, nonce).err(), Some(I::LogoutToken));
        }
        for typ in ["logout+jwt", "application/logout+jwt", "LOGOUT+JWT"] {
            assert_eq!(as_id_token(&typed(typ, &payload), nonce).err(), Some(I::TokenType));
        }
    }
}

/// What a refresh would have accepted without the check of the event.
#[test]
fn the_event_alone_makes_the_difference_at_a_refresh() {
    let refresh = NonceExpectation::SameIfPresent(Some(NONCE));
    let id_token = |events: Value| {
        let raw = key().token(&with("events", events).to_string());
        as_id_token(&raw, refresh).err()
    };
    let logout = Some(IdTokenError::LogoutToken);
    for (events, result) in [
        (json!(null), None),
        (json!({}), None),
        (json!({"urn:other": {}}), None),
        (json!("concerts"), None),
        (json!([EVENT]), None),
        (json!({EVENT: {}}), logout.clone()),
        (json!({EVENT: null}), logout.clone()),
        (json!({"urn:other": {}, EVENT: 1}), logout),
    ] {
        let shown = events.to_string();
        assert_eq!(id_token(events), result, "{shown}");
    }
}
