//! A stream that denies that it writes vectored and remembers why TLS ended.
//!
//! h2 flushes after each DATA frame that it does not copy into its buffer, and it copies up
//! to 256 bytes when the stream writes vectored but up to 1024 when not. With the bodies of
//! push messages that is one TLS record and one system call a request, or one for dozens.
//! And h2 makes text of I/O errors, in which an alert about our certificate would be lost.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::transport::error::tls_cause;

/// Any stream, without its vectored writes.
pub struct Plain<T> {
    stream: T,
    ending: Ending,
}

/// Why TLS ended, if it did so with an error.
#[derive(Clone, Default)]
pub struct Ending(Arc<OnceLock<rustls::Error>>);

impl Ending {
    /// The error.
    pub fn cause(&self) -> Option<rustls::Error> {
        self.0.get().cloned()
    }

    fn note<V>(&self, result: io::Result<V>) -> io::Result<V> {
        if let Err(error) = &result
            && let Some(cause) = tls_cause(error)
        {
            // The first error is the cause of the others.
            let _ = self.0.set(cause);
        }
        result
    }
}

impl<T> Plain<T> {
    /// Wraps a stream.
    pub fn new(stream: T) -> (Self, Ending) {
        let ending = Ending::default();
        (
            Self {
                stream,
                ending: ending.clone(),
            },
            ending,
        )
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Plain<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let result = ready!(Pin::new(&mut self.stream).poll_read(cx, to));
        Poll::Ready(self.ending.note(result))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Plain<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = ready!(Pin::new(&mut self.stream).poll_write(cx, from));
        Poll::Ready(self.ending.note(result))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = ready!(Pin::new(&mut self.stream).poll_flush(cx));
        Poll::Ready(self.ending.note(result))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        false
    }
}
