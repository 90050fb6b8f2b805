//! Claims that a user must have.

use std::sync::Arc;

use serde_json::Value;

use super::{Judge, Unmet};
use crate::http::extract::AuthSession;
use crate::policy::{ClaimPath, ClaimRule};
use crate::protocol::claims::Claims;

/// Requires a live session, and of its claims all that is added: roles, groups, an organization, scopes, whatever the provider says
/// about the user.
///
/// It is a layer for `route_layer`, and what a [`SessionWith`](crate::SessionWith) extracts by.
/// [`AuthSessionLayer`](crate::AuthSessionLayer) must be around it. A user who lacks something gets 403
/// `insufficient_claims`: a page, or JSON.
///
/// ```
/// use axum::{Router, routing::get};
/// use axum_oidc_session::{OidcAuth, require_claims};
///
/// fn back_office(auth: &OidcAuth) -> Router {
///     let editors = require_claims()
///         .contains(["realm_access", "roles"], "editor")
///         .predicate(|claims| claims.verified_email().is_some_and(|email| email.ends_with("@example.com")));
///     Router::new()
///         .route("/articles", get(|| async { "for editors" }))
///         .route_layer(editors)
///         .layer(auth.layer())
/// }
/// ```
///
/// # Security
///
/// The claims are those of the login: a role that the provider takes away is gone at the next one. What UserInfo and
/// `after_login` added counts, too, except for the claims about the sign-in itself. UserInfo that fails ends no login, so a claim
/// may be missing: state what a user must have, never what they must not (`|claims| !claims…`). A predicate that panics ends
/// the request, and lets nobody in.
pub fn require_claims() -> RequireClaims {
    RequireClaims { rules: Arc::default(), scopes: Arc::default() }
}

/// See [`require_claims`].
#[derive(Clone, Debug)]
#[must_use]
pub struct RequireClaims {
    rules: Arc<Vec<ClaimRule>>,
    scopes: Arc<Vec<String>>,
}

impl RequireClaims {
    /// The claim is this JSON value. A claim that is absent equals nothing, not even `null`; `1` and `1.0` differ.
    pub fn equals(self, path: impl Into<ClaimPath>, value: impl Into<Value>) -> Self {
        self.with(ClaimRule::Equals(path.into(), value.into()))
    }

    /// The claim is an array that has this text, or a text of words separated by spaces, one of which it is.
    ///
    /// # Security
    ///
    /// The second is what `scope` is (RFC 6749 section 3.3). In a claim that is prose, as a department's name is, it would find
    /// words that mean something else: use [`equals`](Self::equals) there.
    pub fn contains(self, path: impl Into<ClaimPath>, text: impl Into<String>) -> Self {
        self.with(ClaimRule::Contains(path.into(), text.into()))
    }

    /// The application's own rule.
    pub fn predicate(self, rule: impl Fn(&Claims) -> bool + Send + Sync + 'static) -> Self {
        self.with(ClaimRule::Predicate(Arc::new(rule)))
    }

    /// The provider granted this scope, at the login or at the latest refresh (RFC 6749 section 3.3). It is not a claim: an
    /// ID Token says nothing of it, the token response does. Where that states no scope, the login was granted what it asked
    /// for (RFC 6749 section 5.1). This is written into the session at the login: a scope that is added to the
    /// configuration later counts from the user's next login on.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.scopes).push(scope.into());
        self
    }

    fn with(mut self, rule: ClaimRule) -> Self {
        Arc::make_mut(&mut self.rules).push(rule);
        self
    }
}

impl Judge for RequireClaims {
    fn judge(&self, session: &AuthSession) -> Result<(), Unmet> {
        let holds = self.rules.iter().all(|rule| rule.holds(session.claims()));
        let is_granted = self.scopes.iter().all(|scope| session.has_scope(scope));
        if holds && is_granted { Ok(()) } else { Err(Unmet::Claims) }
    }
}
