//! JSON objects that may be wrong: member order, duplicates and raw texts are kept.

use serde_json::Value;

/// The members of a JSON object, in order, as name and JSON text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members(Vec<(String, String)>);

impl Members {
    /// Sets a member, in the place of the one it replaces.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        let text = value.into().to_string();
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some(member) => member.1 = text,
            None => self.0.push((name.to_owned(), text)),
        }
    }

    /// Appends a member even if there is one with this name.
    pub(crate) fn push_raw(&mut self, name: &str, text: &str) {
        self.0.push((name.to_owned(), text.to_owned()));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }

    /// Puts a member before all others.
    pub(crate) fn prepend(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(0, (name.to_owned(), value.into().to_string()));
    }

    /// The object's JSON text.
    pub(crate) fn to_json(&self) -> String {
        let member =
            |(name, text): &(String, String)| format!("{}:{text}", Value::from(name.as_str()));
        format!("{{{}}}", self.0.iter().map(member).collect::<Vec<_>>().join(","))
    }
}

/// A token before it is signed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) header: Members,
    pub(crate) claims: Members,
}
