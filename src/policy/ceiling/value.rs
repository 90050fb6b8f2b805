//! The ceiling as a value, in memory and in the stored record.
//!
//! 1. "No ceiling" is stated, in the record as the string `"none"`: a record that lacks the field, or has `null` there, does
//!    not parse and is no session.
//! 2. A ceiling is stored as `E`, an integer of Unix seconds, without the leeway: the leeway is a setting, and may be raised
//!    while sessions live.

use std::fmt;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::clock::UnixTime;

/// The latest end of a session that the OpenID Provider asserts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Ceiling {
    /// The provider asserts none; the local limits hold.
    None,
    /// `E`: the session must be over at this time. It is ended earlier by the leeway.
    At(UnixTime),
}

impl Ceiling {
    /// `E`, before the leeway is taken off.
    pub(crate) const fn asserted_end(self) -> Option<UnixTime> {
        match self {
            Self::None => None,
            Self::At(end) => Some(end),
        }
    }

    /// The first second at which a session under this ceiling is over: `E − leeway`.
    pub(crate) fn reached_at(self, leeway: Duration) -> Option<UnixTime> {
        self.asserted_end().map(|end| reached_at(end, leeway))
    }
}

/// `end − leeway`; a fraction of a second in the leeway counts as a whole one, for the session must not end late.
pub(super) fn reached_at(end: UnixTime, leeway: Duration) -> UnixTime {
    let fraction = Duration::from_secs(u64::from(leeway.subsec_nanos() > 0));
    end.saturating_sub(leeway).saturating_sub(fraction)
}

impl Serialize for Ceiling {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_str(NONE),
            Self::At(end) => serializer.serialize_i64(end.seconds()),
        }
    }
}

impl<'de> Deserialize<'de> for Ceiling {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CeilingVisitor)
    }
}

struct CeilingVisitor;

impl Visitor<'_> for CeilingVisitor {
    type Value = Ceiling;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Unix seconds or \"none\"")
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Ceiling, E> {
        Ok(Ceiling::At(UnixTime::from_seconds(seconds)))
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Ceiling, E> {
        match i64::try_from(seconds) {
            Ok(seconds) => self.visit_i64(seconds),
            Err(_) => Err(E::invalid_value(Unexpected::Unsigned(seconds), &self)),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Ceiling, E> {
        match text {
            NONE => Ok(Ceiling::None),
            _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
        }
    }
}

const NONE: &str = "none";

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Stored {
        session_expires_at: Ceiling,
    }

    fn at(seconds: i64) -> Ceiling {
        Ceiling::At(UnixTime::from_seconds(seconds))
    }

    #[test]
    fn what_is_stored_is_read_back() {
        for (ceiling, json) in [
            (Ceiling::None, r#"{"session_expires_at":"none"}"#),
            (at(1_893_456_000), r#"{"session_expires_at":1893456000}"#),
            (at(i64::MIN), r#"{"session_expires_at":-9223372036854775808}"#),
            (at(i64::MAX), r#"{"session_expires_at":9223372036854775807}"#),
        ] {
            let stored = Stored { session_expires_at: ceiling };
            assert_eq!(serde_json::to_string(&stored).unwrap(), json);
            assert_eq!(serde_json::from_str::<Stored>(json).unwrap(), stored);
            // The way through a tower-sessions record.
            let value = serde_json::to_value(&stored).unwrap();
            assert_eq!(serde_json::from_value::<Stored>(value).unwrap(), stored);
        }
    }

    #[test]
    fn a_record_without_the_field_does_not_parse() {
        for json in [
            r#"{}"#,
            r#"{"session_expires_at":null}"#,
            r#"{"session_expires_at":""}"#,
            r#"{"session_expires_at":"None"}"#,
            r#"{"session_expires_at":"1893456000"}"#,
            r#"{"session_expires_at":1893456000.0}"#,
            r#"{"session_expires_at":9223372036854775808}"#,
            r#"{"session_expires_at":true}"#,
            r#"{"session_expires_at":[]}"#,
            r#"{"session_expires_at":{}}"#,
            r#"{"ceiling":1893456000}"#,
        ] {
            assert!(serde_json::from_str::<Stored>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn the_leeway_ends_the_session_early_never_late() {
        for (leeway, reached) in [
            (Duration::ZERO, 1000),
            (Duration::from_secs(30), 970),
            (Duration::from_millis(30_001), 969),
            (Duration::from_nanos(1), 999),
            (Duration::from_secs(u64::MAX), 1000 - i64::MAX),
            (Duration::MAX, 999 - i64::MAX),
        ] {
            assert_eq!(at(1000).reached_at(leeway), Some(UnixTime::from_seconds(reached)));
        }
        assert_eq!(Ceiling::None.reached_at(Duration::from_secs(30)), None);
        assert_eq!(at(i64::MIN).reached_at(Duration::MAX), Some(UnixTime::from_seconds(i64::MIN)));
    }
}
