//! Client authentication at the token and revocation endpoints (RFC 6749 section 2.3, OIDC Core section 9).
//!
//! The registration decides: a method that is set is used, whatever the metadata say. Where none is set:
//!
//! | client | endpoint's methods | sent |
//! |---|---|---|
//! | without a secret | any | `client_id` in the form (`none`) |
//! | with one | absent, or contain `client_secret_basic` | `Authorization: Basic`, nothing in the form |
//! | with one | `client_secret_post` and not `client_secret_basic` | `client_id` and `client_secret` in the form |
//! | with one | neither | as `client_secret_basic`: the provider's refusal names the problem |

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request};
use secrecy::{ExposeSecret as _, SecretString};
use url::{Url, form_urlencoded};

use super::http_client::{self, HttpError};
use crate::config::settings::ClientAuthentication;

/// Who we are to the provider.
#[derive(Clone, Debug)]
pub(super) struct ClientCredentials {
    pub(super) client_id: String,
    pub(super) client_secret: Option<SecretString>,
    /// As registered; `None`: as the metadata offer.
    pub(super) method: Option<ClientAuthentication>,
}

impl ClientCredentials {
    /// A POST of `parameters` to `endpoint`, authenticated by one of its `methods`.
    pub(super) fn post(
        &self,
        endpoint: &Url,
        methods: Option<&[String]>,
        parameters: &[(&str, &str)],
    ) -> Result<Request<Vec<u8>>, HttpError> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(parameters);
        let mut builder = http_client::request(Method::POST, endpoint)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        match (self.method(methods), &self.client_secret) {
            (ClientAuthentication::None, _) | (_, None) => {
                form.append_pair("client_id", &self.client_id);
            }
            (ClientAuthentication::Post, Some(secret)) => {
                form.append_pair("client_id", &self.client_id);
                form.append_pair("client_secret", secret.expose_secret());
            }
            (ClientAuthentication::Basic, Some(secret)) => {
                builder = builder.header(AUTHORIZATION, self.basic(secret)?);
            }
        }
        builder.body(form.finish().into_bytes()).map_err(HttpError::invalid)
    }

    fn method(&self, offered: Option<&[String]>) -> ClientAuthentication {
        let guess = || match offered {
            Some(methods) if only_post(methods) => ClientAuthentication::Post,
            _ => ClientAuthentication::Basic,
        };
        self.method.unwrap_or_else(guess)
    }

    /// RFC 6749 2.3.1: both parts are form-urlencoded before they are joined.
    fn basic(&self, secret: &SecretString) -> Result<HeaderValue, HttpError> {
        let encode =
            |part: &str| form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>();
        let joined = format!("{}:{}", encode(&self.client_id), encode(secret.expose_secret()));
        let value = format!("Basic {}", STANDARD.encode(joined));
        let mut value = HeaderValue::try_from(value).map_err(HttpError::invalid)?;
        value.set_sensitive(true);
        Ok(value)
    }
}

fn only_post(methods: &[String]) -> bool {
    let offers = |method: &str| methods.iter().any(|offered| offered == method);
    offers("client_secret_post") && !offers("client_secret_basic")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(id: &str, secret: Option<&str>, methods: Option<&[&str]>) -> (Option<String>, String) {
        let credentials = ClientCredentials {
            client_id: id.to_owned(),
            client_secret: secret.map(SecretString::from),
            method: None,
        };
        let endpoint = Url::parse("https://op.example/token").unwrap();
        let methods: Option<Vec<String>> =
            methods.map(|methods| methods.iter().map(|method| (*method).to_owned()).collect());
        let request = credentials.post(&endpoint, methods.as_deref(), &[("a", "1 &")]).unwrap();
        let header = request.headers().get(AUTHORIZATION);
        assert!(header.is_none_or(HeaderValue::is_sensitive));
        assert_eq!(request.headers()[CONTENT_TYPE], "application/x-www-form-urlencoded");
        let header = header.map(|value| value.to_str().unwrap().to_owned());
        (header, String::from_utf8(request.into_body()).unwrap())
    }

    #[test]
    fn method_follows_secret_and_metadata() {
        let basic = Some(format!("Basic {}", STANDARD.encode("id:secret")));
        let (bare, in_form) = ("a=1+%26", "a=1+%26&client_id=id&client_secret=secret");
        let cases: [(Option<&[&str]>, _, _); 6] = [
            (None, &basic, bare),
            (Some(&["client_secret_basic"]), &basic, bare),
            (Some(&["client_secret_post", "client_secret_basic"]), &basic, bare),
            (Some(&["client_secret_post", "private_key_jwt"]), &None, in_form),
            (Some(&["private_key_jwt"]), &basic, bare),
            (Some(&[]), &basic, bare),
        ];
        for (methods, header, form) in cases {
            let sent = post("id", Some("secret"), methods);
            assert_eq!((&sent.0, sent.1.as_str()), (header, form), "{methods:?}");
        }
        let public: [Option<&[&str]>; 2] = [None, Some(&["client_secret_post"])];
        for methods in public {
            assert_eq!(post("id", None, methods), (None, "a=1+%26&client_id=id".to_owned()));
        }
    }

    #[test]
    fn basic_encodes_id_and_secret_first() {
        let (header, _) = post("https://id", Some("a:b c+ä%"), None);
        let expected = STANDARD.encode("https%3A%2F%2Fid:a%3Ab+c%2B%C3%A4%25");
        assert_eq!(header.unwrap(), format!("Basic {expected}"));
    }
}
