//! One path of the API: who may pass, how much they may bring, who answers.
//!
//! ```
//! use visavis::{registry::staff::Role, web::doorway::{Access, Doorway}};
//! async fn desk() -> &'static str { "yours" }
//! let door = Doorway::get("/api/v1/desk", Access::Staff(&[Role::Agent]), desk);
//! assert_eq!(door.path(), "/api/v1/desk");
//! ```
//! The guard of a doorway runs before its handler: it refuses foreign origins, counts expensive requests, finds the
//! session and puts it where the extractors [`Customer`] and [`Signed`] take it from. A handler cannot forget it.

use std::time::Duration;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    handler::Handler,
    http::{Method, header::AUTHORIZATION},
    middleware::{self, Next},
    response::Response,
    routing::{MethodFilter, MethodRouter, on},
};

use super::{
    Address, Failure, House, csrf,
    limits::Limit,
    session::{self, Customer, Signed},
};
use crate::registry::staff::Role;

/// Bytes of body a doorway takes unless it says otherwise.
pub const BODY: usize = 64 * 1024;

/// Every role: anybody who works here.
pub const ANY_ROLE: &[Role] = &[Role::Agent, Role::Supervisor];

/// Everybody with a staff session, the probe's account included: for paths that show only what is the caller's own.
pub const ANY_ACCOUNT: &[Role] = &[Role::Agent, Role::Supervisor, Role::Probe];

/// Who may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// A browser that acts for a customer file.
    Customer,
    /// A signed-in member of staff who has one of these roles.
    Staff(&'static [Role]),
    /// A gateway that shows its token as `Authorization: Bearer`. No browser does that by itself: its requests need no origin.
    Gateway,
}

/// One path with one method.
pub struct Doorway {
    method: Method,
    path: &'static str,
    routes: MethodRouter<House>,
    rule: Rule,
}

#[derive(Clone, Copy)]
struct Rule {
    path: &'static str,
    access: Access,
    body: usize,
    limit: Option<Limit>,
    is_socket: bool,
}

impl Rule {
    /// How long a request may take to arrive and be answered; a large one may come over a slow link.
    fn patience(&self) -> Duration {
        Duration::from_secs(if self.body > BODY { 180 } else { 30 })
    }
}

impl Doorway {
    /// A reading path.
    pub fn get<H: Handler<T, House>, T: 'static>(path: &'static str, access: Access, handler: H) -> Self {
        Self::new(Method::GET, MethodFilter::GET, path, access, handler)
    }

    /// A changing path.
    pub fn post<H: Handler<T, House>, T: 'static>(path: &'static str, access: Access, handler: H) -> Self {
        Self::new(Method::POST, MethodFilter::POST, path, access, handler)
    }

    /// A path that files something whole.
    pub fn put<H: Handler<T, House>, T: 'static>(path: &'static str, access: Access, handler: H) -> Self {
        Self::new(Method::PUT, MethodFilter::PUT, path, access, handler)
    }

    /// A path that takes something away.
    pub fn delete<H: Handler<T, House>, T: 'static>(path: &'static str, access: Access, handler: H) -> Self {
        Self::new(Method::DELETE, MethodFilter::DELETE, path, access, handler)
    }

    /// A WebSocket: a `GET` whose origin is checked like that of a changing request (a browser lets any page open one).
    pub fn socket<H: Handler<T, House>, T: 'static>(path: &'static str, access: Access, handler: H) -> Self {
        let mut door = Self::get(path, access, handler);
        door.rule.is_socket = true;
        door
    }

    fn new<H: Handler<T, House>, T: 'static>(method: Method, filter: MethodFilter, path: &'static str, access: Access, handler: H) -> Self {
        Self { method, path, routes: on(filter, handler), rule: Rule { path, access, body: BODY, limit: None, is_socket: false } }
    }

    /// Takes bodies of up to `bytes` instead of [`BODY`].
    #[must_use]
    pub fn body(mut self, bytes: usize) -> Self {
        self.rule.body = bytes;
        self
    }

    /// Counts requests per address.
    #[must_use]
    pub fn limited(mut self, limit: Limit) -> Self {
        self.rule.limit = Some(limit);
        self
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path, with `{names}`.
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// Who may pass.
    pub fn access(&self) -> Access {
        self.rule.access
    }

    /// Hangs the doorway, behind its guard, into a router.
    pub(super) fn mount(self, router: Router<House>, house: &House) -> Router<House> {
        let guarded = self.routes.layer(DefaultBodyLimit::max(self.rule.body)).layer(middleware::from_fn_with_state((house.clone(), self.rule), guard));
        router.route(self.path, guarded)
    }
}

async fn guard(State((house, rule)): State<(House, Rule)>, mut request: Request, next: Next) -> Result<Response, Failure> {
    if rule.access == Access::Gateway {
        let shown = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
        if !shown.is_some_and(|token| house.letters.is_gateway(token)) {
            return Err(Failure::signed_out());
        }
    } else if rule.is_socket || !request.method().is_safe() {
        csrf::check(request.method(), request.headers(), &house.server.public_url)?;
    }
    if let Some(limit) = rule.limit {
        let address = Address::of(request.headers(), request.extensions(), &house.server.trusted_proxies);
        house.limiter.take(rule.path, address, limit, house.ambient.now()).map_err(Failure::limited)?;
    }
    match rule.access {
        Access::Public | Access::Gateway => {}
        Access::Customer => {
            let customer: Customer = session::customer(&house, request.headers()).await?.ok_or_else(Failure::signed_out)?;
            request.extensions_mut().insert(customer);
        }
        Access::Staff(roles) => {
            let signed: Signed = session::staff(&house, request.headers()).await?.ok_or_else(Failure::signed_out)?;
            if !signed.has_any(roles) {
                return Err(Failure::forbidden());
            }
            request.extensions_mut().insert(signed);
        }
    }
    if rule.is_socket {
        return Ok(next.run(request).await);
    }
    tokio::time::timeout(rule.patience(), next.run(request)).await.map_err(|_| Failure::too_slow())
}
