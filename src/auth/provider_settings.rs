//! Settings of the builder that providers differ in: how the client authenticates, whom it trusts, what it has to ask for.

use super::builder::OidcAuthBuilder;
use crate::config::settings::ClientAuthentication;

impl OidcAuthBuilder {
    /// How the client authenticates at the token and revocation endpoints, as it is registered at the provider
    /// (`token_endpoint_auth_method`). It is used whatever the provider's metadata say.
    ///
    /// Default: what the metadata offer, `client_secret_basic` unless they offer only `client_secret_post`; without a
    /// [`client_secret`](Self::client_secret) it is `none`. Some providers (Hydra, Authelia) offer everything and take from each
    /// client what it is registered for alone: then this must be set.
    ///
    /// ```
    /// use axum_oidc_session::{ClientAuthentication, OidcAuth};
    ///
    /// let builder = OidcAuth::builder("https://op.example.com", "my-client")
    ///     .client_secret("from the provider's console")
    ///     .client_authentication(ClientAuthentication::Post);
    /// ```
    pub fn client_authentication(mut self, method: ClientAuthentication) -> Self {
        self.client_authentication = Some(method);
        self
    }

    /// Who may be named in `aud` of ID Tokens and logout tokens besides this client. Default: no one, and a token with another
    /// audience is refused. Zitadel names the project and all of its clients, Keycloak what an audience mapper adds.
    ///
    /// An ID Token with further audiences must say in `azp` that it was issued to this client (OpenID Connect Core 3.1.3.7
    /// steps 3 to 5); a logout token must if it has an `azp`.
    ///
    /// # Security
    ///
    /// Each of them is given the same ID Tokens as this application, and could present them elsewhere: list only what belongs to
    /// you.
    ///
    /// ```
    /// use axum_oidc_session::OidcAuth;
    ///
    /// let builder = OidcAuth::builder("https://op.example.com", "312@project")
    ///     .trusted_audiences(["4711", "313@project"]);
    /// ```
    pub fn trusted_audiences<T: Into<String>>(
        mut self,
        audiences: impl IntoIterator<Item = T>,
    ) -> Self {
        self.trusted_audiences = audiences.into_iter().map(Into::into).collect();
        self
    }

    /// Asks for the scope `offline_access`, whatever the other [`scopes`](Self::scopes) are (OpenID Connect Core section 11).
    /// Default: it is not asked for.
    ///
    /// | provider | without it | with it |
    /// |---|---|---|
    /// | Okta, Entra ID, Auth0, Hydra | no refresh token | a refresh token |
    /// | Google, GitLab, Cognito, Spring Authorization Server, django-oauth-toolkit | their own rules for refresh tokens | the login is refused (`invalid_scope`) |
    /// | Keycloak | a refresh token | the session leaves Keycloak's single sign-on: a logout there no longer reaches this application |
    pub fn offline_access(mut self) -> Self {
        self.requests.offline_access = true;
        self
    }
}
