//! The application's own data in a session, apart from ours.
//!
//! The two parts have versions of their own. A stale save is merged by key: the keys this request changed win, the
//! others stay as another request left them.

use std::collections::HashMap;

use serde_json::Value;

use super::entry::Version;

/// The application's data and their version (0: there are none yet).
#[derive(Clone, Default)]
pub(crate) struct ApplicationPart {
    pub(crate) version: Version,
    pub(crate) data: Data,
}

/// What [`tower_sessions::session::Record`] holds.
pub(crate) type Data = HashMap<String, Value>;

/// What one request changed.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Changes {
    set: Vec<(String, Value)>,
    removed: Vec<String>,
}

impl Changes {
    /// What turns `before` into `after`.
    pub(crate) fn between(before: &Data, after: &Data) -> Self {
        let set = after
            .iter()
            .filter(|(key, value)| before.get(*key) != Some(*value))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let removed = before.keys().filter(|key| !after.contains_key(*key)).cloned().collect();
        Self { set, removed }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.set.is_empty() && self.removed.is_empty()
    }

    /// The next version of `part`, with these changes.
    pub(crate) fn apply(&self, part: &ApplicationPart) -> ApplicationPart {
        let mut data = part.data.clone();
        for key in &self.removed {
            data.remove(key);
        }
        data.extend(self.set.iter().cloned());
        ApplicationPart { version: part.version.saturating_add(1), data }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn data(pairs: &[(&str, i32)]) -> Data {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect()
    }

    #[test]
    fn changes_of_one_request_keep_those_of_another() {
        let before = data(&[("kept", 1), ("changed", 1), ("removed", 1)]);
        let after = data(&[("kept", 1), ("changed", 2), ("new", 3)]);
        let changes = Changes::between(&before, &after);
        let elsewhere = ApplicationPart {
            version: 7,
            data: data(&[("kept", 9), ("removed", 1), ("other", 4)]),
        };
        let merged = changes.apply(&elsewhere);
        assert_eq!(merged.version, 8);
        assert_eq!(merged.data, data(&[("kept", 9), ("changed", 2), ("new", 3), ("other", 4)]));
    }

    #[test]
    fn no_change_is_seen_as_none() {
        let same = data(&[("a", 1)]);
        assert!(Changes::between(&same, &same.clone()).is_empty());
        assert!(!Changes::between(&same, &Data::new()).is_empty());
    }
}
