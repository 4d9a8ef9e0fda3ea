//! News from later steps: a call ended, a decision was made. Each may arrive twice.

use serde_json::json;

use super::{
    Queue, QueueError,
    matching::ready_again,
    presence::{self, Doing},
    settings, store,
    ticket::{Command, Standing, Ticket},
};
use crate::{
    base::{
        db::{DbError, Tx},
        id::{CallId, DossierId, StaffId, TicketId},
    },
    registry::{
        audit::Actor,
        dossier::{self, AdvanceError, Dossier, State, Step},
        outbox::{Consumer, DomainEvent},
    },
};

#[async_trait::async_trait]
impl Consumer for Queue {
    async fn consume(&self, event: &DomainEvent) -> Result<(), DbError> {
        let done = match *event {
            DomainEvent::CallEnded { call, ticket, agent, requeue, .. } => self.call_ended(call, ticket, agent, requeue).await,
            DomainEvent::DossierDecided { dossier, agent } => self.decided(dossier, agent).await,
            DomainEvent::TicketLeft { .. } | DomainEvent::BookingKept { .. } | DomainEvent::ChecksMeasured { .. } | DomainEvent::RecordingSealed { .. } => {
                Ok(())
            }
        };
        match done {
            Err(QueueError::Db(error) | QueueError::File(AdvanceError::Db(error))) => Err(error),
            Err(QueueError::ChangedMeanwhile | QueueError::File(AdvanceError::Conflict)) => self.consume_again(event).await,
            Err(error) => {
                tracing::error!(error = %error, "queue: an event does not fit");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }
}

impl Queue {
    /// Somebody changed the same rows in between: the event is taken once more from what stands now.
    async fn consume_again(&self, event: &DomainEvent) -> Result<(), DbError> {
        tokio::task::yield_now().await;
        self.consume(event).await
    }

    /// Frees the agent; ends the ticket, or puts it before everybody else when the customer lost the call without fault.
    async fn call_ended(&self, call: CallId, ticket: TicketId, agent: StaffId, requeue: bool) -> Result<(), QueueError> {
        let now = self.now();
        let mut tx = self.parts().db.begin().await?;
        let ended = self.end_ticket(&mut tx, call, ticket, requeue).await?;
        let before = store::agent_in(&mut tx, agent, now).await?;
        let mut changes = Vec::new();
        if matches!(before.doing, Doing::InCall { call: running, .. } if running == call) {
            let command = presence::Command::EndCall {
                call,
                is_here: self.is_staff_online(agent),
                wrap_up_until: now + settings::seconds(self.parts().settings.wrap_up_seconds),
            };
            changes.extend(ready_again(&self.step_agent(&mut tx, agent, command).await?));
        }
        if let Some((returned, file)) = ended.as_ref().filter(|(after, _)| after.standing == Standing::Waiting) {
            let detail = json!({ "ticket": ticket, "call": call });
            dossier::advance(&mut tx, &self.parts().ambient, file, Step::Requeue, Actor::System, detail).await?;
            changes.insert(0, self.waits(returned, None));
            self.await_customer(file.id);
        }
        tx.commit().await?;
        self.tell(changes).await;
        self.changed([agent], [ticket]);
        Ok(())
    }

    /// Ends or requeues the ticket of a call; how it stands then, with its file. None when that already happened.
    async fn end_ticket(&self, tx: &mut Tx, call: CallId, ticket: TicketId, requeue: bool) -> Result<Option<(Ticket, Dossier)>, QueueError> {
        let now = self.now();
        let Some(before) = store::ticket_in(tx, ticket).await? else { return Ok(None) };
        if !matches!(before.standing, Standing::Accepted { call: running, .. } if running == call) {
            return Ok(None);
        }
        let file = dossier::find_in(tx, before.dossier).await?.ok_or(QueueError::Unknown)?;
        let command = if requeue && file.state == State::InCall { Command::Requeue { call } } else { Command::End { call } };
        let after = before.after(command, now).map_err(|_| QueueError::ChangedMeanwhile)?;
        if !store::update_ticket(tx, &before, &after).await? {
            return Err(QueueError::ChangedMeanwhile);
        }
        Ok(Some((after, file)))
    }

    /// The decision is made: wrap-up ends early.
    async fn decided(&self, dossier: DossierId, agent: StaffId) -> Result<(), QueueError> {
        let mut tx = self.parts().db.begin().await?;
        let before = store::agent_in(&mut tx, agent, self.now()).await?;
        if before.after(presence::Command::Decide(dossier), self.now()).is_err() {
            drop(tx);
            self.changed([agent], []);
            return Ok(());
        }
        let after = self.step_agent(&mut tx, agent, presence::Command::Decide(dossier)).await?;
        tx.commit().await?;
        self.tell(ready_again(&after)).await;
        self.changed([agent], []);
        Ok(())
    }
}
