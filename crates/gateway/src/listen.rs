//! Sockets: HTTP/1.1 and h2c on one port, graceful shutdown.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::serve::Gateway;

/// The largest header block, in bytes: presigned URLs and session tokens fit many times.
const MAX_HEADERS: usize = 64 * 1024;

/// The most that one read takes from a connection, which starts with little and gets there by large bodies alone.
const MAX_READ: usize = 512 * 1024;

/// How long answers may take to finish once the server ends.
const GRACE: Duration = Duration::from_secs(10);

/// A bound socket.
pub struct Listener {
    socket: TcpListener,
}

/// Tells listeners to end. Clones are the same.
#[derive(Clone)]
pub struct Shutdown(watch::Sender<bool>);

impl Default for Shutdown {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Shutdown {
    /// Tells them.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Resolves once they are told.
    pub async fn begun(&self) {
        let _ = self.0.subscribe().wait_for(|begun| *begun).await;
    }
}

impl Listener {
    /// Binds the address.
    ///
    /// # Errors
    /// The port is taken, or the address is not this machine's.
    pub async fn bind(address: SocketAddr) -> std::io::Result<Self> {
        Ok(Self { socket: TcpListener::bind(address).await? })
    }

    /// The address bound, with the port the system chose for port 0.
    ///
    /// # Errors
    /// The system does not tell.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Serves connections until told to end, then lets running answers finish.
    pub async fn run(self, gateway: Arc<Gateway>, shutdown: Shutdown) {
        let graceful = GracefulShutdown::new();
        let mut builder = Builder::new(TokioExecutor::new());
        builder.http1().timer(TokioTimer::new()).max_buf_size(MAX_READ).half_close(true);
        builder.http2().timer(TokioTimer::new()).max_header_list_size(MAX_HEADERS as u32);
        let builder = Arc::new(builder);
        let ends = shutdown.begun();
        tokio::pin!(ends);
        loop {
            tokio::select! {
                () = &mut ends => break,
                accepted = self.socket.accept() => match accepted {
                    Ok((stream, source)) => connection(&gateway, &builder, &graceful, stream, source),
                    // Too many open files, most likely: others may close theirs.
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection");
                        gateway.clock.sleep(Duration::from_millis(50)).await;
                    }
                },
            }
        }
        drop(self.socket);
        tokio::select! {
            () = graceful.shutdown() => {}
            () = gateway.clock.sleep(GRACE) => {}
        }
    }
}

fn connection(
    gateway: &Arc<Gateway>,
    builder: &Arc<Builder<TokioExecutor>>,
    graceful: &GracefulShutdown,
    stream: TcpStream,
    source: SocketAddr,
) {
    let _ = stream.set_nodelay(true);
    let (gateway, builder) = (gateway.clone(), builder.clone());
    let watcher = graceful.watcher();
    tokio::spawn(async move {
        let source = source.ip().to_string();
        let service = service_fn(|request| {
            let (gateway, source) = (gateway.clone(), source.clone());
            async move { Ok::<_, std::convert::Infallible>(gateway.serve(request, &source).await) }
        });
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%error, "a connection broke");
        }
    });
}
