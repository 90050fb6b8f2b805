//! The representation: one buffer, one index.
//!
//! ```text
//! buffer   sub"248289761001email_verifiedtruename"Jane Doe
//! index    (3,17)          (31,35)           (39,48)         end of name, end of value
//! ```
//!
//! A name begins where the value before it ended. A value that begins with a quotation mark is a string, decoded, without a
//! closing mark; anything else is JSON text.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::Value;

/// What the OpenID Provider says about the user and the sign-in, by claim name.
///
/// The claims come from the verified ID Token, then (for names it does not have) from UserInfo, except for those that say who
/// signed in, when and how, for whom (`tenant`, `aud_sub`) and for how long: these are the ID Token's alone. A flag such as
/// `email_verified` is there only from a source that has the very address which is there. A claim that the provider sends as `null`
/// is absent. Claims are read-only, and a lookup neither allocates nor parses for strings.
///
/// `Debug` shows the names alone: values are personal data.
///
/// ```
/// use axum_oidc_session::Claims;
/// use serde_json::json;
///
/// let claims: Claims = serde_json::from_value(json!({"sub": "248289761001", "groups": ["staff"]}))?;
/// assert_eq!(claims.sub(), "248289761001");
/// assert_eq!(claims.get_str("email"), None);
/// assert_eq!(claims.get::<Vec<String>>("groups")?, Some(vec!["staff".to_owned()]));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Claims {
    buffer: Box<str>,
    index: Box<[Entry]>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Entry {
    name_end: u32,
    value_end: u32,
}

/// A value as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stored<'a> {
    /// A string, decoded.
    Text(&'a str),
    /// Anything else, as JSON text.
    Json(&'a str),
}

impl Claims {
    /// The string claim `name`; `None` if it is absent or not a string.
    pub fn get_str(&self, name: &str) -> Option<&str> {
        self.text(name)
    }

    /// The claim `name` as a `T`; `None` if it is absent.
    ///
    /// # Errors
    ///
    /// If the claim is there but is not a `T`.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, serde_json::Error> {
        match self.stored(name) {
            None => Ok(None),
            Some(Stored::Text(text)) => serde_json::from_value(Value::from(text)).map(Some),
            Some(Stored::Json(text)) => serde_json::from_str(text).map(Some),
        }
    }

    /// Whether there is a claim `name`, of whatever value.
    pub fn contains(&self, name: &str) -> bool {
        self.stored(name).is_some()
    }

    /// The names of all claims.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    /// The bytes of memory this set takes, itself included.
    #[cfg(test)]
    pub(crate) fn memory_size(&self) -> usize {
        size_of::<Self>() + self.buffer.len() + size_of_val::<[Entry]>(&self.index)
    }

    /// The claim, unless it is absent or `null`.
    pub(super) fn present(&self, name: &str) -> Option<Stored<'_>> {
        self.stored(name).filter(|value| !value.is_null())
    }

    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Stored<'_>)> {
        let mut start = 0;
        self.index.iter().map(move |entry| {
            let (name_end, value_end) = (entry.name_end as usize, entry.value_end as usize);
            let name = &self.buffer[start..name_end];
            start = value_end;
            (name, Stored::from_buffer(&self.buffer[name_end..value_end]))
        })
    }

    /// Inline, so that a name that is known is compared without a call.
    #[inline]
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.stored(name)? {
            Stored::Text(text) => Some(text),
            Stored::Json(_) => None,
        }
    }

    #[inline]
    pub(super) fn stored(&self, name: &str) -> Option<Stored<'_>> {
        let (bytes, mut start) = (self.buffer.as_bytes(), 0);
        for entry in &self.index {
            let (name_end, value_end) = (entry.name_end as usize, entry.value_end as usize);
            // Lengths first: most names are of another one.
            if name_end.wrapping_sub(start) == name.len()
                && bytes.get(start..name_end) == Some(name.as_bytes())
            {
                return self.buffer.get(name_end..value_end).map(Stored::from_buffer);
            }
            start = value_end;
        }
        None
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claims")?;
        f.debug_set().entries(self.names()).finish()
    }
}

impl<'a> Stored<'a> {
    #[inline]
    fn from_buffer(value: &'a str) -> Self {
        value.strip_prefix('"').map_or(Stored::Json(value), Stored::Text)
    }

    pub(super) fn is_null(self) -> bool {
        self == Stored::Json("null")
    }

    /// Bytes it takes in the buffer.
    pub(super) fn size(self) -> usize {
        match self {
            Stored::Text(text) => 1 + text.len(),
            Stored::Json(text) => text.len(),
        }
    }

    /// The value as `serde_json` represents it.
    pub(super) fn to_json(self) -> Value {
        match self {
            Stored::Text(text) => Value::from(text),
            // Written by `Builder` from a `Value`, so it parses.
            Stored::Json(text) => serde_json::from_str(text).unwrap_or(Value::Null),
        }
    }
}

/// Collects claims one by one. Names must be new and sizes within the limits: that is checked by the callers.
#[derive(Default)]
pub(super) struct Builder {
    buffer: String,
    index: Vec<Entry>,
}

impl Builder {
    pub(super) fn push(&mut self, name: &str, value: Stored<'_>) {
        self.buffer.push_str(name);
        let name_end = self.offset();
        match value {
            Stored::Text(text) => {
                self.buffer.push('"');
                self.buffer.push_str(text);
            }
            Stored::Json(text) => self.buffer.push_str(text),
        }
        let value_end = self.offset();
        self.index.push(Entry { name_end, value_end });
    }

    pub(super) fn push_json(&mut self, name: &str, value: &Value) {
        match value {
            Value::String(text) => self.push(name, Stored::Text(text)),
            other => self.push(name, Stored::Json(&other.to_string())),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    pub(super) fn size(&self) -> usize {
        self.buffer.len()
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        let mut start = 0;
        self.index.iter().any(|entry| {
            let found = self.buffer.as_bytes().get(start..entry.name_end as usize);
            start = entry.value_end as usize;
            found == Some(name.as_bytes())
        })
    }

    pub(super) fn finish(self) -> Claims {
        Claims { buffer: self.buffer.into_boxed_str(), index: self.index.into_boxed_slice() }
    }

    /// The callers stop long before 4 GiB.
    fn offset(&self) -> u32 {
        u32::try_from(self.buffer.len()).unwrap_or(u32::MAX)
    }
}
