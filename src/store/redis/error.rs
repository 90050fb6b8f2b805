//! What can be wrong: with the settings, and with an answer.
//!
//! No text holds a password, an id, or a value: those of the `redis` crate may (it prints unexpected values, and a server prints
//! the arguments of commands it does not know), so of a server's error only the code is kept.

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::session::contract::StoreError;

/// Why there is no [`RedisStore`](super::RedisStore): a setting cannot be used. No text repeats the setting, which may hold
/// a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedisConfigError {
    /// The URL is none that names a Redis server.
    #[error("not the URL of a Redis server (redis://host:port or rediss://host:port)")]
    Url,
    /// The URL turns the verification of certificates off (`#insecure`).
    #[error(
        "certificates are always verified: #insecure is refused, trust a root certificate instead"
    )]
    InsecureTls,
    /// A `redis://` URL leads to another machine, in clear text.
    #[error(
        "redis:// to another machine sends everything in clear text: use rediss://, or say \
         RedisSettings::insecure_allow_clear_text"
    )]
    ClearText,
    /// A cluster without a node to begin with, or with nodes that cannot belong together.
    #[error(
        "a cluster needs the URLs of some of its nodes, with the same user, password, scheme and database"
    )]
    Cluster,
    /// The key prefix has more than 100 bytes, or others than printable ASCII without space and braces.
    #[error("a key prefix has at most 100 printable ASCII characters, no space and no braces")]
    KeyPrefix,
    /// A timeout is not between 1 ms and 60 s.
    #[error("timeouts are between 1 ms and 60 s")]
    Timeout,
    /// The root certificates are not PEM, or there are none, or the URL is not `rediss`.
    #[error("root certificates are PEM, at least one, and for rediss:// URLs")]
    RootCertificates,
    /// There are no random bytes to be had.
    #[error("the operating system's random number generator is unavailable")]
    RandomUnavailable,
}

impl RedisConfigError {
    /// A stable name for this error.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Url => "redis_url_invalid",
            Self::InsecureTls => "redis_url_insecure",
            Self::ClearText => "redis_url_clear_text",
            Self::Cluster => "redis_cluster_nodes_invalid",
            Self::KeyPrefix => "redis_key_prefix_invalid",
            Self::Timeout => "redis_timeout_out_of_range",
            Self::RootCertificates => "redis_root_certificates_unusable",
            Self::RandomUnavailable => "random_unavailable",
        }
    }
}

/// Why an operation has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("Redis cannot be reached: {0}")]
    NotConnected(String),
    #[error("Redis did not answer in time")]
    Timeout,
    #[error("the connection to Redis was lost: {0}")]
    Lost(String),
    #[error("Redis has no memory left (maxmemory)")]
    Full,
    #[error("this Redis server is a replica and takes no writes")]
    ReadOnly,
    #[error(
        "this Redis master has lost its replicas (min-replicas-to-write) and may have a successor: sessions that were ended there would be served"
    )]
    Isolated,
    #[error(
        "a node of the Redis cluster is on another machine, and redis:// would reach it in clear text: give the cluster's \
         URLs as rediss://, or say RedisSettings::insecure_allow_clear_text"
    )]
    ClearText,
    #[error("Redis does not know the script")]
    NoScript,
    #[error("what Redis keeps under one of our keys was not written by this version of the store")]
    Foreign,
    #[error("Redis refused: {0}")]
    Refused(String),
    #[error("the index of a session could not be kept for as long as the session")]
    Index,
    #[error("events may have been lost")]
    EventsLost,
}

impl Fault {
    /// Whether the connection had better be replaced.
    pub(super) fn spoils_connection(&self) -> bool {
        matches!(self, Self::Timeout | Self::Lost(_) | Self::ReadOnly | Self::Isolated)
    }
}

impl From<RedisError> for Fault {
    fn from(error: RedisError) -> Self {
        if error.is_timeout() {
            return Self::Timeout;
        }
        match error.kind() {
            // The text of the operating system, or of rustls.
            ErrorKind::Io => Self::Lost(error.to_string()),
            ErrorKind::Parse => Self::Lost("the answer is not in Redis' protocol".to_owned()),
            ErrorKind::ClusterConnectionNotFound => Self::Lost(error.category().to_owned()),
            ErrorKind::UnexpectedReturnType => Self::Foreign,
            ErrorKind::Server(ServerErrorKind::NoScript) => Self::NoScript,
            // A replica that has lost its master.
            ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown) => {
                Self::ReadOnly
            }
            ErrorKind::Server(_) | ErrorKind::Extension => Self::of_server(&error),
            _ => Self::Refused(error.category().to_owned()),
        }
    }
}

impl Fault {
    /// Before version 7 an error inside of a script comes as the text of an `ERR`.
    fn of_server(error: &RedisError) -> Self {
        let code = error.code().unwrap_or_default();
        let text = error.detail().unwrap_or_default();
        let in_text = |start: &str, name: &str| text.contains(&format!("{start}{name} "));
        let is = |name: &str| code == name || in_text("-", name) || in_text(": ", name);
        if is("OOM") {
            Self::Full
        } else if is("WRONGTYPE") || is("FOREIGN") {
            Self::Foreign
        } else if is("READONLY") {
            Self::ReadOnly
        } else if is("NOREPLICAS") {
            Self::Isolated
        } else if code.len() <= 32 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            Self::Refused(code.to_owned())
        } else {
            Self::Refused(error.category().to_owned())
        }
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        Self::new(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str, text: &str) -> Fault {
        Fault::from(redis::make_extension_error(code.to_owned(), Some(text.to_owned())))
    }

    #[test]
    fn errors_of_scripts_are_known_in_both_forms() {
        let old = "Error running script (call to f_12): @user_script:7: @user_script: 7: ";
        assert_eq!(of("OOM", "command not allowed when used memory > 'maxmemory'."), Fault::Full);
        assert_eq!(of("ERR", &format!("{old}-OOM command not allowed")), Fault::Full);
        assert_eq!(of("WRONGTYPE", "Operation against a key"), Fault::Foreign);
        assert_eq!(of("ERR", &format!("{old}-WRONGTYPE Operation")), Fault::Foreign);
        // 6.2 leaves out the hyphen.
        let old = "Error running script (call to f_12): @user_script:1: ";
        assert_eq!(of("ERR", &format!("{old}WRONGTYPE Operation")), Fault::Foreign);
        assert_eq!(of("ERR", &format!("{old}OOM command not allowed")), Fault::Full);
        assert_eq!(of("ERR", &format!("{old}-READONLY You can't write")), Fault::ReadOnly);
        assert_eq!(of("FOREIGN", "not a session"), Fault::Foreign);
        assert_eq!(of("NOREPLICAS", "Not enough good replicas to write."), Fault::Isolated);
        assert_eq!(of("ERR", &format!("{old}-NOREPLICAS Not enough good")), Fault::Isolated);
    }

    #[test]
    fn of_a_refusal_only_the_code_is_told() {
        let fault = of("NOPERM", "No permissions to access the 'oidc:s:{00ff}' key");
        assert_eq!(fault.to_string(), "Redis refused: NOPERM");
        let fault = of("secret-00ff", "x");
        assert!(!fault.to_string().contains("00ff"), "{fault}");
    }
}
