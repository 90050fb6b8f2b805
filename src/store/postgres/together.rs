//! Reads that are asked for while others are under way go together: one statement, one round trip, for all of them.
//!
//! 1. Up to [`AT_ONCE`] statements read at once, each in a task of its own. Whoever finds fewer begins one at once and alone.
//! 2. Whoever finds as many waits. When a statement is answered, its task sends the next one for all that wait.
//! 3. What a statement tells is not older than the question of anyone who shares it: all asked before it was sent.
//! 4. Nobody depends on another's client: that may hang up, or do something else and not look at its reading for long.
//! 5. A failure is told to all who shared the statement.
//! 6. A task that is cut off (its runtime shuts down) fails who began it. The others ask again.
//!
//! So a crowd costs the database little more than a few of them, and no connection more than a few.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::spawn::Spawn;

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
    told: oneshot::Sender<A>,
}

/// The right to have one statement under way, one after another while somebody waits.
struct Turn<Q, A> {
    /// Absent once it is given back.
    reads: Option<Arc<Reads<Q, A>>>,
}

impl<Q: Copy + Send + 'static, A: Send + 'static> Reads<Q, A> {
    pub(super) fn new(most: usize) -> Arc<Self> {
        let state = State { under_way: 0, waiting: VecDeque::new() };
        Arc::new(Self { at_once: AT_ONCE.min(most), state: Mutex::new(state) })
    }

    /// The answer to `question`, by `ask`, which gives the answers to all questions it is given, in their order.
    pub(super) async fn read<F: Future<Output = Vec<A>> + Send + 'static>(
        self: &Arc<Self>,
        spawner: &dyn Spawn,
        question: Q,
        ask: impl Fn(Vec<Q>) -> F + Clone + Send + 'static,
    ) -> Option<A> {
        loop {
            let (told, answer) = oneshot::channel();
            let begun = self.begin(Waiting { question, told });
            let has_begun = begun.is_some();
            if let Some((turn, first)) = begun {
                spawner.spawn(Box::pin(turn.take(first, ask.clone())));
            }
            match answer.await {
                Ok(answer) => return Some(answer),
                Err(_) if has_begun => return None,
                Err(_) => {}
            }
        }
    }

    /// A turn for whoever need not wait.
    fn begin(self: &Arc<Self>, asked: Waiting<Q, A>) -> Option<(Turn<Q, A>, Waiting<Q, A>)> {
        let mut state = self.state();
        if state.under_way < self.at_once {
            state.under_way += 1;
            return Some((Turn { reads: Some(Arc::clone(self)) }, asked));
        }
        state.waiting.push_back(asked);
        None
    }
}

impl<Q, A> Reads<Q, A> {
    fn state(&self) -> MutexGuard<'_, State<Q, A>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Q: Copy, A> Turn<Q, A> {
    async fn take<F: Future<Output = Vec<A>>>(
        mut self,
        first: Waiting<Q, A>,
        ask: impl Fn(Vec<Q>) -> F,
    ) {
        let mut asked = vec![first];
        while !asked.is_empty() {
            let answers = ask(asked.iter().map(|waiting| waiting.question).collect()).await;
            for (waiting, answer) in asked.into_iter().zip(answers) {
                // It may be gone.
                let _ = waiting.told.send(answer);
            }
            asked = self.next();
        }
    }

    /// All that still wait, up to [`MOST`]. Without any the turn is given back, at once: nobody waits for it in vain.
    fn next(&mut self) -> Vec<Waiting<Q, A>> {
        let Some(reads) = self.reads.take() else { return Vec::new() };
        let mut state = reads.state();
        let mut next = Vec::new();
        while next.len() < MOST
            && let Some(waiting) = state.waiting.pop_front()
        {
            if !waiting.told.is_closed() {
                next.push(waiting);
            }
        }
        if next.is_empty() {
            state.under_way -= 1;
        } else {
            self.reads = Some(Arc::clone(&reads));
        }
        next
    }
}

impl<Q, A> Drop for Turn<Q, A> {
    /// Its task was cut off.
    fn drop(&mut self) {
        let Some(reads) = self.reads.take() else { return };
        let mut state = reads.state();
        state.under_way -= 1;
        let is_last = state.under_way == 0;
        let waiting = if is_last { std::mem::take(&mut state.waiting) } else { VecDeque::new() };
        drop(state);
        // Whose turn does not come ask again.
        drop(waiting);
    }
}

/// More of them only compete for processors; with fewer, one that is slow keeps more waiting.
const AT_ONCE: usize = 2;
/// How many share a statement, at most.
const MOST: usize = 64;

#[cfg(test)]
mod tests;
