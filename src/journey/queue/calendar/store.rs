//! SQL of the opening hours supervisors set.

use super::{Closure, Own, Week};
use crate::base::{
    Timestamp,
    db::{Db, DbError, Tx},
    id::StaffId,
};

/// The one site of a house.
const SITE: &str = "main";

const FIND: &str = "select version, week, closures from site_hours where site = $1";
const FIRST: &str = "insert into site_hours (site, version, week, closures, changed_at, changed_by) values ($1, 1, $2, $3, $4, $5) on conflict do nothing";
const NEXT: &str = "update site_hours set version = version + 1, week = $3, closures = $4, changed_at = $5, changed_by = $6 where site = $1 and version = $2";

pub(super) async fn find(db: &Db) -> Result<Option<Own>, DbError> {
    let Some(row) = db.row(FIND, &[SITE.into()]).await? else { return Ok(None) };
    let week: Week = serde_json::from_str(&row.text("week")?).unwrap_or_default();
    let closures: Vec<Closure> = serde_json::from_str(&row.text("closures")?).unwrap_or_default();
    Ok(Some(Own { version: row.int("version")?, week, closures }))
}

pub(super) async fn set(tx: &mut Tx, version: i64, (week, closures): (&Week, &[Closure]), (by, now): (StaffId, Timestamp)) -> Result<bool, DbError> {
    let week = serde_json::to_string(week).expect("a week serialises");
    let closures = serde_json::to_string(closures).expect("days serialise");
    let changed = if version == 0 {
        tx.execute(FIRST, &[SITE.into(), (&week).into(), (&closures).into(), now.into(), by.into()]).await?
    } else {
        tx.execute(NEXT, &[SITE.into(), version.into(), (&week).into(), (&closures).into(), now.into(), by.into()]).await?
    };
    Ok(changed == 1)
}
