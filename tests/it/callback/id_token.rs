//! Every wrong ID Token: its own code, 403, nothing asked with it, what came with it revoked.

use std::time::Duration;

use axum_oidc_session::dev_provider::{Fault, IdTokenFault as F};
use axum_oidc_session::{HttpClientSettings, OidcAuthBuilder};

use super::{assert_clean_login, assert_refused};
use crate::support::{App, Calls};

/// Asks for what the ID Token can then get wrong.
fn demanding(auth: OidcAuthBuilder) -> OidcAuthBuilder {
    let large = HttpClientSettings::default().max_response_size(4 * 1024 * 1024);
    auth.max_age(Duration::from_secs(3_600)).acr_values(["urn:example:gold"]).http_client(large)
}

/// `None`: not a fault.
fn expected(fault: F) -> Option<&'static str> {
    Some(match fault {
        F::BadSignature => "id_token_signature",
        F::AlgNone | F::Hs256ClientSecret | F::OtherAlg => "id_token_algorithm",
        // The key is found without its id.
        F::UnknownKid | F::NoKid => return None,
        F::LogoutTokenType => "id_token_type",
        F::CritHeader => "jwt_critical_header",
        F::Jwe => "jwt_encrypted",
        F::Malformed => "jwt_not_compact",
        F::Huge => "jwt_too_large",
        F::Missing => "id_token_missing",
        F::DuplicateClaim => "claims_duplicate",
        F::WrongIssuer | F::TrailingSlashIssuer | F::IssMissing => "id_token_issuer",
        F::WrongAudience | F::AudMissing => "id_token_audience",
        F::SeveralAudiences | F::AzpMissing => "id_token_extra_audience",
        F::WrongAzp => "id_token_authorized_party",
        F::Expired => "id_token_expired",
        F::ExpMissing | F::IatMissing => "id_token_time_malformed",
        F::AuthTimeMissing => "id_token_auth_time_missing",
        F::IatFuture => "id_token_issued_in_future",
        F::IatTooOld => "id_token_issued_too_long_ago",
        F::NbfFuture => "id_token_not_yet_valid",
        F::NonceWrong | F::NonceMissing => "id_token_nonce",
        F::AtHashWrong => "id_token_at_hash",
        F::SubMissing | F::SubEmpty | F::SubTooLong => "id_token_subject",
        F::AuthTimeOld => "id_token_auth_time_too_old",
        F::AcrWrong | F::AcrMissing => "id_token_acr",
        // Nothing was asked for.
        F::AmrMissing => return None,
        other => panic!("{other:?} has no row"),
    })
}

#[tokio::test]
async fn each_fault_is_refused_with_its_own_code() {
    for &fault in F::ALL {
        let row = format!("{fault:?}");
        let app = App::builder().configure(demanding).sealed_store().start().await;
        app.op.set_id_token_claim("acr", "urn:example:gold");
        app.op.set_fault(Some(Fault::IdToken(fault)));
        let browser = app.browser();
        let reply = browser.sign_in().await;
        app.settled().await;
        let jwks = match fault {
            // Refused before a key is looked for.
            F::Missing => 0,
            // Once more, in case the keys were rotated.
            F::BadSignature => 2,
            _ => 1,
        };
        let calls = Calls { discovery: 1, code: 1, jwks, ..Calls::default() };
        match expected(fault) {
            Some(code) => {
                assert_refused(&app, &browser, &reply, (403, code), &row).await;
                assert_eq!(app.calls(), Calls { revocation: 1, ..calls }, "{row}");
                assert!(!reply.text().contains("eyJ"), "{row}: nothing of the token is shown");
            }
            None => {
                assert_eq!(reply.status, 303, "{row}: {}", reply.text());
                assert_eq!(app.calls(), Calls { userinfo: 1, ..calls }, "{row}");
            }
        }
        assert_clean_login(&app, &browser, &row).await;
    }
}

/// What was not asked for is not checked: most providers send no `auth_time`, and `acr` as they like.
#[tokio::test]
async fn auth_time_and_acr_are_checked_only_where_they_were_asked_for() {
    for fault in [F::AuthTimeMissing, F::AuthTimeOld, F::AcrWrong, F::AmrMissing] {
        let app = App::start().await;
        app.op.set_fault(Some(Fault::IdToken(fault)));
        let browser = app.browser();
        assert_eq!(browser.sign_in().await.status, 303, "{fault:?}");
        assert_eq!(browser.fetch("/profile").await.text(), "ada", "{fault:?}");
    }
}

/// With the usual limits a claim of 1 MB does not even get in.
#[tokio::test]
async fn a_response_with_a_claim_of_1_mb_is_cut_off() {
    let app = App::builder().sealed_store().start().await;
    app.op.set_fault(Some(Fault::IdToken(F::Huge)));
    let browser = app.browser();
    let reply = browser.sign_in().await;
    assert_refused(&app, &browser, &reply, (502, "token_response_too_large"), "1 MB").await;
    assert_clean_login(&app, &browser, "1 MB").await;
}

/// Each time has a tolerance of its own setting; both sides of each boundary.
#[tokio::test]
async fn times_are_judged_with_the_clock_tolerance() {
    use crate::support::NOW;
    for (claim, good, bad, code) in [
        ("iat", NOW + 10, NOW + 11, "id_token_issued_in_future"),
        ("nbf", NOW + 10, NOW + 11, "id_token_not_yet_valid"),
        ("exp", NOW - 9, NOW - 10, "id_token_expired"),
        ("auth_time", NOW + 10, NOW + 11, "id_token_auth_time_in_future"),
        ("auth_time", NOW - 110, NOW - 111, "id_token_auth_time_too_old"),
    ] {
        let configure = |auth: OidcAuthBuilder| {
            let (tolerance, max_age) = (Duration::from_secs(10), Duration::from_secs(100));
            auth.clock_tolerance(tolerance).max_age(max_age)
        };
        let app = App::builder().configure(configure).start().await;
        app.op.set_id_token_claim(claim, bad);
        let refused = app.browser().sign_in().await;
        assert_eq!(refused.refusal(), (403, code.to_owned()), "{claim} {}", bad - NOW);
        app.op.set_id_token_claim(claim, good);
        let reply = app.browser().sign_in().await;
        assert_eq!(reply.status, 303, "{claim} {}: {}", good - NOW, reply.text());
    }
}
