//! Who is at the door: session cookies in, [`Customer`] or [`Signed`] out.

use axum::{
    extract::FromRequestParts,
    http::{
        HeaderMap, HeaderName, HeaderValue,
        header::{COOKIE, SET_COOKIE},
        request::Parts,
    },
};

use super::{Failure, House};
pub use crate::registry::staff::Signed;
use crate::{
    base::{
        Timestamp,
        db::DbError,
        id::{DossierId, SessionId},
    },
    registry::dossier,
};

/// Cookie of a browser that acts for one customer file.
pub const CUSTOMER_COOKIE: &str = "__Host-visavis-customer";
/// Cookie of a signed-in member of staff.
pub const STAFF_COOKIE: &str = "__Host-visavis-staff";

/// The customer whose browser this is. Only behind [`Access::Customer`](super::doorway::Access::Customer).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Customer {
    /// Their file.
    pub dossier: DossierId,
    /// Their browser.
    pub session: SessionId,
}

impl<S: Send + Sync> FromRequestParts<S> for Customer {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts.extensions.get::<Self>().copied().ok_or_else(Failure::signed_out)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Signed {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Failure::signed_out)
    }
}

/// A `Set-Cookie` header; a handler answers it as `([cookie], body)`.
pub type SetCookie = (HeaderName, HeaderValue);

/// Lets this browser act for `dossier` from now on.
///
/// # Errors
/// Only the database's own.
pub async fn begin_customer(house: &House, dossier: DossierId) -> Result<SetCookie, Failure> {
    let mut tx = house.db.begin().await?;
    let (token, expires_at) = dossier::session::begin(&mut tx, &house.ambient, dossier).await?;
    tx.commit().await?;
    Ok(set_cookie(CUSTOMER_COOKIE, &token, house.ambient.now(), expires_at))
}

/// The customer a request acts for, if any.
pub(super) async fn customer(house: &House, headers: &HeaderMap) -> Result<Option<Customer>, DbError> {
    let Some(token) = cookie(headers, CUSTOMER_COOKIE) else { return Ok(None) };
    Ok(dossier::session::dossier_of(&house.db, &token, house.ambient.now()).await?.map(|(dossier, session)| Customer { dossier, session }))
}

/// The member of staff a request acts for, if any.
pub(super) async fn staff(house: &House, headers: &HeaderMap) -> Result<Option<Signed>, DbError> {
    let Some(token) = cookie(headers, STAFF_COOKIE) else { return Ok(None) };
    house.staff.by_token(&token).await
}

/// The value of one cookie.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// A `Set-Cookie` that carries `token` until `expires_at`.
pub(super) fn set_cookie(name: &str, token: &str, now: Timestamp, expires_at: Timestamp) -> SetCookie {
    let seconds = (expires_at - now).num_seconds().max(0);
    let text = format!("{name}={token}; Max-Age={seconds}; Path=/; Secure; HttpOnly; SameSite=Strict");
    (SET_COOKIE, HeaderValue::try_from(text).expect("tokens are URL-safe base64"))
}
