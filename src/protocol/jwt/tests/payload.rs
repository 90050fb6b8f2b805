//! The claims of a signed payload.

use crate::protocol::algorithm::SigningAlgorithm::Es256;
use crate::protocol::claims::ClaimsError;
use crate::protocol::jwt::test_keys::TestKey;
use crate::protocol::jwt::{SessionExpiryText, UnverifiedJwt};

#[test]
fn session_expiry_is_reported_as_written_and_every_other_claim_is_unique() {
    use SessionExpiryText::{Absent, Several};
    let one = |text: &str| SessionExpiryText::One(text.into());
    let key = TestKey::new(Es256, "1");
    let claims = |payload: &str| {
        let jwt =
            UnverifiedJwt::parse(&key.token(payload)).unwrap().verify_signature(&key.set(), Es256);
        jwt.unwrap().claims()
    };
    let rows = [
        ("{}", Absent, false),
        (r#"{"session_expiry": 1893456000 }"#, one("1893456000"), true),
        (r#"{"session_expiry":1893456000.0}"#, one("1893456000.0"), true),
        (r#"{"session_expiry":1.8e9}"#, one("1.8e9"), true),
        (r#"{"session_expiry":1e999}"#, one("1e999"), false),
        (r#"{"session_expiry":"1893456000"}"#, one("\"1893456000\""), true),
        (r#"{"session_expiry":null}"#, one("null"), false),
        ("\u{feff}{\"session_expiry\":1893456000}", one("1893456000"), true),
        (r#"{"session_expiry":{"session_expiry":1}}"#, one(r#"{"session_expiry":1}"#), true),
        (r#"{"x":{"session_expiry":1}}"#, Absent, false),
        (r#"{"session_expiry":1,"session_expiry":1}"#, Several, false),
        (
            r#"{"session_expiry":1,"x":2,"session_\u0065xpiry":3,"session_expiry":3}"#,
            Several,
            false,
        ),
    ];
    for (payload, text, listed) in rows {
        let (set, found) = claims(payload).unwrap();
        assert_eq!(found, text, "{payload}");
        assert_eq!(set.contains("session_expiry"), listed, "{payload}");
    }
    let rows = [
        (r#"{"sub":null,"sub":"a"}"#, ClaimsError::Duplicate("sub".into())),
        (r#"{"sub":"a","sub":"a"}"#, ClaimsError::Duplicate("sub".into())),
        (r#"{"sub":"a","s\u0075b":"b"}"#, ClaimsError::Duplicate("sub".into())),
        (r#"{"session_expiry":1,"session_expiry":"#, ClaimsError::Json),
        (r#"[{"session_expiry":1}]"#, ClaimsError::NotAnObject),
        ("", ClaimsError::NotAnObject),
        ("{} {}", ClaimsError::Json),
    ];
    for (payload, error) in rows {
        assert_eq!(claims(payload).err(), Some(error), "{payload}");
    }
}
