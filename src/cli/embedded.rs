//! The offline account behind the client's door: no socket, no token.

use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::Request;
use http::Response;
use http::Uri;
use jiff::Timestamp;

use crate::cloudflare::Transport;
use crate::cloudflare::TransportError;
use crate::sandbox::BASE_PATH;
use crate::sandbox::Caller;
use crate::sandbox::Store;

/// Answers requests from a sandbox on disk, as its owner.
pub(super) struct Embedded(pub(super) Arc<Store>);

impl Transport for Embedded {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let store = Arc::clone(&self.0);
        let broken = |reason: String| TransportError::Broken {
            host: "the sandbox".to_owned(),
            reason,
        };
        async move {
            let request = below_base(request).map_err(|error| broken(error.to_string()))?;
            let answer = move || store.respond_to(&Caller::owner(), &request, Timestamp::now());
            match tokio::task::spawn_blocking(answer).await {
                Ok(Ok(response)) => Ok(response),
                Ok(Err(error)) => Err(broken(error.to_string())),
                Err(error) => Err(broken(error.to_string())),
            }
        }
        .boxed()
    }
}

/// The client speaks of paths below its base URL, the sandbox of whole ones.
fn below_base(request: Request<Bytes>) -> Result<Request<Bytes>, http::uri::InvalidUri> {
    let (mut head, body) = request.into_parts();
    head.uri = format!("{BASE_PATH}{}", head.uri).parse::<Uri>()?;
    Ok(Request::from_parts(head, body))
}
