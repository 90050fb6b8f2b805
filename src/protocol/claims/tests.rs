//! One row a rule.

use serde::Deserialize;
use serde_json::{Value, json};

use super::parse::{MAX_JSON_BYTES, MAX_NAMES};
use super::*;
use crate::clock::UnixTime;

fn claims(json: Value) -> Claims {
    Claims::from_json(&json.to_string()).unwrap()
}

fn sample() -> Value {
    json!({
        "iss": "https://op.example", "sub": "248289761001", "aud": ["client"], "exp": 1_893_459_600,
        "iat": 1_893_456_000, "auth_time": 1_893_455_000, "session_expiry": 1_893_480_000,
        "nonce": "n-0S6_WzA2Mj", "sid": "session-1", "acr": "urn:acr:2", "amr": ["pwd", "otp"],
        "email": "jane@example.com", "email_verified": true, "name": "Jane \"J\" Doe ✓",
        "given_name": "Jane", "family_name": "Doe", "preferred_username": "jane",
        "picture": "https://img.example/jane", "locale": "de-CH", "": "empty name",
        "groups": ["a", {"b": [1, 2.5, null]}], "nickname": "", "quota": -1, "big": 1e300,
    })
}

#[test]
fn the_standard_claims_have_accessors() {
    let claims = claims(sample());
    assert_eq!(claims.issuer(), "https://op.example");
    assert_eq!(claims.sub(), "248289761001");
    assert_eq!(claims.email(), Some("jane@example.com"));
    assert_eq!(claims.email_verified(), Some(true));
    assert_eq!(claims.name(), Some("Jane \"J\" Doe ✓"));
    assert_eq!(claims.given_name(), Some("Jane"));
    assert_eq!(claims.family_name(), Some("Doe"));
    assert_eq!(claims.preferred_username(), Some("jane"));
    assert_eq!(claims.picture(), Some("https://img.example/jane"));
    assert_eq!(claims.locale(), Some("de-CH"));
    assert_eq!(claims.sid(), Some("session-1"));
    assert_eq!(claims.acr(), Some("urn:acr:2"));
    assert_eq!(claims.amr(), ["pwd", "otp"]);
    assert_eq!(claims.auth_time(), Some(UnixTime::from_seconds(1_893_455_000)));
    assert_eq!(claims.issued_at(), Some(UnixTime::from_seconds(1_893_456_000)));
    assert_eq!(claims.session_expiry(), Some(UnixTime::from_seconds(1_893_480_000)));
}

#[test]
fn a_claim_of_another_type_is_no_claim_to_its_accessor() {
    let odd = claims(json!({
        "sub": 1, "email": 1, "email_verified": "true", "amr": "pwd", "auth_time": "1893455000",
        "iat": [1], "session_expiry": 1_893_456_000.0,
    }));
    assert_eq!(odd.sub(), "");
    assert_eq!(odd.email(), None);
    assert_eq!(odd.email_verified(), None);
    assert!(odd.amr().is_empty());
    assert_eq!(odd.auth_time(), None);
    assert_eq!(odd.issued_at(), None);
    assert_eq!(odd.session_expiry(), None);
    assert!(odd.contains("email"));
}

#[test]
fn times_lose_their_fraction_except_the_ceiling() {
    let odd = claims(json!({"auth_time": 1.75, "iat": -1.5, "session_expiry": 1.5}));
    assert_eq!(odd.auth_time(), Some(UnixTime::from_seconds(1)));
    assert_eq!(odd.issued_at(), Some(UnixTime::from_seconds(-2)));
    assert_eq!(odd.session_expiry(), None);
}

#[test]
fn a_claim_that_is_null_is_absent() {
    let text = r#"{"email":null,"name":"Ada","list":[null]}"#;
    let claims = Claims::from_json(text).unwrap();
    assert_eq!(claims.names().collect::<Vec<_>>(), ["name", "list"]);
    let userinfo = Claims::from_json(r#"{"email":"a@example.com","name":null}"#).unwrap();
    let merged = Claims::merge(&claims, &userinfo, json!({"name": "x"}).as_object());
    assert_eq!((merged.email(), merged.name()), (Some("a@example.com"), Some("Ada")));
    let marked = format!("\u{feff}{text}");
    assert_eq!(Claims::from_json(&marked).unwrap(), claims, "a byte order mark is skipped");
}

#[test]
fn values_are_found_by_name_alone() {
    let claims = claims(sample());
    assert_eq!(claims.names().count(), sample().as_object().unwrap().len());
    assert_eq!(claims.get_str(""), Some("empty name"));
    assert_eq!(claims.get_str("nickname"), Some(""));
    assert_eq!(claims.get_str("quota"), None);
    for absent in ["su", "subx", "SUB", "Jane", "jane@example.com", "\"", "su\0"] {
        assert!(!claims.contains(absent), "{absent}");
        assert_eq!(claims.get_str(absent), None);
    }
    assert_eq!(claims.get::<i8>("quota").unwrap(), Some(-1));
    assert_eq!(claims.get::<String>("email").unwrap().as_deref(), Some("jane@example.com"));
    assert_eq!(claims.get::<Value>("groups").unwrap(), Some(sample()["groups"].clone()));
    assert_eq!(claims.get::<u8>("absent").unwrap(), None);
    assert!(claims.get::<u8>("quota").is_err());
    assert!(claims.get::<u8>("email").is_err());
}

#[test]
fn a_set_survives_a_round_trip() {
    let claims = claims(sample());
    let text = serde_json::to_string(&claims).unwrap();
    assert_eq!(serde_json::from_str::<Claims>(&text).unwrap(), claims);
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), sample());
    assert_eq!(claims.to_json(), sample());
    assert_eq!(serde_json::from_value::<Claims>(sample()).unwrap(), claims);
    let empty = Claims::from_json(" {\n} ").unwrap();
    assert_eq!(serde_json::to_string(&empty).unwrap(), "{}");
}

#[test]
fn an_application_reads_all_claims_into_a_type_of_its_own() {
    #[derive(Deserialize)]
    struct User {
        sub: String,
        amr: Vec<String>,
        email_verified: bool,
        absent: Option<u8>,
    }
    let user: User = claims(sample()).deserialize().unwrap();
    assert_eq!((user.sub.as_str(), user.amr.len()), ("248289761001", 2));
    assert!(user.email_verified && user.absent.is_none());
    assert!(claims(json!({"sub": 1})).deserialize::<User>().is_err());
}

#[test]
fn debug_shows_names_and_no_values() {
    let shown = format!("{:?}", claims(json!({"sub": "alice", "email": "a@example.com"})));
    assert_eq!(shown, r#"Claims{"email", "sub"}"#);
}

#[test]
fn what_is_not_one_plain_object_is_refused() {
    let deep = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    let rows = [
        ("", ClaimsError::NotAnObject),
        ("null", ClaimsError::NotAnObject),
        ("[]", ClaimsError::NotAnObject),
        ("\"{}\"", ClaimsError::NotAnObject),
        ("{", ClaimsError::Json),
        ("{}{}", ClaimsError::Json),
        ("{\"a\":}", ClaimsError::Json),
        ("{a:1}", ClaimsError::Json),
        ("{\"a\":1e999}", ClaimsError::Json),
        ("{\"a\":\"\\ud800\"}", ClaimsError::Json),
        ("{\"a\":1,\"a\":1}", ClaimsError::Duplicate("a".into())),
        ("{\"a\":null,\"a\":1}", ClaimsError::Duplicate("a".into())),
        ("{\"a\":1,\"a\":null}", ClaimsError::Duplicate("a".into())),
        ("\u{feff}\u{feff}{}", ClaimsError::NotAnObject),
        ("{\"a\":1,\"b\":2,\"\\u0061\":3}", ClaimsError::Duplicate("a".into())),
        ("{\"\":1,\"\":2}", ClaimsError::Duplicate("".into())),
    ];
    for (text, error) in rows {
        assert_eq!(Claims::from_json(text), Err(error), "{text}");
    }
    assert!(Claims::from_json(&deep(126)).is_ok());
    assert_eq!(Claims::from_json(&deep(127)), Err(ClaimsError::Json));
    assert_eq!(Claims::from_json(&deep(100_000)), Err(ClaimsError::Json));
    assert!(serde_json::from_str::<Claims>("{\"a\":1,\"a\":1}").is_err());
    assert!(serde_json::from_str::<Claims>("[]").is_err());
}

#[test]
fn a_duplicate_is_named_but_not_at_any_length() {
    let name = "n".repeat(10_000);
    let error = Claims::from_json(&format!("{{\"{name}\":1,\"{name}\":1}}")).unwrap_err();
    assert_eq!(error, ClaimsError::Duplicate("n".repeat(64).into()));
}

#[test]
fn sizes_are_limited() {
    let of_size = |size: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(size - 8));
    assert!(Claims::from_json(&of_size(MAX_JSON_BYTES)).is_ok());
    assert_eq!(Claims::from_json(&of_size(MAX_JSON_BYTES + 1)), Err(ClaimsError::TooLarge));

    let of_names = |count: usize| {
        let members: Vec<String> = (0..count).map(|n| format!("\"{n}\":1")).collect();
        format!("{{{}}}", members.join(","))
    };
    assert!(Claims::from_json(&of_names(MAX_NAMES)).is_ok());
    assert_eq!(Claims::from_json(&of_names(MAX_NAMES + 1)), Err(ClaimsError::TooMany));

    // Numbers may be written shorter than they are stored.
    let growing = format!("{{\"a\":[{}1]}}", "1e15,".repeat(50_000));
    assert_eq!(Claims::from_json(&growing), Err(ClaimsError::TooLarge));
}

#[test]
fn a_set_is_compact() {
    let claims = claims(sample());
    let text = sample().to_string().len();
    let count = claims.names().count();
    let expected = 32 + 8 * count + claims.iter().map(|(n, v)| n.len() + v.size()).sum::<usize>();
    assert_eq!(claims.memory_size(), expected);
    assert!(claims.memory_size() < text + 5 * count, "{} {text}", claims.memory_size());
}

#[test]
fn the_id_token_wins_and_protected_claims_come_from_it_alone() {
    let named = ["session_expiry", "tenant", "aud_sub", "iss", "sub", "aud", "sid", "acr", "amr"];
    assert!(named.iter().all(|name| super::merge::PROTECTED.contains(name)));
    for name in super::merge::PROTECTED {
        let foreign = json!({ name: "foreign" });
        let silent =
            Claims::merge(&claims(json!({})), &claims(foreign.clone()), foreign.as_object());
        assert!(!silent.contains(name), "{name}");
        let said = claims(json!({ name: "said" }));
        let merged = Claims::merge(&said, &claims(foreign.clone()), foreign.as_object());
        assert_eq!(merged.to_json(), json!({ name: "said" }), "{name}");
    }
    let merged = Claims::merge(
        &claims(json!({"a": 1, "sub": "s"})),
        &claims(json!({"a": 2, "b": 2, "b2": "two"})),
        json!({"a": 3, "b": 3, "c": ["three"]}).as_object(),
    );
    assert_eq!(merged.to_json(), json!({"a": 1, "b": 2, "b2": "two", "c": ["three"], "sub": "s"}));
}

/// ID Token, UserInfo, and of their merge the address and what is said of it.
#[test]
fn a_flag_counts_only_from_a_source_of_its_value() {
    let rows = [
        (
            json!({"email": "a"}),
            json!({"email": "b", "email_verified": true}),
            json!({"email": "a"}),
        ),
        (json!({"email": "a"}), json!({"email_verified": true}), json!({"email": "a"})),
        (
            json!({"email": "a"}),
            json!({"email": "a", "email_verified": true}),
            json!({"email": "a", "email_verified": true}),
        ),
        (json!({"email_verified": true}), json!({"email": "b"}), json!({"email": "b"})),
        (
            json!({"email_verified": true}),
            json!({"email": "b", "email_verified": true}),
            json!({"email": "b", "email_verified": true}),
        ),
        (
            json!({"email_verified": false}),
            json!({"email": "b", "email_verified": true}),
            json!({"email": "b"}),
        ),
        (
            json!({"email": "a", "email_verified": false}),
            json!({"email": "a", "email_verified": true}),
            json!({"email": "a", "email_verified": false}),
        ),
        (
            json!({}),
            json!({"email": "b", "email_verified": true}),
            json!({"email": "b", "email_verified": true}),
        ),
        (json!({}), json!({"email_verified": true}), json!({})),
        (json!({"email_verified": true}), json!({}), json!({"email_verified": true})),
        (
            json!({"email": null, "email_verified": true}),
            json!({"email": "b"}),
            json!({"email": "b"}),
        ),
        (
            json!({"email": "a", "email_verified": null}),
            json!({"email": "b", "email_verified": true}),
            json!({"email": "a"}),
        ),
    ];
    let respell = |value: &Value, (flag, base): (&str, &str)| -> Value {
        let members = value.as_object().unwrap().iter();
        let renamed = members.map(|(name, value)| match name.as_str() {
            "email" => (base.to_owned(), value.clone()),
            _ => (flag.to_owned(), value.clone()),
        });
        Value::Object(renamed.collect())
    };
    for pair in [
        ("email_verified", "email"),
        ("phone_number_verified", "phone_number"),
        ("verified_email", "email"),
        ("xms_edov", "email"),
    ] {
        for (id_token, userinfo, expected) in &rows {
            let [id_token, userinfo, expected] =
                [id_token, userinfo, expected].map(|value| respell(value, pair));
            let merged = Claims::merge(&claims(id_token.clone()), &claims(userinfo.clone()), None);
            assert_eq!(merged.to_json(), expected, "{id_token} {userinfo}");
        }
    }
}

#[test]
fn any_claim_that_ends_in_verified_is_such_a_flag() {
    let merged = Claims::merge(
        &claims(json!({"address": "x"})),
        &claims(json!({"address_verified": true, "age_verified": true, "_verified": true})),
        None,
    );
    let expected = json!({"address": "x", "age_verified": true, "_verified": true});
    assert_eq!(merged.to_json(), expected);
}

/// `Claims::merge` as the hook after a login has it done: what was merged before is the ID Token there.
#[test]
fn an_address_that_the_application_adds_is_verified_by_nobody_else() {
    let enrich = |claims: &Claims, more: Value| Claims::merge(claims, claims, more.as_object());
    let lone = claims(json!({"email_verified": true}));
    assert_eq!(enrich(&lone, json!({"email": "c"})).to_json(), json!({"email": "c"}));
    let unverified = claims(json!({"email": "a"}));
    let flag = json!({"email_verified": true});
    assert_eq!(enrich(&unverified, flag).to_json(), json!({"email": "a"}));
    let both = json!({"email": "a", "email_verified": true});
    assert_eq!(enrich(&unverified, both.clone()).to_json(), both);
}

#[test]
fn a_claim_that_is_null_is_filled_by_another_source() {
    let merged = Claims::merge(
        &claims(json!({"name": null, "locale": null, "sid": null})),
        &claims(json!({"name": "Ada", "locale": null, "sid": "foreign"})),
        None,
    );
    assert_eq!(merged.to_json(), json!({"name": "Ada"}));
}

#[test]
fn an_address_is_verified_if_the_flag_is_true() {
    let rows = [
        (json!({"email": "a", "email_verified": true}), Some("a")),
        (json!({"email": "a", "email_verified": false}), None),
        (json!({"email": "a", "email_verified": "true"}), None),
        (json!({"email": "a"}), None),
        (json!({"email_verified": true}), None),
    ];
    for (json, expected) in rows {
        assert_eq!(claims(json.clone()).verified_email(), expected, "{json}");
    }
}

#[test]
fn a_merge_keeps_the_limits() {
    let half = claims(json!({ "a": "x".repeat(MAX_JSON_BYTES / 2) }));
    let other = claims(json!({ "b": "x".repeat(MAX_JSON_BYTES / 2), "c": 1 }));
    let merged = Claims::merge(&half, &other, None);
    assert_eq!(merged.names().collect::<Vec<_>>(), ["a", "c"]);

    let many: Value = (0..MAX_NAMES).map(|n| (n.to_string(), json!(1))).collect();
    let merged = Claims::merge(&claims(json!({"a": 1})), &claims(many), None);
    assert_eq!(merged.len(), MAX_NAMES);

    let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
    let merged = Claims::merge(
        &claims(json!({})),
        &claims(json!({})),
        json!({"d": deep, "e": 1}).as_object(),
    );
    assert_eq!(merged.to_json(), json!({"e": 1}));
}
