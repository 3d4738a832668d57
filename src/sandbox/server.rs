//! The offline account over HTTP. The only place in the sandbox that reads the clock.

use std::future::Future;
use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use bytes::Bytes;
use http::HeaderMap;
use http::Method;
use http::Request;
use http::Response;
use http::StatusCode;
use http::Uri;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::task;

use crate::sandbox::envelope::Refusal;
use crate::sandbox::envelope::UNCONFIRMED;
use crate::sandbox::envelope::render;
use crate::sandbox::store::Store;
use crate::sandbox::store_error::StoreError;

/// Largest request body, in bytes. A full ruleset of 1,000 rules fits.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// Serves the account in `store` to whoever connects to `listener`, until `shutdown` is ready and
/// the requests in flight are answered. The base URL for clients is `http://ADDRESS/client/v4`.
///
/// # Errors
/// If the listener fails.
pub async fn serve(
    listener: TcpListener,
    store: Arc<Store>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let router = Router::new()
        .fallback(answer)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(store);
    axum::serve(listener, router)
        .with_graceful_shutdown(shutdown)
        .await
}

async fn answer(
    State(store): State<Arc<Store>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response<Body> {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return refuse(rejection.status(), rejection.body_text()),
    };
    let mut request = Request::new(body);
    *request.method_mut() = method.clone();
    *request.uri_mut() = uri.clone();
    *request.headers_mut() = headers;
    let answered = task::spawn_blocking(move || store.respond(&request, Timestamp::now())).await;
    let response = match answered {
        Ok(Ok(response)) => response.map(Body::from),
        Ok(Err(error)) => refuse(StatusCode::INTERNAL_SERVER_ERROR, describe(&error)),
        Err(_) => refuse(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the sandbox stopped while answering".into(),
        ),
    };
    tracing::debug!(%method, path = uri.path(), status = response.status().as_u16(), "answered");
    response
}

fn refuse(status: StatusCode, message: String) -> Response<Body> {
    render(Err(Refusal::new(status, UNCONFIRMED, message))).map(Body::from)
}

/// The error with its causes.
fn describe(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
