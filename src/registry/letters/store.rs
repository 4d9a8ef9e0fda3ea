//! SQL of what became of letters.

use super::State;
use crate::base::{
    Timestamp,
    db::{Db, DbError, Tx},
    id::DossierId,
};

const BEGIN: &str = "insert into letters (name, dossier_id, way, state, changed_at) values ($1, $2, $3, 'handing', $4) \
    on conflict (name) do update set state = 'handing', changed_at = excluded.changed_at where letters.state = 'refused'";
const FIND: &str = "select dossier_id, way from letters where name = $1";
const TURN: &str = "update letters set state = $2, changed_at = $3 where name = $1 and state in ($4, $5, $6)";

/// Files that a message is being handed over, unless it was already.
pub(super) async fn begin(db: &Db, name: &str, file: DossierId, way: &str, at: Timestamp) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    tx.execute(BEGIN, &[name.into(), file.into(), way.into(), at.into()]).await?;
    tx.commit().await
}

/// The customer file and the way of a message.
pub(super) async fn find(tx: &mut Tx, name: &str) -> Result<Option<(DossierId, String)>, DbError> {
    tx.row(FIND, &[name.into()]).await?.map(|row| Ok((row.id("dossier_id")?, row.text("way")?))).transpose()
}

/// Whether the state was new.
pub(super) async fn turn(tx: &mut Tx, name: &str, state: State, at: Timestamp) -> Result<bool, DbError> {
    let before = |n: usize| state.after().get(n).or(state.after().last()).map_or("", |state| state.name());
    Ok(tx.execute(TURN, &[name.into(), state.name().into(), at.into(), before(0).into(), before(1).into(), before(2).into()]).await? == 1)
}
