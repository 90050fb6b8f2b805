//! The provider as the flows see it: each question one function.

use std::sync::Arc;

use openidconnect::core::CoreJsonWebKeySet;
use secrecy::{ExposeSecret as _, SecretString};

use super::cached::Cached;
use super::client_authentication::ClientCredentials;
use super::discovery::{Discovery, DiscoveryError, MetadataSource};
use super::http_client::HttpClient;
use super::jwks::{Budget, Jwks, JwksError};
use super::metadata::Metadata;
use super::reachability::Reachability;
use super::revocation::{self, RevocationError, TokenTypeHint};
use super::token_endpoint::{self, TokenEndpointError};
use super::token_facts::{self, Expected};
use super::userinfo::{self, UserInfoError};
use super::verification_error::{
    IdTokenVerificationError, LogoutTokenVerificationError, Unverified,
};
use crate::clock::Clock;
use crate::config::settings::ClientAuthentication;
use crate::events::Events;
use crate::protocol::algorithm::SigningAlgorithm;
use crate::protocol::claims::Claims;
use crate::protocol::id_token::{IdTokenError, IdTokenExpectations, VerifiedIdToken};
use crate::protocol::logout_token::{
    LogoutTokenError, LogoutTokenExpectations, VerifiedLogoutToken,
};
use crate::protocol::token_response::TokenResponse;
use crate::spawn::Spawn;

/// One issuer, and we as its client. Nothing is asked of it before something is needed.
#[derive(Debug)]
pub(crate) struct Provider {
    http: Arc<dyn HttpClient>,
    credentials: ClientCredentials,
    resource: Vec<String>,
    audience: Option<String>,
    discovery: Arc<Discovery>,
    jwks: Jwks,
    token_endpoint: Reachability,
}

/// What is known about the provider beforehand.
#[derive(Clone, Debug)]
pub(crate) struct ProviderSettings {
    /// The issuer identifier, exactly as in the provider's metadata.
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    /// `None` for a public client.
    pub(crate) client_secret: Option<SecretString>,
    /// How it authenticates; `None`: as the metadata offer.
    pub(crate) client_authentication: Option<ClientAuthentication>,
    /// What ID Tokens and logout tokens are signed with.
    pub(crate) algorithm: SigningAlgorithm,
    /// Sent with the code exchange (RFC 8707 section 2.2).
    pub(crate) resource: Vec<String>,
    /// Sent with the code exchange; not a standard parameter.
    pub(crate) audience: Option<String>,
}

impl Provider {
    pub(crate) fn new(
        settings: ProviderSettings,
        http: Arc<dyn HttpClient>,
        clock: Arc<dyn Clock>,
        spawn: Arc<dyn Spawn>,
        events: Events,
    ) -> Self {
        let credentials = ClientCredentials {
            client_id: settings.client_id,
            client_secret: settings.client_secret,
            method: settings.client_authentication,
        };
        let ProviderSettings { issuer, algorithm, resource, audience, .. } = settings;
        let source = MetadataSource { issuer, algorithm, http: Arc::clone(&http) };
        let discovery = Cached::new(source, Arc::clone(&clock), Arc::clone(&spawn), events.clone());
        let token_endpoint = Reachability::new(Arc::clone(&clock), events.clone());
        let jwks = Jwks::new(Arc::clone(&discovery), Arc::clone(&http), clock, spawn, events);
        Self { http, credentials, resource, audience, discovery, jwks, token_endpoint }
    }

    /// The metadata: at hand, or fetched.
    pub(crate) async fn metadata(&self) -> Result<Arc<Metadata>, DiscoveryError> {
        self.discovery.value().await
    }

    /// The ID Token `raw`, if it lives up to what is expected of it.
    pub(crate) async fn verify_id_token(
        &self,
        raw: &str,
        expected: &IdTokenExpectations<'_>,
    ) -> Result<VerifiedIdToken, IdTokenVerificationError> {
        let verify = |keys: &CoreJsonWebKeySet| VerifiedIdToken::verify(raw, keys, expected);
        let may_be_cured = IdTokenError::may_be_cured_by_newer_keys;
        let verified = self.verify_with_keys(Budget::IdTokens, verify, may_be_cured).await?;
        Ok(match verified {
            Ok(id_token) => id_token,
            Err(error) => {
                let expected = Expected {
                    issuer: expected.issuer,
                    client_id: expected.client_id,
                    trusted_audiences: expected.trusted_audiences,
                    algorithm: expected.algorithm,
                    now: expected.now,
                };
                self.log_refused(error.reason().code(), "ID Token", raw, &expected).await;
                return Err(error.into());
            }
        })
    }

    /// The logout token `raw`, if it lives up to what is expected of it.
    pub(crate) async fn verify_logout_token(
        &self,
        raw: &str,
        expected: &LogoutTokenExpectations<'_>,
    ) -> Result<VerifiedLogoutToken, LogoutTokenVerificationError> {
        let verify = |keys: &CoreJsonWebKeySet| VerifiedLogoutToken::verify(raw, keys, expected);
        let may_be_cured = LogoutTokenError::may_be_cured_by_newer_keys;
        let verified = self.verify_with_keys(Budget::LogoutTokens, verify, may_be_cured).await?;
        Ok(match verified {
            Ok(logout_token) => logout_token,
            Err(error) => {
                let expected = Expected {
                    issuer: expected.issuer,
                    client_id: expected.client_id,
                    trusted_audiences: expected.trusted_audiences,
                    algorithm: expected.algorithm,
                    now: expected.now,
                };
                self.log_refused(error.reason().code(), "logout token", raw, &expected).await;
                return Err(error.into());
            }
        })
    }

    async fn log_refused(
        &self,
        code: &'static str,
        kind: &'static str,
        raw: &str,
        expected: &Expected<'_>,
    ) {
        // They are at hand: the token was held against them.
        let keys = self.jwks.keys().await.ok();
        token_facts::log(code, kind, raw, expected, keys.as_deref());
    }

    /// What `verify` says of the issuer's keys; asked again with newer ones if they may cure the error.
    async fn verify_with_keys<T, E>(
        &self,
        budget: Budget,
        verify: impl Fn(&CoreJsonWebKeySet) -> Result<T, E>,
        may_be_cured: impl Fn(&E) -> bool,
    ) -> Result<Result<T, Unverified<E>>, JwksError> {
        let keys = self.jwks.keys().await?;
        let error = match verify(&keys) {
            Err(error) if may_be_cured(&error) => error,
            result => return Ok(result.map_err(Unverified::Refused)),
        };
        let newer = self.jwks.newer_than(&keys, budget).await?;
        if Arc::ptr_eq(&newer, &keys) {
            return Ok(Err(Unverified::NotYet(error)));
        }
        Ok(verify(&newer).map_err(Unverified::Refused))
    }

    /// Redeems an authorization code (OIDC Core 3.1.3.1). Never sent twice.
    pub(crate) async fn exchange_code(
        &self,
        code: &SecretString,
        pkce_verifier: &SecretString,
        redirect_uri: &str,
    ) -> Result<TokenResponse, TokenEndpointError> {
        let mut parameters = vec![
            ("grant_type", "authorization_code"),
            ("code", code.expose_secret()),
            ("redirect_uri", redirect_uri),
            ("code_verifier", pkce_verifier.expose_secret()),
        ];
        parameters.extend(self.resource.iter().map(|resource| ("resource", resource.as_str())));
        parameters.extend(self.audience.iter().map(|audience| ("audience", audience.as_str())));
        self.ask_token_endpoint(&parameters).await
    }

    /// Uses a refresh token (OIDC Core 12.1). Never sent twice.
    pub(crate) async fn refresh(
        &self,
        refresh_token: &SecretString,
    ) -> Result<TokenResponse, TokenEndpointError> {
        let refresh_token = refresh_token.expose_secret();
        let parameters = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        self.ask_token_endpoint(&parameters).await
    }

    async fn ask_token_endpoint(
        &self,
        parameters: &[(&str, &str)],
    ) -> Result<TokenResponse, TokenEndpointError> {
        let metadata = self.metadata().await.map_err(TokenEndpointError::Discovery)?;
        let methods = metadata.token_endpoint_auth_methods.as_deref();
        let request = self.credentials.post(&metadata.token_endpoint, methods, parameters)?;
        let outcome = token_endpoint::send(&*self.http, request).await;
        let outcome = outcome.map_err(|error| error.without(self.secrets(parameters)));
        self.token_endpoint.note(&outcome);
        outcome
    }

    /// What a request holds that is for the provider alone.
    fn secrets<'a>(
        &'a self,
        parameters: &'a [(&'a str, &'a str)],
    ) -> impl Iterator<Item = &'a str> {
        let is_secret = |name: &str| ["code", "code_verifier", "refresh_token"].contains(&name);
        let sent = parameters.iter().filter(move |(name, _)| is_secret(name));
        let own = self.credentials.client_secret.as_ref().map(|secret| secret.expose_secret());
        sent.map(|(_, value)| *value).chain(own)
    }

    /// The UserInfo claims about `subject`; `None` if the provider has no UserInfo endpoint.
    pub(crate) async fn userinfo(
        &self,
        access_token: &SecretString,
        subject: &str,
    ) -> Result<Option<Claims>, UserInfoError> {
        let metadata = self.metadata().await.map_err(UserInfoError::Discovery)?;
        let Some(endpoint) = &metadata.userinfo_endpoint else {
            return Ok(None);
        };
        userinfo::fetch(&*self.http, endpoint, access_token, subject).await.map(Some)
    }

    /// Revokes a token, best effort; does nothing if the provider has no revocation endpoint.
    pub(crate) async fn revoke(
        &self,
        token: &SecretString,
        hint: TokenTypeHint,
    ) -> Result<(), RevocationError> {
        let metadata = self.metadata().await.map_err(RevocationError::Discovery)?;
        revocation::revoke(&*self.http, &metadata, &self.credentials, token, hint).await
    }
}

#[cfg(test)]
mod tests;
