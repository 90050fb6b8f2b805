//! Wrong authorization responses.

use super::switch::faults;

faults! {
    /// What the authorization response gets wrong. The errors carry a description with HTML in it.
    AuthorizationFault {
        /// `iss` is another issuer (a mix-up attack, RFC 9207).
        WrongIss,
        /// `iss` is missing, though the metadata announces it.
        MissingIss,
        /// `state` is another value.
        WrongState,
        /// `state` is missing.
        MissingState,
        /// `code` is missing.
        MissingCode,
        /// `code` is another value, which the token endpoint does not know.
        UnknownCode,
        /// `code` is there twice.
        DuplicateCode,
        /// `state` is there twice.
        DuplicateState,
        /// `iss` is there twice.
        DuplicateIss,
        /// `error=access_denied`, with state and iss.
        AccessDenied,
        /// `error=login_required`, with state and iss.
        LoginRequired,
        /// `error=server_error`, with state and iss.
        ServerError,
        /// `error=temporarily_unavailable`, with state and iss.
        TemporarilyUnavailable,
        /// `error` itself is HTML.
        HostileError,
        /// `error=access_denied` beside a valid code.
        ErrorAndCode,
        /// The browser's session at the provider is good enough, whatever `max_age` says.
        IgnoresMaxAge,
    }
}
