//! What a live session holds.

use measure::counting;
use measure::stored::{in_memory, session};

/// Bytes per session of 1.5 KB, tables and indexes included, as the allocator was asked for them.
pub(crate) async fn per_session(sessions: usize) -> usize {
    let before = counting::held();
    let auth = in_memory(sessions);
    for number in 0..sessions {
        // The cookies are not kept: the browsers have them.
        drop(session(number, CLAIMS).store_at(&auth).await);
    }
    let held = counting::held() - before;
    drop(auth);
    held / sessions
}

/// With `sub`, `iss`, the e-mail address and the access token this makes 1.5 KB of claims and tokens.
const CLAIMS: usize = 1_400;
