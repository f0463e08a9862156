//! A caller's end of the socket, as hyper sees it and as the daemon sees it at the same time.
//!
//! In: what hyper reads and writes. Out: whether a request is pending, since when none is,
//! whether the caller is still there. What hyper would write while nothing is pending, its own
//! answer to a request that it could not read, is dropped: [`super::malformed`] says it better.
//! Refuses to know HTTP.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::FutureExt;
use nix::sys::socket::{Shutdown, shutdown};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::UnixStream;
use tokio::time::{Instant, timeout};

/// How often it is looked whether a caller that has ended its sending is still there.
const GONE_INTERVAL: Duration = Duration::from_secs(1);
/// How long a caller may take to read the last answer and to stop writing.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Bytes of what was read last that are kept: a head that hyper has taken and refused is known
/// from them only.
const MIN_KEPT: usize = 4 << 10;

const OPEN: u8 = 0;
/// No more than what has begun to come.
const LAST: u8 = 1;
/// Nothing more is waited for.
const LATE: u8 = 2;

/// A connection.
pub struct CallerStream {
    stream: UnixStream,
    start: Instant,
    /// Milliseconds from the start to the moment since which the next head is waited for.
    since: AtomicU64,
    /// A head has begun to come.
    in_head: AtomicBool,
    /// A request is read, and its answer is not all there.
    answering: AtomicBool,
    /// A request is read, and its answer has not all gone.
    owing: AtomicBool,
    /// Since when the caller takes no more of its answers, as `since`; 0 while it does.
    stalled: AtomicU64,
    /// [`OPEN`], [`LAST`] or [`LATE`].
    closing: AtomicU8,
    shut: AtomicBool,
    ended: AtomicBool,
    gone: AtomicBool,
}

/// How long is waited for a request.
#[derive(Clone, Copy, Debug)]
pub struct RequestTimeouts {
    /// From one to the next.
    pub idle: Duration,
    /// From its first byte to the end of its head.
    pub head: Duration,
}

impl CallerStream {
    /// The connection of a caller.
    pub fn new(stream: UnixStream) -> Self {
        Self {
            stream,
            start: Instant::now(),
            since: AtomicU64::new(0),
            in_head: AtomicBool::new(false),
            answering: AtomicBool::new(false),
            owing: AtomicBool::new(false),
            stalled: AtomicU64::new(0),
            closing: AtomicU8::new(OPEN),
            shut: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            gone: AtomicBool::new(false),
        }
    }

    /// A request was read.
    pub fn begin(&self) {
        self.answering.store(true, Ordering::Relaxed);
        self.owing.store(true, Ordering::Relaxed);
    }

    /// Its answer is all there.
    pub fn end(&self) {
        if self.answering.swap(false, Ordering::Relaxed) {
            self.in_head.store(false, Ordering::Relaxed);
            self.mark();
        }
    }

    fn mark(&self) {
        self.since.store(self.passed(), Ordering::Relaxed);
    }

    /// Milliseconds since the start.
    fn passed(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Until when the caller must do something; none while it is its turn to wait.
    pub fn due(&self, timeouts: RequestTimeouts) -> Option<Instant> {
        let stalled = self.stalled.load(Ordering::Relaxed);
        let (since, wait) = match self.answering.load(Ordering::Relaxed) {
            _ if stalled != 0 => (stalled, timeouts.idle),
            true => return None,
            false => {
                let wait = match self.in_head.load(Ordering::Relaxed) {
                    true => timeouts.head,
                    false => timeouts.idle,
                };
                (self.since.load(Ordering::Relaxed), wait)
            }
        };
        Some(self.start + Duration::from_millis(since) + wait)
    }

    /// Whether the caller takes no more of its answers.
    pub fn is_stalled(&self) -> bool {
        self.stalled.load(Ordering::Relaxed) != 0
    }

    /// Whether each side waits for the other to read: a caller that writes all of a long stream
    /// before it reads an answer.
    pub fn is_stuck(&self) -> bool {
        self.answering.load(Ordering::Relaxed)
            && self.is_stalled()
            && self.stream.readable().now_or_never().is_some()
    }

    /// Takes nothing more than what has begun to come or was written already, for which the wait
    /// begins anew. The connection must be polled then.
    pub fn close(&self) {
        self.closing.fetch_max(LAST, Ordering::Relaxed);
        self.mark();
    }

    /// As [`CallerStream::close`], and waits no longer for a head to become whole. Whoever is being
    /// answered may take its time.
    pub fn cut(&self) {
        if !self.answering.load(Ordering::Relaxed) {
            self.closing.store(LATE, Ordering::Relaxed);
        }
    }

    /// Whether the next answer is the last one.
    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed) != OPEN
    }

    /// Whether it was waited too long.
    pub fn is_late(&self) -> bool {
        self.closing.load(Ordering::Relaxed) == LATE
    }

    /// Whether the daemon has stopped the sending of a caller that it waited for no longer.
    pub fn is_stopped(&self) -> bool {
        self.shut.load(Ordering::Relaxed) && self.closing.load(Ordering::Relaxed) == LAST
    }

    /// Whether no more is read than what is there.
    fn is_over(&self) -> bool {
        match self.closing.load(Ordering::Relaxed) {
            OPEN => false,
            LAST => !self.in_head.load(Ordering::Relaxed),
            _ => true,
        }
    }

    /// Whether the caller was seen to go.
    pub fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    /// Returns when nobody is there any more. A caller that has ended its sending only still is.
    pub async fn gone(&self) {
        // Comes with the end of the sending.
        let _ = self.stream.ready(Interest::PRIORITY).await;
        while let Ok(ready) = self.stream.ready(Interest::WRITABLE).await {
            if ready.is_write_closed() {
                break;
            }
            tokio::time::sleep(GONE_INTERVAL).await;
        }
        self.gone.store(true, Ordering::Relaxed);
    }

    /// Writes the last answer, as far as it is taken.
    pub async fn say(&self, bytes: &[u8]) {
        let saying = async {
            let mut left = bytes;
            while !left.is_empty() {
                self.stream.writable().await?;
                match self.stream.try_write(left) {
                    Ok(written) => left = &left[written..],
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(error) => return Err(error),
                }
            }
            io::Result::Ok(())
        };
        // Whoever does not read needs no answer.
        let _ = timeout(CLOSE_TIMEOUT, saying).await;
    }

    /// Says that this was all, and reads on for a while, up to so many bytes: a caller that is
    /// still writing when the socket closes never sees the answer.
    pub async fn hang_up(&self, max: usize) {
        let _ = shutdown(self.stream.as_fd().as_raw_fd(), Shutdown::Write);
        if self.ended.load(Ordering::Relaxed) || self.is_gone() {
            return;
        }
        let reading = async {
            let mut dropped = [0; 8192];
            let mut total = 0;
            while total <= max && self.stream.readable().await.is_ok() {
                match self.stream.try_read(&mut dropped) {
                    Ok(0) => return,
                    Ok(read) => total += read,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(_) => return,
                }
            }
        };
        let _ = timeout(CLOSE_TIMEOUT, reading).await;
    }
}

/// The connection in the hands of hyper.
pub struct HyperStream {
    caller: Arc<CallerStream>,
    /// The last that was read, at least [`MIN_KEPT`] bytes, if there were so many.
    last: Vec<u8>,
}

impl HyperStream {
    /// Nothing is read yet.
    pub fn of(caller: Arc<CallerStream>) -> Self {
        Self {
            caller,
            last: Vec::new(),
        }
    }

    /// The last that was read.
    pub fn last(&self) -> &[u8] {
        &self.last
    }

    fn keep(&mut self, read: &[u8]) {
        let read = &read[read.len().saturating_sub(MIN_KEPT)..];
        if self.last.len() + read.len() > 2 * MIN_KEPT {
            self.last.drain(..self.last.len().saturating_sub(MIN_KEPT));
        }
        self.last.extend_from_slice(read);
    }
}

impl AsyncRead for HyperStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let caller = &this.caller;
        let is_idle = !caller.answering.load(Ordering::Relaxed);
        if is_idle && caller.is_over() && !caller.shut.swap(true, Ordering::Relaxed) {
            // The caller may be gone; then this read says so. What it wrote before comes still,
            // and what it writes from now on fails at once.
            let _ = shutdown(caller.stream.as_fd().as_raw_fd(), Shutdown::Read);
        }
        loop {
            ready!(caller.stream.poll_read_ready(context))?;
            let (there, room) = (buffer.filled().len(), buffer.remaining());
            let mut read = None;
            let tried = caller.stream.try_io(Interest::READABLE, || {
                let length = caller.stream.try_read_buf(buffer)?;
                read = Some(length);
                // Less than there was room for: nothing is left, and the next read waits instead
                // of asking the kernel in vain.
                match length > 0 && length < room {
                    true => Err(io::ErrorKind::WouldBlock.into()),
                    false => Ok(()),
                }
            });
            match (read, tried) {
                (Some(0), _) => caller.ended.store(true, Ordering::Relaxed),
                (Some(_), _) => {
                    if is_idle && !caller.in_head.swap(true, Ordering::Relaxed) {
                        caller.mark();
                    }
                    this.keep(&buffer.filled()[there..]);
                }
                (None, Err(error)) if error.kind() == io::ErrorKind::WouldBlock => continue,
                (None, Err(error)) => return Poll::Ready(Err(error)),
                (None, Ok(())) => {}
            }
            return Poll::Ready(Ok(()));
        }
    }
}

impl AsyncWrite for HyperStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let caller = &self.caller;
        if !caller.owing.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(bytes.len()));
        }
        loop {
            if caller.stream.poll_write_ready(context)?.is_pending() {
                if caller.stalled.load(Ordering::Relaxed) == 0 {
                    caller
                        .stalled
                        .store(caller.passed().max(1), Ordering::Relaxed);
                }
                return Poll::Pending;
            }
            match caller.stream.try_write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => {
                    caller.stalled.store(0, Ordering::Relaxed);
                    return Poll::Ready(written);
                }
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let caller = &self.caller;
        if !caller.answering.load(Ordering::Relaxed) {
            caller.owing.store(false, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // There may be something to say yet.
        Poll::Ready(Ok(()))
    }
}
