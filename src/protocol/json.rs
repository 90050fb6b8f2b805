//! JSON texts of the provider: a byte order mark before one is skipped (RFC 8259 section 8.1).

/// `text` without a byte order mark.
pub(crate) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(MARK.as_bytes()).unwrap_or(text)
}

pub(crate) const MARK: &str = "\u{feff}";
