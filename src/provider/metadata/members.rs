//! The members of the metadata document: those that a login needs, and those that are left out where they are odd.

use serde_json::{Map, Value};
use url::Url;

use super::{MetadataError, has_credentials, is_plain_http};

/// The members, and what was odd about those that have been read.
pub(super) struct Members {
    pub(super) members: Map<String, Value>,
    /// Whether plain `http` on loopback is accepted.
    pub(super) plain_http: bool,
    pub(super) oddities: Vec<MetadataError>,
}

impl Members {
    /// `None` if it is absent, `null` or empty.
    pub(super) fn text(&self, name: &'static str) -> Result<Option<&str>, MetadataError> {
        match self.members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(MetadataError::Member(name)),
        }
    }

    /// The strings of a list; left out if there are none, for then it says nothing.
    pub(super) fn list(&mut self, name: &'static str) -> Option<Vec<String>> {
        let list = match self.members.get(name) {
            None | Some(Value::Null) => return None,
            Some(Value::Array(entries)) => {
                let entries: Vec<String> =
                    entries.iter().filter_map(Value::as_str).map(str::to_owned).collect();
                if entries.is_empty() { Err(MetadataError::EmptyList(name)) } else { Ok(entries) }
            }
            Some(_) => Err(MetadataError::Member(name)),
        };
        self.unless_odd(list)
    }

    /// `false` if it is anything but `true`.
    pub(super) fn flag(&mut self, name: &'static str) -> bool {
        let flag = match self.members.get(name) {
            None | Some(Value::Null) => return false,
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(MetadataError::Member(name)),
        };
        self.unless_odd(flag).unwrap_or(false)
    }

    /// The URL of an endpoint that every login needs.
    pub(super) fn required(&self, name: &'static str) -> Result<Url, MetadataError> {
        self.endpoint(name)?.ok_or(MetadataError::EndpointMissing(name))
    }

    /// The URL of an endpoint that a login can do without.
    pub(super) fn optional(&mut self, name: &'static str) -> Option<Url> {
        let endpoint = self.endpoint(name);
        self.unless_odd(endpoint).flatten()
    }

    fn unless_odd<T>(&mut self, value: Result<T, MetadataError>) -> Option<T> {
        value.map_err(|oddity| self.oddities.push(oddity)).ok()
    }

    fn endpoint(&self, name: &'static str) -> Result<Option<Url>, MetadataError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let url = Url::parse(text).map_err(|_| MetadataError::EndpointMalformed(name))?;
        if url.scheme() != "https" && !(self.plain_http && is_plain_http(&url)) {
            return Err(MetadataError::EndpointInsecure(name));
        }
        if has_credentials(&url) || url.fragment().is_some() {
            return Err(MetadataError::EndpointMalformed(name));
        }
        Ok(Some(url))
    }
}
