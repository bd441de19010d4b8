"""Lambda's extensions by the official client: of a layer and inside, with telemetry, told of events and of the end."""

import base64
import io
import json
import socket
import zipfile

import pytest

from conftest import eventually

ROLE = "arn:aws:iam::000000000000:role/lambda"

# As on AWS, an extension brings what it needs: here it is the machine's Python.
EXTENSION = """#!/usr/bin/env python3
import http.client, http.server, json, os, socket, sys, threading

def call(method, path, body=None, **headers):
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    headers = {"Lambda-Extension-" + name: value for name, value in headers.items()}
    api.request(method, path, body and json.dumps(body), headers)
    answer = api.getresponse()
    return json.loads(answer.read()), answer.headers

class Listener(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        for record in json.loads(self.rfile.read(int(self.headers["Content-Length"]))):
            print("telemetry", record["type"], json.dumps(record["record"]), flush=True)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass

server = http.server.HTTPServer(("0.0.0.0", 0), Listener)
threading.Thread(target=server.serve_forever, daemon=True).start()
told, headers = call("POST", "/2020-01-01/extension/register", {"events": ["INVOKE", "SHUTDOWN"]},
                     Name=os.path.basename(sys.argv[0]))
ME = headers["Lambda-Extension-Identifier"]
print("registered for", told["functionName"], told["functionVersion"], flush=True)
call("PUT", "/2022-07-01/telemetry", {
    "schemaVersion": "2022-12-13",
    "types": ["platform", "function"],
    "buffering": {"timeoutMs": 25},
    "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:%d" % server.server_port},
}, Identifier=ME)
while True:
    event = call("GET", "/2020-01-01/extension/event/next", Identifier=ME)[0]
    print("heard", event["eventType"], event.get("shutdownReason", event.get("requestId")), flush=True)
    if event["eventType"] == "SHUTDOWN":
        if "FAREWELL" in os.environ:
            socket.create_connection(("127.0.0.1", int(os.environ["FAREWELL"]))).sendall(event["shutdownReason"].encode())
        break
"""

INTERNAL = """import http.client, json, os, signal, sys, threading

def attend():
    while True:
        api.request("GET", "/2020-01-01/extension/event/next", headers={"Lambda-Extension-Identifier": me})
        print("inside", json.loads(api.getresponse().read())["eventType"])

def end(*_):
    print("told to end")
    sys.exit(0)

signal.signal(signal.SIGTERM, end)
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
api.request("POST", "/2020-01-01/extension/register", json.dumps({"events": ["INVOKE"]}),
            {"Lambda-Extension-Name": "inside"})
answer = api.getresponse()
me = answer.headers["Lambda-Extension-Identifier"]
answer.read()
threading.Thread(target=attend, daemon=True).start()

def handler(event, context):
    return "well"
"""


def archive(files: dict) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o755 << 16
            zipped.writestr(entry, text)
    return buffer.getvalue()


def function(client, name, code, **options):
    client.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": archive({"app.py": code})},
        **{"Timeout": 10, **options},
    )
    client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})


def invoke(client, name, **options):
    answer = client.invoke(FunctionName=name, Payload=b"{}", **options)
    return json.loads(answer["Payload"].read()), answer


def lines(logs, name):
    try:
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    except logs.exceptions.ResourceNotFoundException:
        # The first line of a function makes the group, a little after its answer.
        return []
    return [event["message"].rstrip("\n") for event in events]


def seen(logs, name, start):
    return eventually(lambda: [line for line in lines(logs, name) if line.startswith(start)])


@pytest.fixture
def lambda_(server):
    return server.client("lambda")


@pytest.fixture
def logs(server):
    return server.client("logs")


def layer(client, name, files):
    return client.publish_layer_version(LayerName=name, Content={"ZipFile": archive(files)})["LayerVersionArn"]


def test_an_extension_of_a_layer_hears_of_everything(lambda_, logs):
    arn = layer(lambda_, "watcher", {"extensions/watcher": EXTENSION})
    function(lambda_, "watched", "def handler(event, context):\n    print('hello')\n    return 'well'\n", Layers=[arn])
    payload, answer = invoke(lambda_, "watched", LogType="Tail")
    assert payload == "well"
    tail = base64.b64decode(answer["LogResult"]).decode()
    assert "EXTENSION\tName: watcher" in tail and "\nREPORT RequestId: " in tail
    request = answer["ResponseMetadata"]["RequestId"]

    assert seen(logs, "watched", "registered for") == ["registered for watched $LATEST"]
    assert seen(logs, "watched", "heard INVOKE") == [f"heard INVOKE {request}"]
    assert seen(logs, "watched", "EXTENSION") == ["EXTENSION\tName: watcher\tState: Ready\tEvents: [INVOKE,SHUTDOWN]"]
    assert seen(logs, "watched", "TELEMETRY") == [
        "TELEMETRY\tName: watcher\tState: Subscribed\tTypes: [Platform, Function]"
    ]
    assert seen(logs, "watched", "telemetry function") == ['telemetry function "hello"']
    for kind in ["initStart", "initRuntimeDone", "extension", "initReport", "start", "runtimeDone", "report"]:
        assert seen(logs, "watched", f"telemetry platform.{kind} ")
    report = json.loads(seen(logs, "watched", "telemetry platform.report")[0].split(" ", 2)[2])
    assert (report["requestId"], report["status"]) == (request, "success")
    assert seen(logs, "watched", "REPORT RequestId: " + request)

    lambda_.delete_function(FunctionName="watched")
    assert seen(logs, "watched", "heard SHUTDOWN") == ["heard SHUTDOWN spindown"]


def test_an_extension_inside_lets_the_function_end_well(lambda_, logs):
    function(lambda_, "inside", INTERNAL)
    assert invoke(lambda_, "inside")[0] == "well"
    assert seen(logs, "inside", "EXTENSION") == ["EXTENSION\tName: inside\tState: Ready\tEvents: [INVOKE]"]
    assert seen(logs, "inside", "inside INVOKE")
    lambda_.update_function_configuration(FunctionName="inside", Timeout=9)
    assert seen(logs, "inside", "told to end")


def test_an_extension_that_crashes_fails_the_function(lambda_, logs):
    arn = layer(lambda_, "brittle", {"extensions/brittle": "#!/bin/sh\nexit 3\n"})
    function(lambda_, "unlucky", "def handler(event, context):\n    return 'never'\n", Layers=[arn])
    payload, answer = invoke(lambda_, "unlucky")
    assert answer["FunctionError"] == "Unhandled"
    assert payload["errorType"] == "Extension.Crash"
    assert payload["errorMessage"].endswith("Error: exit status 3")
    assert seen(logs, "unlucky", "EXTENSION") == ["EXTENSION\tName: brittle\tState: Started\tEvents: []"]


def test_extensions_hear_of_the_end_of_the_server_too(start):
    server = start("--ephemeral")
    client = server.client("lambda")
    arn = layer(client, "watcher", {"extensions/watcher": EXTENSION})
    with socket.create_server(("127.0.0.1", 0)) as listener:
        variables = {"FAREWELL": str(listener.getsockname()[1])}
        code = "def handler(event, context):\n    return 'well'\n"
        function(client, "watched", code, Layers=[arn], Environment={"Variables": variables})
        assert invoke(client, "watched")[0] == "well"
        assert server.stop() == 0
        assert listener.accept()[0].makefile().read() == "spindown"
