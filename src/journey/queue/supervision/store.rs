//! SQL of notes for supervisors.

use crate::{
    base::{
        Timestamp,
        db::{Db, DbError, Tx},
        id::{ObjectId, StaffId, TicketId},
    },
    journey::queue::wire::NoteView,
};

const INSERT: &str = "insert into queue_notes (id, at, kind, agent_id, ticket_id) values ($1, $2, $3, $4, $5)";
const UNSEEN: &str = "select n.id, n.at, n.kind, n.agent_id, s.display_name, n.ticket_id, t.dossier_id from queue_notes n left join staff s on s.id = n.agent_id left join tickets t on t.id = n.ticket_id where n.seen_at is null order by n.at, n.id limit 200";
const SEE: &str = "update queue_notes set seen_at = $2, seen_by = $3 where id = $1 and seen_at is null";

pub(super) async fn insert(tx: &mut Tx, id: ObjectId, at: Timestamp, kind: &str, (agent, ticket): (Option<StaffId>, Option<TicketId>)) -> Result<(), DbError> {
    tx.execute(INSERT, &[id.into(), at.into(), kind.into(), agent.into(), ticket.into()]).await.map(drop)
}

pub(super) async fn unseen(db: &Db) -> Result<Vec<NoteView>, DbError> {
    let rows = db.rows(UNSEEN, &[]).await?;
    rows.iter()
        .map(|row| {
            Ok(NoteView {
                id: row.id("id")?,
                at: row.time("at")?,
                kind: row.text("kind")?,
                agent_id: row.id_opt("agent_id")?,
                agent_name: row.text_opt("display_name")?,
                dossier_id: row.id_opt("dossier_id")?,
            })
        })
        .collect()
}

pub(super) async fn see(tx: &mut Tx, note: ObjectId, by: StaffId, now: Timestamp) -> Result<(), DbError> {
    tx.execute(SEE, &[note.into(), now.into(), by.into()]).await.map(drop)
}
