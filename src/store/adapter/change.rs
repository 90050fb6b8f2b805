//! Read, decide, write: every small row is changed in this one way, in one turn.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::rows::{RowKind, Rows, row_id};
use super::turn::Turns;
use crate::clock::UnixTime;
use crate::session::contract::StoreError;

/// What is to become of a row.
#[derive(Debug)]
pub(super) enum Step<T> {
    Leave,
    Remove,
    /// And when it is over.
    Write(T, UnixTime),
}

/// The other store, and who may write to it.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) rows: Rows,
    pub(super) turns: Turns,
}

impl Desk {
    /// Changes the row of this kind about `subject` as `decide` says; it is asked again if another process has written over
    /// what it decided, which a store with an exact `create` rules out.
    pub(super) async fn change<T, R>(
        &self,
        kind: RowKind,
        subject: &[u8; 16],
        mut decide: impl FnMut(Option<T>) -> (Step<T>, R),
    ) -> Result<R, StoreError>
    where
        T: Serialize + DeserializeOwned + PartialEq,
    {
        let turn = self.turns.begin(&self.rows, kind, subject).await?;
        let row = row_id(kind, subject);
        let outcome = async {
            let (step, answer) = decide(self.rows.read(row).await?);
            turn.check()?;
            match step {
                Step::Leave => {}
                Step::Remove => self.rows.remove(row).await?,
                Step::Write(written, over_at) => {
                    self.rows.write(row, &written, over_at).await?;
                    if self.turns.is_shared() {
                        return self.confirm(row, written, answer, &mut decide).await;
                    }
                }
            }
            Ok(answer)
        };
        let outcome = outcome.await;
        turn.end(&self.rows).await;
        outcome
    }

    async fn confirm<T, R>(
        &self,
        row: tower_sessions::session::Id,
        mut written: T,
        mut answer: R,
        decide: &mut impl FnMut(Option<T>) -> (Step<T>, R),
    ) -> Result<R, StoreError>
    where
        T: Serialize + DeserializeOwned + PartialEq,
    {
        for _ in 0..CONFIRMATIONS {
            let seen: Option<T> = self.rows.read(row).await?;
            if seen.as_ref() == Some(&written) {
                return Ok(answer);
            }
            let (step, next) = decide(seen);
            let Step::Write(again, over_at) = step else { return Ok(next) };
            self.rows.write(row, &again, over_at).await?;
            (written, answer) = (again, next);
        }
        Err(StoreError::new("other processes write over what was written"))
    }
}

const CONFIRMATIONS: usize = 20;
