//! The pages: the customer's at `/`, the console's at `/console/`, both as files of a build.
//!
//! Files with a hash in their name may be kept for ever; everything else is asked for again. The console's own paths
//! (`/console/files/…`) all answer its one page; nothing else falls back to a page.

use std::path::{Path, PathBuf};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header::CACHE_CONTROL},
    response::{Html, IntoResponse, Redirect, Response},
};
use tower::ServiceExt;
use tower_http::{compression::CompressionLayer, services::ServeDir};

use super::{Failure, House};

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Not built yet</title>\
    <h1>The pages are not built yet</h1><p>Run <code>make run</code>, or <code>npm ci</code> and <code>npm run build</code>, then load this page again.</p></html>";
const NO_SUCH_PAGE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>No such page</title>\
    <h1>There is no such page</h1><p><a href=\"/\">Start page</a></p></html>";

/// Answers whatever no doorway does.
pub(super) fn router(house: House) -> Router {
    Router::new().fallback(page).layer(CompressionLayer::new().gzip(true)).with_state(house)
}

async fn page(State(house): State<House>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if path.starts_with("/api/") {
        return Failure::unknown().into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Failure::method_not_allowed().into_response();
    }
    if path == "/console" {
        return Redirect::permanent("/console/").into_response();
    }
    let root = &house.server.web_root;
    match path.strip_prefix("/console/") {
        Some(inside) => file(root.join("web-agent/dist"), inside, is_console_path(inside), request).await,
        None => file(root.join("web-client/dist"), path.trim_start_matches('/'), path == "/", request).await,
    }
}

/// A path of the console's own making: no file name.
fn is_console_path(inside: &str) -> bool {
    inside.rsplit('/').next().is_none_or(|last| !last.contains('.')) && !inside.starts_with("assets/")
}

async fn file(dist: PathBuf, inside: &str, is_page: bool, mut request: Request) -> Response {
    if is_page && !is_there(&dist).await {
        return (StatusCode::SERVICE_UNAVAILABLE, Html(NOT_BUILT)).into_response();
    }
    let target = if is_page { "/index.html".to_owned() } else { format!("/{inside}") };
    let Ok(uri) = target.parse::<Uri>() else { return no_such_page() };
    *request.uri_mut() = uri;
    let answer = ServeDir::new(dist).append_index_html_on_directories(false).precompressed_gzip().oneshot(request).await;
    let Ok(answer) = answer;
    if matches!(answer.status(), StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED) {
        return no_such_page();
    }
    let mut response = answer.map(axum::body::Body::new);
    let keep = if inside.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    response
}

async fn is_there(dist: &Path) -> bool {
    tokio::fs::try_exists(dist.join("index.html")).await.unwrap_or(false)
}

fn no_such_page() -> Response {
    (StatusCode::NOT_FOUND, Html(NO_SUCH_PAGE)).into_response()
}
