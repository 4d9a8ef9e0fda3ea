//! What open pages are told: places in line, desks, depth. Gathered for a moment and sent once; a page that missed it
//! reads the state again.

use std::{collections::HashMap, sync::PoisonError};

use super::{
    News, Queue,
    line::view,
    presence::Agent,
    store,
    ticket::Ticket,
    wire::{DeskView, QueuePush, TicketView},
};
use crate::{
    base::{
        Timestamp,
        db::DbError,
        id::{DossierId, StaffId, TicketId},
    },
    registry::outbox::Topic,
};

/// What pages were told last.
#[derive(Default)]
pub(super) struct Told {
    tickets: HashMap<TicketId, TicketView>,
    depth: Option<(u32, Option<Timestamp>, u32)>,
}

impl Queue {
    /// Sends what changed since the last publication.
    ///
    /// # Errors
    /// The database's; what was to be told stays to be told.
    pub(super) async fn publish(&self) -> Result<(), DbError> {
        let news = std::mem::take(&mut *self.news());
        let sent = self.send(&news).await;
        if sent.is_err() {
            let mut kept = self.news();
            kept.line_changed |= news.line_changed;
            kept.notes_changed |= news.notes_changed;
            kept.desks.extend(&news.desks);
            kept.tickets.extend(&news.tickets);
        }
        sent
    }

    async fn send(&self, news: &News) -> Result<(), DbError> {
        for agent in &news.desks {
            self.push_desk(*agent).await?;
        }
        if news.notes_changed {
            self.send_notes().await?;
        }
        if news.line_changed {
            self.send_line().await?;
        }
        for ticket in &news.tickets {
            if let Some(ticket) = store::ticket(&self.parts().db, *ticket).await?
                && !ticket.standing.is_in_line()
            {
                let dossier = ticket.dossier;
                self.send_ticket(dossier, self.view(&ticket).await?);
                self.told().tickets.remove(&ticket.id);
            }
        }
        Ok(())
    }

    /// Tells the pages of an agent what lies on the desk.
    pub(super) async fn push_desk(&self, agent: StaffId) -> Result<(), DbError> {
        let desk = self.desk(agent).await?;
        self.parts().hub.publish_json(Topic::Staff(agent), &QueuePush::DeskChanged { desk });
        Ok(())
    }

    /// The same with an offer that was just laid there.
    pub(super) async fn push_offer(&self, agent: &Agent, offered: &Ticket) -> Result<(), DbError> {
        let db = &self.parts().db;
        let (depth, offer, undecided_dossier_id) = tokio::try_join!(store::depth(db), self.offer_view(offered), store::undecided_of(db, agent.id))?;
        let desk = DeskView { offer, undecided_dossier_id, ..Self::bare_desk(agent, depth) };
        self.parts().hub.publish_json(Topic::Staff(desk.agent_id), &QueuePush::DeskChanged { desk });
        Ok(())
    }

    async fn send_line(&self) -> Result<(), DbError> {
        let db = &self.parts().db;
        let depth = store::depth(db).await?;
        let now = (depth.waiting, depth.oldest_since, depth.ready);
        if self.told().depth.replace(now) != Some(now) {
            let message = QueuePush::QueueChanged { waiting: depth.waiting, oldest_since: depth.oldest_since, ready_agents: depth.ready };
            self.parts().hub.publish_json(Topic::Console, &message);
        }
        let mut outlook = self.outlook().await?;
        let mut lowered = Vec::new();
        let mut in_line = HashMap::new();
        for (position, ticket) in (1..).zip(store::line(db).await?) {
            let range = self.shown(&ticket, &outlook);
            outlook.pass(self.lane_of(&ticket));
            if ticket.shown != Some(range) {
                lowered.push((ticket.id, range));
            }
            let view = view(&ticket, position, depth.on_duty > 0, range, (&self.parts().settings, self.now()));
            let is_known = self.told().tickets.get(&ticket.id) == Some(&view);
            if !is_known {
                self.send_ticket(ticket.dossier, view.clone());
            }
            in_line.insert(ticket.id, view);
        }
        self.told().tickets = in_line;
        store::set_shown(db, &lowered).await
    }

    fn send_ticket(&self, dossier: DossierId, ticket: TicketView) {
        self.parts().hub.publish_json(Topic::Customer(dossier), &QueuePush::TicketChanged { ticket });
    }

    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.0.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
