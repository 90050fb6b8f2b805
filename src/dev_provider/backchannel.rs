//! Back-Channel Logout 1.0 from the provider's side: logout tokens, made and sent.

use serde_json::{Map, Value, json};
use url::{Url, form_urlencoded};

use super::jwt::{Draft, Members, signed};
use super::{DevProviderControl, DevProviderError, plain_http};

/// Whose sessions a logout token ends (Back-Channel Logout 1.0 section 2.4: `sub`, `sid` or both).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogoutSubject {
    /// All sessions of the person with this `sub`.
    Sub(String),
    /// The session with this `sid`.
    Sid(String),
    /// Both claims.
    SubAndSid {
        /// The person.
        sub: String,
        /// The session.
        sid: String,
    },
}

/// What the client answered to a logout token.
#[derive(Clone, Debug)]
pub struct LogoutReply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl LogoutReply {
    /// The HTTP status: 200 or 400 if the client follows Back-Channel Logout 1.0 section 2.8.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The value of a response header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        fields.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

impl DevProviderControl {
    /// The claims of a logout token for that client, to be changed and signed with [`sign_jwt`](Self::sign_jwt) by a
    /// test of what must be refused: `iss`, `aud`, `iat`, `exp` (120 s later), a new `jti`, `events`, and `sub` or
    /// `sid`.
    ///
    /// # Errors
    ///
    /// [`DevProviderError::Random`].
    pub fn logout_token_claims(
        &self,
        client_id: &str,
        subject: &LogoutSubject,
    ) -> Result<Map<String, Value>, DevProviderError> {
        let now = self.provider.now().seconds();
        let mut claims = Map::new();
        let (sub, sid) = match subject {
            LogoutSubject::Sub(sub) => (Some(sub), None),
            LogoutSubject::Sid(sid) => (None, Some(sid)),
            LogoutSubject::SubAndSid { sub, sid } => (Some(sub), Some(sid)),
        };
        claims.insert("iss".to_owned(), self.issuer().into());
        claims.insert("aud".to_owned(), client_id.into());
        claims.insert("iat".to_owned(), now.into());
        claims.insert("exp".to_owned(), now.saturating_add(LOGOUT_TOKEN_SECONDS).into());
        claims.insert("jti".to_owned(), self.provider.secret_value()?.into());
        claims.insert("events".to_owned(), json!({ LOGOUT_EVENT: {} }));
        claims.extend(sub.map(|sub| ("sub".to_owned(), sub.as_str().into())));
        claims.extend(sid.map(|sid| ("sid".to_owned(), sid.as_str().into())));
        Ok(claims)
    }

    /// A logout token (`typ` `logout+jwt`) for that client, without sending it.
    ///
    /// # Errors
    ///
    /// [`DevProviderError::Random`] and [`DevProviderError::SigningKey`].
    pub fn logout_token(
        &self,
        client_id: &str,
        subject: &LogoutSubject,
    ) -> Result<String, DevProviderError> {
        self.sign_jwt(Some("logout+jwt"), self.logout_token_claims(client_id, subject)?)
    }

    /// Any claims, signed with the current key; `typ` is the header parameter, absent for `None`.
    ///
    /// # Errors
    ///
    /// [`DevProviderError::SigningKey`].
    pub fn sign_jwt(
        &self,
        typ: Option<&str>,
        claims: Map<String, Value>,
    ) -> Result<String, DevProviderError> {
        let mut draft = Draft { header: Members::default(), claims: Members::default() };
        typ.into_iter().for_each(|typ| draft.header.set("typ", typ));
        claims.into_iter().for_each(|(name, value)| draft.claims.set(&name, value));
        Ok(signed(draft, self.provider.lock().keys.current())?)
    }

    /// Makes a logout token and posts it to the client's back-channel logout URI. The provider's own session goes on;
    /// see [`end_sessions`](Self::end_sessions).
    ///
    /// # Errors
    ///
    /// [`DevProviderError::UnknownClient`], [`DevProviderError::NoBackchannelLogoutUri`], and
    /// [`DevProviderError::Delivery`] if there was no HTTP reply within 10 s by the provider's clock.
    pub async fn backchannel_logout(
        &self,
        client_id: &str,
        subject: &LogoutSubject,
    ) -> Result<LogoutReply, DevProviderError> {
        let token = self.logout_token(client_id, subject)?;
        self.send_logout_token(client_id, &token).await
    }

    /// Posts any text as a logout token to the client's back-channel logout URI.
    ///
    /// # Errors
    ///
    /// As [`backchannel_logout`](Self::backchannel_logout).
    pub async fn send_logout_token(
        &self,
        client_id: &str,
        token: &str,
    ) -> Result<LogoutReply, DevProviderError> {
        let client =
            self.provider.lock().client(client_id).ok_or(DevProviderError::UnknownClient)?;
        let uri = client.backchannel_logout_uri.as_deref().and_then(|uri| Url::parse(uri).ok());
        let uri = uri
            .filter(|uri| uri.scheme() == "http")
            .ok_or(DevProviderError::NoBackchannelLogoutUri)?;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("logout_token", token)
            .finish();
        let reply = plain_http::post_form(&uri, &form, self.provider.clock.as_ref()).await;
        let reply = reply.map_err(DevProviderError::Delivery)?;
        Ok(LogoutReply { status: reply.status, head: reply.head, body: reply.body })
    }
}

const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
const LOGOUT_TOKEN_SECONDS: i64 = 120;
