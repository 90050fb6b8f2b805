//! To and from JSON objects, and into an application's own types.

use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::parse::{MAX_JSON_BYTES, MAX_NAMES};
use super::set::{Builder, Stored};
use super::{Claims, ClaimsError};

impl Claims {
    /// All claims as the application's own type.
    ///
    /// ```no_run
    /// # fn example(claims: &axum_oidc_session::Claims) -> Result<(), serde_json::Error> {
    /// #[derive(serde::Deserialize)]
    /// struct Employee {
    ///     sub: String,
    ///     #[serde(default)]
    ///     groups: Vec<String>,
    /// }
    ///
    /// let employee: Employee = claims.deserialize()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// If the claims do not fit the type.
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_value(self.to_json())
    }

    /// All claims as a JSON object.
    pub fn to_json(&self) -> Value {
        self.iter().map(|(name, value)| (name.to_owned(), value.to_json())).collect()
    }
}

impl Serialize for Claims {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (name, value) in self.iter() {
            match value {
                Stored::Text(text) => map.serialize_entry(name, text)?,
                Stored::Json(_) => map.serialize_entry(name, &value.to_json())?,
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Collect { left_out: None, reason: &mut None }.deserialize(deserializer)
    }
}

/// Collects the members of one object; a refusal of ours is left in `reason`.
pub(super) struct Collect<'a> {
    pub(super) left_out: Option<&'a str>,
    pub(super) reason: &'a mut Option<ClaimsError>,
}

impl<'de> DeserializeSeed<'de> for Collect<'_> {
    type Value = Claims;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Claims, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Collect<'_> {
    type Value = Claims;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of claims")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claims, A::Error> {
        let (mut builder, mut nulls) = (Builder::default(), Vec::new());
        let mut refuse = |error: ClaimsError| {
            let text = A::Error::custom(&error);
            *self.reason = Some(error);
            text
        };
        while let Some(name) = map.next_key::<String>()? {
            if self.left_out == Some(name.as_str()) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            if builder.contains(&name) || nulls.contains(&name) {
                return Err(refuse(ClaimsError::duplicate(&name)));
            }
            if builder.len() + nulls.len() == MAX_NAMES {
                return Err(refuse(ClaimsError::TooMany));
            }
            match map.next_value()? {
                Value::Null => nulls.push(name),
                value => builder.push_json(&name, &value),
            }
            if builder.size() > MAX_JSON_BYTES {
                return Err(refuse(ClaimsError::TooLarge));
            }
        }
        Ok(builder.finish())
    }
}
