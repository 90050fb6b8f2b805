//! The `session_expiry` claim of the ID Token (IPSIE SL1, OpenID Connect Enterprise Extensions): the absolute time at
//! which a session created from this ID Token must be over.
//!
//! 1. The claim is a JSON integer `E` with 1 ≤ `E` < 10,000,000,000, in seconds since the epoch.
//! 2. Anything else that is present is malformed, and its kind is kept for the log. A number written with a fraction or an
//!    exponent is malformed even if its value is whole; the upper bound is there to catch milliseconds.
//! 3. The claim twice in one ID Token is malformed, whatever the two values are.
//! 4. The claim is judged from its raw JSON text: a parsed number no longer shows how it was written.
//!
//! What follows from a claim that is absent or malformed is for the policy to say, not for this file.

use crate::clock::UnixTime;

/// A well-formed `session_expiry`: `E`, in Unix seconds, 1 ≤ `E` < 10,000,000,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SessionExpiry(UnixTime);

impl SessionExpiry {
    /// A `session_expiry` of `seconds` since the epoch.
    ///
    /// # Errors
    ///
    /// [`MalformedSessionExpiry::NotPositive`] below 1, [`MalformedSessionExpiry::TooLarge`] from 10,000,000,000 on.
    pub(crate) const fn new(seconds: i64) -> Result<Self, MalformedSessionExpiry> {
        match seconds {
            ..1 => Err(MalformedSessionExpiry::NotPositive),
            1..UPPER_BOUND => Ok(Self(UnixTime::from_seconds(seconds))),
            UPPER_BOUND.. => Err(MalformedSessionExpiry::TooLarge),
        }
    }

    /// The asserted time, before any leeway is taken off.
    pub(crate) const fn unix_time(self) -> UnixTime {
        self.0
    }
}

/// What a verified ID Token says about the end of the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionExpiryClaim {
    /// The ID Token has no `session_expiry`.
    Absent,
    /// The ID Token has a well-formed `session_expiry`.
    Asserted(SessionExpiry),
    /// The ID Token has a `session_expiry` that is no time. It never means "no limit".
    Malformed(MalformedSessionExpiry),
}

/// Why a `session_expiry` is no time. It names the kind of the value, never the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum MalformedSessionExpiry {
    /// `null`.
    #[error("session_expiry is null")]
    Null,
    /// `true` or `false`.
    #[error("session_expiry is a boolean")]
    Bool,
    /// A string, even one of digits.
    #[error("session_expiry is a string")]
    String,
    /// A number with a fraction or an exponent, even if its value is whole (`1893456000.0`, `1.8e9`).
    #[error("session_expiry is not written as an integer")]
    NotAnInteger,
    /// Zero or less.
    #[error("session_expiry is not positive")]
    NotPositive,
    /// 10,000,000,000 or more: most likely milliseconds.
    #[error("session_expiry is too large, are these milliseconds?")]
    TooLarge,
    /// An array.
    #[error("session_expiry is an array")]
    Array,
    /// An object.
    #[error("session_expiry is an object")]
    Object,
    /// The claim occurs more than once.
    #[error("session_expiry occurs more than once")]
    Duplicate,
}

impl MalformedSessionExpiry {
    /// A stable reason code for logs and metrics.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Null => "session_expiry_null",
            Self::Bool => "session_expiry_bool",
            Self::String => "session_expiry_string",
            Self::NotAnInteger => "session_expiry_not_an_integer",
            Self::NotPositive => "session_expiry_not_positive",
            Self::TooLarge => "session_expiry_too_large",
            Self::Array => "session_expiry_array",
            Self::Object => "session_expiry_object",
            Self::Duplicate => "session_expiry_duplicate",
        }
    }
}

/// How often the claim occurs at the top level of the ID Token's payload.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Occurrences<'a> {
    /// Not at all.
    Absent,
    /// Once; the raw JSON text of the value.
    One(&'a str),
    /// More than once.
    Several,
}

/// Decides what the claim is.
pub(crate) fn judge(occurrences: Occurrences<'_>) -> SessionExpiryClaim {
    let expiry = match occurrences {
        Occurrences::Absent => return SessionExpiryClaim::Absent,
        Occurrences::One(raw) => from_raw_json(raw),
        Occurrences::Several => Err(MalformedSessionExpiry::Duplicate),
    };
    match expiry {
        Ok(expiry) => SessionExpiryClaim::Asserted(expiry),
        Err(malformed) => SessionExpiryClaim::Malformed(malformed),
    }
}

fn from_raw_json(raw: &str) -> Result<SessionExpiry, MalformedSessionExpiry> {
    // RFC 8259 section 2: the white space of JSON, and no other.
    let raw = raw.trim_matches([' ', '\t', '\n', '\r']);
    match raw.as_bytes().first() {
        Some(b'n') => Err(MalformedSessionExpiry::Null),
        Some(b't' | b'f') => Err(MalformedSessionExpiry::Bool),
        Some(b'"') => Err(MalformedSessionExpiry::String),
        Some(b'[') => Err(MalformedSessionExpiry::Array),
        Some(b'{') => Err(MalformedSessionExpiry::Object),
        Some(b'-') => match integer_digits(&raw[1..]) {
            // "-0" is the integer zero.
            Some(_) => Err(MalformedSessionExpiry::NotPositive),
            None => Err(MalformedSessionExpiry::NotAnInteger),
        },
        _ => match integer_digits(raw) {
            // Digits that do not fit are larger than any bound.
            Some(digits) => SessionExpiry::new(digits.parse().unwrap_or(i64::MAX)),
            None => Err(MalformedSessionExpiry::NotAnInteger),
        },
    }
}

/// `text`, if it is the `int` of RFC 8259 section 6: digits alone, without a leading zero.
fn integer_digits(text: &str) -> Option<&str> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = text.len() > 1 && text.starts_with('0');
    (digits && !leading_zero).then_some(text)
}

/// The first value that is too large. As seconds it is in the year 2286; as milliseconds it was in April 1970.
const UPPER_BOUND: i64 = 10_000_000_000;

#[cfg(test)]
mod tests {
    use super::MalformedSessionExpiry as Bad;
    use super::*;

    #[test]
    fn integers_within_the_bounds_are_asserted() {
        for (raw, seconds) in [
            ("1", 1),
            ("1893456000", 1_893_456_000),
            (" \t\r\n1893456000 ", 1_893_456_000),
            ("9999999999", 9_999_999_999),
        ] {
            let SessionExpiryClaim::Asserted(expiry) = judge(Occurrences::One(raw)) else {
                panic!("{raw} was refused");
            };
            assert_eq!(expiry.unix_time(), UnixTime::from_seconds(seconds), "{raw}");
        }
    }

    #[test]
    fn everything_else_that_is_present_is_malformed() {
        for (raw, malformed) in [
            ("null", Bad::Null),
            ("true", Bad::Bool),
            ("false", Bad::Bool),
            ("\"1893456000\"", Bad::String),
            ("\"\"", Bad::String),
            ("1.5", Bad::NotAnInteger),
            ("1893456000.0", Bad::NotAnInteger),
            ("1893456000.5", Bad::NotAnInteger),
            ("1.8e9", Bad::NotAnInteger),
            ("18E8", Bad::NotAnInteger),
            ("1893456000e0", Bad::NotAnInteger),
            ("-1.5", Bad::NotAnInteger),
            ("0.0", Bad::NotAnInteger),
            ("-0.0", Bad::NotAnInteger),
            ("0", Bad::NotPositive),
            ("-0", Bad::NotPositive),
            ("-1", Bad::NotPositive),
            ("-5", Bad::NotPositive),
            ("-9223372036854775808", Bad::NotPositive),
            ("-99999999999999999999999", Bad::NotPositive),
            ("10000000000", Bad::TooLarge),
            ("1893456000000", Bad::TooLarge),
            ("9223372036854775807", Bad::TooLarge),
            ("9223372036854775808", Bad::TooLarge),
            ("18446744073709551615", Bad::TooLarge),
            ("99999999999999999999999999999999999999999", Bad::TooLarge),
            ("[]", Bad::Array),
            ("[1893456000]", Bad::Array),
            ("{}", Bad::Object),
            ("{\"session_expiry\":1893456000}", Bad::Object),
            // Not JSON at all; a parser should have refused it before.
            ("", Bad::NotAnInteger),
            ("-", Bad::NotAnInteger),
            ("+1893456000", Bad::NotAnInteger),
            ("01893456000", Bad::NotAnInteger),
            ("0x70DBD880", Bad::NotAnInteger),
            ("1_893_456_000", Bad::NotAnInteger),
            ("1893456000 1893456000", Bad::NotAnInteger),
            ("\u{661}\u{662}", Bad::NotAnInteger),
            ("\u{a0}1893456000", Bad::NotAnInteger),
            ("NaN", Bad::NotAnInteger),
        ] {
            let claim = judge(Occurrences::One(raw));
            assert_eq!(claim, SessionExpiryClaim::Malformed(malformed), "{raw}");
        }
    }

    #[test]
    fn absent_and_several_are_told_apart() {
        assert_eq!(judge(Occurrences::Absent), SessionExpiryClaim::Absent);
        assert_eq!(judge(Occurrences::Several), SessionExpiryClaim::Malformed(Bad::Duplicate));
    }

    #[test]
    fn the_constructor_holds_both_bounds() {
        for (seconds, expected) in [
            (i64::MIN, Err(Bad::NotPositive)),
            (0, Err(Bad::NotPositive)),
            (1, Ok(1)),
            (9_999_999_999, Ok(9_999_999_999)),
            (10_000_000_000, Err(Bad::TooLarge)),
            (i64::MAX, Err(Bad::TooLarge)),
        ] {
            let expiry = SessionExpiry::new(seconds).map(|expiry| expiry.unix_time().seconds());
            assert_eq!(expiry, expected);
        }
    }
}
