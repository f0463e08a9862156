//! What a connection's stream, its task and its pool know of it: when the peer was last
//! heard, that it is to be asked whether it lives, how much of its interim answers is unread,
//! and why TLS ended.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::task::Waker;
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::time::Instant;

/// Bytes of the heads of answers that may be unread. h2 keeps each head until its request is
/// polled, and a byte of it may stand for a whole header: without an end to it, a peer that
/// sends 1xx after 1xx fills the memory.
const MAX_BADGE_HEADS: i64 = 512 << 10;
/// Longest head of an answer: the connection allows no longer ones.
pub const MAX_HEADER_LIST: u32 = 64 << 10;

/// Shared by a connection's stream, its task and its pool.
pub struct ConnectionState {
    began: Instant,
    /// When the peer was heard last, in milliseconds since the beginning.
    heard: AtomicU64,
    unread: AtomicI64,
    reader: AtomicWaker,
    asked: AtomicBool,
    task: AtomicWaker,
    ending: OnceLock<rustls::Error>,
}

impl ConnectionState {
    /// Of a connection that begins now.
    pub fn new() -> Self {
        Self {
            began: Instant::now(),
            heard: AtomicU64::new(0),
            unread: AtomicI64::new(0),
            reader: AtomicWaker::new(),
            asked: AtomicBool::new(false),
            task: AtomicWaker::new(),
            ending: OnceLock::new(),
        }
    }

    /// The peer said something; so many bytes of it were heads of answers.
    pub fn heard(&self, heads: usize) {
        let since = self.began.elapsed().as_millis();
        let since = u64::try_from(since).unwrap_or(u64::MAX);
        self.heard.store(since, Ordering::Relaxed);
        if heads > 0 {
            let heads = i64::try_from(heads).unwrap_or(i64::MAX);
            self.unread.fetch_add(heads, Ordering::Relaxed);
        }
    }

    /// When the peer was heard last.
    pub fn last_heard(&self) -> Instant {
        self.began + Duration::from_millis(self.heard.load(Ordering::Relaxed))
    }

    /// A request has ended: its heads, if there were any, are read.
    pub fn ended(&self) {
        if self.unread.load(Ordering::Relaxed) > 0 {
            self.unread
                .fetch_sub(i64::from(MAX_HEADER_LIST), Ordering::Relaxed);
            self.unread.fetch_max(0, Ordering::Relaxed);
            self.reader.wake();
        }
    }

    /// Whether nothing more may be read for now; then the reader is woken when it may.
    pub fn is_full(&self, reader: &Waker) -> bool {
        if !self.is_flooded() {
            return false;
        }
        self.reader.register(reader);
        self.is_flooded()
    }

    /// Whether the peer has sent more heads than anybody reads.
    pub fn is_flooded(&self) -> bool {
        self.unread.load(Ordering::Relaxed) > MAX_BADGE_HEADS
    }

    /// Has the connection's task ask the peer whether it lives.
    pub fn ask(&self) {
        self.asked.store(true, Ordering::Release);
        self.task.wake();
    }

    /// Whether that was wished since it was last looked; the task is woken when it is.
    pub fn is_asked(&self, task: &Waker) -> bool {
        self.task.register(task);
        self.asked.swap(false, Ordering::Acquire)
    }

    /// Why TLS ended, if it did so with an error.
    pub fn cause(&self) -> Option<rustls::Error> {
        self.ending.get().cloned()
    }

    /// TLS ended so. The first error is the cause of the others.
    pub fn note(&self, cause: rustls::Error) {
        let _ = self.ending.set(cause);
    }
}
