//! Extractors that fail the way the house fails: with a [`Failure`], never with the framework's own text.

use axum::{
    extract::{FromRequest, FromRequestParts, Request, rejection::JsonRejection},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use super::Failure;

/// A JSON body. What the parser says about it stays inside: it may quote what a person typed.
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Failure;
    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        match axum::Json::from_request(request, state).await {
            Ok(axum::Json(body)) => Ok(Self(body)),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Failure::wrong_type()),
            Err(JsonRejection::BytesRejection(rejection)) => Err(body_failure(rejection.status())),
            Err(_) => Err(Failure::malformed()),
        }
    }
}

/// A raw body, up to the doorway's limit.
pub struct Body(pub bytes::Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Failure;
    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        bytes::Bytes::from_request(request, state).await.map(Self).map_err(|rejection| body_failure(rejection.status()))
    }
}

/// Parts of the path. What is no id is unknown: 404.
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        axum::extract::Path::from_request_parts(parts, state).await.map(|axum::extract::Path(path)| Self(path)).map_err(|_| Failure::unknown())
    }
}

/// The query.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        axum::extract::Query::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Query(query)| Self(query))
            .map_err(|_| Failure::bad_request("bad_query", "the query is not what this path takes"))
    }
}

fn body_failure(status: axum::http::StatusCode) -> Failure {
    if status == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        Failure::too_large()
    } else {
        Failure::bad_request("broken_body", "the body did not arrive whole")
    }
}
