//! What large transfers are compared with: files in and out over the same HTTP stack, and nothing else.

use std::convert::Infallible;
use std::fs::File;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpListener;

/// So much is read and written at once.
const CHUNK: usize = 1 << 20;

type Answer = Response<BoxBody<Bytes, std::io::Error>>;

/// Serves one file, that may be written and read, from threads of their own.
pub fn serve(path: PathBuf) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let path = Arc::new(path);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let path = path.clone();
                tokio::spawn(async move {
                    let service = service_fn(move |request| answer(path.clone(), request));
                    let builder = Builder::new(TokioExecutor::new());
                    let _ = builder.serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
    });
    address
}

async fn answer(path: Arc<PathBuf>, request: Request<Incoming>) -> Result<Answer, Infallible> {
    if request.method() == Method::PUT {
        let mut body = request.into_body();
        let mut file = File::create(&*path).unwrap();
        let mut gathered = Vec::with_capacity(CHUNK);
        while let Some(frame) = body.frame().await {
            gathered.extend_from_slice(frame.unwrap().data_ref().unwrap());
            if gathered.len() >= CHUNK {
                (file, gathered) = tokio::task::spawn_blocking(move || write(file, gathered)).await.unwrap();
            }
        }
        write(file, gathered);
        return Ok(Response::new(Empty::new().map_err(|never| match never {}).boxed()));
    }
    let file = File::open(&*path).unwrap();
    let length = file.metadata().unwrap().len();
    let chunks = stream::try_unfold(file, |file| async {
        let (file, chunk) = tokio::task::spawn_blocking(move || read(file)).await.unwrap();
        Ok((!chunk.is_empty()).then(|| (Frame::data(chunk), file)))
    });
    let answer = Response::builder().header("content-length", length);
    Ok(answer.body(BodyExt::boxed(StreamBody::new(chunks))).unwrap())
}

fn write(mut file: File, mut gathered: Vec<u8>) -> (File, Vec<u8>) {
    file.write_all(&gathered).unwrap();
    gathered.clear();
    (file, gathered)
}

fn read(file: File) -> (File, Bytes) {
    let mut chunk = Vec::with_capacity(CHUNK / 2);
    (&file).take((CHUNK / 2) as u64).read_to_end(&mut chunk).unwrap();
    (file, chunk.into())
}
