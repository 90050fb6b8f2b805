//! Operations that wait for a thread, first come, first served. Bounded: a disk that hangs must not fill the memory.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::error::SqliteError;

pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    arrived: Condvar,
}

struct State<T> {
    waiting: VecDeque<T>,
    closed: bool,
}

impl<T> Queue<T> {
    pub(super) fn new() -> Self {
        let state = State { waiting: VecDeque::new(), closed: false };
        Self { state: Mutex::new(state), arrived: Condvar::new() }
    }

    pub(super) fn push(&self, item: T) -> Result<(), SqliteError> {
        let mut state = self.lock();
        if state.waiting.len() >= CAPACITY {
            return Err(SqliteError::Overloaded);
        }
        state.waiting.push_back(item);
        drop(state);
        self.arrived.notify_one();
        Ok(())
    }

    /// Waits for items and takes as many as there are, `most` of them at most. `None`: it is closed and empty.
    pub(super) fn take(&self, most: usize) -> Option<Vec<T>> {
        let mut state = self.lock();
        while state.waiting.is_empty() {
            if state.closed {
                return None;
            }
            state = self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let count = state.waiting.len().min(most);
        Some(state.waiting.drain(..count).collect())
    }

    /// What waits is still taken; then [`take`](Self::take) gives `None`.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) const CAPACITY: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_taken_in_order_even_after_closing() {
        let queue = Queue::new();
        (1..=3).for_each(|item| queue.push(item).unwrap());
        queue.close();
        assert_eq!(queue.take(2), Some(vec![1, 2]));
        assert_eq!(queue.take(2), Some(vec![3]));
        assert_eq!(queue.take(2), None);
    }

    #[test]
    fn beyond_the_bound_is_an_error() {
        let queue = Queue::new();
        (0..CAPACITY).for_each(|item| queue.push(item).unwrap());
        assert_eq!(queue.push(0), Err(SqliteError::Overloaded));
        assert_eq!(queue.take(1), Some(vec![0]));
        assert_eq!(queue.push(0), Ok(()));
    }
}
