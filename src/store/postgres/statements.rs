//! The SQL of each operation.
//!
//! 1. One statement each. It runs in a transaction of its own and is committed when its answer arrives; the next statement, over
//!    whichever connection, sees it.
//! 2. A condition and the change that depends on it are one statement. Under `READ COMMITTED` a statement that waited for
//!    another's row judges the condition by what the other left.
//! 3. Saves and deletions tell the listeners within the statement: it is heard of if and only if it is committed. Nothing else
//!    does, since transactions that notify are committed one after another.
//! 4. What `delete` and `mark` have answered is on disk, whatever the connection's `synchronous_commit`.
//! 5. Every condition has an index.

use super::tables::Tables;

#[derive(Debug)]
pub(super) struct Statements {
    pub(super) insert: String,
    pub(super) fetch: String,
    /// Of several; the id comes first.
    pub(super) fetch_many: String,
    pub(super) save_auth: String,
    pub(super) save_application: String,
    pub(super) touch: String,
    pub(super) delete: String,
    pub(super) find: String,
    pub(super) mark: String,
    pub(super) markers: String,
    pub(super) remember: String,
    pub(super) lock: String,
    pub(super) unlock: String,
    /// One for each table, at most [`BATCH`] rows at a time. The first is the sessions'. `$1` is now.
    pub(super) delete_expired: [String; 3],
    /// As these, by the clock of the database, without an argument.
    pub(super) delete_expired_locks: String,
}

impl Statements {
    pub(super) fn new(tables: &Tables) -> Self {
        let (sessions, markers) = (tables.sessions(), tables.markers());
        let (remembered, locks) = (tables.remembered(), tables.locks());
        Self {
            insert: insert(&sessions),
            fetch: format!(
                "SELECT {CONTENT}, {LISTING}, expires_at FROM {sessions} WHERE id = $1 AND expires_at > $2"
            ),
            fetch_many: format!(
                "SELECT id, {CONTENT}, {LISTING}, expires_at FROM {sessions} WHERE id = ANY($1) AND expires_at > $2"
            ),
            save_auth: save(&sessions, "auth_version", "auth"),
            save_application: save(&sessions, "application_version", "application"),
            touch: format!(
                "UPDATE {sessions} SET summary = $4, expires_at = $5 \
                 WHERE id = $1 AND expires_at > $2 AND auth_version = $3 RETURNING 1"
            ),
            delete: format!(
                "WITH changed AS (DELETE FROM {sessions} WHERE id = $1 RETURNING id, tableoid) \
                 SELECT {}, {DURABLE} FROM changed",
                notify(DELETED)
            ),
            find: format!(
                "SELECT id, {LISTING}, expires_at FROM {sessions} \
                 WHERE (session_key = ANY($1) OR sid_key = ANY($1) OR sub_key = ANY($1)) AND expires_at > $2"
            ),
            mark: mark(&markers),
            markers: format!(
                "SELECT key, begun_after, authenticated_after, until \
                 FROM {markers} WHERE key = ANY($1) AND until > $2"
            ),
            remember: format!(
                "INSERT INTO {remembered} AS old (key, until) VALUES ($1, $2) \
                 ON CONFLICT (key) DO UPDATE SET until = excluded.until WHERE old.until <= $3 RETURNING 1"
            ),
            lock: lock(&locks),
            unlock: format!("DELETE FROM {locks} WHERE key = $1 AND holder = $2"),
            delete_expired: [
                delete_expired(&sessions, "id", "expires_at", "$1"),
                delete_expired(&markers, "key", "until", "$1"),
                delete_expired(&remembered, "key", "until", "$1"),
            ],
            delete_expired_locks: delete_expired(&locks, "key", "until", "statement_timestamp()"),
        }
    }
}

/// What has expired but was not deleted yet is replaced.
fn insert(sessions: &str) -> String {
    format!(
        "INSERT INTO {sessions} AS old (id, auth_version, auth, application_version, application, {LISTING}, \
         expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         ON CONFLICT (id) DO UPDATE SET auth_version = excluded.auth_version, auth = excluded.auth, \
         application_version = excluded.application_version, application = excluded.application, \
         key_id = excluded.key_id, session_key = excluded.session_key, sid_key = excluded.sid_key, \
         sub_key = excluded.sub_key, summary = excluded.summary, \
         expires_at = excluded.expires_at \
         WHERE old.expires_at <= $12 RETURNING 1"
    )
}

fn save(sessions: &str, version: &str, content: &str) -> String {
    format!(
        "WITH changed AS (UPDATE {sessions} SET {content} = $4, {version} = {version} + 1, \
         expires_at = COALESCE($5, expires_at), key_id = COALESCE($6, key_id), \
         session_key = COALESCE($7, session_key), sid_key = COALESCE($8, sid_key), \
         sub_key = COALESCE($9, sub_key), summary = COALESCE($10, summary) \
         WHERE id = $1 AND expires_at > $2 AND {version} = $3 RETURNING id, tableoid) \
         SELECT {} FROM changed",
        notify(CHANGED)
    )
}

/// In the order of the keys, so that no two of these wait for each other. A marker that is over counts for nothing.
fn mark(markers: &str) -> String {
    let later = |column: &str| {
        format!(
            "{column} = CASE WHEN old.until <= $5 THEN excluded.{column} \
             ELSE GREATEST(old.{column}, excluded.{column}) END"
        )
    };
    format!(
        "INSERT INTO {markers} AS old (key, begun_after, authenticated_after, until) \
         SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bigint[]) AS new (key, b, a, u) \
         ORDER BY new.key ON CONFLICT (key) DO UPDATE SET {}, {}, {} RETURNING {DURABLE}",
        later("begun_after"),
        later("authenticated_after"),
        later("until")
    )
}

/// The clock is read when the row is at hand: the statement may have waited for it.
fn lock(locks: &str) -> String {
    let until = "clock_timestamp() + $3 * interval '1 microsecond'";
    format!(
        "INSERT INTO {locks} AS old (key, holder, until) VALUES ($1, $2, {until}) \
         ON CONFLICT (key) DO UPDATE SET holder = excluded.holder, until = {until} \
         WHERE old.holder = excluded.holder OR old.until <= clock_timestamp() RETURNING 1"
    )
}

/// What another node is deleting, or a request is changing, is left to them. The array is read once: a subquery with a
/// limit might be read again for each row.
fn delete_expired(table: &str, key: &str, until: &str, now: &str) -> String {
    format!(
        "WITH expired AS (DELETE FROM {table} WHERE {key} = ANY(ARRAY(SELECT {key} FROM {table} \
         WHERE {until} <= {now} ORDER BY {until} LIMIT {BATCH} FOR UPDATE SKIP LOCKED)) RETURNING 1) \
         SELECT count(*) FROM expired"
    )
}

/// The channel is that of the table, whatever the nodes call it: it is named by its number.
fn notify(kind: char) -> String {
    format!("pg_notify('{CHANNEL}' || tableoid::text, '{kind}' || encode(id, 'hex'))")
}

/// Before the number of the table of sessions.
pub(super) const CHANNEL: &str = "oidc_session_";
/// The first letter of a payload; the id follows in hexadecimal.
pub(super) const CHANGED: char = 'C';
/// As [`CHANGED`].
pub(super) const DELETED: char = 'D';

/// How many rows are deleted at once.
pub(super) const BATCH: u64 = 500;

const CONTENT: &str = "auth_version, auth, application_version, application";

const LISTING: &str = "key_id, session_key, sid_key, sub_key, summary";

/// Holds for the transaction that this statement is.
const DURABLE: &str = "set_config('synchronous_commit', \
    CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true)";
