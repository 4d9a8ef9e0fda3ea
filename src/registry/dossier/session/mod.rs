//! Browsers that may act for one customer file. Several per file: a second device may take over.

mod store;

use chrono::Duration;

use crate::base::{
    Ambient, Timestamp,
    ambient::secret_digest,
    db::{Db, DbError, Tx},
    id::{DossierId, SessionId},
};

const LIFE: Duration = Duration::days(30);

/// Begins a session: its secret token (filed only as a digest) and when it ends.
///
/// # Errors
/// Only the database's own.
pub async fn begin(tx: &mut Tx, ambient: &Ambient, dossier: DossierId) -> Result<(String, Timestamp), DbError> {
    let (now, token) = (ambient.now(), ambient.secret());
    let expires_at = now + LIFE;
    store::insert(tx, ambient.id::<SessionId>(), dossier, &secret_digest(&token), now, expires_at).await?;
    Ok((token, expires_at))
}

/// The file a token may act for, and which browser it is.
///
/// # Errors
/// Only the database's own.
pub async fn dossier_of(db: &Db, token: &str, now: Timestamp) -> Result<Option<(DossierId, SessionId)>, DbError> {
    store::dossier_of(db, &secret_digest(token), now).await
}

/// Ends every session of a file.
///
/// # Errors
/// Only the database's own.
pub async fn end_all(tx: &mut Tx, dossier: DossierId) -> Result<(), DbError> {
    store::delete(tx, dossier).await
}
