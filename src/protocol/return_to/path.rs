//! Paths: within the base path or not, the same or not.

use std::borrow::Cow;

use url::Url;

/// Whether `path`, already normalised, lies within `base_path` (empty, or `/app`) and could not be taken for a host.
pub(super) fn is_within(path: &str, base_path: &str) -> bool {
    let rest = path.strip_prefix(base_path);
    !path.starts_with("//") && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// `path`, percent-decoded once and normalised again.
pub(super) fn decoded(path: &str, origin: &Url) -> String {
    let mut url = origin.clone();
    // Set as a path alone: a decoded "?" or "#" ends nothing here.
    url.set_path(&percent_decode(path));
    url.path().to_owned()
}

/// Whether two paths name one route, however `path` is encoded and with or without slashes at its end.
pub(super) fn same_route(path: &str, route: &str) -> bool {
    percent_decode(path).trim_end_matches('/') == route.trim_end_matches('/')
}

/// RFC 3986 section 2.1. What is no encoding, or no UTF-8, is kept as a character that no path of ours contains.
fn percent_decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        match (first, tail) {
            (b'%', [high, low, after @ ..]) if is_hex(*high) && is_hex(*low) => {
                bytes.push(nibble(*high) << 4 | nibble(*low));
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

fn nibble(hex: u8) -> u8 {
    match hex {
        b'0'..=b'9' => hex - b'0',
        _ => (hex | 0x20) - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_encoding_is_decoded_once() {
        for (text, expected) in [
            ("/plain", "/plain"),
            ("/a%2Fb", "/a/b"),
            ("/%2e%2E", "/.."),
            ("/%252e", "/%2e"),
            ("/%", "/%"),
            ("/%2", "/%2"),
            ("/%zz%41", "/%zzA"),
            ("/%c3%a4", "/\u{e4}"),
            ("/%ff", "/\u{fffd}"),
        ] {
            assert_eq!(percent_decode(text), expected);
        }
    }

    #[test]
    fn the_base_path_ends_at_a_slash() {
        for (path, base_path, within) in [
            ("/", "", true),
            ("/x", "", true),
            ("//x", "", false),
            ("/app", "/app", true),
            ("/app/", "/app", true),
            ("/app/x", "/app", true),
            ("/application", "/app", false),
            ("/App", "/app", false),
            ("/", "/app", false),
        ] {
            assert_eq!(is_within(path, base_path), within, "{path} {base_path}");
        }
    }
}
