//! An allocator that counts, for each thread.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
    static BYTES: Cell<i64> = const { Cell::new(0) };
}

/// How many bytes this thread has, give or take what it got from others and gave to them.
pub(crate) fn bytes() -> i64 {
    BYTES.get()
}

fn add(size: usize, sign: i64) {
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    let _ = BYTES.try_with(|bytes| bytes.set(bytes.get() + sign * size));
}

/// How often this thread allocates while `work` runs.
pub(crate) async fn counted(work: impl Future<Output = ()>) -> u64 {
    let work = std::pin::pin!(work);
    let before = COUNT.get();
    work.await;
    COUNT.get() - before
}

// SAFETY: everything is passed on to the system's allocator; a thread that is ending is not counted.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
        add(layout.size(), 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        add(layout.size(), -1);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;
