//! The names of keys.
//!
//! | key | type | what |
//! |---|---|---|
//! | prefix `s:{` id `}` | hash | a session |
//! | prefix `i:{` index key `}` | sorted set | the ids under an index key, by the second at which the entry ends |
//! | prefix `m:{m}:` index key | hash | a marker; all in one slot, so that several are kept by one script |
//! | prefix `r:{` key `}` | string | what is remembered |
//! | prefix `l:{` key `}` | string | the holder of a lock |
//! | prefix `probe` | string | nothing: whether the server takes writes |
//! | prefix `events` | channel | saves and deletions |
//!
//! Ids and keys are 32 hexadecimal digits. A prefix has no braces: they would decide the slot.

use tower_sessions::session::Id;

use super::error::RedisConfigError;
use super::text;
use crate::session::contract::IndexKey;

#[derive(Clone, Debug)]
pub(super) struct Keys {
    prefix: String,
}

impl Keys {
    pub(super) fn new(prefix: &str) -> Result<Self, RedisConfigError> {
        let allowed = |byte: u8| byte.is_ascii_graphic() && !b"{}".contains(&byte);
        if prefix.len() > LONGEST_PREFIX || !prefix.bytes().all(allowed) {
            return Err(RedisConfigError::KeyPrefix);
        }
        Ok(Self { prefix: prefix.to_owned() })
    }

    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(super) fn session(&self, id: &Id) -> String {
        self.name("s:{", &id.0.to_be_bytes(), "}")
    }

    pub(super) fn index(&self, key: &IndexKey) -> String {
        self.name("i:{", &key.0, "}")
    }

    pub(super) fn marker(&self, key: &IndexKey) -> String {
        self.name("m:{m}:", &key.0, "")
    }

    pub(super) fn remembered(&self, key: &Id) -> String {
        self.name("r:{", &key.0.to_be_bytes(), "}")
    }

    pub(super) fn lock(&self, key: &Id) -> String {
        self.name("l:{", &key.0.to_be_bytes(), "}")
    }

    pub(super) fn probe(&self) -> String {
        format!("{}probe", self.prefix)
    }

    pub(super) fn events(&self) -> String {
        format!("{}events", self.prefix)
    }

    fn name(&self, kind: &str, number: &[u8; 16], end: &str) -> String {
        let length = self.prefix.len() + kind.len() + 2 * number.len() + end.len();
        let mut name = String::with_capacity(length);
        name.push_str(&self.prefix);
        name.push_str(kind);
        text::push_hex(&mut name, number);
        name.push_str(end);
        name
    }
}

const LONGEST_PREFIX: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefix_must_not_decide_the_slot() {
        let longest = "p".repeat(LONGEST_PREFIX);
        let longer = "p".repeat(LONGEST_PREFIX + 1);
        for (prefix, taken) in [
            ("oidc:", true),
            ("", true),
            (longest.as_str(), true),
            (longer.as_str(), false),
            ("a{b}", false),
            ("a b", false),
            ("ä", false),
            ("a\n", false),
        ] {
            assert_eq!(Keys::new(prefix).is_ok(), taken, "{prefix:?}");
        }
    }

    #[test]
    fn each_kind_has_keys_of_its_own() {
        let keys = Keys::new("oidc:").unwrap();
        let id = Id(-2);
        assert_eq!(keys.session(&id), "oidc:s:{fffffffffffffffffffffffffffffffe}");
        assert_eq!(keys.remembered(&id), "oidc:r:{fffffffffffffffffffffffffffffffe}");
        assert_eq!(keys.lock(&id), "oidc:l:{fffffffffffffffffffffffffffffffe}");
        let key = IndexKey([0x0a; 16]);
        assert_eq!(keys.index(&key), "oidc:i:{0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a}");
        assert_eq!(keys.marker(&key), "oidc:m:{m}:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a");
        assert_eq!(keys.events(), "oidc:events");
    }
}
