//! A stream that remembers why it broke: the HTTP library keeps that to itself.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::OnceLock;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;

use crate::handshake::Failure;
use crate::handshake::Stage;

/// What broke a stream first.
#[derive(Clone, Default)]
pub(super) struct Broke(Arc<OnceLock<Failure>>);

impl Broke {
    pub(super) fn failure(&self) -> Option<Failure> {
        self.0.get().cloned()
    }

    fn note<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result {
            self.0.get_or_init(|| Failure::of(error, Stage::Answer));
        }
        result
    }
}

/// A stream, and what broke it.
pub(super) struct Heard<S> {
    pub(super) stream: S,
    pub(super) broke: Broke,
}

impl<S: AsyncRead + Unpin> AsyncRead for Heard<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let result = ready!(Pin::new(&mut self.stream).poll_read(context, buffer));
        Poll::Ready(self.broke.note(result))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Heard<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = ready!(Pin::new(&mut self.stream).poll_write(context, buffer));
        if result.is_err() {
            self.last_words(context);
        }
        Poll::Ready(self.broke.note(result))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = ready!(Pin::new(&mut self.stream).poll_flush(context));
        if result.is_err() {
            self.last_words(context);
        }
        Poll::Ready(self.broke.note(result))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S: AsyncRead + Unpin> Heard<S> {
    /// A server that turns away and closes may have said why before writing to it failed.
    fn last_words(&mut self, context: &mut Context<'_>) {
        let mut bytes = [0; 512];
        let mut buffer = ReadBuf::new(&mut bytes);
        if let Poll::Ready(result) = Pin::new(&mut self.stream).poll_read(context, &mut buffer) {
            // What matters is noted, and the write tells of the failure.
            let _ = self.broke.note(result);
        }
    }
}
