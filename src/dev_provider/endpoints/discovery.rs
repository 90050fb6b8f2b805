//! The discovery document (OpenID Connect Discovery 1.0 section 4).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::{authorize, end_session, jwks, revocation, token, userinfo};
use crate::dev_provider::incoming::Incoming;
use crate::dev_provider::provider::Provider;
use crate::dev_provider::{Endpoint, Fault, MetadataFault, guard, reply};

pub(crate) const PATH: &str = "/.well-known/openid-configuration";

pub(crate) async fn handle(State(provider): State<Arc<Provider>>, request: Incoming) -> Response {
    guard::answer(&provider, Endpoint::Discovery, request, |provider, _| {
        let fault = match provider.lock().settings.fault {
            Some(Fault::Metadata(fault)) => Some(fault),
            _ => None,
        };
        let mut document = document(provider);
        if let Some(fault) = fault {
            alter(&mut document, fault, provider);
        }
        reply::json(StatusCode::OK, Value::Object(document).to_string())
    })
    .await
}

fn document(provider: &Provider) -> Map<String, Value> {
    let methods = json!(["client_secret_basic", "client_secret_post", "none"]);
    let document = json!({
        "issuer": provider.issuer,
        "authorization_endpoint": provider.url(authorize::PATH),
        "token_endpoint": provider.url(token::PATH),
        "userinfo_endpoint": provider.url(userinfo::PATH),
        "jwks_uri": provider.url(jwks::PATH),
        "revocation_endpoint": provider.url(revocation::PATH),
        "end_session_endpoint": provider.url(end_session::PATH),
        "scopes_supported": ["openid", "profile", "email", "address", "phone", "offline_access"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "claims_supported": [
            "sub", "name", "email", "email_verified", "auth_time", "acr", "amr", "sid", "session_expiry",
        ],
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "authorization_response_iss_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
    });
    match document {
        Value::Object(document) => document,
        _ => Map::new(),
    }
}

fn alter(document: &mut Map<String, Value>, fault: MetadataFault, provider: &Provider) {
    let mut set = |name: &str, value: Value| drop(document.insert(name.to_owned(), value));
    let elsewhere = |path: &str| Value::from(format!("http://provider.example{path}"));
    match fault {
        MetadataFault::WrongIssuer => set("issuer", Value::from("https://another-issuer.example")),
        MetadataFault::TrailingSlashIssuer => {
            set("issuer", provider.issuer_with_other_slash().into())
        }
        MetadataFault::HttpAuthorizationEndpoint => {
            set("authorization_endpoint", elsewhere(authorize::PATH))
        }
        MetadataFault::HttpTokenEndpoint => set("token_endpoint", elsewhere(token::PATH)),
        MetadataFault::HttpJwksUri => set("jwks_uri", elsewhere(jwks::PATH)),
        MetadataFault::OnlyClientSecretPost => {
            set("token_endpoint_auth_methods_supported", json!(["client_secret_post"]));
            set("revocation_endpoint_auth_methods_supported", json!(["client_secret_post"]));
        }
        MetadataFault::OddMembers => {
            set("userinfo_endpoint", json!(userinfo::PATH));
            let fragment = format!("{}#odd", provider.url(end_session::PATH));
            set("end_session_endpoint", json!(fragment));
            set("revocation_endpoint", json!(["odd"]));
            set("response_types_supported", json!([]));
            set("id_token_signing_alg_values_supported", json!(["RS256"]));
            set("code_challenge_methods_supported", json!(null));
            set("scopes_supported", json!("openid"));
            set("backchannel_logout_supported", json!("yes"));
        }
        MetadataFault::MissingIssuer
        | MetadataFault::MissingJwksUri
        | MetadataFault::MissingTokenEndpoint
        | MetadataFault::NoEndSessionEndpoint
        | MetadataFault::NoUserInfoEndpoint
        | MetadataFault::NoRevocationEndpoint
        | MetadataFault::NoClaimsParameter
        | MetadataFault::NoIssParameter => drop(document.remove(left_out(fault))),
    }
}

fn left_out(fault: MetadataFault) -> &'static str {
    match fault {
        MetadataFault::MissingIssuer => "issuer",
        MetadataFault::MissingJwksUri => "jwks_uri",
        MetadataFault::MissingTokenEndpoint => "token_endpoint",
        MetadataFault::NoEndSessionEndpoint => "end_session_endpoint",
        MetadataFault::NoUserInfoEndpoint => "userinfo_endpoint",
        MetadataFault::NoRevocationEndpoint => "revocation_endpoint",
        MetadataFault::NoClaimsParameter => "claims_parameter_supported",
        _ => "authorization_response_iss_parameter_supported",
    }
}
