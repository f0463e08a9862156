//! A caller that costs little, as it shares the machine with what is measured: one
//! connection, whole requests as bytes, no parsing.

use std::io;
use std::path::Path;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

/// A connection to the daemon.
#[derive(Debug)]
pub(crate) struct Caller {
    stream: UnixStream,
    answer: BytesMut,
}

impl Caller {
    pub(crate) async fn connect(socket: &Path) -> io::Result<Caller> {
        Ok(Caller {
            stream: UnixStream::connect(socket).await?,
            answer: BytesMut::with_capacity(4096),
        })
    }

    /// Sends a whole request; its whole answer.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> io::Result<Bytes> {
        self.stream.write_all(request).await?;
        loop {
            if let Some(length) = whole(&self.answer) {
                return Ok(self.answer.split_to(length).freeze());
            }
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// Length of the first answer, once all of it is there: head, and as much of a body as the
/// head says.
fn whole(buffer: &[u8]) -> Option<usize> {
    const LENGTH: &[u8] = b"content-length: ";
    let head = buffer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let at = buffer[..head]
        .windows(LENGTH.len())
        .position(|it| it.eq_ignore_ascii_case(LENGTH))?;
    let digits = buffer[at + LENGTH.len()..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit());
    let body = digits.fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'));
    (buffer.len() >= head + body).then_some(head + body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_once_its_body_is_there() {
        let answer = b"HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\ndate: x\r\n\r\nhello";

        assert_eq!(whole(&answer[..answer.len() - 1]), None);
        assert_eq!(whole(&answer[..20]), None);
        assert_eq!(whole(answer), Some(answer.len()));
        assert_eq!(whole(&[&answer[..], b"HTTP"].concat()), Some(answer.len()));
    }
}
