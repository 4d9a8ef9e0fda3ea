//! A picture on its way over a data channel: announced, sent in pieces, complete. Pure.
//!
//! ```text
//! page                                    server
//! still {id, size, sha256} ────────────→
//!        ←──────────────────── go_on {id, from}      0, or where an earlier channel broke off
//! (offset, bytes) … ───────────────────→
//!        ←──────────────────── got {id, bytes}       every 64 KiB: the page keeps 256 KiB under way at most
//!        ←──────────────────── done {id}             whole and its hash is right; or refused {id, code}
//! ```

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::base::id::StillId;

/// The label of the data channel.
pub const LABEL: &str = "still";
/// The page is told how much came at least so often, in bytes.
const TOLD_EVERY: usize = 64 * 1024;

/// What a page says on the channel, as text. Binary messages are an offset (4 bytes, big-endian) and the bytes from there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[ts(export, export_to = "wire.ts")]
pub enum StillOffer {
    /// This picture is coming.
    Still {
        /// The one that was asked for.
        id: StillId,
        /// Bytes.
        size: u32,
        /// SHA-256 of all bytes, hex.
        sha256: String,
    },
}

/// What the server says on the channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(export, export_to = "wire.ts")]
pub enum StillAnswer {
    /// Send from this byte on.
    GoOn {
        /// Which.
        id: StillId,
        /// First byte that is missing.
        from: u32,
    },
    /// So much has come.
    Got {
        /// Which.
        id: StillId,
        /// Bytes without a gap.
        bytes: u32,
    },
    /// All of it came, and its hash is the announced one.
    Done {
        /// Which.
        id: StillId,
    },
    /// It is not taken this way.
    Refused {
        /// Which; `None` when none is asked for.
        id: Option<StillId>,
        /// `not_asked`, `too_large`, `malformed`, `out_of_place`, `wrong_hash`, `unavailable`.
        code: String,
    },
}

/// The picture that is asked for, as far as it has come.
#[derive(Debug)]
pub(in crate::journey::call) struct Transfer {
    id: StillId,
    most: usize,
    announced: Option<(usize, String)>,
    bytes: Vec<u8>,
    told: usize,
}

/// What a message makes of a transfer.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::journey::call) enum Step {
    /// Nothing to say.
    Quiet,
    /// To be answered.
    Say(StillAnswer),
    /// All bytes are there; their hash must be this one.
    Whole(Vec<u8>, String),
}

impl Transfer {
    /// A transfer of the picture that was asked for, of `most` bytes at most.
    pub(in crate::journey::call) fn of(id: StillId, most: usize) -> Self {
        Self { id, most, announced: None, bytes: Vec::new(), told: 0 }
    }

    /// Which picture.
    pub(in crate::journey::call) fn id(&self) -> StillId {
        self.id
    }

    /// How much has come, of how much.
    pub(in crate::journey::call) fn progress(&self) -> Option<(usize, usize)> {
        self.announced.as_ref().map(|(size, _)| (self.bytes.len(), *size))
    }

    /// Takes a text of the page. The same picture announced again goes on where it broke off; another begins anew.
    pub(in crate::journey::call) fn text(&mut self, text: &[u8]) -> Step {
        let Ok(StillOffer::Still { id, size, sha256 }) = serde_json::from_slice::<StillOffer>(text) else { return self.refuse("malformed") };
        let size = size as usize;
        if id != self.id {
            return Step::Say(StillAnswer::Refused { id: Some(id), code: "not_asked".to_owned() });
        }
        if size > self.most {
            return self.refuse("too_large");
        }
        if size == 0 || sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)) {
            return self.refuse("malformed");
        }
        if self.announced.as_ref() != Some(&(size, sha256.clone())) {
            self.bytes = Vec::new();
            self.announced = Some((size, sha256));
        }
        self.told = self.bytes.len();
        Step::Say(StillAnswer::GoOn { id: self.id, from: count(self.bytes.len()) })
    }

    /// Takes a piece.
    pub(in crate::journey::call) fn piece(&mut self, message: &[u8]) -> Step {
        let Some((size, _)) = &self.announced else { return self.refuse("not_asked") };
        let Some((offset, bytes)) = message.split_first_chunk::<4>() else { return self.refuse("malformed") };
        if u32::from_be_bytes(*offset) as usize != self.bytes.len() {
            return self.refuse("out_of_place");
        }
        if bytes.is_empty() || self.bytes.len() + bytes.len() > *size {
            return self.refuse("too_large");
        }
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() == *size {
            let sha256 = self.announced.take().map(|(_, sha256)| sha256).unwrap_or_default();
            return Step::Whole(std::mem::take(&mut self.bytes), sha256);
        }
        if self.bytes.len() - self.told < TOLD_EVERY {
            return Step::Quiet;
        }
        self.told = self.bytes.len();
        Step::Say(StillAnswer::Got { id: self.id, bytes: count(self.bytes.len()) })
    }

    /// Forgets what came of it.
    fn refuse(&mut self, code: &str) -> Step {
        (self.announced, self.bytes) = (None, Vec::new());
        Step::Say(StillAnswer::Refused { id: Some(self.id), code: code.to_owned() })
    }
}

fn count(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Ambient;

    const HASH: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    fn announce(id: StillId, size: usize, sha256: &str) -> Vec<u8> {
        serde_json::json!({ "type": "still", "id": id, "size": size, "sha256": sha256 }).to_string().into_bytes()
    }

    fn piece(offset: usize, bytes: &[u8]) -> Vec<u8> {
        [&count(offset).to_be_bytes(), bytes].concat()
    }

    fn code(step: Step) -> String {
        match step {
            Step::Say(StillAnswer::Refused { code, .. }) => code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_picture_comes_in_pieces_and_its_sender_is_told_how_far() {
        let id: StillId = Ambient::system().id();
        let picture: Vec<u8> = (0..200_000_u32).map(|i| i.to_be_bytes()[3]).collect();
        let mut transfer = Transfer::of(id, 1_000_000);
        assert_eq!(transfer.text(&announce(id, picture.len(), HASH)), Step::Say(StillAnswer::GoOn { id, from: 0 }));
        let mut told = Vec::new();
        for (at, part) in picture.chunks(16_000).enumerate() {
            match transfer.piece(&piece(at * 16_000, part)) {
                Step::Quiet => {}
                Step::Say(StillAnswer::Got { bytes, .. }) => told.push(bytes),
                Step::Whole(bytes, sha256) => assert_eq!((&bytes, sha256.as_str()), (&picture, HASH)),
                other @ Step::Say(_) => panic!("{other:?}"),
            }
        }
        assert_eq!(told, [80_000, 160_000]);
        assert_eq!(code(transfer.piece(&piece(0, b"more"))), "not_asked", "nothing is under way any more");
    }

    #[test]
    fn what_broke_off_goes_on_where_it_was() {
        let id: StillId = Ambient::system().id();
        let mut transfer = Transfer::of(id, 1_000);
        transfer.text(&announce(id, 10, HASH));
        assert_eq!(transfer.piece(&piece(0, b"01234")), Step::Quiet);
        assert_eq!(transfer.text(&announce(id, 10, HASH)), Step::Say(StillAnswer::GoOn { id, from: 5 }));
        assert_eq!(transfer.progress(), Some((5, 10)));
        assert_eq!(transfer.piece(&piece(5, b"56789")), Step::Whole(b"0123456789".to_vec(), HASH.to_owned()));
        transfer.text(&announce(id, 10, HASH));
        transfer.piece(&piece(0, b"01234"));
        assert_eq!(transfer.text(&announce(id, 11, HASH)), Step::Say(StillAnswer::GoOn { id, from: 0 }), "another picture begins anew");
    }

    #[test]
    fn hostile_messages_are_refused_and_keep_nothing() {
        let ambient = Ambient::system();
        let (id, other): (StillId, StillId) = (ambient.id(), ambient.id());
        let mut transfer = Transfer::of(id, 1_000);
        assert_eq!(code(transfer.piece(&piece(0, b"unasked"))), "not_asked");
        assert_eq!(code(transfer.text(&announce(other, 10, HASH))), "not_asked");
        assert_eq!(code(transfer.text(&announce(id, 1_001, HASH))), "too_large");
        assert_eq!(code(transfer.text(&announce(id, usize::MAX, HASH))), "malformed");
        for wrong in ["", "zz", &HASH.to_uppercase(), &HASH[1..]] {
            assert_eq!(code(transfer.text(&announce(id, 10, wrong))), "malformed");
        }
        for text in [&b"{}"[..], b"", b"\xff", b"[1]", br#"{"type":"still"}"#] {
            assert_eq!(code(transfer.text(text)), "malformed");
        }
        assert_eq!(code(transfer.text(&announce(id, 0, HASH))), "malformed");
        let wrong_pieces: [(Vec<u8>, &str); 5] = [
            (b"abc".to_vec(), "malformed"),
            (piece(0, b""), "too_large"),
            (piece(0, b"12345678901"), "too_large"),
            (piece(3, b"x"), "out_of_place"),
            (piece(usize::MAX, b"x"), "out_of_place"),
        ];
        for (message, why) in wrong_pieces {
            transfer.text(&announce(id, 10, HASH));
            assert_eq!(code(transfer.piece(&message)), why);
            assert_eq!(transfer.progress(), None, "{why}: nothing of it is kept");
        }
    }
}
