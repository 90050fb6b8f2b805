//! The claims: what each must be.

use super::*;
use crate::protocol::logout_token::event::{EVENT, LONGEST_JTI};
use LogoutTokenError as E;

#[test]
fn a_good_token_gives_its_claims() {
    let token = verify(&payload()).ok().unwrap();
    assert_eq!(token.sub(), Some("248289761001"));
    assert_eq!(token.sid(), Some("08a5019c-17e1-4977-8f42-65a12843ea02"));
    assert_eq!(token.jti(), "bWJq");
    assert_eq!(token.issued_at().seconds(), NOW);
    assert_eq!(token.expires_at().seconds(), NOW + 120 + TOLERANCE);
    let by_sub = verify(&with("sid", json!(null))).ok().unwrap();
    assert_eq!((by_sub.sub(), by_sub.sid()), (Some("248289761001"), None));
    let by_sid = verify(&with("sub", json!(null))).ok().unwrap();
    let sid = "08a5019c-17e1-4977-8f42-65a12843ea02";
    assert_eq!((by_sid.sub(), by_sid.sid()), (None, Some(sid)));
}

#[test]
fn unknown_claims_may_be_anything() {
    for (name, value) in [
        ("azp", json!("another")),
        ("session_expiry", json!("malformed")),
        ("auth_time", json!("yesterday")),
        ("toe", json!(1)),
        ("acr", json!(null)),
        ("https://example.com/x", json!({"a": [1]})),
    ] {
        assert_eq!(refusal(&with(name, value)), None, "{name}");
    }
    let twice =
        payload().to_string().replacen('{', r#"{"session_expiry":1,"session_expiry":2,"#, 1);
    assert_eq!(verify_raw(&key().token(&twice)).err(), None);
}

#[test]
fn parties_are_compared_byte_for_byte() {
    let rows = [
        ("iss", json!("https://op.example/tenant"), Some(E::Issuer)),
        ("iss", json!("https://OP.example/tenant/"), Some(E::Issuer)),
        ("iss", json!("https://op.example:443/tenant/"), Some(E::Issuer)),
        ("iss", json!(["https://op.example/tenant/"]), Some(E::Issuer)),
        ("iss", json!(null), Some(E::Issuer)),
        ("aud", json!(["client"]), None),
        ("aud", json!(["client", "client"]), None),
        ("aud", json!("Client"), Some(E::Audience)),
        ("aud", json!(""), Some(E::Audience)),
        ("aud", json!([]), Some(E::Audience)),
        ("aud", json!(["other"]), Some(E::Audience)),
        ("aud", json!(["client", 1]), Some(E::Audience)),
        ("aud", json!({"client": true}), Some(E::Audience)),
        ("aud", json!(null), Some(E::Audience)),
        ("aud", json!(["client", "other"]), Some(E::ExtraAudience)),
        ("aud", json!(["other", "client"]), Some(E::ExtraAudience)),
    ];
    for (name, value, result) in rows {
        let shown = value.to_string();
        assert_eq!(refusal(&with(name, value)), result, "{name} {shown}");
    }
}

#[test]
fn further_audiences_are_trusted_by_name() {
    let trusted = ["project".to_owned(), "sibling".to_owned()];
    let expected = LogoutTokenExpectations { trusted_audiences: &trusted, ..expectations() };
    let rows = [
        (json!(["client", "project"]), json!(null), None),
        (json!(["client", "project"]), json!("client"), None),
        (json!(["client", "project"]), json!("sibling"), Some(E::AuthorizedParty)),
        (json!(["client", "project"]), json!(1), Some(E::AuthorizedParty)),
        (json!(["client", "project", "stranger"]), json!("client"), Some(E::ExtraAudience)),
        (json!(["project"]), json!("client"), Some(E::Audience)),
    ];
    for (aud, azp, result) in rows {
        let shown = format!("{aud} {azp}");
        let mut payload = with("aud", aud);
        payload["azp"] = azp;
        let token = key().token(&payload.to_string());
        let found = VerifiedLogoutToken::verify(&token, &key().set(), &expected).err();
        assert_eq!(found, result, "{shown}");
    }
}

#[test]
fn whoever_is_named_is_well_formed() {
    let text = |length: usize| Value::from("s".repeat(length));
    let rows = [
        ("sub", text(1), None),
        ("sub", text(255), None),
        ("sub", text(256), Some(E::Subject)),
        ("sub", text(0), Some(E::Subject)),
        ("sub", json!("é"), None),
        ("sub", json!("é".repeat(255)), None),
        ("sub", json!("é".repeat(256)), Some(E::Subject)),
        ("sub", json!("a\tb"), Some(E::Subject)),
        ("sub", json!(1), Some(E::Subject)),
        ("sub", json!(["248289761001"]), Some(E::Subject)),
        ("sid", text(1), None),
        ("sid", text(4096), None),
        ("sid", json!("é"), None),
        ("sid", text(0), Some(E::SessionId)),
        ("sid", json!(1), Some(E::SessionId)),
        ("sid", json!(["s1"]), Some(E::SessionId)),
    ];
    for (name, value, result) in rows {
        let shown = value.to_string();
        assert_eq!(refusal(&with(name, value)), result, "{name} {shown}");
    }
    assert_eq!((refusal_of_null("sub"), refusal_of_null("sid")), (None, None), "absent");
    let mut nobody = with("sub", json!(null));
    nobody.as_object_mut().unwrap().remove("sid");
    assert_eq!(refusal(&nobody), Some(E::NoSubject));
}

/// A sub that is of use does not make up for a sid that is not: what the provider meant is not known.
#[test]
fn one_good_name_does_not_excuse_the_other() {
    for (sub, sid, error) in [
        ("ada", json!(""), E::SessionId),
        ("", json!("s1"), E::Subject),
        ("", json!(""), E::Subject),
    ] {
        let mut payload = with("sub", json!(sub));
        payload["sid"] = sid;
        assert_eq!(refusal(&payload), Some(error), "{payload}");
    }
}

#[test]
fn the_event_is_a_logout() {
    let rows = [
        (json!({EVENT: {}}), None),
        (json!({EVENT: {"revoke_offline_access": true}}), None),
        (json!({"urn:other": 1, EVENT: {}}), None),
        (json!({}), Some(E::Event)),
        (json!({"urn:other": {}}), Some(E::Event)),
        (json!({"http://schemas.openid.net/event/backchannel-logout/": {}}), Some(E::Event)),
        (json!({"https://schemas.openid.net/event/backchannel-logout": {}}), Some(E::Event)),
        (json!({"HTTP://schemas.openid.net/event/backchannel-logout": {}}), Some(E::Event)),
        (json!({EVENT: null}), Some(E::Event)),
        (json!({EVENT: true}), Some(E::Event)),
        (json!({EVENT: "{}"}), Some(E::Event)),
        (json!({EVENT: []}), Some(E::Event)),
        (json!([EVENT]), Some(E::Event)),
        (json!([{EVENT: {}}]), Some(E::Event)),
        (json!(EVENT), Some(E::Event)),
        (json!(format!("{{\"{EVENT}\":{{}}}}")), Some(E::Event)),
        (json!(null), Some(E::Event)),
    ];
    for (value, result) in rows {
        let shown = value.to_string();
        assert_eq!(refusal(&with("events", value)), result, "{shown}");
    }
    assert_eq!(refusal_of_null("events"), Some(E::Event));
}

#[test]
fn a_nonce_is_prohibited_whatever_it_is() {
    for value in [json!("n-0S6_WzA2Mj"), json!(""), json!(0), json!(false), json!({})] {
        let shown = value.to_string();
        assert_eq!(refusal(&with("nonce", value)), Some(E::Nonce), "{shown}");
    }
    assert_eq!(refusal_of_null("nonce"), None, "there is none");
}

#[test]
fn the_token_has_an_identifier() {
    let text = |length: usize| Value::from("j".repeat(length));
    let rows = [
        (text(1), None),
        (text(LONGEST_JTI), None),
        (text(LONGEST_JTI + 1), Some(E::TokenId)),
        (text(0), Some(E::TokenId)),
        (json!(1), Some(E::TokenId)),
        (json!(["bWJq"]), Some(E::TokenId)),
        (json!(null), Some(E::TokenId)),
    ];
    for (value, result) in rows {
        let shown = value.to_string();
        assert_eq!(refusal(&with("jti", value)), result, "{shown}");
    }
    assert_eq!(refusal_of_null("jti"), Some(E::TokenId));
}
