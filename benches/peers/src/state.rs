//! What a peer's session holds: as much as the claims of our sessions here, in the same members.

use serde::{Deserialize, Serialize};

/// 1.5 KB of JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) sub: String,
    pub(crate) iss: String,
    pub(crate) email: String,
    pub(crate) groups: Vec<String>,
}

impl State {
    pub(crate) fn new() -> Self {
        let group = |number| format!("department-{number:04}-members-000000");
        Self {
            sub: "user-0".to_owned(),
            iss: "https://op.test".to_owned(),
            email: "ada@example.com".to_owned(),
            groups: (0..BYTES / 32).map(group).collect(),
        }
    }
}

/// Where it is in the session.
pub(crate) const KEY: &str = "state";
/// Of the claims of our sessions, beside `sub` and `iss`.
pub(crate) const BYTES: usize = 1_400;
