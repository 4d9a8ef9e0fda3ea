//! What agents can do, as filed by supervisors. What follows from it stands in [`routing`](super::routing).

mod store;

use serde_json::json;

use super::{
    Queue, QueueError,
    engine::Change,
    matching::ready_again,
    presence::Agent,
    routing::{Skills, is_coded},
    wire::{AgentView, SkillsView},
};
use crate::{
    base::{db::DbError, id::StaffId},
    registry::audit::{self, Act, Actor},
};

pub(super) use store::{of, of_all};

impl Queue {
    /// Everybody who ever was on duty here or has skills, with what they do now and what they can.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn agents(&self) -> Result<Vec<AgentView>, DbError> {
        let db = &self.parts().db;
        let mut skills = of_all(db).await?;
        let agents = super::store::agents_known(db).await?;
        let mut seen: Vec<AgentView> = Vec::new();
        for agent in agents {
            seen.push(self.agent_view(&agent, skills.remove(&agent.id).unwrap_or_default()));
        }
        for (id, skills) in skills {
            seen.push(self.agent_view(&Agent::unseen(id, self.now()), skills));
        }
        Ok(seen)
    }

    fn agent_view(&self, agent: &Agent, skills: Skills) -> AgentView {
        AgentView {
            agent_id: agent.id,
            presence: super::desk::presence_view(agent.doing),
            since: agent.since,
            reason: super::desk::reason_view(agent.doing),
            skills: SkillsView { languages: skills.languages, products: skills.products },
            is_online: self.people().staff.contains(&agent.id),
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
