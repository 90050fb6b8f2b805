//! Sessions are fetched alone, or together with those that are asked for at the same time.

use std::collections::HashMap;

use tower_sessions::session::Id;

use super::error::PostgresStoreError;
use super::patience::within;
use super::source::Repeat;
use super::store::PostgresStore;
use super::values::{self, Values};
use crate::clock::UnixTime;
use crate::session::contract::StoredSession;
use crate::spawn::TokioSpawner;

/// Which session, and when it must not have expired.
pub(super) type Question = (Id, UnixTime);
/// The session, if there is one.
pub(super) type Answer = Result<Option<StoredSession>, PostgresStoreError>;

impl PostgresStore {
    pub(super) async fn fetch_session(&self, id: &Id, now: UnixTime) -> Answer {
        let store = self.clone();
        let ask = move |questions| store.clone().fetch_in_time(questions);
        let read = self.reads().read(&TokioSpawner, (*id, now), ask);
        let read = within(self.source().patience(), read).await.flatten();
        read.unwrap_or(Err(PostgresStoreError::NoConnectionInTime))
    }

    /// Whoever waits for the next statement does not wait longer for this one.
    async fn fetch_in_time(self, questions: Vec<Question>) -> Vec<Answer> {
        let answers = within(self.source().patience(), self.fetch_all(&questions)).await;
        answers.unwrap_or_else(|| failed(&questions, &PostgresStoreError::NoConnectionInTime))
    }

    /// What the server refuses for all may be the fault of one row. Then each half is asked for alone, until that row is.
    async fn fetch_all(&self, questions: &[Question]) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(questions.len());
        let mut parts = vec![questions];
        while let Some(part) = parts.pop() {
            match self.fetch_part(part).await {
                Err(error) if part.len() > 1 && error.may_be_of_one_row() => {
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.extend([second, first]);
                }
                Err(error) => answers.extend(failed(part, &error)),
                Ok(found) => answers.extend(found),
            }
        }
        answers
    }

    async fn fetch_part(&self, part: &[Question]) -> Result<Vec<Answer>, PostgresStoreError> {
        if let [(id, now)] = part {
            return Ok(vec![self.fetch_one(id, *now).await]);
        }
        let found = self.fetch_many(part).await?;
        Ok(part.iter().map(|question| answer(question, &found)).collect())
    }

    async fn fetch_one(&self, id: &Id, now: UnixTime) -> Answer {
        let values = Values::of(id).time(now);
        let rows = self.rows(&self.statements().fetch, values, Repeat::Harmless).await?;
        values::present(&rows).next().map(|row| values::stored(id, row)).transpose()
    }

    async fn fetch_many(
        &self,
        questions: &[Question],
    ) -> Result<HashMap<Id, Answer>, PostgresStoreError> {
        let ids = questions.iter().map(|(id, _)| id.0.to_be_bytes().to_vec());
        let earliest = questions.iter().map(|(_, now)| *now).min();
        let values = Values::default()
            .value(ids.collect::<Vec<_>>())
            .time(earliest.unwrap_or(UnixTime::from_seconds(0)));
        let rows = self.rows(&self.statements().fetch_many, values, Repeat::Harmless).await?;
        // A row that can't be read is a failure for who asked for it alone.
        values::present(&rows)
            .map(values::one_of_many)
            .map(|row| row.map(|(id, read)| (id, read.map(Some))))
            .collect()
    }
}

fn failed(questions: &[Question], error: &PostgresStoreError) -> Vec<Answer> {
    vec![Err(error.clone()); questions.len()]
}

/// Each by its own time.
fn answer((id, now): &Question, found: &HashMap<Id, Answer>) -> Answer {
    let answer = found.get(id).cloned().unwrap_or(Ok(None))?;
    Ok(answer.filter(|session| session.expires_at > *now))
}
