//! Wrong authorization and token responses.

use serde_json::json;

use super::harness::{Harness, authorize};
use crate::dev_provider::{AuthorizationFault, Fault, MetadataFault, TokenFault};

/// Values of `code` (how many), `state` and `iss` (which).
async fn response(fault: AuthorizationFault) -> (usize, Vec<String>, Vec<String>, Option<String>) {
    let harness = Harness::with_fault(Fault::Authorization(fault)).await;
    let reply = harness.get(&authorize(&[])).await;
    let issuer = harness.running.issuer();
    let iss = reply.location_parameters("iss");
    let iss = iss.into_iter().map(|iss| if iss == issuer { "ours".to_owned() } else { iss });
    (
        reply.location_parameters("code").len(),
        reply.location_parameters("state"),
        iss.collect(),
        reply.location_parameter("error"),
    )
}

#[tokio::test]
async fn each_authorization_fault_changes_one_parameter() {
    use AuthorizationFault as A;
    let (state, ours) = ("a state", "ours");
    for (fault, codes, states, issuers) in [
        (A::WrongIss, 1, vec![state], vec!["https://another-issuer.example"]),
        (A::MissingIss, 1, vec![state], vec![]),
        (A::WrongState, 1, vec!["another-state"], vec![ours]),
        (A::MissingState, 1, vec![], vec![ours]),
        (A::MissingCode, 0, vec![state], vec![ours]),
        (A::UnknownCode, 1, vec![state], vec![ours]),
        (A::DuplicateCode, 2, vec![state], vec![ours]),
        (A::DuplicateState, 1, vec![state, state], vec![ours]),
        (A::DuplicateIss, 1, vec![state], vec![ours, ours]),
    ] {
        let expected = (
            codes,
            states.into_iter().map(str::to_owned).collect::<Vec<_>>(),
            issuers.into_iter().map(str::to_owned).collect::<Vec<_>>(),
            None,
        );
        assert_eq!(response(fault).await, expected, "{fault:?}");
    }
    for (fault, codes, error) in [
        (A::AccessDenied, 0, "access_denied"),
        (A::LoginRequired, 0, "login_required"),
        (A::ServerError, 0, "server_error"),
        (A::TemporarilyUnavailable, 0, "temporarily_unavailable"),
        (A::ErrorAndCode, 1, "access_denied"),
    ] {
        let expected =
            (codes, vec![state.to_owned()], vec![ours.to_owned()], Some(error.to_owned()));
        assert_eq!(response(fault).await, expected, "{fault:?}");
    }
    assert!(response(A::HostileError).await.3.unwrap().contains("<script>"));
}

#[tokio::test]
async fn without_the_iss_parameter_there_is_none() {
    let harness = Harness::with_fault(Fault::Metadata(MetadataFault::NoIssParameter)).await;
    let reply = harness.get(&authorize(&[])).await;
    assert!(reply.location_parameters("iss").is_empty());
    assert!(reply.location_parameter("code").is_some());
}

#[tokio::test]
async fn each_token_fault_changes_one_thing() {
    for (fault, status, error) in [
        (TokenFault::InvalidGrant, 400, "invalid_grant"),
        (TokenFault::InvalidClient, 401, "invalid_client"),
    ] {
        let harness = Harness::start().await;
        let code = harness.code().await;
        harness.control.set_fault(Some(Fault::Token(fault)));
        let reply = harness.exchange(&code).await;
        assert_eq!((reply.status(), &reply.json()["error"]), (status, &json!(error)));
        harness.control.set_fault(None);
        assert_eq!(harness.exchange(&code).await.status(), 200);
    }
    for (fault, member, value) in [
        (TokenFault::MacTokenType, "token_type", json!("mac")),
        (TokenFault::MixedCaseTokenType, "token_type", json!("bEaReR")),
        (TokenFault::MissingAccessToken, "access_token", json!(null)),
        (TokenFault::NarrowScope, "scope", json!("openid")),
        (TokenFault::NoScope, "scope", json!(null)),
    ] {
        let harness = Harness::with_fault(Fault::Token(fault)).await;
        let response = harness.sign_in().await;
        assert_eq!(response[member], value);
        let present =
            ["access_token", "token_type", "expires_in", "refresh_token", "id_token", "scope"];
        let missing = present.iter().filter(|name| response.get(name).is_none()).count();
        assert_eq!(missing, usize::from(value.is_null()), "{fault:?}");
    }
}
