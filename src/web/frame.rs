//! What every request and every answer has: an id, a span, safe headers, one form of error. A panic ends one request.

use std::panic::AssertUnwindSafe;

use axum::{
    Json,
    extract::{MatchedPath, Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use tracing::Instrument;

use super::{Failure, House, wire::ErrorView};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const SAFE_HEADERS: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' ws: wss:; \
         worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "camera=(self), microphone=(self), geolocation=(self), payment=(), usb=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
];

/// The outermost layer. The span names the route's pattern, never the path itself: a path may hold a token.
pub(super) async fn frame(State(house): State<House>, request: Request, next: Next) -> Response {
    let request_id = hex::encode(house.ambient.bytes::<8>());
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let is_api = request.uri().path().starts_with("/api/");
    let span = tracing::info_span!("http", request.id = %request_id, http.method = %request.method(), http.route = %route);
    let mut response = async {
        let response = AssertUnwindSafe(next.run(request)).catch_unwind().await.unwrap_or_else(|_| Failure::panicked().into_response());
        tracing::debug!(http.status = response.status().as_u16(), "answered");
        response
    }
    .instrument(span)
    .await;
    let failure = response.extensions_mut().remove::<Failure>().or_else(|| foreign_failure(&response, is_api));
    if let Some(failure) = failure {
        response = rendered(failure, &response, &request_id);
    }
    let headers = response.headers_mut();
    for (name, value) in SAFE_HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if is_api {
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    if let Ok(id) = HeaderValue::try_from(&request_id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

fn rendered(failure: Failure, was: &Response, request_id: &str) -> Response {
    let Failure { status, code, message, fields, .. } = failure;
    let view = ErrorView { code: code.to_owned(), message: message.into_owned(), request_id: request_id.to_owned(), fields };
    let mut response = (status, Json(view)).into_response();
    carry_over(was.headers(), response.headers_mut());
    response
}

fn carry_over(from: &HeaderMap, to: &mut HeaderMap) {
    for (name, value) in from {
        if *name != CONTENT_TYPE && *name != axum::http::header::CONTENT_LENGTH {
            to.append(name, value.clone());
        }
    }
}

/// An error answer of the framework's own making gets our form too.
fn foreign_failure(response: &Response, is_api: bool) -> Option<Failure> {
    let status = response.status();
    let is_json = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if !is_api || is_json || !(status.is_client_error() || status.is_server_error()) {
        return None;
    }
    Some(match status {
        StatusCode::NOT_FOUND => Failure::unknown(),
        StatusCode::METHOD_NOT_ALLOWED => Failure::method_not_allowed(),
        StatusCode::PAYLOAD_TOO_LARGE => Failure::too_large(),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Failure::wrong_type(),
        StatusCode::UNPROCESSABLE_ENTITY => Failure::malformed(),
        StatusCode::RANGE_NOT_SATISFIABLE => Failure::new(status, "bad_range", "the file has no such part"),
        _ if status.is_server_error() => Failure::new(status, "internal", "something went wrong on our side"),
        _ => Failure::new(status, "bad_request", "the request makes no sense"),
    })
}
