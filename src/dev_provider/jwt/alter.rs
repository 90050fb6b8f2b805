//! Makes one claim or header parameter of an ID Token wrong.

use serde_json::Value;

use super::{Draft, at_hash};
use crate::dev_provider::IdTokenFault;
use crate::dev_provider::provider::Provider;

/// Changes what `fault` is about and nothing else. Faults of the envelope are [`super::compact`]'s.
pub(crate) fn alter(draft: &mut Draft, fault: IdTokenFault, provider: &Provider, client_id: &str) {
    let Draft { header, claims } = draft;
    let now = provider.now().seconds();
    match fault {
        IdTokenFault::LogoutTokenType => header.set("typ", "logout+jwt"),
        IdTokenFault::CritHeader => {
            header.set("crit", vec!["https://example.com/unknown"]);
            header.set("https://example.com/unknown", true);
        }
        IdTokenFault::Huge => claims.set("padding", "x".repeat(MEGABYTE)),
        IdTokenFault::DuplicateClaim => claims.prepend("sub", OTHER_SUB),
        IdTokenFault::WrongIssuer => claims.set("iss", OTHER_ISSUER),
        IdTokenFault::TrailingSlashIssuer => claims.set("iss", provider.issuer_with_other_slash()),
        IdTokenFault::IssMissing => claims.remove("iss"),
        IdTokenFault::WrongAudience => claims.set("aud", OTHER_CLIENT),
        IdTokenFault::SeveralAudiences => {
            claims.set("aud", vec![client_id, OTHER_CLIENT]);
            claims.set("azp", client_id);
        }
        IdTokenFault::AudMissing => claims.remove("aud"),
        IdTokenFault::WrongAzp => claims.set("azp", OTHER_CLIENT),
        IdTokenFault::AzpMissing => claims.set("aud", vec![client_id, OTHER_CLIENT]),
        IdTokenFault::Expired => claims.set("exp", now.saturating_sub(HOUR)),
        IdTokenFault::ExpMissing => claims.remove("exp"),
        IdTokenFault::IatMissing => claims.remove("iat"),
        IdTokenFault::IatFuture => claims.set("iat", now.saturating_add(HOUR)),
        IdTokenFault::IatTooOld => claims.set("iat", now.saturating_sub(DAY)),
        IdTokenFault::NbfFuture => claims.set("nbf", now.saturating_add(HOUR)),
        IdTokenFault::NonceWrong => claims.set("nonce", "another-nonce"),
        IdTokenFault::NonceMissing => claims.remove("nonce"),
        IdTokenFault::AtHashWrong => claims.set("at_hash", at_hash("another access token")),
        IdTokenFault::SubMissing => claims.remove("sub"),
        IdTokenFault::SubEmpty => claims.set("sub", ""),
        IdTokenFault::SubTooLong => claims.set("sub", "s".repeat(256)),
        IdTokenFault::AuthTimeMissing => claims.remove("auth_time"),
        IdTokenFault::AuthTimeOld => claims.set("auth_time", now.saturating_sub(7 * DAY)),
        IdTokenFault::AcrWrong => claims.set("acr", Value::from("urn:example:acr:never-asked-for")),
        IdTokenFault::AcrMissing => claims.remove("acr"),
        IdTokenFault::AmrMissing => claims.remove("amr"),
        IdTokenFault::BadSignature
        | IdTokenFault::AlgNone
        | IdTokenFault::Hs256ClientSecret
        | IdTokenFault::OtherAlg
        | IdTokenFault::UnknownKid
        | IdTokenFault::NoKid
        | IdTokenFault::Jwe
        | IdTokenFault::Malformed
        | IdTokenFault::Missing => {}
    }
}

/// Somebody else's values, the same in all faults.
pub(crate) const OTHER_SUB: &str = "somebody-else";
pub(crate) const OTHER_ISSUER: &str = "https://another-issuer.example";
pub(crate) const OTHER_CLIENT: &str = "another-client";
pub(crate) const MEGABYTE: usize = 1_048_576;
pub(crate) const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
