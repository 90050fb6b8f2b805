use serde_json::json;

use super::*;

const ISSUER: &str = "https://op.example/tenant/";

fn document() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://op.example/authorize?tenant=1",
        "token_endpoint": "https://op.example/token",
        "jwks_uri": "https://keys.example/jwks",
        "response_types_supported": ["code id_token", "code"],
    })
}

fn parse(document: &Value, issuer: &str) -> Result<Metadata, MetadataError> {
    let body = document.to_string();
    let parsed = Metadata::parse(body.as_bytes(), issuer, SigningAlgorithm::Rs256);
    parsed.map(|(metadata, _)| metadata)
}

/// The document with these members set.
fn changed(members: &Value) -> Value {
    let mut document = document();
    document.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    document
}

fn with(members: Value) -> Result<Metadata, MetadataError> {
    parse(&changed(&members), ISSUER)
}

/// The codes of what is odd about a document that can be used, and its metadata.
fn odd(members: &Value) -> (Vec<&'static str>, Metadata) {
    let body = changed(members).to_string();
    let parsed = Metadata::parse(body.as_bytes(), ISSUER, SigningAlgorithm::Rs256);
    let (metadata, oddities) = parsed.unwrap_or_else(|error| panic!("{members}: {error}"));
    (oddities.iter().map(MetadataError::code).collect(), metadata)
}

fn refused(members: Value) -> (&'static str, String) {
    let error = with(members).unwrap_err();
    (error.code(), error.to_string())
}

#[test]
fn least_metadata_is_enough() {
    let metadata = parse(&document(), ISSUER).unwrap();
    assert_eq!(metadata.issuer, ISSUER);
    assert_eq!(metadata.authorization_endpoint.as_str(), "https://op.example/authorize?tenant=1");
    assert!(metadata.userinfo_endpoint.is_none() && metadata.token_endpoint_auth_methods.is_none());
    assert!(!metadata.authorization_response_iss_parameter_supported);
}

#[test]
fn everything_of_use_is_read() {
    let metadata = with(json!({
        "userinfo_endpoint": "https://op.example/userinfo",
        "end_session_endpoint": "https://op.example/logout",
        "revocation_endpoint": "https://op.example/revoke",
        "authorization_response_iss_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "id_token_signing_alg_values_supported": ["ES256", "RS256"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "scopes_supported": ["openid", 7],
        "claims_parameter_supported": true,
        "check_session_iframe": 7,
    }));
    let metadata = metadata.unwrap();
    assert!(metadata.userinfo_endpoint.is_some() && metadata.revocation_endpoint.is_some());
    assert!(metadata.end_session_endpoint.is_some() && metadata.backchannel_logout_supported);
    assert!(metadata.authorization_response_iss_parameter_supported);
    assert_eq!(metadata.token_endpoint_auth_methods.unwrap(), ["client_secret_post"]);
    assert_eq!(metadata.scopes_supported.unwrap(), ["openid"]);
    assert!(metadata.claims_parameter_supported);
    for other in [json!(false), json!("true"), json!(1), json!(null)] {
        let metadata = with(json!({ "claims_parameter_supported": other })).unwrap();
        assert!(!metadata.claims_parameter_supported, "{other}");
    }
}

#[test]
fn issuer_is_compared_byte_for_byte() {
    for issuer in [
        "https://op.example/tenant",
        "https://OP.example/tenant/",
        "https://op.example:443/tenant/",
        "",
    ] {
        assert_eq!(refused(json!({ "issuer": issuer })).0, "discovery_issuer_mismatch", "{issuer}");
    }
    assert_eq!(refused(json!({ "issuer": null })).0, "discovery_issuer_mismatch");
    assert_eq!(refused(json!({ "issuer": 7 })).0, "discovery_member_malformed");
}

fn wrong_endpoints() -> [(Value, &'static str); 9] {
    [
        (json!("http://op.example/x"), "discovery_endpoint_insecure"),
        (json!("http://127.0.0.1/x"), "discovery_endpoint_insecure"),
        (json!("javascript:alert(1)"), "discovery_endpoint_insecure"),
        (json!("https://op.example/x#"), "discovery_endpoint_malformed"),
        (json!("https://user@op.example/x"), "discovery_endpoint_malformed"),
        (json!("https://:password@op.example/x"), "discovery_endpoint_malformed"),
        (json!("/x"), "discovery_endpoint_malformed"),
        (json!("https://"), "discovery_endpoint_malformed"),
        (json!(7), "discovery_member_malformed"),
    ]
}

#[test]
fn endpoints_that_every_login_needs_are_checked() {
    for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
        for (value, expected) in wrong_endpoints() {
            let (code, text) = refused(json!({ name: value }));
            assert_eq!(code, expected, "{name} {value}");
            assert!(text.contains(name), "{text}");
        }
        assert_eq!(refused(json!({ name: null })).0, "discovery_endpoint_missing");
        assert_eq!(refused(json!({ name: "" })).0, "discovery_endpoint_missing");
    }
}

#[test]
fn endpoints_that_a_login_can_do_without_are_left_out() {
    for name in ["userinfo_endpoint", "end_session_endpoint", "revocation_endpoint"] {
        for (value, expected) in wrong_endpoints() {
            let (oddities, metadata) = odd(&json!({ name: value }));
            assert_eq!(oddities, [expected], "{name} {value}");
            let endpoint = match name {
                "userinfo_endpoint" => metadata.userinfo_endpoint,
                "end_session_endpoint" => metadata.end_session_endpoint,
                _ => metadata.revocation_endpoint,
            };
            assert_eq!(endpoint, None, "{name} {value}");
        }
        for absent in [json!(null), json!("")] {
            assert_eq!(odd(&json!({ name: absent })).0, [""; 0], "{name}");
        }
    }
}

#[test]
fn lists_and_flags_of_the_wrong_kind_are_left_out() {
    let lists = [
        "response_types_supported",
        "id_token_signing_alg_values_supported",
        "code_challenge_methods_supported",
        "token_endpoint_auth_methods_supported",
        "revocation_endpoint_auth_methods_supported",
        "scopes_supported",
    ];
    for name in lists {
        for (value, expected) in [
            (json!("code"), "discovery_member_malformed"),
            (json!({"code": true}), "discovery_member_malformed"),
            (json!(1), "discovery_member_malformed"),
            (json!([]), "discovery_list_empty"),
            (json!([7, null]), "discovery_list_empty"),
        ] {
            assert_eq!(odd(&json!({ name: value })).0, [expected], "{name} {value}");
        }
        assert_eq!(odd(&json!({ name: null })).0, [""; 0], "{name}");
    }
    for name in [
        "authorization_response_iss_parameter_supported",
        "backchannel_logout_supported",
        "backchannel_logout_session_supported",
        "claims_parameter_supported",
    ] {
        for value in [json!("true"), json!(1), json!([true]), json!({})] {
            let (oddities, metadata) = odd(&json!({ name: value }));
            assert_eq!(oddities, ["discovery_member_malformed"], "{name}");
            assert!(!metadata.authorization_response_iss_parameter_supported);
        }
    }
}

#[test]
fn an_algorithm_that_is_not_listed_is_a_warning() {
    let (oddities, _) = odd(&json!({ "id_token_signing_alg_values_supported": ["ES256"] }));
    assert_eq!(oddities, ["discovery_signing_algorithm_unsupported"]);
    let (none, _) = odd(&json!({ "id_token_signing_alg_values_supported": ["ES256", "RS256"] }));
    assert!(none.is_empty());
}

#[test]
fn plain_http_is_for_loopback_endpoints_of_a_loopback_issuer() {
    let loopback = |token_endpoint: &str| {
        let document = json!({
            "issuer": "http://localhost:9000",
            "authorization_endpoint": "http://127.0.0.1:9000/authorize",
            "token_endpoint": token_endpoint,
            "jwks_uri": "http://[::1]:9000/jwks",
            "response_types_supported": ["code"],
        });
        parse(&document, "http://localhost:9000")
    };
    assert!(loopback("http://localhost:9000/token").is_ok());
    assert!(loopback("https://op.example/token").is_ok());
    let error = loopback("http://op.example/token").unwrap_err();
    assert_eq!(error.code(), "discovery_endpoint_insecure");
}

#[test]
fn what_no_login_could_succeed_with_is_refused() {
    for (members, expected) in [
        (
            json!({ "response_types_supported": ["code id_token"] }),
            "discovery_response_type_unsupported",
        ),
        (
            json!({ "code_challenge_methods_supported": ["plain"] }),
            "discovery_code_challenge_method_unsupported",
        ),
    ] {
        assert_eq!(refused(members.clone()).0, expected, "{members}");
    }
}

/// The operator finds the cause from the log alone.
#[test]
fn an_issuer_mismatch_shows_both_values_url_and_setting() {
    let long = format!("https://other.example/\n{}", "x".repeat(300));
    let error = with(json!({ "issuer": long })).unwrap_err();
    assert!(error.is_permanent());
    let text = error.to_string();
    for part in [
        "https://op.example/tenant/.well-known/openid-configuration",
        r"https://other.example/\nxxx",
        "\"https://op.example/tenant/\"",
        "setting `issuer`",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains('\n') && text.len() < 500, "{text}");
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let body = format!("\u{feff}{}", document());
    assert!(Metadata::parse(body.as_bytes(), ISSUER, SigningAlgorithm::Rs256).is_ok());
}

#[test]
fn what_is_not_a_json_object_is_malformed() {
    for body in ["", "<html>", "[]", "null", "{\"issuer\":"] {
        let error = Metadata::parse(body.as_bytes(), ISSUER, SigningAlgorithm::Rs256).unwrap_err();
        assert_eq!(error.code(), "document_not_json", "{body}");
    }
}

#[test]
fn well_known_url_has_one_slash_and_keeps_the_path() {
    for (issuer, expected) in [
        ("https://op.example", "https://op.example/.well-known/openid-configuration"),
        ("https://op.example/", "https://op.example/.well-known/openid-configuration"),
        ("https://op.example/a/b", "https://op.example/a/b/.well-known/openid-configuration"),
        ("https://op.example/a/b/", "https://op.example/a/b/.well-known/openid-configuration"),
        ("https://op.example/a//", "https://op.example/a//.well-known/openid-configuration"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000/.well-known/openid-configuration"),
    ] {
        assert_eq!(well_known_url(issuer).unwrap().as_str(), expected);
    }
    for issuer in [
        "",
        "op.example",
        "http://op.example",
        "ftp://op.example",
        "https://op.example/?a",
        "https://op.example/#a",
        "https://user@op.example/",
        " https://op.example",
        "https://op.ex\tample",
    ] {
        let error = well_known_url(issuer).unwrap_err();
        assert_eq!(error.code(), "discovery_invalid_issuer", "{issuer}");
    }
}
