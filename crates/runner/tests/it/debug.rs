//! Functions that wait for a debugger.

use std::net::{TcpListener, TcpStream};

use kernel::{Clock, Timestamp};
use runner::ZipSource;

use crate::rig::{LIMIT, Rig, event, zip};

/// Stands for the real one: it waits for its client, after another that sees that it waits.
const DEBUGGER: &str = "import socket\ndef listen(at):\n    global server\n    server = socket.create_server(at)\ndef wait_for_client():\n    server.accept()\n    server.accept()\n";

#[tokio::test(flavor = "multi_thread")]
async fn time_does_not_run_out_while_a_debugger_is_waited_for() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let clock = Clock::frozen_at(Timestamp::UNIX_EPOCH);
    let rig = Rig::with(clock.clone(), |settings| settings.debug = vec![("f".into(), port)]);
    let mut function = rig.python("").await;
    let files = [("app.py", "def handler(e, c):\n    return e"), ("debugpy.py", DEBUGGER)];
    function.code = rig.runner.unpack(ZipSource::Bytes(zip(&files).into()), LIMIT).await.unwrap();
    // Two at once would need the port twice: one waits for the other.
    let invoke = |payload: &'static str| {
        let (runner, function) = (rig.runner.clone(), function.clone());
        tokio::spawn(async move { runner.invoke(&function, event(payload)).await.unwrap() })
    };
    let invocations = [invoke("1"), invoke("2")];
    let connect = || TcpStream::connect(("127.0.0.1", port));
    while connect().is_err() {
        tokio::task::yield_now().await;
    }
    clock.advance(std::time::Duration::from_secs(600));
    connect().unwrap();
    for (invocation, answer) in invocations.into_iter().zip(["1", "2"]) {
        let outcome = invocation.await.unwrap();
        assert_eq!(outcome.function_error, None);
        assert_eq!(outcome.payload, answer);
    }
    rig.finish().await;
}
