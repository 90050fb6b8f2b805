//! Arguments of statements, and what their rows hold.

use sqlx::Row as _;
use sqlx::postgres::{PgArguments, PgRow, Postgres};
use sqlx::{Arguments as _, Encode, Type, ValueRef as _};
use tower_sessions::session::Id;

use super::error::PostgresStoreError;
use crate::clock::UnixTime;
use crate::session::contract::{
    FoundSession, IndexKey, Listing, Marker, SealedPart, SessionIndex, StoredSession,
};

/// Collects the arguments of a statement, in the order of their numbers.
#[derive(Default)]
pub(super) struct Values {
    arguments: PgArguments,
    failed: bool,
}

impl Values {
    pub(super) fn of(id: &Id) -> Self {
        Self::default().id(id)
    }

    pub(super) fn id(self, id: &Id) -> Self {
        self.value(id.0.to_be_bytes().to_vec())
    }

    pub(super) fn time(self, time: UnixTime) -> Self {
        self.value(time.seconds())
    }

    pub(super) fn keys<'a>(self, keys: impl IntoIterator<Item = &'a IndexKey>) -> Self {
        self.value(keys.into_iter().map(|key| key.0.to_vec()).collect::<Vec<_>>())
    }

    /// Four arguments, all null without a listing, and the summary.
    pub(super) fn listing(self, listing: Option<&Listing>) -> Self {
        let index = listing.map(|listing| &listing.index);
        self.value(index.map(|index| index.key_id.to_vec()))
            .value(index.map(|index| index.session.0.to_vec()))
            .value(index.map(|index| index.sid.0.to_vec()))
            .value(index.map(|index| index.sub.0.to_vec()))
            .value(listing.map(|listing| listing.summary.clone()))
    }

    /// The version and the content of a part.
    pub(super) fn part(self, part: Option<&SealedPart>) -> Self {
        self.version(part.map_or(0, |part| part.version))
            .value(part.map(|part| part.content.clone()))
    }

    pub(super) fn version(mut self, version: u64) -> Self {
        match i64::try_from(version) {
            Ok(version) => self.value(version),
            Err(_) => {
                self.failed = true;
                self
            }
        }
    }

    pub(super) fn value<T>(mut self, value: T) -> Self
    where
        T: Encode<'static, Postgres> + Type<Postgres> + 'static,
    {
        self.failed |= self.arguments.add(value).is_err();
        self
    }

    pub(super) fn finish(self) -> Result<PgArguments, PostgresStoreError> {
        if self.failed { Err(PostgresStoreError::Unreadable) } else { Ok(self.arguments) }
    }
}

/// The rows that hold something: what finds nothing is answered with one row of nulls.
pub(super) fn present(rows: &[PgRow]) -> impl Iterator<Item = &PgRow> {
    let is_present = |row: &&PgRow| !row.try_get_raw(FIRST).is_ok_and(|value| value.is_null());
    rows.iter().filter(is_present)
}

/// After the tag.
const FIRST: usize = 1;

/// Reads the columns of a row from left to right, those after the tag.
struct Columns<'a> {
    row: &'a PgRow,
    next: usize,
}

impl<'a> Columns<'a> {
    fn of(row: &'a PgRow) -> Self {
        Self { row, next: FIRST }
    }

    fn next<T>(&mut self) -> Result<T, PostgresStoreError>
    where
        T: for<'r> sqlx::Decode<'r, Postgres> + Type<Postgres>,
    {
        let column = self.next;
        self.next += 1;
        Ok(self.row.try_get(column)?)
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], PostgresStoreError> {
        let bytes: &[u8] = self.row.try_get(self.next)?;
        self.next += 1;
        bytes.try_into().map_err(|_| PostgresStoreError::Unreadable)
    }

    fn id(&mut self) -> Result<Id, PostgresStoreError> {
        Ok(Id(i128::from_be_bytes(self.bytes()?)))
    }

    fn key(&mut self) -> Result<IndexKey, PostgresStoreError> {
        Ok(IndexKey(self.bytes()?))
    }

    fn time(&mut self) -> Result<UnixTime, PostgresStoreError> {
        Ok(UnixTime::from_seconds(self.next()?))
    }

    fn version(&mut self) -> Result<u64, PostgresStoreError> {
        u64::try_from(self.next::<i64>()?).map_err(|_| PostgresStoreError::Unreadable)
    }

    fn listing(&mut self) -> Result<Listing, PostgresStoreError> {
        let key_id = self.bytes()?;
        let (session, sid, sub) = (self.key()?, self.key()?, self.key()?);
        Ok(Listing { index: SessionIndex { key_id, session, sid, sub }, summary: self.next()? })
    }
}

/// The columns of [`Statements::fetch`](super::statements::Statements), of this session.
pub(super) fn stored(id: &Id, row: &PgRow) -> Result<StoredSession, PostgresStoreError> {
    match one_of_many(row)? {
        (found, session) if found == *id => session,
        _ => Err(PostgresStoreError::Unreadable),
    }
}

/// The columns of [`Statements::fetch_many`](super::statements::Statements): whose row it is, and what is in it.
pub(super) fn one_of_many(
    row: &PgRow,
) -> Result<(Id, Result<StoredSession, PostgresStoreError>), PostgresStoreError> {
    let mut columns = Columns::of(row);
    let id = columns.id()?;
    Ok((id, session(&id, &mut columns)))
}

fn session(id: &Id, columns: &mut Columns<'_>) -> Result<StoredSession, PostgresStoreError> {
    let auth = SealedPart { version: columns.version()?, content: columns.next()? };
    let version = columns.version()?;
    let application: Option<Vec<u8>> = columns.next()?;
    let listing = columns.listing()?;
    let mut session = StoredSession::new(*id, auth, listing, columns.time()?);
    session.application = application.map(|content| SealedPart { version, content });
    Ok(session)
}

/// The columns of [`Statements::find`](super::statements::Statements).
pub(super) fn found(row: &PgRow) -> Result<FoundSession, PostgresStoreError> {
    let mut columns = Columns::of(row);
    Ok(FoundSession { id: columns.id()?, listing: columns.listing()?, expires_at: columns.time()? })
}

/// The columns of [`Statements::markers`](super::statements::Statements).
pub(super) fn marker(row: &PgRow) -> Result<Marker, PostgresStoreError> {
    let mut columns = Columns::of(row);
    Ok(Marker {
        key: columns.key()?,
        begun_after: columns.time()?,
        authenticated_after: columns.time()?,
        until: columns.time()?,
    })
}

/// How many rows a statement has changed: the one number of the one row.
pub(super) fn count(rows: &[PgRow]) -> Result<u64, PostgresStoreError> {
    let row = rows.first().ok_or(PostgresStoreError::Unreadable)?;
    Columns::of(row).version()
}
