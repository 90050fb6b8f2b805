//! Talks to callgrind from inside (valgrind manual, "client requests"): outside of what is counted the program runs
//! uninstrumented, many times faster.

/// Counts from nothing.
pub fn begin() {
    ask(START_INSTRUMENTATION);
    ask(ZERO_STATS);
}

/// Writes what was counted since [`begin`] to the next file, and counts no more.
pub fn end() {
    ask(DUMP_STATS);
    ask(STOP_INSTRUMENTATION);
}

/// Whether the processor is one of those for which this is written.
pub const IS_KNOWN: bool = cfg!(target_arch = "x86_64");

// callgrind.h: the tool's letters, and the place in its list.
const BASE: usize = (b'C' as usize) << 24 | (b'T' as usize) << 16;
const DUMP_STATS: usize = BASE;
const ZERO_STATS: usize = BASE + 1;
const START_INSTRUMENTATION: usize = BASE + 4;
const STOP_INSTRUMENTATION: usize = BASE + 5;

#[cfg(target_arch = "x86_64")]
fn ask(request: usize) {
    let arguments = [request, 0, 0, 0, 0, 0];
    // SAFETY: valgrind.h's sequence. The four rotations add up to 128 bits, so that outside of valgrind nothing changes.
    unsafe {
        std::arch::asm!(
            "rol rdi, 3", "rol rdi, 13", "rol rdi, 61", "rol rdi, 51", "xchg rbx, rbx",
            in("rax") arguments.as_ptr(),
            inout("rdx") 0_usize => _,
            options(nostack),
        );
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn ask(_request: usize) {}
