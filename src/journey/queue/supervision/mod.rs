//! The supervisor's side: notes about agents and tickets, and states supervisors put agents into.

mod store;

use serde_json::json;

use super::{
    Queue, QueueError,
    presence::{self, Agent, BreakReason, Doing},
    ticket::Ticket,
    wire::{NoteView, Presence, QueuePush, SetPresence},
};
use crate::{
    base::{
        db::{DbError, Tx},
        id::{ObjectId, StaffId, TicketId},
    },
    registry::{
        audit::{self, Act, Actor},
        outbox::Topic,
    },
};

/// What supervisors have to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Note {
    /// An agent missed offers in a row and was sent to a break.
    MissedOffers(StaffId),
    /// Offers of a ticket came to nothing too often.
    TicketEscalated(TicketId),
    /// An agent's pages were gone too long.
    AgentLost(StaffId),
    /// A customer waits longer than the settings want.
    LongWait(TicketId),
    /// A customer who asked to be called back did not come.
    NotReached(TicketId),
}

impl Note {
    fn columns(self) -> (&'static str, Option<StaffId>, Option<TicketId>) {
        match self {
            Self::MissedOffers(agent) => ("missed_offers", Some(agent), None),
            Self::TicketEscalated(ticket) => ("ticket_escalated", None, Some(ticket)),
            Self::AgentLost(agent) => ("agent_lost", Some(agent), None),
            Self::LongWait(ticket) => ("long_wait", None, Some(ticket)),
            Self::NotReached(ticket) => ("not_reached", None, Some(ticket)),
        }
    }
}

impl Queue {
    /// Files a note with the change that gave rise to it.
    pub(super) async fn take_note(&self, tx: &mut Tx, note: Note) -> Result<(), DbError> {
        let (kind, agent, ticket) = note.columns();
        let ambient = &self.parts().ambient;
        store::insert(tx, ambient.id::<ObjectId>(), ambient.now(), kind, (agent, ticket)).await?;
        self.news().notes_changed = true;
        Ok(())
    }

    /// What an offer that came to nothing has to be told of.
    pub(super) async fn note_returned(&self, tx: &mut Tx, (before, after): (&Ticket, &Ticket), agent: &Agent) -> Result<(), DbError> {
        if before.escalated_at.is_none() && after.escalated_at.is_some() {
            self.take_note(tx, Note::TicketEscalated(after.id)).await?;
        }
        if (agent.doing == Doing::Break { reason: BreakReason::Missed }) && agent.misses == 0 {
            self.take_note(tx, Note::MissedOffers(agent.id)).await?;
        }
        Ok(())
    }

    /// Notes nobody has seen yet, oldest first.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn notes(&self) -> Result<Vec<NoteView>, DbError> {
        store::unseen(&self.parts().db).await
    }

    /// A supervisor has seen a note. Seeing it twice is seeing it once.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn see_note(&self, note: ObjectId, by: StaffId) -> Result<(), DbError> {
        let mut tx = self.parts().db.begin().await?;
        store::see(&mut tx, note, by, self.now()).await?;
        tx.commit().await?;
        self.send_notes().await
    }

    /// Tells every console how many notes wait.
    pub(super) async fn send_notes(&self) -> Result<(), DbError> {
        let unseen = u32::try_from(self.notes().await?.len()).unwrap_or(u32::MAX);
        self.parts().hub.publish_json(Topic::Console, &QueuePush::NotesChanged { unseen });
        Ok(())
    }

    /// Puts an agent into a state, whatever lies on the desk: an offer goes back into the line, a ring ends. A call is never
    /// taken away.
    ///
    /// # Errors
    /// [`QueueError::AgentBusy`] in a call, [`QueueError::BadReason`].
    pub async fn force_presence(&self, agent: StaffId, wanted: &SetPresence, by: StaffId) -> Result<(), QueueError> {
        let command = match wanted.presence {
            Presence::Ready => presence::Command::GoReady,
            Presence::Offline => presence::Command::GoOffline,
            Presence::Break => presence::Command::TakeBreak(BreakReason::Supervisor),
            Presence::Offered | Presence::InCall | Presence::WrapUp => return Err(QueueError::BadReason),
        };
        let stands = super::store::agent(&self.parts().db, agent, self.now()).await?;
        if matches!(stands.doing, Doing::InCall { .. }) {
            return Err(QueueError::AgentBusy);
        }
        if matches!(stands.doing, Doing::Offered { .. } | Doing::Ringing { .. }) && command != presence::Command::GoReady {
            self.change_presence(agent, presence::Command::GoOffline).await?;
        }
        if !(command == presence::Command::GoReady && matches!(stands.doing, Doing::Offered { .. } | Doing::Ringing { .. })) {
            self.change_presence(agent, command).await?;
        }
        let mut tx = self.parts().db.begin().await?;
        let detail = json!({ "staff": agent, "presence": wanted.presence });
        audit::write(&mut tx, &self.parts().ambient, Act { actor: Actor::Staff(by), act: "queue.presence_forced", dossier: None, purpose: None, detail })
            .await?;
        tx.commit().await?;
        Ok(())
    }
}
