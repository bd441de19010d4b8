//! Extensions for tests: programs of a layer that tell us over a socket what happens to them, and wait for our word.

use runner::{FunctionSpec, ZipSource};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::rig::{LIMIT, Rig, zip};

/// What the programs of tests have in common; they go on where this ends.
const HEAD: &str = r#"#!/usr/bin/env python3
import http.client, json, os, signal, socket, subprocess, sys
NAME = os.path.basename(sys.argv[0]) if sys.argv[0].startswith('/opt') or 'extensions' in sys.argv[0] else 'inside'
WIRE = socket.create_connection(('127.0.0.1', int(os.environ['PORT']))).makefile('rw')
def say(*what):
    WIRE.write(json.dumps(list(what)) + '\n')
    WIRE.flush()
def hear():
    return WIRE.readline().strip()
def call(method, path, body=None, **headers):
    api = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
    names = {'Lambda-Extension-' + name.replace('_', '-'): value for name, value in headers.items()}
    api.request(method, path, None if body is None else json.dumps(body), names)
    answer = api.getresponse()
    return answer.status, json.loads(answer.read()), answer.headers
def register(events, name=NAME, **headers):
    global ID
    status, told, headers = call('POST', '/2020-01-01/extension/register', {'events': events}, Name=name, **headers)
    ID = headers.get('Lambda-Extension-Identifier') or globals().get('ID')
    return status, told
def following():
    return call('GET', '/2020-01-01/extension/event/next', Identifier=ID)[1]
def subscribe(path, **body):
    return call('PUT', path, body, Identifier=ID)[:2]
"#;

/// Says every event until it is told to end.
pub const FAITHFUL: &str = "
register(['INVOKE', 'SHUTDOWN'])
while True:
    event = following()
    say(event)
    if event['eventType'] == 'SHUTDOWN':
        break
";

/// The other end of the programs' sockets.
pub struct Attendant {
    listener: TcpListener,
}

impl Attendant {
    pub async fn new() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    /// The next program that starts.
    pub async fn meet(&self) -> Wire {
        Wire(BufReader::new(self.listener.accept().await.unwrap().0))
    }

    /// A Python function with these extensions.
    pub async fn function(&self, rig: &Rig, text: &str, extensions: &[(&str, &str)]) -> FunctionSpec {
        let programs: Vec<_> = extensions
            .iter()
            .map(|(name, text)| (format!("extensions/{name}"), format!("{HEAD}{text}")))
            .collect();
        let files: Vec<_> = programs.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let mut function = rig.python(text).await;
        let layer = ZipSource::Bytes(zip(&files).into());
        function.layers = Some(rig.runner.overlay(vec![layer], LIMIT).await.unwrap());
        self.introduce(&mut function);
        function
    }

    /// A Python function that is an extension itself.
    pub async fn internal(&self, rig: &Rig, text: &str) -> FunctionSpec {
        let mut function = rig.python(&format!("{HEAD}{text}")).await;
        self.introduce(&mut function);
        function
    }

    fn introduce(&self, function: &mut FunctionSpec) {
        let port = self.listener.local_addr().unwrap().port().to_string();
        function.environment.push(("PORT".into(), port));
    }
}

/// A program's socket.
pub struct Wire(BufReader<TcpStream>);

impl Wire {
    /// What the program says next; nothing once it has ended.
    pub async fn hear(&mut self) -> Value {
        let mut line = String::new();
        // Who is killed may leave without a farewell.
        let _ = self.0.read_line(&mut line).await;
        serde_json::from_str(&line).unwrap_or_default()
    }

    /// Lets the program go on.
    pub async fn say(&mut self, word: &str) {
        self.0.write_all(format!("{word}\n").as_bytes()).await.unwrap();
    }
}
