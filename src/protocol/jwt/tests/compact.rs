//! The form of a token and its header.

use crate::protocol::claims::ClaimsError;
use crate::protocol::jwt::test_keys::signing_input;
use crate::protocol::jwt::{JwtError, UnverifiedJwt};

/// `{"alg":"ES256"}`
const HEADER: &str = "eyJhbGciOiJFUzI1NiJ9";

fn parse_header(header: &str) -> Result<(), JwtError> {
    UnverifiedJwt::parse(&format!("{}.AA", signing_input(header, "{}"))).map(|_| ())
}

#[test]
fn a_token_is_three_parts_of_strict_base64url() {
    let rows = [
        (format!("{HEADER}.e30.AA"), Ok(())),
        (format!("{HEADER}.e30."), Ok(())),
        (String::new(), Err(JwtError::NotCompact)),
        (HEADER.to_owned(), Err(JwtError::NotCompact)),
        (format!("{HEADER}.e30"), Err(JwtError::NotCompact)),
        (format!("{HEADER}.e30.AA.AA"), Err(JwtError::NotCompact)),
        (format!("{HEADER}.AA.AA.AA.AA"), Err(JwtError::Encrypted)),
        (format!("{HEADER}.e30.AA.AA.AA.AA"), Err(JwtError::NotCompact)),
        (format!("{HEADER}.e30.AA=="), Err(JwtError::Encoding)),
        (format!("{HEADER}.e30.AB"), Err(JwtError::Encoding)),
        (format!("{HEADER}.e30.+/"), Err(JwtError::Encoding)),
        (format!("{HEADER}.e30.AA\n"), Err(JwtError::Encoding)),
        (format!(" {HEADER}.e30.AA"), Err(JwtError::Encoding)),
        (format!("{HEADER}.e30=.AA"), Err(JwtError::Encoding)),
        ("_w.e30.AA".to_owned(), Err(JwtError::Encoding)),
        (format!("{HEADER}.{}.AA", "A".repeat(384 * 1024)), Err(JwtError::TooLarge)),
        ("..".to_owned(), Err(JwtError::Header(ClaimsError::NotAnObject))),
    ];
    for (raw, result) in rows {
        let start: String = raw.chars().take(40).collect();
        assert_eq!(UnverifiedJwt::parse(&raw).map(|_| ()), result, "{start}");
    }
}

#[test]
fn a_token_may_have_exactly_the_permitted_size() {
    let fixed = HEADER.len() + "..AA".len();
    let payload = |size: usize| format!("{HEADER}.{}.AA", "A".repeat(size - fixed));
    let largest = 384 * 1024;
    assert!(UnverifiedJwt::parse(&payload(largest)).is_ok());
    let larger = payload(largest + 1);
    assert_eq!(UnverifiedJwt::parse(&larger).err(), Some(JwtError::TooLarge));
}

#[test]
fn the_header_is_checked_before_anything_is_verified() {
    let rows = [
        (r#"{"alg":"ES256","kid":"1","typ":"JWT"}"#, Ok(())),
        (r#"{"alg":"ES256","jku":"https://evil.example","jwk":{"kty":"oct"},"x5u":"u"}"#, Ok(())),
        (r#"{"alg":"ES256","crit":[]}"#, Err(JwtError::CriticalHeader)),
        (r#"{"alg":"ES256","crit":["exp"],"exp":1}"#, Err(JwtError::CriticalHeader)),
        (r#"{"alg":"ES256","crit":["b64"],"b64":false}"#, Err(JwtError::CriticalHeader)),
        (r#"{"alg":"ES256","cty":"JWT"}"#, Err(JwtError::ContentType)),
        (r#"{"kid":"1"}"#, Err(JwtError::HeaderParameter("alg"))),
        (r#"{"alg":null}"#, Err(JwtError::HeaderParameter("alg"))),
        (r#"{"alg":["ES256"]}"#, Err(JwtError::HeaderParameter("alg"))),
        (r#"{"alg":"ES256","kid":1}"#, Err(JwtError::HeaderParameter("kid"))),
        (r#"{"alg":"ES256","typ":1}"#, Err(JwtError::HeaderParameter("typ"))),
        (r#"{"alg":"ES256","typ":null,"kid":null,"cty":null,"crit":null}"#, Ok(())),
        ("\u{feff}{\"alg\":\"ES256\"}", Ok(())),
        (r#"["ES256"]"#, Err(JwtError::Header(ClaimsError::NotAnObject))),
        (r#"{"alg":"ES256""#, Err(JwtError::Header(ClaimsError::Json))),
        (
            r#"{"alg":"none","\u0061lg":"ES256"}"#,
            Err(JwtError::Header(ClaimsError::Duplicate("alg".into()))),
        ),
    ];
    for (header, result) in rows {
        assert_eq!(parse_header(header), result, "{header}");
    }
}
