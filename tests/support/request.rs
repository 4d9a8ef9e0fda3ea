//! Requests into the router, answers out of it.

use axum::{body::Body, http};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::Person;

/// A request in the making. It says that it comes from our own page unless told otherwise.
pub struct Request {
    router: axum::Router,
    parts: http::request::Builder,
    body: Vec<u8>,
    origin: Option<String>,
}

/// What came back, read whole.
pub struct Answer {
    /// The status as a number.
    pub status: u16,
    /// The headers.
    pub headers: http::HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    pub(super) fn new(router: axum::Router, method: &str, path: &str) -> Self {
        let parts = http::Request::builder().method(method).uri(path).header("host", "localhost:8080");
        Self { router, parts, body: Vec::new(), origin: Some("http://localhost:8080".to_owned()) }
    }

    /// With the session of a person.
    #[must_use]
    pub fn by<I>(self, person: &Person<I>) -> Self {
        self.header("cookie", &person.cookie)
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.parts = self.parts.header(name, value);
        self
    }

    /// From another origin, or from none.
    #[must_use]
    pub fn origin(mut self, origin: Option<&str>) -> Self {
        self.origin = origin.map(str::to_owned);
        self
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: &serde_json::Value) -> Self {
        self.body("application/json", body.to_string().into_bytes())
    }

    /// With a body of some type.
    #[must_use]
    pub fn body(mut self, kind: &str, body: Vec<u8>) -> Self {
        self.parts = self.parts.header("content-type", kind).header("content-length", body.len());
        self.body = body;
        self
    }

    /// Sends it and reads the whole answer.
    pub async fn send(mut self) -> Answer {
        if let Some(origin) = self.origin {
            self.parts = self.parts.header("origin", origin);
        }
        let response = self.router.oneshot(self.parts.body(Body::from(self.body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body: body.collect().await.unwrap().to_bytes().to_vec() }
    }
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{} is no JSON: {}", self.status, self.text()))
    }

    /// The code of an error, or an empty text.
    pub fn code(&self) -> String {
        serde_json::from_slice::<serde_json::Value>(&self.body).ok().and_then(|body| Some(body.get("code")?.as_str()?.to_owned())).unwrap_or_default()
    }

    /// A header, or an empty text.
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// Fails the test unless the status is `status`; the answer again.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The cookie that was set, as `name=token`.
    pub fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
    }
}
