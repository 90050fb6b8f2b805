//! OIDC Core 12.2, one row a rule.

use super::*;
use ContinuityError as E;

fn check(
    original: &Value,
    refreshed: &Value,
    expected: &IdTokenExpectations<'_>,
) -> Option<ContinuityError> {
    let original = verify(original, &expectations()).ok().unwrap();
    let refreshed = verify(refreshed, expected).ok().unwrap();
    refreshed.check_continuity(&original.continuity()).err()
}

#[test]
fn a_refreshed_token_continues_the_original() {
    let refresh = IdTokenExpectations {
        nonce: NonceExpectation::SameIfPresent(Some(NONCE)),
        ..expectations()
    };
    let at = |seconds: i64| with("auth_time", json!(NOW + seconds));
    let rows = [
        (payload(), payload(), None),
        (payload(), with("nonce", json!(null)), None),
        (payload(), with("iat", json!(NOW + 30)), None),
        (payload(), with("aud", json!(["client"])), None),
        (payload(), with("sub", json!("another")), Some(E::Subject)),
        (payload(), with("azp", json!("client")), Some(E::AuthorizedParty)),
        (with("azp", json!("client")), payload(), Some(E::AuthorizedParty)),
        (with("azp", json!("client")), with("azp", json!("client")), None),
        (at(-10), at(-10), None),
        (at(-10), at(-9), None),
        (at(-10), at(-11), Some(E::AuthenticationTime)),
        (at(-10), payload(), None),
        (payload(), at(-10), None),
    ];
    for (original, refreshed, result) in rows {
        assert_eq!(check(&original, &refreshed, &refresh), result, "{original} {refreshed}");
    }
}

#[test]
fn a_token_of_another_issuer_client_or_login_is_no_continuation() {
    let original = verify(&payload(), &expectations()).ok().unwrap();
    let rows = [
        ("iss", json!("https://other.example"), E::Issuer),
        ("aud", json!("other"), E::Audience),
        ("nonce", json!("other"), E::Nonce),
    ];
    for (name, value, error) in rows {
        let text = value.as_str().unwrap();
        let mut expected = expectations();
        match name {
            "iss" => expected.issuer = text,
            "aud" => expected.client_id = text,
            _ => expected.nonce = NonceExpectation::Exactly(text),
        }
        let refreshed = verify(&with(name, value.clone()), &expected).ok().unwrap();
        assert_eq!(refreshed.check_continuity(&original.continuity()), Err(error));
    }
}

#[test]
fn the_original_audience_is_still_included() {
    let trusted = ["project".to_owned(), "sibling".to_owned()];
    let expected = IdTokenExpectations { trusted_audiences: &trusted, ..expectations() };
    let mut payload = with("aud", json!(["project", "client", "sibling"]));
    payload["azp"] = json!("client");
    let refreshed = verify(&payload, &expected).ok().unwrap();
    let rows = [
        (vec!["client"], Ok(())),
        (vec!["client", "client"], Ok(())),
        (vec!["client", "project"], Ok(())),
        (vec!["client", "other"], Err(E::Audience)),
        (vec!["other"], Err(E::Audience)),
    ];
    for (audience, result) in rows {
        let audience: Vec<String> = audience.into_iter().map(str::to_owned).collect();
        let original = Continuity { audience: &audience, ..refreshed.continuity() };
        assert_eq!(refreshed.check_continuity(&original), result, "{audience:?}");
    }
}
