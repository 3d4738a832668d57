//! One HTTP request over a connection that stands, and the head of its answer.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures::future::Either;
use futures::future::select;
use http::HeaderValue;
use http::Uri;
use http::header::HOST;
use http_body_util::BodyExt as _;
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::client::conn::http2;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::time::timeout;

use crate::handshake::Answer;
use crate::handshake::Failure;
use crate::handshake::Request;
use crate::handshake::Stage;
use crate::handshake::heard::Broke;
use crate::handshake::heard::Heard;
use crate::resource::Hostname;

/// The beginning of a body that is read, in bytes: enough for what the edge says of itself.
const BODY_READ: usize = 2048;

/// Sends a request to a host and reads the head of the answer, and the beginning of its body where that comes
/// within `patience`.
///
/// # Errors
/// [`Failure`].
pub(super) async fn exchange<S>(
    stream: S,
    is_http2: bool,
    host: &Hostname,
    request: &Request,
    patience: Duration,
) -> Result<Answer, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let message = message(host, request, is_http2)?;
    let broke = Broke::default();
    let stream = TokioIo::new(Heard {
        stream,
        broke: broke.clone(),
    });
    let result = if is_http2 {
        over_http2(stream, message, patience).await
    } else {
        over_http1(stream, message, patience).await
    };
    result.map_err(|error| {
        broke.failure().unwrap_or_else(|| {
            if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
                Failure::Reset {
                    stage: Stage::Answer,
                }
            } else {
                Failure::NoHttp {
                    reason: causes(&error),
                }
            }
        })
    })
}

type Message = hyper::Request<Empty<Bytes>>;

async fn over_http1<S>(
    stream: TokioIo<S>,
    message: Message,
    patience: Duration,
) -> Result<Answer, hyper::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(stream).await?;
    driven(connection, async move {
        answer(sender.send_request(message).await?, patience).await
    })
    .await
}

async fn over_http2<S>(
    stream: TokioIo<S>,
    message: Message,
    patience: Duration,
) -> Result<Answer, hyper::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), stream).await?;
    driven(connection, async move {
        answer(sender.send_request(message).await?, patience).await
    })
    .await
}

/// Keeps a connection going until the answer is there.
async fn driven<C, A>(connection: C, answer: A) -> Result<Answer, hyper::Error>
where
    C: Future<Output = Result<(), hyper::Error>>,
    A: Future<Output = Result<Answer, hyper::Error>>,
{
    // A connection that has ended is dropped, and with it whatever it still holds of the request: otherwise the answer
    // would be waited for without end.
    match select(Box::pin(connection), pin!(answer)).await {
        Either::Right((answer, _)) => answer,
        // The connection may end right after the answer came.
        Either::Left((ended, answer)) => match answer.await {
            Err(error) => Err(ended.err().unwrap_or(error)),
            answer => answer,
        },
    }
}

async fn answer(
    response: hyper::Response<Incoming>,
    patience: Duration,
) -> Result<Answer, hyper::Error> {
    let (head, mut body) = response.into_parts();
    let mut beginning = Vec::new();
    // The head is what counts: a body that breaks off or does not come changes nothing.
    let read = async {
        while let Some(Ok(frame)) = body.frame().await {
            beginning.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
            if beginning.len() >= BODY_READ {
                break;
            }
        }
    };
    let _ = timeout(patience, read).await;
    Ok(Answer::of(head.status.as_u16(), &head.headers, &beginning))
}

fn message(host: &Hostname, request: &Request, is_http2: bool) -> Result<Message, Failure> {
    let invalid = |error: http::Error| Failure::Request {
        reason: error.to_string(),
    };
    let uri = if is_http2 {
        Uri::builder()
            .scheme("https")
            .authority(host.as_str())
            .path_and_query(request.path.as_str())
    } else {
        Uri::builder().path_and_query(request.path.as_str())
    };
    let uri = uri.build().map_err(invalid)?;
    let mut message = hyper::Request::builder()
        .method(request.method.clone())
        .uri(uri);
    if !is_http2 {
        let host = HeaderValue::try_from(host.as_str());
        message = message.header(HOST, host.map_err(|error| invalid(error.into()))?);
    }
    for (name, value) in &request.headers {
        message = message.header(name, value);
    }
    message.body(Empty::new()).map_err(invalid)
}

/// An error with what caused it.
fn causes(error: &hyper::Error) -> String {
    let mut words = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        let text = cause.to_string();
        if !words.contains(&text) {
            words = format!("{words}: {text}");
        }
        next = cause.source();
    }
    words
}
