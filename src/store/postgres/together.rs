//! Reads that are asked for while others are under way go together: one statement, one round trip, for all of them.
//!
//! 1. Up to [`AT_ONCE`] statements read at once. Whoever finds fewer begins at once and alone.
//! 2. Whoever finds as many waits. When one of them ends, the first that waits leads: it takes all that wait along.
//! 3. What a statement tells is not older than the question of anyone who shares it: all asked before it was sent.
//! 4. Nobody depends on another's client: if the leader's hangs up, the next one leads those that it had taken along.
//! 5. A failure is told to all who shared the statement.
//!
//! So a crowd costs the database little more than a few of them, and no connection more than a few.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Who reads, and who waits.
pub(super) struct Reads<Q, A> {
    at_once: usize,
    state: Mutex<State<Q, A>>,
}

struct State<Q, A> {
    under_way: usize,
    waiting: VecDeque<Waiting<Q, A>>,
}

struct Waiting<Q, A> {
    question: Q,
    told: oneshot::Sender<Told<Q, A>>,
}

/// What someone who waits is told.
enum Told<Q, A> {
    Answer(A),
    Lead(Turn<Q, A>),
}

/// The right to have one statement under way. It is handed on, to the first that waits, when its holder is done or gone.
struct Turn<Q, A> {
    /// Absent once it is handed on.
    reads: Option<Arc<Reads<Q, A>>>,
}

/// Who shares the statement of a leader. Those that are not answered go on waiting when this is dropped.
struct Followers<Q, A> {
    reads: Arc<Reads<Q, A>>,
    waiting: Vec<Waiting<Q, A>>,
}

impl<Q: Copy, A: Clone> Reads<Q, A> {
    pub(super) fn new(most: usize) -> Arc<Self> {
        let state = State { under_way: 0, waiting: VecDeque::new() };
        Arc::new(Self { at_once: AT_ONCE.min(most), state: Mutex::new(state) })
    }

    /// The answer to `question`, by `ask`, which gives the answers to all questions it is given, in their order.
    pub(super) async fn read<F: Future<Output = Vec<A>>>(
        self: &Arc<Self>,
        question: Q,
        ask: impl FnOnce(Vec<Q>) -> F,
    ) -> Option<A> {
        let _turn = match self.begin(question) {
            Ok(turn) => turn,
            Err(told) => match told.await.ok()? {
                Told::Answer(answer) => return Some(answer),
                Told::Lead(turn) => turn,
            },
        };
        let followers = self.followers();
        let mut questions = Vec::with_capacity(1 + followers.waiting.len());
        questions.push(question);
        questions.extend(followers.waiting.iter().map(|waiting| waiting.question));
        let mut answers = ask(questions).await.into_iter();
        let own = answers.next();
        followers.tell(answers);
        own
    }

    fn begin(self: &Arc<Self>, question: Q) -> Result<Turn<Q, A>, oneshot::Receiver<Told<Q, A>>> {
        let mut state = self.state();
        if state.under_way < self.at_once {
            state.under_way += 1;
            return Ok(Turn { reads: Some(Arc::clone(self)) });
        }
        let (told, wait) = oneshot::channel();
        state.waiting.push_back(Waiting { question, told });
        Err(wait)
    }
}

impl<Q, A> Reads<Q, A> {
    /// All that wait, up to [`MOST`].
    fn followers(self: &Arc<Self>) -> Followers<Q, A> {
        let mut state = self.state();
        let most = state.waiting.len().min(MOST);
        let waiting = state.waiting.drain(..most).collect();
        Followers { reads: Arc::clone(self), waiting }
    }

    /// The next to lead; without one there is a turn less.
    fn next(&self) -> Option<Waiting<Q, A>> {
        let mut state = self.state();
        let next = state.waiting.pop_front();
        if next.is_none() {
            state.under_way -= 1;
        }
        next
    }

    fn state(&self) -> MutexGuard<'_, State<Q, A>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Q, A> Drop for Turn<Q, A> {
    fn drop(&mut self) {
        let Some(reads) = self.reads.take() else { return };
        while let Some(next) = reads.next() {
            let turn = Self { reads: Some(Arc::clone(&reads)) };
            match next.told.send(Told::Lead(turn)) {
                // Whoever does not wait any more takes no turn.
                Err(Told::Lead(mut turn)) => turn.reads = None,
                _ => return,
            }
        }
    }
}

impl<Q, A> Followers<Q, A> {
    fn tell(mut self, answers: impl Iterator<Item = A>) {
        for (waiting, answer) in self.waiting.drain(..).zip(answers) {
            // It may be gone.
            let _ = waiting.told.send(Told::Answer(answer));
        }
    }
}

impl<Q, A> Drop for Followers<Q, A> {
    fn drop(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let mut state = self.reads.state();
        for waiting in self.waiting.drain(..).rev() {
            state.waiting.push_front(waiting);
        }
    }
}

/// More of them only compete for processors; with fewer, one that is slow keeps more waiting.
const AT_ONCE: usize = 2;
/// How many share a statement.
const MOST: usize = 64;

#[cfg(test)]
mod tests;
