//! Every statement that runs while the application does. None of them scans a table: a test asks SQLite for its plan.
//!
//! Times are in seconds, except for locks: they end by the clock of this machine, which all processes share, in milliseconds.
//! A lock that was taken more than a minute from now was taken under a clock that has been set back since; it is over.

/// What has expired under this id, to make room for an insert.
pub(super) const DELETE_EXPIRED_SESSION: &str =
    "DELETE FROM session WHERE id = ?1 AND expires_at <= ?2";

pub(super) const INSERT_SESSION: &str = "
INSERT INTO session (id, expires_at, key_id, session_key, sid_key, sub_key,
    auth_version, application_version, summary, auth, application)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
ON CONFLICT (id) DO NOTHING";

pub(super) const FETCH_SESSION: &str = "
SELECT expires_at, key_id, session_key, sid_key, sub_key,
    summary, auth_version, auth, application_version, application
FROM session WHERE id = ?1 AND expires_at > ?2";

/// The unary plus keeps the plan off the index by expiry.
pub(super) const FIND_SESSIONS: &str = "
SELECT expires_at, key_id, session_key, sid_key, sub_key, summary, id
FROM session
WHERE (session_key = ?1 OR sid_key = ?1 OR sub_key = ?1) AND +expires_at > ?2";

pub(super) const IS_LIVE: &str = "SELECT 1 FROM session WHERE id = ?1 AND expires_at > ?2";

pub(super) const SAVE_AUTH: &str = "
UPDATE session SET auth_version = ?4, auth = ?5, expires_at = coalesce(?6, expires_at)
WHERE id = ?1 AND expires_at > ?2 AND auth_version = ?3";

pub(super) const SAVE_AUTH_AND_LISTING: &str = "
UPDATE session SET auth_version = ?4, auth = ?5, expires_at = coalesce(?6, expires_at),
    key_id = ?7, session_key = ?8, sid_key = ?9, sub_key = ?10, summary = ?11
WHERE id = ?1 AND expires_at > ?2 AND auth_version = ?3";

pub(super) const SAVE_APPLICATION: &str = "
UPDATE session SET application_version = ?4, application = ?5,
    expires_at = coalesce(?6, expires_at)
WHERE id = ?1 AND expires_at > ?2 AND application_version = ?3";

pub(super) const SAVE_APPLICATION_AND_LISTING: &str = "
UPDATE session SET application_version = ?4, application = ?5,
    expires_at = coalesce(?6, expires_at),
    key_id = ?7, session_key = ?8, sid_key = ?9, sub_key = ?10, summary = ?11
WHERE id = ?1 AND expires_at > ?2 AND application_version = ?3";

pub(super) const TOUCH_SESSION: &str = "
UPDATE session SET summary = ?4, expires_at = ?5
WHERE id = ?1 AND expires_at > ?2 AND auth_version = ?3";

pub(super) const DELETE_SESSION: &str = "DELETE FROM session WHERE id = ?1";

pub(super) const REMEMBER: &str = "
INSERT INTO remembered (key, until) VALUES (?1, ?2)
ON CONFLICT (key) DO UPDATE SET until = excluded.until WHERE remembered.until <= ?3";

/// What is forgotten under this key must not be merged.
pub(super) const DELETE_PAST_MARKER: &str = "DELETE FROM marker WHERE key = ?1 AND until <= ?2";

pub(super) const MERGE_MARKER: &str = "
INSERT INTO marker (key, begun_after, authenticated_after, until) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (key) DO UPDATE SET
    begun_after = max(marker.begun_after, excluded.begun_after),
    authenticated_after = max(marker.authenticated_after, excluded.authenticated_after),
    until = max(marker.until, excluded.until)";

pub(super) const FIND_MARKER: &str =
    "SELECT begun_after, authenticated_after, until FROM marker WHERE key = ?1 AND until > ?2";

/// `now` is the same wherever it is read within a statement.
pub(super) const TAKE_LOCK: &str = "
INSERT INTO lock (key, holder, taken_at_ms, until_ms)
VALUES (?1, ?2, CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER),
    CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER) + ?3)
ON CONFLICT (key) DO UPDATE SET
    holder = excluded.holder, taken_at_ms = excluded.taken_at_ms, until_ms = excluded.until_ms
WHERE lock.holder = excluded.holder
    OR lock.until_ms <= excluded.taken_at_ms
    OR lock.taken_at_ms > excluded.taken_at_ms + 60000";

pub(super) const RELEASE_LOCK: &str = "DELETE FROM lock WHERE key = ?1 AND holder = ?2";

pub(super) const DELETE_EXPIRED_SESSIONS: &str = "
DELETE FROM session WHERE rowid IN
    (SELECT rowid FROM session WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";

pub(super) const DELETE_PAST_REMEMBERED: &str = "
DELETE FROM remembered WHERE key IN
    (SELECT key FROM remembered WHERE until <= ?1 ORDER BY until LIMIT ?2)";

pub(super) const DELETE_PAST_MARKERS: &str = "
DELETE FROM marker WHERE key IN
    (SELECT key FROM marker WHERE until <= ?1 ORDER BY until LIMIT ?2)";

pub(super) const DELETE_PAST_LOCKS: &str = "
DELETE FROM lock WHERE key IN
    (SELECT key FROM lock
     WHERE until_ms <= CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER)
     ORDER BY until_ms LIMIT ?1)";

#[cfg(test)]
pub(super) const ALL: [&str; 21] = [
    DELETE_EXPIRED_SESSION,
    INSERT_SESSION,
    FETCH_SESSION,
    FIND_SESSIONS,
    IS_LIVE,
    SAVE_AUTH,
    SAVE_AUTH_AND_LISTING,
    SAVE_APPLICATION,
    SAVE_APPLICATION_AND_LISTING,
    TOUCH_SESSION,
    DELETE_SESSION,
    REMEMBER,
    DELETE_PAST_MARKER,
    MERGE_MARKER,
    FIND_MARKER,
    TAKE_LOCK,
    RELEASE_LOCK,
    DELETE_EXPIRED_SESSIONS,
    DELETE_PAST_REMEMBERED,
    DELETE_PAST_MARKERS,
    DELETE_PAST_LOCKS,
];
