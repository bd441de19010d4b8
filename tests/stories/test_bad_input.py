"""Requests that nobody should send: each is answered as AWS does, and the server stays well."""

import contextlib
import io
import json
import socket
import zipfile

import pytest
import requests
from botocore.exceptions import ClientError


@pytest.fixture(autouse=True)
def stays_well(server):
    yield
    assert requests.get(server.endpoint + "/_fogbank/health", timeout=10).status_code == 200


def authorization(service: str) -> dict:
    scope = f"test/20260102/us-east-1/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"}


def json_call(server, target: str, body, service: str, version: str = "1.0"):
    headers = {"X-Amz-Target": target, "Content-Type": f"application/x-amz-json-{version}", **authorization(service)}
    return requests.post(server.endpoint, data=body, headers=headers)


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"\xff\xfe", b'{"QueueName": 7}', b'{"QueueName": {"a": 1}}', b"[" * 100_000])
def test_broken_json(server, body):
    answer = json_call(server, "AmazonSQS.CreateQueue", body, "sqs")
    assert answer.status_code == 400
    assert answer.json()["__type"].split("#")[-1] in {"SerializationException", "MissingRequiredParameterException"}


def test_unknown_operations(server):
    answer = json_call(server, "AmazonSQS.Frobnicate", b"{}", "sqs")
    assert (answer.status_code, answer.json()["__type"]) == (400, "com.amazon.coral.service#UnknownOperationException")
    answer = requests.post(server.endpoint, data={"Action": "Frobnicate", "Version": "2010-05-08"}, headers=authorization("iam"))
    assert answer.status_code == 400 and "<Code>InvalidAction</Code>" in answer.text
    answer = json_call(server, "DynamoDB_20120810.UpdateTableReplicaAutoScaling", json.dumps({"TableName": "t"}), "dynamodb")
    assert answer.status_code == 501 and "dynamodb.UpdateTableReplicaAutoScaling" in answer.json()["message"]


def test_the_wrong_protocol(server):
    answer = requests.get(server.endpoint + "/", headers=authorization("dynamodb"))
    assert 400 <= answer.status_code < 500
    headers = {"smithy-protocol": "rpc-v2-cbor", "Content-Type": "application/cbor", **authorization("sqs")}
    answer = requests.post(server.endpoint + "/service/AmazonSQS/operation/CreateQueue", data=b"\xbf\x61", headers=headers)
    assert answer.status_code == 400 and b"SerializationException" in answer.content


def test_broken_xml(server):
    server.client("s3").create_bucket(Bucket="xml")
    for body in (b"<Delete>", b"nonsense", b"\xff", b'<!DOCTYPE x [<!ENTITY a "b">]><Delete>&a;</Delete>'):
        answer = requests.post(server.endpoint + "/xml?delete", data=body, headers=authorization("s3"))
        assert answer.status_code == 400 and "<Code>MalformedXML</Code>" in answer.text, body


def raw(server, data: bytes) -> bytes:
    with socket.create_connection(server.address, timeout=10) as connection:
        answer = b""
        # A server that refuses what it has read so far may close before it has read the rest.
        with contextlib.suppress(OSError):
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(OSError):
            while chunk := connection.recv(65536):
                answer += chunk
        return answer


def test_broken_http(server):
    assert raw(server, b"NONSENSE\r\n\r\n").startswith(b"HTTP/1.1 400")
    assert raw(server, b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 400_000 + b"\r\n\r\n").startswith(b"HTTP/1.1 431")
    assert raw(server, b"GET /b/%ff%fe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").split()[1].startswith(b"4")
    raw(server, b"PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")


def test_an_upload_that_breaks_off_leaves_nothing(server):
    s3 = server.client("s3")
    s3.create_bucket(Bucket="broken")
    head = b"PUT /broken/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n"
    raw(server, head + b"Authorization: " + authorization("s3")["Authorization"].encode() + b"\r\n\r\n" + b"x" * 50_000)
    assert s3.list_objects_v2(Bucket="broken")["KeyCount"] == 0


@pytest.mark.parametrize("key", ["../../../../tmp/escaped", "/etc/passwd", "a//b", ".", "..", "a/../../b", "\u2028", "%2e%2e%2f", "a b+c"])
def test_keys_are_names_and_never_paths(server, key):
    s3 = server.client("s3")
    s3.create_bucket(Bucket="traversal")
    s3.put_object(Bucket="traversal", Key=key, Body=b"x" * 100_000)
    assert s3.get_object(Bucket="traversal", Key=key)["Body"].read() == b"x" * 100_000
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket="traversal")["Contents"]] == [key]
    s3.delete_object(Bucket="traversal", Key=key)


def archive(*entries: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries:
            made.writestr(name, content)
    return out.getvalue()


def create(server, name: str, code: bytes, **options):
    settings = {"Runtime": "python3.11", "Handler": "app.handler", "Timeout": 3, **options}
    return server.client("lambda").create_function(
        FunctionName=name, Role="arn:aws:iam::000000000000:role/r", Code={"ZipFile": code}, **settings
    )


@pytest.mark.parametrize("code, words", [
    (b"not a zip", "Could not unzip uploaded file"),
    (archive(("../../escaped.py", b"")), "Could not unzip uploaded file"),
    (archive(("/escaped.py", b"")), "Could not unzip uploaded file"),
    (archive(("bomb.txt", b"\0" * 300_000_000)), "Unzipped size must be smaller than 262144000 bytes"),
], ids=["text", "parent", "absolute", "bomb"])
def test_archives_that_nobody_should_unpack(server, code, words):
    with pytest.raises(ClientError) as caught:
        create(server, "evil", code)
    error = caught.value.response["Error"]
    assert error["Code"] == "InvalidParameterValueException" and words in error["Message"]
    with pytest.raises(server.client("lambda").exceptions.ResourceNotFoundException):
        server.client("lambda").get_function(FunctionName="evil")


HANDLERS = {
    "exits": (b"import os\ndef handler(e, c):\n    os._exit(3)\n", "Runtime.ExitError"),
    "hangs": (b"import time\ndef handler(e, c):\n    time.sleep(60)\n", "Task timed out after 1.00 seconds"),
    "prints": (b"def handler(e, c):\n    [print('x' * 1000) for _ in range(5000)]\n    return 'printed'\n", "printed"),
    "garbage": (b"def handler(e, c):\n    return object()\n", "Runtime.MarshalError"),
    "raises": (b"def handler(e, c):\n    raise KeyError('k')\n", "KeyError"),
}


@pytest.mark.parametrize("name", HANDLERS)
def test_handlers_that_misbehave(server, name):
    code, words = HANDLERS[name]
    create(server, name, archive(("app.py", code)), Timeout=1 if name == "hangs" else 10)
    answer = server.client("lambda").invoke(FunctionName=name, Payload=b"{}")
    assert answer["StatusCode"] == 200
    assert words in answer["Payload"].read().decode()
    assert ("FunctionError" in answer) == (name != "prints")


def test_payloads_that_are_no_json(server):
    create(server, "echo", archive(("app.py", b"def handler(e, c):\n    return e\n")))
    with pytest.raises(ClientError) as caught:
        server.client("lambda").invoke(FunctionName="echo", Payload=b"{")
    assert caught.value.response["Error"]["Code"] == "InvalidRequestContentException"
