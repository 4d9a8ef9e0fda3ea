//! Browsers a customer allowed to be woken: when a ring begins, each is sent a notification; one whose push service says it is gone
//! is forgotten.

use super::{Ring, reach, store};
use crate::{
    base::{
        Pii,
        db::{DbError, Tx},
        id::{DossierId, ObjectId},
    },
    engine::notify::push::{self, Subscription},
    journey::queue::{
        Queue, QueueError,
        wire::{PushKeyView, Subscribe},
    },
    registry::outbox,
};

/// So many browsers of one customer are kept; the oldest makes room.
const MOST: i64 = 5;

impl Queue {
    /// What a browser needs to let itself be woken; none when the house wakes nobody.
    pub fn push_key(&self) -> PushKeyView {
        PushKeyView { public_key: self.parts().push.as_ref().map(|push| push.public_key.clone()) }
    }

    /// A browser of the customer lets itself be woken. The same browser twice is once.
    ///
    /// # Errors
    /// [`QueueError::BadAddress`] for a push service that is not one of the settings', or keys that are none.
    pub async fn subscribe(&self, dossier: DossierId, wanted: &Subscribe) -> Result<(), QueueError> {
        let browser = Subscription { endpoint: wanted.endpoint.clone(), p256dh: wanted.p256dh.clone(), auth: wanted.auth.clone() };
        let is_usable = self.parts().push.as_ref().is_some_and(|chosen| push::is_usable(&browser, &chosen.hosts));
        if !is_usable {
            return Err(QueueError::BadAddress);
        }
        let mut tx = self.parts().db.begin().await?;
        store::keep_browser(&mut tx, self.parts().ambient.id(), dossier, &browser, self.now()).await?;
        store::forget_oldest(&mut tx, dossier, MOST).await?;
        Ok(tx.commit().await?)
    }

    /// A browser of the customer does not want to be woken any more.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn unsubscribe(&self, dossier: DossierId, endpoint: &Pii<String>) -> Result<(), DbError> {
        let mut tx = self.parts().db.begin().await?;
        store::forget_endpoint(&mut tx, dossier, endpoint.expose()).await?;
        tx.commit().await
    }

    /// Files a notification for every browser of the customer who is rung.
    pub(super) async fn wake(&self, tx: &mut Tx, ring: &Ring) -> Result<(), DbError> {
        for browser in store::browsers_of(tx, ring.dossier).await? {
            let due = reach::Due::Wake { ring: ring.id, browser };
            outbox::job(tx, &self.parts().ambient, reach::REACH_CUSTOMER, &format!("wake:{}:{browser}", ring.id), &due).await?;
        }
        Ok(())
    }
}

/// What the service worker is told. `web-client/public/sw.js` reads it.
pub(super) fn body(title: &str, text: &str, url: &str, ring: ObjectId) -> Pii<String> {
    Pii::new(serde_json::json!({ "type": "ring", "ring_id": ring, "title": title, "text": text, "url": url }).to_string())
}
