//! What agents can do, as filed by supervisors. What follows from it stands in [`routing`](super::routing).

mod store;

use std::collections::BTreeMap;

use serde_json::json;

use super::{
    Queue, QueueError,
    engine::Change,
    matching::ready_again,
    presence::Agent,
    routing::{Skills, is_coded},
    wire::{AgentView, CatalogueView, ProductView, SkillsView},
};
use crate::{
    base::{
        db::{DbError, Tx},
        id::StaffId,
    },
    registry::audit::{self, Act, Actor},
};

pub(super) use store::{of, of_all};

impl Queue {
    /// What these agents do now and what they can.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn agents(&self, members: Vec<(StaffId, String)>) -> Result<Vec<AgentView>, DbError> {
        let (db, now) = (&self.parts().db, self.now());
        let mut skills = of_all(db).await?;
        let mut known: BTreeMap<StaffId, Agent> = super::store::agents_known(db).await?.into_iter().map(|agent| (agent.id, agent)).collect();
        let view = |(id, name): (StaffId, String)| {
            let agent = known.remove(&id).unwrap_or_else(|| Agent::unseen(id, now));
            let skills = skills.remove(&id).unwrap_or_default();
            AgentView {
                agent_id: id,
                name,
                presence: super::desk::presence_view(agent.doing),
                since: agent.since,
                reason: super::desk::reason_view(agent.doing),
                skills: SkillsView { languages: skills.languages, products: skills.products },
                is_online: self.is_staff_online(id),
            }
        };
        Ok(members.into_iter().map(view).collect())
    }

    /// What everybody can do for whom something is filed.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn skills_in(tx: &mut Tx) -> Result<BTreeMap<StaffId, Skills>, DbError> {
        store::of_all_in(tx).await
    }

    /// The languages and products skills can be filed for.
    pub fn catalogue(&self) -> CatalogueView {
        let settings = &self.parts().settings;
        CatalogueView {
            languages: settings.languages.clone(),
            products: settings.products.iter().map(|product| ProductView { name: product.name.clone(), tier: product.tier }).collect(),
        }
    }

    /// Files what an agent can do instead of what was filed before; a ready agent is routed by it at once.
    ///
    /// # Errors
    /// [`QueueError::BadReason`] for a skill or level that makes no sense.
    pub async fn set_skills(&self, agent: StaffId, skills: &SkillsView, by: StaffId) -> Result<(), QueueError> {
        let all = skills.languages.iter().chain(&skills.products);
        if all.clone().count() > 100 || all.clone().any(|(name, level)| !is_coded(name) || !(1..=9).contains(level)) {
            return Err(QueueError::BadReason);
        }
        let filed = Skills { languages: skills.languages.clone(), products: skills.products.clone() };
        let mut tx = self.parts().db.begin().await?;
        store::replace(&mut tx, agent, &filed).await?;
        let detail = json!({ "staff": agent, "languages": filed.languages, "products": filed.products });
        let act = Act { actor: Actor::Staff(by), act: "queue.skills_filed", dossier: None, purpose: None, detail };
        audit::write(&mut tx, &self.parts().ambient, act).await?;
        tx.commit().await?;
        let stands = super::store::agent(&self.parts().db, agent, self.now()).await?;
        if let Some(ready) = ready_again(&stands) {
            self.tell([Change::Away(agent), ready]).await;
        }
        self.changed([agent], []);
        Ok(())
    }
}
