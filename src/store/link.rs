//! The way to a store's server: TLS, or one that does not leave this machine.
//!
//! A name counts only if it is `localhost`: what another resolves to may change.

use std::net::IpAddr;

/// Whether what is sent to `host` stays on this machine: `localhost`, 127.0.0.0/8, `::1`, or the path of a socket.
pub(super) fn stays_here(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.starts_with('/')
        || host.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|address| match address {
            IpAddr::V4(address) => address.is_loopback(),
            IpAddr::V6(address) => address.to_canonical().is_loopback(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_and_sockets_stay_here() {
        for (host, expected) in [
            ("localhost", true),
            ("LocalHost", true),
            ("127.0.0.1", true),
            ("127.8.9.1", true),
            ("::1", true),
            ("[::1]", true),
            ("::ffff:127.0.0.1", true),
            ("/run/postgresql", true),
            ("", false),
            ("redis", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("10.0.0.1", false),
            ("0.0.0.0", false),
            ("::", false),
            ("::ffff:10.0.0.1", false),
        ] {
            assert_eq!(stays_here(host), expected, "{host}");
        }
    }
}
