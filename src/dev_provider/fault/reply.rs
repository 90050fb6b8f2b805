//! Replies that are broken as HTTP or as documents.

use super::switch::faults;

faults! {
    /// How a reply is broken.
    ///
    /// | reply | the request is processed |
    /// |---|---|
    /// | [`Redirect`](Self::Redirect), [`InternalServerError`](Self::InternalServerError), [`ServiceUnavailable`](Self::ServiceUnavailable), [`Hang`](Self::Hang) | no: it may be sent again |
    /// | [`Html`](Self::Html), [`NotJson`](Self::NotJson), [`Huge`](Self::Huge), [`Drip`](Self::Drip), [`GatewayTimeout`](Self::GatewayTimeout), [`Close`](Self::Close) | yes: a code is spent, a refresh token rotated, and the reply is lost |
    BrokenReply {
        /// 302 to a page of the provider that counts its visits
        /// ([`Endpoint::RedirectTarget`](crate::dev_provider::Endpoint::RedirectTarget)).
        Redirect,
        /// 500 with a text.
        InternalServerError,
        /// 503 with `Retry-After: 1`.
        ServiceUnavailable,
        /// No reply for 60 s by the provider's clock, then 504.
        Hang,
        /// 200 with an HTML page, as captive portals and maintenance pages do.
        Html,
        /// 200, declared as JSON, which breaks off.
        NotJson,
        /// The right reply after 50 MB of white space, which JSON allows.
        Huge,
        /// The right reply, a byte every 50 ms by the system's clock: it never stops and never ends in time.
        Drip,
        /// 504 with a text, as of a proxy that stopped waiting.
        GatewayTimeout,
        /// The connection is closed without a reply.
        Close,
    }
}

impl BrokenReply {
    pub(crate) fn is_processed(self) -> bool {
        matches!(
            self,
            Self::Html
                | Self::NotJson
                | Self::Huge
                | Self::Drip
                | Self::GatewayTimeout
                | Self::Close
        )
    }
}
