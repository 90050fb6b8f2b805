use secrecy::ExposeSecret as _;

use super::*;

const ISSUER: &str = "https://op.example/";

fn validate(query: &str, iss_required: bool) -> Result<String, AuthorizationResponseError> {
    let response = AuthorizationResponse::parse(query)?;
    let AuthorizationCode(code) = response.validate(ISSUER, iss_required)?;
    Ok(code.expose_secret().to_owned())
}

#[test]
fn code_is_handed_out_when_everything_holds() {
    let iss = "iss=https%3A%2F%2Fop.example%2F";
    for (query, iss_required) in [
        ("code=c%2B1&state=s".to_owned(), false),
        ("state=s&code=c%2B1&session_state=x&session_state=y&unknown=1".to_owned(), false),
        (format!("code=c%2B1&state=s&{iss}"), false),
        (format!("code=c%2B1&state=s&{iss}"), true),
        ("code=c%2B1&state=s&error=&iss=".to_owned(), false),
    ] {
        assert_eq!(validate(&query, iss_required).as_deref(), Ok("c+1"), "{query}");
    }
}

#[test]
fn each_fault_has_its_own_error() {
    use AuthorizationResponseError as Error;
    for (query, iss_required, expected) in [
        ("", false, Error::MissingState),
        ("code=c", false, Error::MissingState),
        ("code=c&state=", false, Error::MissingState),
        ("state=s", false, Error::MissingCode),
        ("state=s&code=", false, Error::MissingCode),
        ("state=s&code=c&error=access_denied", false, Error::CodeAndError),
        ("state=s&code=c", true, Error::IssuerMissing),
        ("state=s&code=c&iss=", true, Error::IssuerMissing),
        ("state=s&error=access_denied", true, Error::IssuerMissing),
        ("state=s&code=c&iss=https://op.example", false, Error::IssuerMismatch),
        ("state=s&code=c&iss=https://OP.example/", true, Error::IssuerMismatch),
        ("state=s&error=access_denied&iss=https://evil.example/", false, Error::IssuerMismatch),
        ("state=s&code=c&error=e&iss=https://evil.example/", false, Error::IssuerMismatch),
    ] {
        assert_eq!(validate(query, iss_required), Err(expected), "{query}");
    }
}

#[test]
fn any_known_parameter_sent_twice_is_refused() {
    for (name, _) in KNOWN {
        for query in [
            format!("{name}=a&x=y&{name}=a"),
            format!("{name}=&{name}=a"),
            format!("{name}&{name}"),
        ] {
            assert_eq!(
                AuthorizationResponse::parse(&query).unwrap_err(),
                AuthorizationResponseError::Duplicate(name),
                "{query}"
            );
        }
    }
    let encoded = AuthorizationResponse::parse("state=a&%73tate=b").unwrap_err();
    assert_eq!(encoded, AuthorizationResponseError::Duplicate("state"));
}

#[test]
fn lengths_are_bounded_on_both_sides() {
    for (name, limit) in KNOWN {
        let query = |length: usize| format!("{name}={}", "a".repeat(length));
        assert!(AuthorizationResponse::parse(&query(limit)).is_ok(), "{name}");
        let error = AuthorizationResponse::parse(&query(limit + 1)).unwrap_err();
        assert_eq!(error, AuthorizationResponseError::TooLong, "{name}");
    }
    let query = |length: usize| format!("unknown={}", "a".repeat(length - "unknown=".len()));
    assert!(AuthorizationResponse::parse(&query(MAX_QUERY)).is_ok());
    let error = AuthorizationResponse::parse(&query(MAX_QUERY + 1)).unwrap_err();
    assert_eq!(error, AuthorizationResponseError::TooLong);
}

#[test]
fn provider_error_is_cleaned_of_what_could_harm_a_log_or_a_page() {
    let query = "state=s&error=access_denied%0A%1b[2J&error_description=line%0Atwo%00%C3%A4\
                 &error_uri=javascript:alert(1)";
    let error = validate(query, false).unwrap_err();
    let AuthorizationResponseError::Provider(response) = &error else { panic!("{error:?}") };
    assert_eq!(response.error, "access_denied[2J");
    assert_eq!(response.description.as_deref(), Some("linetwoä"));
    assert_eq!(response.uri, None);
    assert_eq!(error.code(), "authorization_response_error");
    assert!(!format!("{error} {error:?}").contains("linetwo"), "the description may name a person");

    let query = "state=s&error=server_error&error_uri=https%3A%2F%2Fop.example%2Fe";
    let error = validate(query, false).unwrap_err();
    let AuthorizationResponseError::Provider(response) = error else { panic!("{error:?}") };
    assert_eq!(response.uri.as_deref(), Some("https://op.example/e"));
    assert_eq!(response.description, None);
}

#[test]
fn state_is_readable_before_validation_and_code_is_not_shown() {
    let response = AuthorizationResponse::parse("code=secret-code&state=s+1").unwrap();
    assert_eq!(response.state(), Some("s 1"));
    assert!(!format!("{response:?}").contains("secret-code"));
}
