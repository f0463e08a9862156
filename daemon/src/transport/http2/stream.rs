//! A stream that denies that it writes vectored and notes what it sees in the [`ConnectionState`].
//!
//! h2 flushes after each DATA frame that it does not copy into its buffer, and it copies up
//! to 256 bytes when the stream writes vectored but up to 1024 when not. With the bodies of
//! push messages that is one TLS record and one system call a request, or one for dozens.
//! And h2 makes text of I/O errors, in which an alert about our certificate would be lost.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::connection_state::ConnectionState;
use super::frames::HeadCounter;
use crate::transport::error::tls_cause;

/// Any stream, without its vectored writes.
pub struct UnvectoredStream<T> {
    stream: T,
    head_counter: HeadCounter,
    connection_state: Arc<ConnectionState>,
}

impl<T> UnvectoredStream<T> {
    /// Wraps a stream.
    pub fn new(stream: T) -> (Self, Arc<ConnectionState>) {
        let connection_state = Arc::new(ConnectionState::new());
        let stream = Self {
            stream,
            head_counter: HeadCounter::default(),
            connection_state: Arc::clone(&connection_state),
        };
        (stream, connection_state)
    }

    fn note<V>(&self, result: io::Result<V>) -> io::Result<V> {
        if let Err(error) = &result
            && let Some(cause) = tls_cause(error)
        {
            self.connection_state.note(cause);
        }
        result
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for UnvectoredStream<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // What is not read stays with the peer.
        if self.connection_state.is_full(cx.waker()) {
            return Poll::Pending;
        }
        let before = to.filled().len();
        let result = ready!(Pin::new(&mut self.stream).poll_read(cx, to));
        let read = &to.filled()[before..];
        if !read.is_empty() {
            let heads = self.head_counter.heads(read);
            self.connection_state.heard(heads);
        }
        Poll::Ready(self.note(result))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for UnvectoredStream<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = ready!(Pin::new(&mut self.stream).poll_write(cx, from));
        Poll::Ready(self.note(result))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = ready!(Pin::new(&mut self.stream).poll_flush(cx));
        Poll::Ready(self.note(result))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        false
    }
}
