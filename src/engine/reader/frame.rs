//! The words between the server and a reader child: length-prefixed frames on standard input and output.
//!
//! ```text
//! u32 LE length of head | u32 LE length of body | head (JSON) | body (a picture)
//! ```

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Inspection, Measures, Problem, ReaderError};
use crate::engine::document::{DocumentKind, Reading, Side};

/// Most bytes of a picture in either direction.
pub(super) const MOST_BODY: usize = 64 * 1024 * 1024;
const MOST_HEAD: usize = 1024 * 1024;

/// What a child is asked to do with the picture in the body.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) task: Task,
    /// What it is said to be; `None`: to be found out.
    pub(super) kind: Option<DocumentKind>,
    pub(super) side: Option<Side>,
    pub(super) today: chrono::NaiveDate,
}

/// Judge, read, or both at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Task {
    Look,
    Read,
    Inspect,
}

/// What a child says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub(super) enum Answer {
    /// Once, after start: tesseract is loaded and these walls stand.
    Ready { walls: Vec<String> },
    /// The body is the upright picture.
    Looked { width: u32, height: u32, measures: Measures, problems: Vec<Problem>, accepted: bool },
    /// What was read; the body is the portrait when it has a place.
    Read { reading: Reading, portrait: Option<[f32; 4]> },
    /// What it is, how good, and what was read.
    Inspected { inspection: Inspection },
    /// The picture could not be used.
    Failed { error: ReaderError },
}

/// Sends a frame from the child.
pub(super) fn send<T: Serialize>(to: &mut impl Write, head: &T, body: &[u8]) -> io::Result<()> {
    let head = serde_json::to_vec(head)?;
    to.write_all(&lengths(head.len(), body.len())?)?;
    to.write_all(&head)?;
    to.write_all(body)?;
    to.flush()
}

/// Waits for a frame in the child; `None` when the server has closed its end.
pub(super) fn receive<T: for<'a> Deserialize<'a>>(from: &mut impl Read) -> io::Result<Option<(T, Vec<u8>)>> {
    let mut prefix = [0; 8];
    match from.read_exact(&mut prefix) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let (head, body) = sizes(prefix)?;
    let mut bytes = vec![0; head + body];
    from.read_exact(&mut bytes)?;
    let body = bytes.split_off(head);
    Ok(Some((serde_json::from_slice(&bytes)?, body)))
}

/// Sends a frame from the server.
pub(super) async fn send_async<T: Serialize>(to: &mut (impl AsyncWrite + Unpin), head: &T, body: &[u8]) -> io::Result<()> {
    let head = serde_json::to_vec(head)?;
    to.write_all(&lengths(head.len(), body.len())?).await?;
    to.write_all(&head).await?;
    to.write_all(body).await?;
    to.flush().await
}

/// Waits for a frame in the server; the end of the stream is an error.
pub(super) async fn receive_async<T: for<'a> Deserialize<'a>>(from: &mut (impl AsyncRead + Unpin)) -> io::Result<(T, Vec<u8>)> {
    let mut prefix = [0; 8];
    from.read_exact(&mut prefix).await?;
    let (head, body) = sizes(prefix)?;
    let mut bytes = vec![0; head + body];
    from.read_exact(&mut bytes).await?;
    let body = bytes.split_off(head);
    Ok((serde_json::from_slice(&bytes)?, body))
}

fn lengths(head: usize, body: usize) -> io::Result<[u8; 8]> {
    let (head, body) = (u32::try_from(head), u32::try_from(body));
    let (Ok(head), Ok(body)) = (head, body) else { return Err(io::ErrorKind::InvalidInput.into()) };
    let mut prefix = [0; 8];
    prefix[..4].copy_from_slice(&head.to_le_bytes());
    prefix[4..].copy_from_slice(&body.to_le_bytes());
    Ok(prefix)
}

fn sizes([a, b, c, d, e, f, g, h]: [u8; 8]) -> io::Result<(usize, usize)> {
    let (head, body) = (u32::from_le_bytes([a, b, c, d]) as usize, u32::from_le_bytes([e, f, g, h]) as usize);
    if head > MOST_HEAD || body > MOST_BODY { Err(io::ErrorKind::InvalidData.into()) } else { Ok((head, body)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_arrives_as_it_was_sent() {
        let mut wire = Vec::new();
        send(&mut wire, &Answer::Failed { error: ReaderError::Damaged }, b"body").unwrap();
        let mut from = wire.as_slice();
        let (answer, body) = receive::<Answer>(&mut from).unwrap().unwrap();
        assert!(matches!(answer, Answer::Failed { error: ReaderError::Damaged }));
        assert_eq!(body, b"body");
        assert!(receive::<Answer>(&mut from).unwrap().is_none(), "a closed pipe is the end");
    }

    #[test]
    fn an_absurd_length_is_refused_before_memory_is_taken() {
        let mut from = [0xff; 8].as_slice();
        assert!(receive::<Answer>(&mut from).is_err());
    }
}
