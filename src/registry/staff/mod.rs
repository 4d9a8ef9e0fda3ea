//! Who works here: people, roles, sign-in, sessions.
//!
//! Passwords are filed as Argon2id hashes, session tokens as digests. Sign-in counts its tries before it looks at the
//! password and takes the same time for a name that does not exist. Knows nothing of cookies or statuses: the front
//! door turns [`Signed`] into what a request may do. Start reading at [`Staff::sign_in`].

mod password;
mod role;
mod store;

pub use role::Role;

use std::{net::IpAddr, sync::Arc};

use chrono::Duration;
use serde::{Deserialize, Serialize};

use crate::{
    base::{
        Ambient, Pii, Timestamp,
        ambient::secret_digest,
        db::{Db, DbError},
        id::{ObjectId, SessionId, StaffId},
    },
    registry::audit::{self, Act, Actor},
};

/// Section `staff`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Minutes without a request after which a session ends.
    pub session_idle_minutes: u32,
    /// Hours after which a session ends in any case.
    pub session_hours: u32,
    /// Wrong passwords for one name from one address within the window.
    pub tries_per_name_and_address: u32,
    /// Wrong passwords for one name, and from one address, within the window.
    pub tries_per_name_or_address: u32,
    /// Length of that window in minutes.
    pub tries_window_minutes: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { session_idle_minutes: 60, session_hours: 10, tries_per_name_and_address: 5, tries_per_name_or_address: 20, tries_window_minutes: 15 }
    }
}

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Who.
    pub id: StaffId,
    /// Through which session.
    pub session: SessionId,
    /// As shown to customers and colleagues.
    pub display_name: String,
    /// What they may do.
    pub roles: Vec<Role>,
}

impl Signed {
    /// Whether they have one of `roles`.
    pub fn has_any(&self, roles: &[Role]) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }
}

/// A session just opened.
pub struct Opened {
    /// Its secret; filed only as a digest.
    pub token: String,
    /// When it ends in any case.
    pub expires_at: Timestamp,
    /// Whose it is.
    pub signed: Signed,
}

/// Why a sign-in was refused.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Name or password is wrong; which one stays open.
    #[error("name or password is wrong")]
    Wrong,
    /// Too many tries.
    #[error("too many tries")]
    Limited {
        /// Seconds until the next try counts.
        retry_after: u64,
    },
    /// Too many people at once.
    #[error("too many people are signing in at once")]
    Overloaded,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Somebody to be added.
#[derive(Debug, Clone)]
pub struct NewStaff {
    /// Sign-in name: 2 to 40 of `a-z 0-9 . _ -`.
    pub name: String,
    /// As shown to customers and colleagues.
    pub display_name: String,
    /// At least 12 characters.
    pub password: Pii<String>,
    /// At least one.
    pub roles: Vec<Role>,
    /// Languages spoken, `en`, `vi`.
    pub languages: Vec<String>,
}

/// Why nobody was added.
#[derive(Debug, thiserror::Error)]
pub enum AddStaffError {
    /// The sign-in name is in use.
    #[error("there is already somebody with this sign-in name")]
    NameTaken,
    /// The name is none.
    #[error("a sign-in name is 2 to 40 of a-z, 0-9, '.', '_', '-', and the display name 1 to 80 characters")]
    BadName,
    /// The password is too short or too long.
    #[error("a password has 12 to 128 characters")]
    WeakPassword,
    /// No role.
    #[error("at least one role is needed")]
    NoRole,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// A member of staff as lists show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Id.
    pub id: StaffId,
    /// Sign-in name.
    pub name: String,
    /// As shown to customers and colleagues.
    pub display_name: String,
    /// What they may do.
    pub roles: Vec<Role>,
    /// Languages spoken.
    pub languages: Vec<String>,
}

/// The door of the room. Cheap to clone.
#[derive(Clone)]
pub struct Staff {
    db: Db,
    ambient: Ambient,
    settings: Arc<Settings>,
    passwords: password::Passwords,
}

impl Staff {
    /// The room over a database.
    pub fn new(db: Db, ambient: Ambient, settings: Settings) -> Self {
        Self { db, ambient, settings: Arc::new(settings), passwords: password::Passwords::new() }
    }

    /// Opens a session for whoever knows the password.
    ///
    /// # Errors
    /// See [`SignInError`].
    pub async fn sign_in(&self, name: &str, password: &Pii<String>, address: IpAddr) -> Result<Opened, SignInError> {
        let name = name.trim().to_lowercase();
        let buckets = Buckets::of(&name, address);
        self.count_try(&buckets).await?;
        let known = store::by_name(&self.db, &name).await?;
        let is_right = self.passwords.verify(password, known.as_ref().map(|found| found.password_hash.clone())).await?;
        match known {
            Some(found) if is_right && !found.is_disabled => Ok(self.open(found.member, &buckets).await?),
            found => {
                let detail = serde_json::json!({ "staff": found.map(|found| found.member.id) });
                let mut tx = self.db.begin().await?;
                audit::write(&mut tx, &self.ambient, Act { actor: Actor::System, act: "staff.sign_in_refused", dossier: None, purpose: None, detail }).await?;
                tx.commit().await?;
                Err(SignInError::Wrong)
            }
        }
    }

    /// Counts the try before the password is looked at, so that many at once cannot slip through.
    async fn count_try(&self, buckets: &Buckets) -> Result<(), SignInError> {
        let now = self.ambient.now();
        let since = now - Duration::minutes(i64::from(self.settings.tries_window_minutes));
        let mut tx = self.db.begin().await?;
        store::forget_tries_before(&mut tx, since).await?;
        for (bucket, most) in buckets.limits(&self.settings) {
            let tries = store::tries(&mut tx, bucket).await?;
            if let Some(first) = tries.len().checked_sub(most).and_then(|over| tries.get(over)) {
                let wait = (*first - since).num_seconds().max(1);
                return Err(SignInError::Limited { retry_after: u64::try_from(wait).unwrap_or(1) });
            }
            store::add_try(&mut tx, self.ambient.id::<ObjectId>(), bucket, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn open(&self, member: Member, buckets: &Buckets) -> Result<Opened, DbError> {
        let (now, token, session) = (self.ambient.now(), self.ambient.secret(), self.ambient.id::<SessionId>());
        let expires_at = now + Duration::hours(i64::from(self.settings.session_hours));
        let mut tx = self.db.begin().await?;
        for bucket in buckets.forgiven() {
            store::forget_tries_of(&mut tx, bucket).await?;
        }
        store::insert_session(&mut tx, session, member.id, &secret_digest(&token), now, expires_at).await?;
        let act = Act { actor: Actor::Staff(member.id), act: "staff.signed_in", dossier: None, purpose: None, detail: serde_json::json!({}) };
        audit::write(&mut tx, &self.ambient, act).await?;
        tx.commit().await?;
        let signed = Signed { id: member.id, session, display_name: member.display_name, roles: member.roles };
        Ok(Opened { token, expires_at, signed })
    }

    /// Whoever the token belongs to, if the session still lives. Using it keeps it alive.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn by_token(&self, token: &str) -> Result<Option<Signed>, DbError> {
        let (now, idle_since) = self.window();
        let Some((signed, seen_at)) = store::session_by_digest(&self.db, &secret_digest(token), now, idle_since).await? else {
            return Ok(None);
        };
        self.touch(signed.session, seen_at, now).await?;
        Ok(Some(signed))
    }

    /// Whether a session still lives; asking keeps it alive. An open live socket asks every few minutes.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn keep_alive(&self, session: SessionId) -> Result<bool, DbError> {
        let (now, idle_since) = self.window();
        let Some(seen_at) = store::session_seen_at(&self.db, session, now, idle_since).await? else { return Ok(false) };
        self.touch(session, seen_at, now).await?;
        Ok(true)
    }

    fn window(&self) -> (Timestamp, Timestamp) {
        let now = self.ambient.now();
        (now, now - Duration::minutes(i64::from(self.settings.session_idle_minutes)))
    }

    /// Written at most once a minute per session.
    async fn touch(&self, session: SessionId, seen_at: Timestamp, now: Timestamp) -> Result<(), DbError> {
        if now - seen_at < Duration::minutes(1) {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        store::touch_session(&mut tx, session, now).await?;
        tx.commit().await
    }

    /// Ends the session of a token; a token that is no session's is no error.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn sign_out(&self, token: &str) -> Result<(), DbError> {
        let mut tx = self.db.begin().await?;
        if let Some(staff) = store::end_session(&mut tx, &secret_digest(token), self.ambient.now()).await? {
            let act = Act { actor: Actor::Staff(staff), act: "staff.signed_out", dossier: None, purpose: None, detail: serde_json::json!({}) };
            audit::write(&mut tx, &self.ambient, act).await?;
        }
        tx.commit().await
    }

    /// Adds somebody.
    ///
    /// # Errors
    /// See [`AddStaffError`].
    pub async fn add(&self, new: NewStaff) -> Result<StaffId, AddStaffError> {
        let display = new.display_name.trim();
        if !is_sign_in_name(&new.name) || display.is_empty() || display.chars().count() > 80 {
            return Err(AddStaffError::BadName);
        }
        if !is_password(&new.password) {
            return Err(AddStaffError::WeakPassword);
        }
        if new.roles.is_empty() {
            return Err(AddStaffError::NoRole);
        }
        let hash = self.passwords.hash(&new.password, self.ambient.bytes()).await;
        let member = Member { id: self.ambient.id(), name: new.name, display_name: display.to_owned(), roles: new.roles, languages: new.languages };
        let mut tx = self.db.begin().await?;
        match store::insert(&mut tx, &member, &hash, self.ambient.now()).await {
            Err(DbError::Unique) => return Err(AddStaffError::NameTaken),
            other => other?,
        }
        let detail = serde_json::json!({ "staff": member.id, "roles": member.roles });
        audit::write(&mut tx, &self.ambient, Act { actor: Actor::System, act: "staff.added", dossier: None, purpose: None, detail }).await?;
        tx.commit().await?;
        Ok(member.id)
    }

    /// Gives somebody a new password and ends their sessions; a name that does not exist is no error.
    ///
    /// # Errors
    /// [`AddStaffError::WeakPassword`] or the database's.
    pub async fn set_password(&self, name: &str, password: &Pii<String>) -> Result<(), AddStaffError> {
        if !is_password(password) {
            return Err(AddStaffError::WeakPassword);
        }
        let hash = self.passwords.hash(password, self.ambient.bytes()).await;
        let mut tx = self.db.begin().await?;
        if let Some(staff) = store::set_password(&mut tx, name, &hash, self.ambient.now()).await? {
            let detail = serde_json::json!({ "staff": staff });
            audit::write(&mut tx, &self.ambient, Act { actor: Actor::System, act: "staff.password_changed", dossier: None, purpose: None, detail }).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Everybody who works here, by display name.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn list(&self) -> Result<Vec<Member>, DbError> {
        store::list(&self.db).await
    }

    /// One member of staff, also one who has left.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn find(&self, id: StaffId) -> Result<Option<Member>, DbError> {
        store::find(&self.db, id).await
    }

    /// Whether the database answers.
    pub async fn is_reachable(&self) -> bool {
        store::is_any(&self.db).await.is_ok()
    }
}

/// What tries are counted under: digests, for names and addresses are personal.
struct Buckets {
    name: String,
    address: String,
    both: String,
}

impl Buckets {
    fn of(name: &str, address: IpAddr) -> Self {
        let bucket = |what: String| secret_digest(&what)[..32].to_owned();
        Self { name: bucket(format!("name {name}")), address: bucket(format!("address {address}")), both: bucket(format!("both {name} {address}")) }
    }

    fn limits(&self, settings: &Settings) -> [(&str, usize); 3] {
        let count = |most: u32| usize::try_from(most.max(1)).unwrap_or(usize::MAX);
        let wide = count(settings.tries_per_name_or_address);
        [(&self.both, count(settings.tries_per_name_and_address)), (&self.name, wide), (&self.address, wide)]
    }

    /// What a right password clears. The address stays counted: it may be guessing other names.
    fn forgiven(&self) -> [&str; 2] {
        [&self.both, &self.name]
    }
}

fn is_sign_in_name(name: &str) -> bool {
    (2..=40).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte))
}

fn is_password(password: &Pii<String>) -> bool {
    (12..=128).contains(&password.expose().chars().count())
}
