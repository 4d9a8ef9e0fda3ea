//! What goes out of the house while a customer is rung: a letter with the link that opens the ring, and at the end of a callback
//! nobody came to the letter that says how to go on. Jobs of the `work` role.

use serde::{Deserialize, Serialize};

use super::{LINK, Ring, browsers, store};
use crate::{
    base::{
        Ambient, Pii,
        db::{Db, DbError},
        id::{DossierId, Id, ObjectId, TicketId},
        link::{self, LinkKey},
        words::Words,
    },
    engine::notify::{
        Kind, Letterhead, Message, NotifyError,
        push::{Notification, PushError, WebPush},
    },
    journey::queue::{store as tickets, ticket::CallbackWay},
    registry::{
        dossier::{self, Dossier},
        letters::Letters,
        outbox::jobs::{Handler, Job, JobError},
    },
};

/// Kind of the job that reaches out to a customer.
pub const REACH_CUSTOMER: &str = "reach_customer";

/// What is to be done.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::journey::queue) enum Due {
    /// Write to the customer who is being rung.
    Letter(ObjectId),
    /// Write to the customer who was rung in vain.
    GaveUp(TicketId),
    /// Wake a browser of the customer who is being rung.
    Wake {
        /// Which ring.
        ring: ObjectId,
        /// Which browser.
        browser: ObjectId,
    },
}

/// Reaches out to customers.
pub struct ReachCustomer {
    /// Clock and randomness.
    pub ambient: Ambient,
    /// The database.
    pub db: Db,
    /// What all letters have in common.
    pub head: Letterhead,
    /// Signs the links that open a ring.
    pub link_key: LinkKey,
    /// The way out.
    pub letters: Letters,
    /// The way to push services, if the house wakes browsers.
    pub push: Option<WebPush>,
}

#[async_trait::async_trait]
impl Handler for ReachCustomer {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let due: Due = serde_json::from_str(&job.payload).map_err(|_| JobError::Hopeless("the job names nobody".to_owned()))?;
        let message = match &due {
            Due::Letter(ring) => self.ring_letter(*ring).await?,
            Due::GaveUp(ticket) => self.last_letter(*ticket).await?,
            Due::Wake { ring, browser } => return self.wake(*ring, *browser).await,
        };
        if let Some((file, message)) = message {
            self.letters.send(file, &message).await.map_err(|error| match error {
                NotifyError::Again(_) => JobError::Again(error.to_string()),
                NotifyError::BadAddress | NotifyError::Refused(_) => JobError::Hopeless(error.to_string()),
            })?;
        }
        self.forget_address(&due).await
    }

    async fn give_up(&self, job: &Job) -> Result<(), DbError> {
        let Ok(due) = serde_json::from_str::<Due>(&job.payload) else { return Ok(()) };
        self.forget_address(&due).await.or(Ok(()))
    }
}

impl ReachCustomer {
    /// An address that was given for one callback is not kept after its last letter.
    async fn forget_address(&self, due: &Due) -> Result<(), JobError> {
        if let Due::GaveUp(ticket) = due {
            let mut tx = self.db.begin().await?;
            tickets::keep_address(&mut tx, *ticket, None, self.ambient.now()).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// The letter of a ring that still rings.
    async fn ring_letter(&self, ring: ObjectId) -> Result<Option<(DossierId, Message)>, DbError> {
        let Some(ring) = store::ringing(&self.db, ring).await?.filter(|ring| self.ambient.now() < ring.until) else { return Ok(None) };
        let Some(file) = dossier::find(&self.db, ring.dossier).await? else { return Ok(None) };
        let to = match ring.ticket {
            Some(ticket) if ring.booking.is_none() => self.chosen(ticket).await?,
            _ => address(&file),
        };
        let url = self.link_of(&ring);
        Ok(to.map(|to| (file.id, self.written("ring", &format!("ring-{}", ring.id), &file, (to, &url, &ring.agent_name)))))
    }

    /// Wakes one browser while it still rings; a browser that is gone is forgotten.
    async fn wake(&self, ring: ObjectId, browser: ObjectId) -> Result<(), JobError> {
        let now = self.ambient.now();
        let Some(push) = &self.push else { return Ok(()) };
        let Some(ring) = store::ringing(&self.db, ring).await?.filter(|ring| now < ring.until) else { return Ok(()) };
        let Some(file) = dossier::find(&self.db, ring.dossier).await? else { return Ok(()) };
        let Some(to) = store::browser(&self.db, browser).await? else { return Ok(()) };
        let words = Words::of(&file.locale);
        let values = [("house", self.head.house.as_str()), ("agent", ring.agent_name.as_str())];
        let body = browsers::body(&words.say("letter.wake.title", &values), &words.say("letter.wake.text", &values), &self.link_of(&ring), ring.id);
        let lives = (ring.until - now).to_std().unwrap_or_default();
        let topic = ring.id.uuid().simple().to_string();
        match push.send(&to, &Notification { body, lives, topic }).await {
            Ok(()) => Ok(()),
            Err(PushError::Gone) => Ok(store::forget_browser(&self.db, browser).await?),
            Err(PushError::Other(error @ NotifyError::Again(_))) => Err(JobError::Again(error.to_string())),
            Err(PushError::Other(error)) => Err(JobError::Hopeless(error.to_string())),
        }
    }

    async fn last_letter(&self, ticket: TicketId) -> Result<Option<(DossierId, Message)>, DbError> {
        let Some(known) = tickets::ticket(&self.db, ticket).await? else { return Ok(None) };
        let Some(file) = dossier::find(&self.db, known.dossier).await? else { return Ok(None) };
        let to = self.chosen(ticket).await?.or_else(|| address(&file));
        Ok(to.map(|to| (file.id, self.written("not_reached", &format!("not-reached-{ticket}"), &file, (to, &self.head.home, "")))))
    }

    /// The link that opens a ring on any device.
    fn link_of(&self, ring: &Ring) -> String {
        format!("{}/#/ring/{}", self.head.home, link::token(&self.link_key, LINK, ring.id, &ring.link_nonce))
    }

    /// Where the customer of a ticket wanted to be written to.
    async fn chosen(&self, ticket: TicketId) -> Result<Option<(Kind, Pii<String>)>, DbError> {
        let kind = match tickets::ticket(&self.db, ticket).await?.and_then(|ticket| ticket.callback) {
            Some(CallbackWay::Sms) => Kind::Sms,
            Some(CallbackWay::Email) => Kind::Email,
            Some(CallbackWay::Page | CallbackWay::Appointment) | None => return Ok(None),
        };
        Ok(tickets::address(&self.db, ticket).await?.map(|to| (kind, to)))
    }

    fn written(&self, group: &str, name: &str, file: &Dossier, (to, url, agent): ((Kind, Pii<String>), &str, &str)) -> Message {
        let (kind, to) = to;
        let words = Words::of(&file.locale);
        let values = [("house", self.head.house.as_str()), ("agent", agent), ("reference", file.reference.as_str()), ("url", url)];
        let say = |part: &str| words.say(&format!("letter.{group}.{part}"), &values);
        let subject = if kind == Kind::Email { say("subject") } else { String::new() };
        let text = Pii::new(say(if kind == Kind::Email { "text" } else { "sms" }));
        Message { kind, name: name.to_owned(), to, subject, text, invite: None, at: self.ambient.now() }
    }
}

/// Where the customer of a file is written to: by e-mail if there is an address, else as a text message.
pub fn address(file: &Dossier) -> Option<(Kind, Pii<String>)> {
    let filled = |value: &Option<Pii<String>>| value.clone().filter(|value| !value.expose().is_empty());
    filled(&file.email).map(|to| (Kind::Email, to)).or_else(|| filled(&file.phone).map(|to| (Kind::Sms, to)))
}
