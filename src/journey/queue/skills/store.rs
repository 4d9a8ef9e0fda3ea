//! SQL of skills.

use std::collections::BTreeMap;

use crate::{
    base::{
        db::{Db, DbError, Row, Tx},
        id::StaffId,
    },
    journey::queue::routing::Skills,
};

const OF: &str = "select * from agent_skills where staff_id = $1";
const OF_ALL: &str = "select * from agent_skills";
const FORGET: &str = "delete from agent_skills where staff_id = $1";
const FILE: &str = "insert into agent_skills (staff_id, kind, name, level) values ($1, $2, $3, $4)";

/// What one agent can do.
pub(in crate::journey::queue) async fn of(db: &Db, agent: StaffId) -> Result<Skills, DbError> {
    let mut skills = Skills::default();
    for row in db.rows(OF, &[agent.into()]).await? {
        read(&row, &mut skills)?;
    }
    Ok(skills)
}

/// What everybody can do for whom something is filed.
pub(in crate::journey::queue) async fn of_all(db: &Db) -> Result<BTreeMap<StaffId, Skills>, DbError> {
    gathered(&db.rows(OF_ALL, &[]).await?)
}

/// [`of_all`] within a transaction.
pub(super) async fn of_all_in(tx: &mut Tx) -> Result<BTreeMap<StaffId, Skills>, DbError> {
    gathered(&tx.rows(OF_ALL, &[]).await?)
}

fn gathered(rows: &[Row]) -> Result<BTreeMap<StaffId, Skills>, DbError> {
    let mut all: BTreeMap<StaffId, Skills> = BTreeMap::new();
    for row in rows {
        read(row, all.entry(row.id("staff_id")?).or_default())?;
    }
    Ok(all)
}

pub(super) async fn replace(tx: &mut Tx, agent: StaffId, skills: &Skills) -> Result<(), DbError> {
    tx.execute(FORGET, &[agent.into()]).await?;
    for (kind, filed) in [("language", &skills.languages), ("product", &skills.products)] {
        for (name, level) in filed {
            tx.execute(FILE, &[agent.into(), kind.into(), name.into(), (*level).into()]).await?;
        }
    }
    Ok(())
}

fn read(row: &Row, skills: &mut Skills) -> Result<(), DbError> {
    let filed = if row.text("kind")? == "language" { &mut skills.languages } else { &mut skills.products };
    filed.insert(row.text("name")?, u32::try_from(row.int("level")?).unwrap_or(0));
    Ok(())
}
