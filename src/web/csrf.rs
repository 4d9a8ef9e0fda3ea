//! Changing requests come from our own pages or not at all.
//!
//! Session cookies are `SameSite=Strict`; on top of that a changing request (and a WebSocket) must carry an `Origin` that
//! is the address it was sent to, or none at all with `Sec-Fetch-Site: same-origin`, and its body must be of a type that
//! no HTML form can send.

use axum::http::{
    HeaderMap, Method,
    header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, ORIGIN, TRANSFER_ENCODING},
};

use super::Failure;

/// Refuses what a foreign page could have sent.
///
/// # Errors
/// 403 `foreign_origin`, or 415 for a body that is neither JSON nor a picture.
pub fn check(method: &Method, headers: &HeaderMap, public_url: &str) -> Result<(), Failure> {
    if !is_same_origin(headers, public_url) {
        return Err(Failure::new(axum::http::StatusCode::FORBIDDEN, "foreign_origin", "the request does not come from our own pages"));
    }
    if method.is_safe() || !has_body(headers) || is_taken_type(headers) { Ok(()) } else { Err(Failure::wrong_type()) }
}

fn is_same_origin(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = text(ORIGIN) else {
        return headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin");
    };
    if !public_url.is_empty() && origin.eq_ignore_ascii_case(public_url.trim_end_matches('/')) {
        return true;
    }
    let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    matches!((authority, text(HOST)), (Some(from), Some(to)) if from.eq_ignore_ascii_case(to))
}

fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(TRANSFER_ENCODING) || headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0")
}

fn is_taken_type(headers: &HeaderMap) -> bool {
    let essence = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).and_then(|value| value.split(';').next()).map(str::trim);
    matches!(essence, Some("application/json" | "image/jpeg" | "image/png" | "image/webp"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(pairs: &[(&'static str, &'static str)], public_url: &str) -> Result<(), &'static str> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().expect("a header"));
        }
        check(&Method::POST, &headers, public_url).map_err(|failure| failure.code)
    }

    #[test]
    fn only_our_own_pages_change_things() {
        type Case<'a> = (&'a [(&'static str, &'static str)], &'a str, Result<(), &'a str>);
        let host = ("host", "localhost:8080");
        let table: [Case<'_>; 11] = [
            (&[host, ("origin", "http://localhost:8080")], "", Ok(())),
            (&[host, ("origin", "https://localhost:8080")], "", Ok(())),
            (&[host, ("origin", "http://localhost:9090")], "", Err("foreign_origin")),
            (&[host, ("origin", "http://localhost:8080.evil.example")], "", Err("foreign_origin")),
            (&[host, ("origin", "null")], "", Err("foreign_origin")),
            (&[host], "", Err("foreign_origin")),
            (&[host, ("sec-fetch-site", "same-origin")], "", Ok(())),
            (&[host, ("sec-fetch-site", "same-site")], "", Err("foreign_origin")),
            (&[("host", "10.0.0.5"), ("origin", "https://ident.bank.example")], "https://ident.bank.example/", Ok(())),
            (&[host, ("origin", "http://localhost:8080"), ("content-length", "3"), ("content-type", "text/plain")], "", Err("wrong_type")),
            (&[host, ("origin", "http://localhost:8080"), ("content-length", "3"), ("content-type", "application/json; charset=utf-8")], "", Ok(())),
        ];
        for (pairs, public_url, wanted) in table {
            assert_eq!(answer(pairs, public_url), wanted, "{pairs:?}");
        }
    }
}
