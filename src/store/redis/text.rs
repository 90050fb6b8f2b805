//! How values are written.
//!
//! 1. Times as 20 digits that sort as the times do: Lua's numbers are doubles, in which `i64::MAX` and its neighbours are one.
//!    Strings of digits compare alike in every locale.
//! 2. Versions as 19 digits; they are only compared for equality.
//! 3. Ids and index keys in names and messages as hexadecimal digits, an index of keys as its bytes.

use tower_sessions::session::Id;

use super::error::Fault;
use crate::clock::UnixTime;
use crate::session::contract::{IndexKey, SessionIndex};

pub(super) fn time(time: UnixTime) -> String {
    format!("{:020}", time.seconds().cast_unsigned() ^ SIGN)
}

pub(super) fn parse_time(text: &[u8]) -> Result<UnixTime, Fault> {
    if text.len() != TIME {
        return Err(Fault::Foreign);
    }
    Ok(UnixTime::from_seconds((digits(text)? ^ SIGN).cast_signed()))
}

/// At most `i64::MAX`, as the contract says.
pub(super) fn version(version: u64) -> String {
    format!("{version:019}")
}

pub(super) fn parse_version(text: &[u8]) -> Result<u64, Fault> {
    if text.len() != VERSION {
        return Err(Fault::Foreign);
    }
    let version = digits(text)?;
    if (1..=i64::MAX.cast_unsigned()).contains(&version) {
        Ok(version)
    } else {
        Err(Fault::Foreign)
    }
}

/// How long a part of a record is, in bytes.
pub(super) fn length(length: usize) -> String {
    format!("{length:08}")
}

pub(super) fn parse_length(text: &[u8]) -> Result<usize, Fault> {
    usize::try_from(digits(text)?).map_err(|_| Fault::Foreign)
}

fn digits(text: &[u8]) -> Result<u64, Fault> {
    text.iter()
        .try_fold(0_u64, |number, byte| {
            let digit = byte.wrapping_sub(b'0');
            let number = (digit < 10).then(|| number.checked_mul(10)).flatten()?;
            number.checked_add(u64::from(digit))
        })
        .ok_or(Fault::Foreign)
}

pub(super) fn push_hex(text: &mut String, bytes: &[u8; 16]) {
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
}

pub(super) fn id(id: &Id) -> String {
    let mut text = String::with_capacity(32);
    push_hex(&mut text, &id.0.to_be_bytes());
    text
}

pub(super) fn parse_id(text: &[u8]) -> Result<Id, Fault> {
    let is_hex = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    if text.len() != 32 || !text.iter().all(is_hex) {
        return Err(Fault::Foreign);
    }
    let text = std::str::from_utf8(text).map_err(|_| Fault::Foreign)?;
    u128::from_str_radix(text, 16).map(|id| Id(id.cast_signed())).map_err(|_| Fault::Foreign)
}

pub(super) fn index(index: &SessionIndex) -> Vec<u8> {
    let mut bytes = index.key_id.to_vec();
    index.keys().iter().for_each(|key| bytes.extend_from_slice(&key.0));
    bytes
}

pub(super) fn parse_index(bytes: &[u8]) -> Result<SessionIndex, Fault> {
    let (key_id, rest) = bytes.split_first_chunk::<4>().ok_or(Fault::Foreign)?;
    let (session, rest) = rest.split_first_chunk::<16>().ok_or(Fault::Foreign)?;
    let (sid, rest) = rest.split_first_chunk::<16>().ok_or(Fault::Foreign)?;
    let sub: &[u8; 16] = rest.try_into().map_err(|_| Fault::Foreign)?;
    let [session, sid, sub] = [session, sid, sub].map(|key| IndexKey(*key));
    Ok(SessionIndex { key_id: *key_id, session, sid, sub })
}

/// Bytes of a time.
pub(super) const TIME: usize = 20;
/// Bytes of a version.
pub(super) const VERSION: usize = 19;
/// Bytes of a length.
pub(super) const LENGTH: usize = 8;
/// Bytes of the index keys.
pub(super) const INDEX: usize = 52;

const SIGN: u64 = 1 << 63;
const DIGITS: &[u8; 16] = b"0123456789abcdef";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_sort_as_their_text() {
        let times = [i64::MIN, i64::MIN + 1, -1, 0, 1, 1_893_456_000, i64::MAX - 1, i64::MAX];
        let texts = times.map(|seconds| time(UnixTime::from_seconds(seconds)));
        assert!(texts.is_sorted_by(|a, b| a < b), "{texts:?}");
        for (seconds, text) in times.into_iter().zip(texts) {
            assert_eq!(text.len(), 20);
            assert_eq!(parse_time(text.as_bytes()).unwrap().seconds(), seconds);
        }
    }

    #[test]
    fn what_was_not_written_here_is_refused() {
        for text in
            ["", "1", "-0000000000000000001", "99999999999999999999", "0000000000000000000a"]
        {
            assert!(parse_time(text.as_bytes()).is_err(), "{text}");
        }
        for text in ["", "1", "0000000000000000000", "-000000000000000001", "9223372036854775808"] {
            assert!(parse_version(text.as_bytes()).is_err(), "{text}");
        }
        assert_eq!(parse_version(version(1).as_bytes()).unwrap(), 1);
        assert_eq!(parse_version(b"9223372036854775807").unwrap(), i64::MAX.cast_unsigned());
        for text in
            ["", "00", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "+fffffffffffffffffffffffffffffff"]
        {
            assert!(parse_id(text.as_bytes()).is_err(), "{text}");
        }
        for length in [0, 51, 53] {
            assert!(parse_index(&vec![0; length]).is_err(), "{length}");
        }
    }

    #[test]
    fn ids_and_indexes_come_back() {
        for value in [Id(0), Id(-1), Id(i128::MIN), Id(7 << 100)] {
            assert_eq!(parse_id(id(&value).as_bytes()).unwrap(), value);
        }
        let [session, sid, sub] = [1, 2, 3].map(|byte| IndexKey([byte; 16]));
        let value = SessionIndex { key_id: *b"abcd", session, sid, sub };
        assert_eq!(parse_index(&index(&value)).unwrap(), value);
    }
}
