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
    Metadata::parse(document.to_string().as_bytes(), issuer, SigningAlgorithm::Rs256)
}

/// The outcome with these members set; `null` removes one.
fn with(members: Value) -> Result<Metadata, MetadataError> {
    let mut document = document();
    let (all, members) = (document.as_object_mut().unwrap(), members.as_object().unwrap().clone());
    all.extend(members);
    parse(&document, ISSUER)
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

#[test]
fn every_endpoint_is_checked() {
    let required = ["authorization_endpoint", "token_endpoint", "jwks_uri"];
    let optional = ["userinfo_endpoint", "end_session_endpoint", "revocation_endpoint"];
    for name in required.into_iter().chain(optional) {
        for (value, expected) in [
            (json!("http://op.example/x"), "discovery_endpoint_insecure"),
            (json!("http://127.0.0.1/x"), "discovery_endpoint_insecure"),
            (json!("javascript:alert(1)"), "discovery_endpoint_insecure"),
            (json!("https://op.example/x#"), "discovery_endpoint_malformed"),
            (json!("https://user@op.example/x"), "discovery_endpoint_malformed"),
            (json!("https://:password@op.example/x"), "discovery_endpoint_malformed"),
            (json!("/x"), "discovery_endpoint_malformed"),
            (json!("https://"), "discovery_endpoint_malformed"),
            (json!(7), "discovery_member_malformed"),
        ] {
            let (code, text) = refused(json!({ name: value }));
            assert_eq!(code, expected, "{name} {value}");
            assert!(text.contains(name), "{text}");
        }
    }
    for name in required {
        assert_eq!(refused(json!({ name: null })).0, "discovery_endpoint_missing");
        assert_eq!(refused(json!({ name: "" })).0, "discovery_endpoint_missing");
    }
    for name in optional {
        assert!(with(json!({ name: null })).is_ok() && with(json!({ name: "" })).is_ok());
    }
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
fn lists_decide_where_they_are_present() {
    for (members, expected) in [
        (json!({ "response_types_supported": null }), "discovery_response_type_unsupported"),
        (
            json!({ "response_types_supported": ["code id_token"] }),
            "discovery_response_type_unsupported",
        ),
        (json!({ "response_types_supported": "code" }), "discovery_member_malformed"),
        (
            json!({ "id_token_signing_alg_values_supported": ["ES256"] }),
            "discovery_signing_algorithm_unsupported",
        ),
        (
            json!({ "id_token_signing_alg_values_supported": [] }),
            "discovery_signing_algorithm_unsupported",
        ),
        (
            json!({ "code_challenge_methods_supported": ["plain"] }),
            "discovery_code_challenge_method_unsupported",
        ),
        (
            json!({ "authorization_response_iss_parameter_supported": "true" }),
            "discovery_member_malformed",
        ),
    ] {
        assert_eq!(refused(members.clone()).0, expected, "{members}");
    }
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
