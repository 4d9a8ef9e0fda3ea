//! Whose pages are open, here and at the other servers of the house.
//!
//! Alone, a server knows by itself. Several servers on one database write down whose pages they hold and, every two seconds, that
//! they are alive; what a server that fell silent had written counts as gone since it was last heard of. An agent with one page here
//! and one there is one agent.

mod store;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::Duration;

use super::Queue;
use crate::base::{
    Timestamp,
    db::DbError,
    id::{DossierId, Id, StaffId},
};

/// How often a server says that it is alive, and looks at the others.
const BEAT: Duration = Duration::seconds(1);
/// A server that was silent for longer is dead.
const SILENCE: Duration = Duration::seconds(5);

/// Whose pages are open here, who is at other servers, and since when those of the rest are gone.
#[derive(Default)]
pub(super) struct People {
    pub(super) customers: HashSet<DossierId>,
    pub(super) staff: HashSet<StaffId>,
    pub(super) customers_gone: HashMap<DossierId, Timestamp>,
    pub(super) staff_gone: HashMap<StaffId, Timestamp>,
    /// Who has a page open at another server.
    elsewhere: HashSet<String>,
    /// What the other servers know of pages open here.
    written: BTreeSet<String>,
    /// What pages of agents were told last.
    desks: HashMap<StaffId, i64>,
    looked_at: Option<Timestamp>,
}

fn customer_key(dossier: DossierId) -> String {
    format!("c{}", dossier.uuid().simple())
}

fn staff_key(staff: StaffId) -> String {
    format!("s{}", staff.uuid().simple())
}

impl People {
    fn has_customer(&self, dossier: DossierId) -> bool {
        self.customers.contains(&dossier) || self.elsewhere.contains(&customer_key(dossier))
    }

    fn has_staff(&self, staff: StaffId) -> bool {
        self.staff.contains(&staff) || self.elsewhere.contains(&staff_key(staff))
    }
}

impl Queue {
    /// The first live page of a customer opened here, or the last one closed. A waiting place outlives the page for the grace
    /// period of the settings.
    pub fn customer_online(&self, dossier: DossierId, is_online: bool) {
        let now = self.now();
        let mut people = self.people();
        if is_online {
            people.customers.insert(dossier);
            people.customers_gone.remove(&dossier);
        } else if people.customers.remove(&dossier) && !people.has_customer(dossier) {
            people.customers_gone.insert(dossier, now);
        }
    }

    /// Whether a customer's page is open anywhere.
    pub fn is_customer_online(&self, dossier: DossierId) -> bool {
        self.people().has_customer(dossier)
    }

    /// The first live page of an agent opened here, or the last one closed.
    pub fn staff_online(&self, staff: StaffId, is_online: bool) {
        let now = self.now();
        let mut people = self.people();
        if is_online {
            people.staff.insert(staff);
            people.staff_gone.remove(&staff);
        } else if people.staff.remove(&staff) && !people.has_staff(staff) {
            people.staff_gone.insert(staff, now);
        }
    }

    /// Whether an agent's page is open anywhere.
    pub fn is_staff_online(&self, staff: StaffId) -> bool {
        self.people().has_staff(staff)
    }

    /// A customer who stands in line again without an open page has the grace period to come back.
    pub(super) fn await_customer(&self, dossier: DossierId) {
        let now = self.now();
        let mut people = self.people();
        if !people.has_customer(dossier) {
            people.customers_gone.insert(dossier, now);
        }
    }

    /// An agent who is to be here without an open page has the grace period to open one.
    pub(super) fn await_staff(&self, staff: StaffId) {
        let now = self.now();
        let mut people = self.people();
        if !people.has_staff(staff) {
            people.staff_gone.insert(staff, now);
        }
    }

    /// Before the first customer: what the process before this one wrote is not true any more.
    pub(super) async fn forget_pages(&self) -> Result<(), DbError> {
        let Some(node) = &self.parts().node else { return Ok(()) };
        let mut tx = self.parts().db.begin().await?;
        store::forget(&mut tx, node).await?;
        store::beat(&mut tx, node, self.now()).await?;
        tx.commit().await?;
        self.people().written.clear();
        self.look_at_others(node, self.now()).await
    }

    /// Tells the other servers whose pages are open here, and hears from them. Does nothing alone.
    pub(super) async fn keep_pages(&self) -> Result<(), DbError> {
        let Some(node) = &self.parts().node else { return Ok(()) };
        let now = self.now();
        self.write_pages(node).await?;
        let is_time = self.people().looked_at.is_none_or(|at| now - at >= BEAT || at > now);
        if is_time {
            self.people().looked_at = Some(now);
            let mut tx = self.parts().db.begin().await?;
            store::beat(&mut tx, node, now).await?;
            tx.commit().await?;
            self.look_at_others(node, now).await?;
            self.tell_changed_desks().await?;
        }
        Ok(())
    }

    async fn write_pages(&self, node: &str) -> Result<(), DbError> {
        let (now, before) = {
            let people = self.people();
            let customers = people.customers.iter().map(|dossier| customer_key(*dossier));
            let now: BTreeSet<String> = customers.chain(people.staff.iter().map(|staff| staff_key(*staff))).collect();
            (now, people.written.clone())
        };
        if now == before {
            return Ok(());
        }
        let mut tx = self.parts().db.begin().await?;
        for who in now.difference(&before) {
            store::open(&mut tx, node, who).await?;
        }
        for who in before.difference(&now) {
            store::close(&mut tx, node, who).await?;
        }
        tx.commit().await?;
        self.people().written = now;
        Ok(())
    }

    /// Who is at other servers now, and since when those are gone who were at one that died.
    async fn look_at_others(&self, node: &str, now: Timestamp) -> Result<(), DbError> {
        let db = &self.parts().db;
        let seen: BTreeMap<String, Timestamp> = store::elsewhere(db, node).await?;
        let agents = super::store::agents_here(db).await?;
        let line = super::store::line(db).await?;
        let mut people = self.people();
        people.elsewhere = seen.iter().filter(|(_, alive_at)| **alive_at > now - SILENCE).map(|(who, _)| who.clone()).collect();
        let gone_since = |key: &str| seen.get(key).copied().unwrap_or(now).min(now);
        for agent in agents {
            if people.has_staff(agent.id) {
                people.staff_gone.remove(&agent.id);
            } else {
                people.staff_gone.entry(agent.id).or_insert_with(|| gone_since(&staff_key(agent.id)));
            }
        }
        for ticket in line {
            if people.has_customer(ticket.dossier) {
                people.customers_gone.remove(&ticket.dossier);
            } else {
                people.customers_gone.entry(ticket.dossier).or_insert_with(|| gone_since(&customer_key(ticket.dossier)));
            }
        }
        Ok(())
    }

    /// What another server changed on the desk of an agent whose page is open here, and whose hint did not come: told from SQL.
    async fn tell_changed_desks(&self) -> Result<(), DbError> {
        let agents = super::store::agents_known(&self.parts().db).await?;
        let changed: Vec<StaffId> = {
            let mut people = self.people();
            let here: Vec<_> = agents.into_iter().filter(|agent| people.staff.contains(&agent.id)).collect();
            here.into_iter().filter(|agent| people.desks.insert(agent.id, agent.epoch).is_none_or(|told| told != agent.epoch)).map(|agent| agent.id).collect()
        };
        for agent in changed {
            self.push_desk(agent).await?;
        }
        Ok(())
    }
}
