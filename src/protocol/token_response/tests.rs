use secrecy::ExposeSecret as _;

use super::*;

fn parse(body: &str) -> Result<TokenResponse, TokenResponseError> {
    TokenResponse::parse(body.as_bytes())
}

/// A response with `member` (such as `"scope":"a"`) added to what is always needed.
fn with(member: &str) -> Result<TokenResponse, TokenResponseError> {
    parse(&format!(r#"{{"access_token":"at","token_type":"Bearer",{member}}}"#))
}

#[test]
fn least_response_is_an_access_token_and_its_type() {
    for kind in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        let response = parse(&format!(r#"{{"access_token":"at","token_type":"{kind}"}}"#)).unwrap();
        assert_eq!(response.access_token.expose_secret(), "at");
        assert!(response.expires_in.is_none() && response.scope.is_none());
        assert!(response.refresh_token.is_none() && response.id_token.is_none());
    }
}

#[test]
fn expires_in_is_read_in_all_its_shapes() {
    let year = MAX_EXPIRES_IN.as_secs();
    for (value, expected) in [
        ("3600", Some(3600)),
        ("\"3600\"", Some(3600)),
        ("\" 3600 \"", Some(3600)),
        ("3599.9", Some(3599)),
        ("0", Some(0)),
        ("-1", Some(0)),
        ("\"-3600\"", Some(0)),
        (&year.to_string(), Some(year)),
        (&(year + 1).to_string(), Some(year)),
        ("18446744073709551615", Some(year)),
        ("99999999999999999999999", Some(year)),
        ("1e300", Some(year)),
        ("null", None),
        // No answer with a rotated refresh token is lost for a hint.
        ("\"\"", None),
        ("\"soon\"", None),
        ("\"NaN\"", None),
        ("\"inf\"", None),
        ("true", None),
        ("[]", None),
        ("{}", None),
    ] {
        let response = with(&format!("\"expires_in\":{value}")).unwrap();
        assert_eq!(response.expires_in, expected.map(Duration::from_secs), "{value}");
    }
}

#[test]
fn tokens_and_scope_are_read_in_all_their_shapes() {
    let response =
        with(r#""refresh_token":"rt","id_token":"a.b.c","scope":"openid email","foo":1"#).unwrap();
    assert_eq!(response.refresh_token.unwrap().expose_secret(), "rt");
    assert_eq!(response.id_token.unwrap().expose_secret(), "a.b.c");
    assert_eq!(response.scope.as_deref(), Some("openid email"));

    let response =
        with(r#""refresh_token":null,"id_token":"","scope":["openid","email"]"#).unwrap();
    assert!(response.refresh_token.is_none() && response.id_token.is_none());
    assert_eq!(response.scope.as_deref(), Some("openid email"));

    assert_eq!(
        with(r#""refresh_token":1"#).unwrap_err(),
        TokenResponseError::Member("refresh_token")
    );
    assert_eq!(with(r#""id_token":{}"#).unwrap_err(), TokenResponseError::Member("id_token"));
    assert_eq!(with(r#""scope":7"#).unwrap_err(), TokenResponseError::Member("scope"));
    assert_eq!(with(r#""scope":[7]"#).unwrap_err(), TokenResponseError::Member("scope"));
    assert_eq!(with(r#""scope":null"#).unwrap().scope, None);
}

/// RFC 6749 appendix A.12 and A.17: `VSCHAR`.
#[test]
fn tokens_that_no_header_can_carry_are_refused() {
    for (text, is_taken) in [
        ("a b~!", true),
        ("a\\u007f", false),
        ("a\\u001f", false),
        ("a\\n", false),
        ("\\ta", false),
        ("a\\u0000", false),
        ("é", false),
    ] {
        let access = parse(&format!(r#"{{"access_token":"{text}","token_type":"Bearer"}}"#));
        let expected = (!is_taken).then_some(TokenResponseError::Syntax("access_token"));
        assert_eq!(access.err(), expected, "{text}");
        for name in ["refresh_token", "id_token"] {
            let expected = (!is_taken).then_some(TokenResponseError::Syntax(name));
            assert_eq!(with(&format!(r#""{name}":"{text}""#)).err(), expected, "{name} {text}");
        }
    }
    let scope = |text: &str| with(&format!(r#""scope":"{text}""#)).err();
    assert_eq!(scope("openid a:b,c"), None);
    assert_eq!(scope("openid\\nadmin"), Some(TokenResponseError::Syntax("scope")));
    assert_eq!(TokenResponseError::Syntax("scope").code(), "token_response_member_syntax");
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let mark = "\u{feff}";
    let body = format!(r#"{mark} {{"access_token":"at","token_type":"Bearer"}}"#);
    assert_eq!(parse(&body).unwrap().access_token.expose_secret(), "at");
    let error = format!("{mark}{{\"error\":\"invalid_grant\"}}");
    assert!(
        super::super::oauth_error::OAuthError::parse(error.as_bytes()).unwrap().is_invalid_grant()
    );
}

#[test]
fn each_fault_has_its_own_error() {
    use TokenResponseError as Error;
    for (body, expected) in [
        ("", Error::Json),
        ("<html>", Error::Json),
        ("[]", Error::Json),
        (r#"["at","bearer",null,null,null,null]"#, Error::Json),
        (r#"{"access_token":"a","access_token":"b","token_type":"bearer"}"#, Error::Json),
        (r#"{"token_type":"bearer"}"#, Error::AccessTokenMissing),
        (r#"{"access_token":"","token_type":"bearer"}"#, Error::AccessTokenMissing),
        (r#"{"access_token":null,"token_type":"bearer"}"#, Error::AccessTokenMissing),
        (r#"{"access_token":1,"token_type":"bearer"}"#, Error::Member("access_token")),
        (r#"{"access_token":"a"}"#, Error::TokenTypeMissing),
        (r#"{"access_token":"a","token_type":null}"#, Error::TokenTypeMissing),
        (r#"{"access_token":"a","token_type":"DPoP"}"#, Error::TokenType),
        (r#"{"access_token":"a","token_type":1}"#, Error::TokenType),
    ] {
        assert_eq!(parse(body).unwrap_err(), expected, "{body}");
    }
}

#[test]
fn neither_debug_nor_errors_show_tokens() {
    let body = r#"{"access_token":"top-secret","token_type":"bearer","refresh_token":"top-secret","id_token":"top-secret"}"#;
    assert!(!format!("{:?}", parse(body).unwrap()).contains("top-secret"));
    let error = parse(r#"{"access_token":"top-secret","token_type":"top-secret"}"#).unwrap_err();
    assert!(!format!("{error:?} {error}").contains("top-secret"));
}

#[test]
fn printable_cuts_between_characters() {
    assert_eq!(printable("aää", 4, |_| true), "aä");
    assert_eq!(printable("aää", 5, |_| true), "aää");
    assert_eq!(printable("a\u{7f}\u{85}b", 9, |_| true), "ab");
    assert_eq!(printable("aäb", 9, char::is_ascii), "ab");
    assert_eq!(printable("a\u{202e}\u{200b}\u{2066}\u{feff}\u{61c}b", 9, |_| true), "ab");
}
