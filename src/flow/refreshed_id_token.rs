//! The ID Token that a refresh brings: it must continue the one of the login (OIDC Core 12.2), and may move the ceiling
//! (ceiling rule 10).

use std::time::Duration;

use secrecy::ExposeSecret as _;

use super::relying_party::RelyingParty;
use super::renewal;
use crate::policy::EndReason;
use crate::policy::{self, Ceiling, RefreshedAssertion, admit};
use crate::protocol::claims::Claims;
use crate::protocol::id_token::{
    Continuity, IdTokenExpectations, NonceExpectation, VerifiedIdToken,
};
use crate::protocol::session_expiry;
use crate::protocol::token_response::TokenResponse;
use crate::provider::IdTokenVerificationError;
use crate::session::entry::Entry;
use crate::session::state::SessionState;

/// Why a refreshed ID Token says nothing.
pub(super) enum Unverified {
    /// The provider's keys can't be had now, or our clock or the provider's is wrong.
    Later,
    /// It does not verify, or is not a continuation of the login's.
    Refused,
}

/// Rule 4. A response without an ID Token is fine (OIDC Core 12.2).
///
/// One that is right but for its times says nothing about who signed in: a clock that is wrong locks users out only while it
/// is (ceiling rule 15).
pub(super) async fn verify(
    rp: &RelyingParty,
    entry: &Entry,
    response: &TokenResponse,
) -> Result<Option<VerifiedIdToken>, Unverified> {
    let Some(raw) = &response.id_token else { return Ok(None) };
    let versioned = entry.state();
    let nonce = versioned.state.claims.get_str("nonce");
    let expected = IdTokenExpectations {
        issuer: &rp.config.issuer,
        client_id: &rp.config.client_id,
        trusted_audiences: &rp.config.tokens.trusted_audiences,
        algorithm: rp.config.tokens.algorithm,
        nonce: NonceExpectation::SameIfPresent(nonce),
        access_token: Some(response.access_token.expose_secret()),
        max_age: None,
        acr_values: &[],
        amr: &[],
        clock_tolerance: rp.config.tokens.clock_tolerance,
        max_token_age: MAX_ID_TOKEN_AGE,
        now: rp.config.clock.now(),
    };
    let id_token = match rp.provider.verify_id_token(raw.expose_secret(), &expected).await {
        Ok(id_token) => id_token,
        Err(IdTokenVerificationError::Token(error)) if error.is_of_the_clock() => {
            let by_no_clock = IdTokenExpectations { clock_tolerance: Duration::MAX, ..expected };
            let verified = rp.provider.verify_id_token(raw.expose_secret(), &by_no_clock).await;
            continues(rp, &versioned.state, &verified.map_err(not_verified)?)?;
            tracing::warn!(
                code = error.code(),
                "a refreshed ID Token does not fit the clock: {error}"
            );
            return Err(Unverified::Later);
        }
        verified => verified.map_err(not_verified)?,
    };
    continues(rp, &versioned.state, &id_token)?;
    Ok(Some(id_token))
}

fn not_verified(error: IdTokenVerificationError) -> Unverified {
    if let IdTokenVerificationError::Token(_) = &error {
        return refused(error.code(), &error);
    }
    tracing::warn!(code = error.code(), "a refreshed ID Token was not verified: {error}");
    Unverified::Later
}

/// OIDC Core 12.2.
fn continues(
    rp: &RelyingParty,
    state: &SessionState,
    id_token: &VerifiedIdToken,
) -> Result<(), Unverified> {
    let claims = &state.claims;
    let audience = audience(rp, claims);
    let original = Continuity {
        issuer: &rp.config.issuer,
        subject: claims.sub(),
        audience: &audience,
        authorized_party: claims.get_str("azp"),
        nonce: claims.get_str("nonce"),
        auth_time: state.auth_time,
    };
    id_token.check_continuity(&original).map_err(|error| refused(error.code(), &error))
}

fn refused(code: &'static str, error: &(dyn std::error::Error + 'static)) -> Unverified {
    tracing::warn!(code, error, "a refreshed ID Token was refused");
    Unverified::Refused
}

/// `aud` of the login's ID Token.
pub(super) fn audience(rp: &RelyingParty, claims: &Claims) -> Vec<String> {
    claims.audience().unwrap_or_else(|| vec![rp.config.client_id.clone()])
}

/// Ceiling rule 10.
///
/// # Errors
///
/// What ends the session.
pub(super) fn apply(
    rp: &RelyingParty,
    entry: &Entry,
    state: &mut SessionState,
    id_token: &VerifiedIdToken,
) -> Result<(), EndReason> {
    let refreshed = RefreshedAssertion {
        claim: session_expiry::judge(id_token.session_expiry().as_occurrences()),
        issued_at: id_token.issued_at(),
    };
    let evidence = renewal::evidence(rp, state, id_token);
    let before = state.session_expires_at;
    let after = policy::at_refresh(before, &refreshed, &rp.config.ceiling, evidence)
        .map_err(|_| EndReason::MalformedSessionExpiry)?;
    if later(before, after) {
        state.ceiling_since = rp.config.clock.now();
        state.renewal_tried = false;
    }
    state.session_expires_at = after;
    state.id_token = id_token.raw().clone();
    state.id_token_issued_at = id_token.issued_at();
    if let Some(sid) = id_token.claims().sid() {
        state.note_sid(sid);
    }
    state.auth_time = id_token.auth_time().or(state.auth_time);
    let deadline = state.deadline(entry.last_used_at(), rp.sessions.limits());
    admit(deadline, entry.now(&*rp.config.clock)).map_err(EndReason::from)
}

fn later(before: Ceiling, after: Ceiling) -> bool {
    matches!((before.asserted_end(), after.asserted_end()), (Some(before), Some(after)) if after > before)
}

const MAX_ID_TOKEN_AGE: Duration = Duration::from_secs(600);
