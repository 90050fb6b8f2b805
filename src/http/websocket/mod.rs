//! WebSockets that end with the session (ceiling rule 13).
//!
//! | handler | what to do | what the client sees |
//! |---|---|---|
//! | takes [`SessionWebSocketUpgrade`] in place of axum's `WebSocketUpgrade` | nothing else | a Close frame, code 1008, reason `session_expired` or `session_revoked` |
//! | knows nothing of this crate, under HTTP/1.1 | serve with [`SessionListener`] | the connection is cut |

mod connection;
mod socket;
mod upgrade;

pub use connection::{SessionConnection, SessionIo, SessionListener};
pub use socket::SessionWebSocket;
pub use upgrade::{SessionWebSocketUpgrade, WebSocketRejection};

pub(super) use connection::{Upgraded, upgraded};
