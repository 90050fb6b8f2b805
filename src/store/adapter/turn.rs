//! One writer at a time for each row.
//!
//! 1. In this process: a lock, exactly.
//! 2. Among processes: a row that only one of them can create. It is read again, in case the store's `create` overwrites.
//! 3. A turn that was not ended (its process has crashed) is over 30 s after it began. Whoever has it writes nothing after 8 s:
//!    the clocks of two processes may differ by 20 s.
//! 4. Who has waited for a turn for 10 s gets an error.
//! 5. Within a turn another may be begun only for a row of a kind further down in [`RowKind`], one at a time.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tower_sessions::session::Id;

use super::rows::{RowKind, Rows, row_id};
use crate::clock::{Clock as _, SystemClock, UnixTime};
use crate::random::{self, SystemRandom};
use crate::session::contract::StoreError;

#[derive(Clone, Debug)]
pub(super) struct Turns {
    /// For each kind its own, since turns of different kinds are had at once.
    stripes: Arc<[Arc<Mutex<()>>]>,
    /// Whether other processes write, too.
    is_shared: bool,
}

/// The right to write a row.
#[derive(Debug)]
pub(super) struct Turn {
    _stripe: OwnedMutexGuard<()>,
    row: Option<Id>,
    begun: Duration,
}

#[derive(Debug, Serialize, Deserialize)]
struct TurnRow {
    whose: u64,
    until: UnixTime,
}

impl Turns {
    pub(super) fn new(is_shared: bool) -> Self {
        Self { stripes: (0..STRIPES * KINDS).map(|_| Arc::default()).collect(), is_shared }
    }

    pub(super) fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// Waits for the turn to write the row of this kind about `subject`.
    pub(super) async fn begin(
        &self,
        rows: &Rows,
        kind: RowKind,
        subject: &[u8; 16],
    ) -> Result<Turn, StoreError> {
        let written = row_id(kind, subject).0.to_be_bytes();
        let stripe = kind as usize * STRIPES + usize::from(written[0]) % STRIPES;
        let stripe = Arc::clone(&self.stripes[stripe]).lock_owned().await;
        let begun = SystemClock.monotonic();
        if !self.is_shared {
            return Ok(Turn { _stripe: stripe, row: None, begun });
        }
        let row = row_id(RowKind::Turn, &written);
        let begun = wait(rows, row, begun).await?;
        Ok(Turn { _stripe: stripe, row: Some(row), begun })
    }
}

impl Turn {
    /// An error once the turn may soon be over: nothing may be written any more.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let since = SystemClock.monotonic().saturating_sub(self.begun);
        if self.row.is_none() || since < WRITES_WITHIN {
            return Ok(());
        }
        Err(StoreError::new("the session store is too slow for a safe write"))
    }

    /// Lets the next one write. If that fails, the turn ends by itself.
    pub(super) async fn end(self, rows: &Rows) {
        if let Some(row) = self.row
            && self.check().is_ok()
        {
            let _ended = rows.remove(row).await;
        }
    }
}

/// When the turn began, on the monotonic clock.
async fn wait(rows: &Rows, row: Id, since: Duration) -> Result<Duration, StoreError> {
    let whose = u64::from_be_bytes(random::bytes(&SystemRandom).map_err(StoreError::new)?);
    let (mut begun, mut failures, mut refusals, mut took_over) = (since, 0, 0, false);
    let mut is_free = true;
    loop {
        if is_free {
            begun = SystemClock.monotonic();
            let until = SystemClock.now().saturating_add(LASTS);
            match rows.create(row, &TurnRow { whose, until }, until).await {
                Ok(true) => {}
                Ok(false) => refusals += 1,
                // A busy SQLite file, for one: it may be free in a moment.
                Err(error) if failures == TRIES => return Err(error),
                Err(_) => failures += 1,
            }
        }
        let had_by: Option<TurnRow> = rows.read(row).await?;
        is_free = had_by.is_none();
        match had_by {
            Some(had_by) if had_by.whose == whose && !took_over => return Ok(begun),
            // Another may be about to remove what was left, too, and remove this instead.
            Some(had_by) if had_by.whose == whose => {
                SystemClock.sleep(SETTLES_WITHIN).await;
                took_over = false;
                continue;
            }
            Some(left) if left.until < SystemClock.now() => {
                rows.remove(row).await?;
                (is_free, took_over) = (true, true);
            }
            Some(_) => refusals = 0,
            // Given up by the store, which still holds the id.
            None if refusals > TRIES => {
                rows.remove(row).await?;
                (refusals, took_over) = (0, true);
            }
            None => {}
        }
        if SystemClock.monotonic().saturating_sub(since) > PATIENCE {
            return Err(StoreError::new("the session store is busy with another write"));
        }
        let [pause] = random::bytes(&SystemRandom).map_err(StoreError::new)?;
        SystemClock.sleep(Duration::from_millis(1 + u64::from(pause % 8))).await;
    }
}

const STRIPES: usize = 64;
const KINDS: usize = 7;
const LASTS: Duration = Duration::from_secs(30);
const WRITES_WITHIN: Duration = Duration::from_secs(8);
const PATIENCE: Duration = Duration::from_secs(10);
const SETTLES_WITHIN: Duration = Duration::from_millis(200);
const TRIES: u32 = 20;
