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
//! 6. Every answer has at least one row, and each row begins with the statement's [tag](Statement): an answer that another
//!    statement gave (a pooler can mix them up) is never taken for "no such row". What a read finds follows, its key first,
//!    which is null if there is nothing; of a write, how many rows it changed.

use super::tables::Tables;

/// A statement, and what each row of its answer begins with.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) sql: String,
    /// Derived from the text, the names of the tables included.
    pub(super) tag: i64,
}

impl Statement {
    /// The text has [`TAG`] where the tag belongs.
    pub(super) fn new(text: &str) -> Self {
        // FNV-1a.
        let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let tag = hash.cast_signed();
        Self { sql: text.replace(TAG, &format!("'{tag}'::bigint")), tag }
    }

    /// Selects the `columns` of the rows of `table` that meet the `condition`; without any, one row of nulls.
    fn select(columns: &str, table: &str, condition: &str) -> Self {
        Self::new(&format!(
            "SELECT {TAG}, {columns} FROM (SELECT) AS always LEFT JOIN {table} ON {condition}"
        ))
    }

    /// Does `change`, which returns a row for each that it changes, and counts them.
    fn change(change: &str) -> Self {
        Self::new(&format!("WITH changed AS ({change}) SELECT {TAG}, count(*) FROM changed"))
    }
}

#[derive(Debug)]
pub(super) struct Statements {
    pub(super) insert: Statement,
    pub(super) fetch: Statement,
    /// Of several.
    pub(super) fetch_many: Statement,
    pub(super) save_auth: Statement,
    pub(super) save_application: Statement,
    pub(super) touch: Statement,
    pub(super) delete: Statement,
    pub(super) find: Statement,
    pub(super) mark: Statement,
    pub(super) markers: Statement,
    pub(super) remember: Statement,
    pub(super) lock: Statement,
    pub(super) unlock: Statement,
    /// One for each table, at most [`BATCH`] rows at a time. The first is the sessions'. `$1` is now.
    pub(super) delete_expired: [Statement; 3],
    /// As these, by the clock of the database, without an argument.
    pub(super) delete_expired_locks: Statement,
}

impl Statements {
    pub(super) fn new(tables: &Tables) -> Self {
        let (sessions, markers) = (tables.sessions(), tables.markers());
        let (remembered, locks) = (tables.remembered(), tables.locks());
        let session = format!("id, {CONTENT}, {LISTING}, expires_at");
        Self {
            insert: insert(&sessions),
            fetch: Statement::select(&session, &sessions, "id = $1 AND expires_at > $2"),
            fetch_many: Statement::select(&session, &sessions, "id = ANY($1) AND expires_at > $2"),
            save_auth: save(&sessions, "auth_version", "auth"),
            save_application: save(&sessions, "application_version", "application"),
            touch: Statement::change(&format!(
                "UPDATE {sessions} SET summary = $4, expires_at = $5 \
                 WHERE id = $1 AND expires_at > $2 AND auth_version = $3 RETURNING 1"
            )),
            delete: Statement::new(&format!(
                "WITH changed AS (DELETE FROM {sessions} WHERE id = $1 RETURNING id, tableoid) \
                 SELECT {TAG}, count({}), count({DURABLE}) FROM changed",
                notify(DELETED)
            )),
            find: Statement::select(
                &format!("id, {LISTING}, expires_at"),
                &sessions,
                "(session_key = ANY($1) OR sid_key = ANY($1) OR sub_key = ANY($1)) AND expires_at > $2",
            ),
            mark: mark(&markers),
            markers: Statement::select(
                "key, begun_after, authenticated_after, until",
                &markers,
                "key = ANY($1) AND until > $2",
            ),
            remember: Statement::change(&format!(
                "INSERT INTO {remembered} AS old (key, until) VALUES ($1, $2) \
                 ON CONFLICT (key) DO UPDATE SET until = excluded.until WHERE old.until <= $3 RETURNING 1"
            )),
            lock: lock(&locks),
            unlock: Statement::change(&format!(
                "DELETE FROM {locks} WHERE key = $1 AND holder = $2 RETURNING 1"
            )),
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
fn insert(sessions: &str) -> Statement {
    Statement::change(&format!(
        "INSERT INTO {sessions} AS old (id, auth_version, auth, application_version, application, {LISTING}, \
         expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         ON CONFLICT (id) DO UPDATE SET auth_version = excluded.auth_version, auth = excluded.auth, \
         application_version = excluded.application_version, application = excluded.application, \
         key_id = excluded.key_id, session_key = excluded.session_key, sid_key = excluded.sid_key, \
         sub_key = excluded.sub_key, summary = excluded.summary, \
         expires_at = excluded.expires_at \
         WHERE old.expires_at <= $12 RETURNING 1"
    ))
}

fn save(sessions: &str, version: &str, content: &str) -> Statement {
    Statement::new(&format!(
        "WITH changed AS (UPDATE {sessions} SET {content} = $4, {version} = {version} + 1, \
         expires_at = COALESCE($5, expires_at), key_id = COALESCE($6, key_id), \
         session_key = COALESCE($7, session_key), sid_key = COALESCE($8, sid_key), \
         sub_key = COALESCE($9, sub_key), summary = COALESCE($10, summary) \
         WHERE id = $1 AND expires_at > $2 AND {version} = $3 RETURNING id, tableoid) \
         SELECT {TAG}, count({}) FROM changed",
        notify(CHANGED)
    ))
}

/// In the order of the keys, so that no two of these wait for each other. A marker that is over counts for nothing.
fn mark(markers: &str) -> Statement {
    let later = |column: &str| {
        format!(
            "{column} = CASE WHEN old.until <= $5 THEN excluded.{column} \
             ELSE GREATEST(old.{column}, excluded.{column}) END"
        )
    };
    Statement::change(&format!(
        "INSERT INTO {markers} AS old (key, begun_after, authenticated_after, until) \
         SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bigint[]) AS new (key, b, a, u) \
         ORDER BY new.key ON CONFLICT (key) DO UPDATE SET {}, {}, {} RETURNING {DURABLE}",
        later("begun_after"),
        later("authenticated_after"),
        later("until")
    ))
}

/// The clock is read when the row is at hand: the statement may have waited for it.
fn lock(locks: &str) -> Statement {
    let until = "clock_timestamp() + $3 * interval '1 microsecond'";
    Statement::change(&format!(
        "INSERT INTO {locks} AS old (key, holder, until) VALUES ($1, $2, {until}) \
         ON CONFLICT (key) DO UPDATE SET holder = excluded.holder, until = {until} \
         WHERE old.holder = excluded.holder OR old.until <= clock_timestamp() RETURNING 1"
    ))
}

/// What another node is deleting, or a request is changing, is left to them. The array is read once: a subquery with a
/// limit might be read again for each row.
fn delete_expired(table: &str, key: &str, until: &str, now: &str) -> Statement {
    Statement::change(&format!(
        "DELETE FROM {table} WHERE {key} = ANY(ARRAY(SELECT {key} FROM {table} \
         WHERE {until} <= {now} ORDER BY {until} LIMIT {BATCH} FOR UPDATE SKIP LOCKED)) RETURNING 1"
    ))
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

/// Stands for the tag in the text of a statement.
pub(super) const TAG: &str = "<tag>";

const CONTENT: &str = "auth_version, auth, application_version, application";

const LISTING: &str = "key_id, session_key, sid_key, sub_key, summary";

/// Holds for the transaction that this statement is.
const DURABLE: &str = "set_config('synchronous_commit', \
    CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true)";

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn all(tables: &Tables) -> Vec<Statement> {
        let all = Statements::new(tables);
        let [sessions, markers, remembered] = all.delete_expired;
        vec![
            all.insert,
            all.fetch,
            all.fetch_many,
            all.save_auth,
            all.save_application,
            all.touch,
            all.delete,
            all.find,
            all.mark,
            all.markers,
            all.remember,
            all.lock,
            all.unlock,
            sessions,
            markers,
            remembered,
            all.delete_expired_locks,
        ]
    }

    #[test]
    fn every_statement_has_a_tag_of_its_own() {
        let tables = [Tables::new(None, "a"), Tables::new(None, "b"), Tables::new(Some("s"), "a")];
        let all: Vec<Statement> =
            tables.into_iter().flat_map(|tables| all(&tables.unwrap())).collect();
        let tags: HashSet<i64> = all.iter().map(|statement| statement.tag).collect();
        assert_eq!(tags.len(), all.len());
        for Statement { sql, tag } in &all {
            assert!(sql.contains(&format!("SELECT '{tag}'::bigint, ")) && !sql.contains(TAG));
        }
    }
}
