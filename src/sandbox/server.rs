//! The offline account over HTTP. The only place in the sandbox that reads the clock.
//!
//! Connections are served one by one, because a fault may cut one or reset it.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::StreamExt as _;
use futures::stream;
use http::HeaderValue;
use http::Request;
use http::Response;
use http::StatusCode;
use http::header::CONTENT_LENGTH;
use http_body_util::BodyExt as _;
use http_body_util::Full;
use http_body_util::LengthLimitError;
use http_body_util::Limited;
use http_body_util::StreamBody;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Frame;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use jiff::SignedDuration;
use jiff::Timestamp;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task;
use tokio::task::JoinSet;

use crate::sandbox::envelope::Refusal;
use crate::sandbox::envelope::UNCONFIRMED;
use crate::sandbox::envelope::render;
use crate::sandbox::fault::Delivery;
use crate::sandbox::fault::Exchange;
use crate::sandbox::record::Recorded;
use crate::sandbox::record::Recorder;
use crate::sandbox::store::Store;
use crate::sandbox::store_error::StoreError;

/// Largest request body, in bytes. A full ruleset of 1,000 rules fits.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// How long to wait where no connection can be taken, as when too many files are open.
const BREATH: Duration = Duration::from_millis(100);

/// How long requests in flight may take at the end. An answer is a matter of milliseconds; a connection over
/// which nothing was ever asked would be waited for in vain.
const GRACE: Duration = Duration::from_secs(2);

type Body = UnsyncBoxBody<Bytes, Broken>;

/// Why a connection ends before an answer is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Broken {
    #[error("the connection is closed")]
    Cut,
    #[error("the connection is reset")]
    Reset,
}

/// What all connections share.
struct Front {
    store: Arc<Store>,
    recorder: Option<Recorder>,
    /// True once nothing new is taken.
    closing: watch::Receiver<bool>,
}

/// Serves the account in `store` to whoever connects to `listener`, until `shutdown` is ready and
/// the requests in flight are answered. The base URL for clients is `http://ADDRESS/client/v4`.
/// Faults that are armed in the store act.
///
/// # Errors
/// If the listener fails.
pub async fn serve(
    listener: TcpListener,
    store: Arc<Store>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve_recording(listener, store, None, shutdown).await
}

/// As [`serve`], and writes down every call.
///
/// # Errors
/// If the listener fails.
pub async fn serve_recording(
    listener: TcpListener,
    store: Arc<Store>,
    recorder: Option<Recorder>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (close, closing) = watch::channel(false);
    let front = Arc::new(Front {
        store,
        recorder,
        closing,
    });
    let mut connections = JoinSet::new();
    let mut shutdown = Box::pin(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            taken = listener.accept() => match taken {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, Arc::clone(&front)));
                }
                Err(error) => {
                    tracing::debug!(%error, "no connection could be taken");
                    tokio::time::sleep(BREATH).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    close.send_replace(true);
    let answered = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(GRACE, answered).await;
    Ok(())
}

/// Answers what comes over one connection, and ends it as it is to end.
async fn converse(stream: TcpStream, front: Arc<Front>) {
    let mut closing = front.closing.clone();
    let service = service_fn(move |request| answer(Arc::clone(&front), request).boxed());
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    let mut is_closing = false;
    let ended = loop {
        tokio::select! {
            ended = poll_fn(|cx| connection.poll_without_shutdown(cx)) => break ended,
            _ = closing.wait_for(|closing| *closing), if !is_closing => is_closing = true,
        }
        Pin::new(&mut connection).graceful_shutdown();
    };
    let mut stream = connection.into_parts().io.into_inner();
    let cause = ended.as_ref().err().and_then(Error::source);
    if cause.and_then(|cause| cause.downcast_ref()) == Some(&Broken::Reset) {
        let _ = stream.set_zero_linger();
    } else {
        let _ = stream.shutdown().await;
    }
}

async fn answer(front: Arc<Front>, request: Request<Incoming>) -> Result<Response<Body>, Broken> {
    let arrived = Instant::now();
    let now = Timestamp::now();
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return Ok(whole(unreadable(&*error))),
    };
    let request = Request::from_parts(head, body);
    let exchange = meet(&front, &request, now).await;
    wait(&front, exchange.hold).await;
    let method = request.method();
    let path = request.uri().path();
    let status = exchange.response.status().as_u16();
    for acted in &exchange.faults {
        tracing::debug!(%method, path, fault = %acted.fault, "a fault acts");
    }
    tracing::debug!(%method, path, status, "answered");
    if let Some(recorder) = &front.recorder {
        let took = u64::try_from(arrived.elapsed().as_millis()).unwrap_or(u64::MAX);
        let recorded = Recorded::new(&request, &exchange, now, took);
        if let Err(error) = recorder.record(&recorded) {
            tracing::warn!(%error, "a call could not be recorded");
        }
    }
    match exchange.delivery {
        Delivery::Whole => Ok(whole(exchange.response)),
        Delivery::Half => Ok(half(exchange.response)),
        Delivery::Cut => Err(Broken::Cut),
        Delivery::Reset => Err(Broken::Reset),
    }
}

async fn meet(front: &Front, request: &Request<Bytes>, now: Timestamp) -> Exchange {
    let (store, request) = (Arc::clone(&front.store), request.clone());
    let met = task::spawn_blocking(move || store.exchange_with_faults(&request, now)).await;
    let failed = |message: String| Exchange {
        response: refuse(StatusCode::INTERNAL_SERVER_ERROR, message),
        delivery: Delivery::Whole,
        hold: SignedDuration::ZERO,
        token: None,
        faults: Vec::new(),
    };
    match met {
        Ok(Ok(exchange)) => exchange,
        Ok(Err(error)) => failed(describe(&error)),
        Err(_) => failed("the sandbox stopped while answering".into()),
    }
}

/// Holds an answer back, unless the server is about to end.
async fn wait(front: &Front, hold: SignedDuration) {
    let hold = Duration::try_from(hold).unwrap_or_default();
    if hold.is_zero() {
        return;
    }
    let mut closing = front.closing.clone();
    tokio::select! {
        () = tokio::time::sleep(hold) => {}
        _ = closing.wait_for(|closing| *closing) => {}
    }
}

fn whole(response: Response<Bytes>) -> Response<Body> {
    let never = |never: Infallible| match never {};
    response.map(|body| UnsyncBoxBody::new(Full::new(body).map_err(never)))
}

/// The whole length in the head, half of the body, and then the end.
fn half(response: Response<Bytes>) -> Response<Body> {
    let (mut head, body) = response.into_parts();
    head.headers
        .insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    let first = body.slice(..body.len() / 2);
    let cut = async {
        // What was handed over is written before the connection is cut.
        task::yield_now().await;
        Err(Broken::Cut)
    };
    let frames = stream::iter([Ok(Frame::data(first))]).chain(stream::once(cut));
    Response::from_parts(head, UnsyncBoxBody::new(StreamBody::new(frames)))
}

fn unreadable(error: &(dyn Error + Send + Sync + 'static)) -> Response<Bytes> {
    if error.downcast_ref::<LengthLimitError>().is_some() {
        let message = format!("the request body is longer than {BODY_LIMIT} bytes");
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, message);
    }
    let message = format!("the request body cannot be read: {error}");
    refuse(StatusCode::BAD_REQUEST, message)
}

fn refuse(status: StatusCode, message: String) -> Response<Bytes> {
    render(Err(Refusal::new(status, UNCONFIRMED, message)))
}

/// The error with its causes.
fn describe(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut source = Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
