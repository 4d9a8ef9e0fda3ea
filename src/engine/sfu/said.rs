//! What participants say on data channels (RFC 8831), and who hears it. What it means is the caller's business.

/// Channels of one participant; those beyond are not listened to.
pub(super) const CHANNELS: usize = 4;
/// Longest message that is handed on, in bytes: what every browser can send in one piece.
pub(super) const MESSAGE: usize = 64 * 1024;

/// One message of a participant.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// The label of the channel.
    pub label: &'a str,
    /// Said as text.
    pub is_text: bool,
    /// What.
    pub bytes: &'a [u8],
}

/// What is answered on the same channel at once. An answer that finds no room in the channel is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Nothing.
    Nothing,
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// Hears what one participant says. Called on the media thread: must not block.
pub trait Listener: Send {
    /// Takes a message.
    fn hear(&mut self, said: &Said<'_>) -> Reply;
}

/// Somebody who listens to one participant.
pub type Ear = Box<dyn Listener>;
