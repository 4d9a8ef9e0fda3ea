//! The rehearsal of a call: before it, a page finds out whether camera, microphone, light and the ways to the media server
//! will do.
//!
//! The ways are measured for real: the page builds a connection to the very media server of the calls, over UDP alone, over
//! TCP alone and through a relay alone, and an [`Echo`] answers on a data channel. What the page found is filed, goes with
//! the next call of the file and is shown to its agent. It is the customer's own measurement: a hint, never evidence.

use std::time::Duration;

use super::{CallError, Calls, store};
use crate::{
    base::{
        Timestamp,
        db::{DbError, Tx},
        id::{CallId, DossierId, RehearsalId},
    },
    engine::{
        sfu::{Ear, Join, JoinError, Listener, Packet, Reply, Report, Said, Tape},
        turn::IceServer,
    },
};

mod report;

pub use report::{CameraState, LightState, MediaRoute, MicrophoneState, Rehearsal, RehearsalView, RouteResult};

/// Echoes at once; each takes a seat of the media server for at most [`ECHO_SECONDS`].
pub(super) const ECHOES: usize = 40;
/// How long an echo answers.
const ECHO_SECONDS: u64 = 20;
/// Bytes an echo hears before it falls silent: what a page needs to know its uplink, no more.
const ECHO_BYTES: usize = 4 * 1024 * 1024;
/// So much of a message comes back: a number and a time, enough to know the message by.
const ECHOED: usize = 16;

/// Answers on data channels with the beginning of what it heard.
struct Echo {
    left: usize,
}

impl Listener for Echo {
    fn hear(&mut self, said: &Said<'_>) -> Reply {
        let Some(left) = self.left.checked_sub(said.bytes.len()) else { return Reply::Nothing };
        self.left = left;
        Reply::Bytes(said.bytes[..said.bytes.len().min(ECHOED)].to_vec())
    }
}

/// Nothing of a rehearsal is recorded.
struct Nowhere;

impl Tape for Nowhere {
    fn packet(&mut self, _: &Packet) {}
    fn report(&mut self, _: &Report) {}
    fn is_broken(&self) -> bool {
        false
    }
}

impl Calls {
    /// Relays a page may try in a rehearsal.
    pub fn rehearsal_servers(&self) -> Vec<IceServer> {
        self.turn.ice_servers(self.ambient.now(), &format!("rehearsal-{}", hex::encode(self.ambient.bytes::<8>())))
    }

    /// Answers the offer of a rehearsal: a connection with nothing but data channels, on which an echo answers for a while.
    ///
    /// # Errors
    /// [`CallError::BadOffer`] for an offer with sound or pictures, [`CallError::NoMedia`] when too many rehearse.
    pub async fn rehearse(&self, offer: String) -> Result<String, CallError> {
        if ["m=audio ", "m=video "].iter().any(|kind| offer.contains(kind)) {
            return Err(CallError::BadOffer);
        }
        let permit = std::sync::Arc::clone(&self.echoes).try_acquire_owned().map_err(|_| CallError::NoMedia)?;
        let room = u128::from_be_bytes(self.ambient.bytes::<16>());
        let ear: Ear = Box::new(Echo { left: ECHO_BYTES });
        let answer = self.sfu.join(Join { room, seat: 0, offer, tap: Some(Box::new(Nowhere)), ear: Some(ear) }).await;
        let answer = answer.map_err(|error| if error == JoinError::BadOffer { CallError::BadOffer } else { CallError::NoMedia })?;
        let sfu = self.sfu.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(ECHO_SECONDS)).await;
            sfu.close(room);
            drop(permit);
        });
        Ok(answer)
    }

    /// Files what a rehearsal found, in place of an earlier one that no call followed.
    ///
    /// # Errors
    /// [`CallError::BadRehearsal`] for numbers that cannot be; the database's.
    pub async fn file_rehearsal(&self, dossier: DossierId, found: &Rehearsal) -> Result<(), CallError> {
        if !found.is_plausible() {
            return Err(CallError::BadRehearsal);
        }
        let text = serde_json::to_string(found).expect("a rehearsal serialises");
        let mut tx = self.db.begin().await?;
        store::put_rehearsal(&mut tx, self.ambient.id::<RehearsalId>(), dossier, &text, self.ambient.now()).await?;
        Ok(tx.commit().await?)
    }

    /// The newest rehearsal of a file.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn rehearsal_of(&self, dossier: DossierId) -> Result<Option<RehearsalView>, DbError> {
        Ok(store::last_rehearsal(&self.db, dossier).await?.map(RehearsalView::of))
    }

    /// The rehearsal that led to a call.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn rehearsal_before(&self, call: CallId) -> Result<Option<RehearsalView>, DbError> {
        Ok(store::rehearsal_of_call(&self.db, call).await?.map(RehearsalView::of))
    }

    pub(super) async fn take_rehearsal(tx: &mut Tx, dossier: DossierId, call: CallId) -> Result<(), DbError> {
        store::take_rehearsal(tx, dossier, call).await
    }
}

impl RehearsalView {
    fn of((found, at): (Rehearsal, Timestamp)) -> Self {
        Self { at, found }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_says_little_and_falls_silent() {
        let mut echo = Echo { left: 1_200 };
        let said = |bytes: &'static [u8]| Said { label: "echo", is_text: false, bytes };
        assert_eq!(echo.hear(&said(&[7; 1_000])), Reply::Bytes(vec![7; 16]));
        assert_eq!(echo.hear(&said(&[8; 4])), Reply::Bytes(vec![8; 4]));
        assert_eq!(echo.hear(&said(&[9; 1_000])), Reply::Nothing, "its bytes are used up");
        assert_eq!(echo.hear(&said(&[])), Reply::Bytes(vec![]));
    }
}
