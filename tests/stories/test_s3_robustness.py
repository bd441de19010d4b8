"""S3 under bad luck: cut connections, many writers of one key, keys of every kind, documents that are none."""

import hashlib
import os
import pathlib
import socket
import threading

import pytest
import requests
from botocore.exceptions import ClientError

BODY = os.urandom(300_000)


@pytest.fixture
def bucket(server, request):
    name = "robust-" + hashlib.md5(request.node.name.encode()).hexdigest()[:12]
    server.client("s3").create_bucket(Bucket=name)
    return name


def chunked(body, trailer):
    """An `aws-chunked` body, unsigned, with a checksum behind it."""
    parts = [body[at : at + 65_536] for at in range(0, len(body), 65_536)]
    framed = b"".join(f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in parts)
    return framed + b"0\r\n" + trailer + b"\r\n\r\n"


def put(address, bucket, key, body, headers, cut):
    """Sends the first bytes of a PUT, then cuts the connection and waits until the other side has, too."""
    head = f"PUT /{bucket}/{key} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
    with socket.create_connection(address) as connection:
        connection.sendall((head.encode() + body)[: len(head) + cut])
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65_536):
            pass


def test_uploads_that_break_off_leave_nothing(start, tmp_path):
    server = start("--data-dir", str(tmp_path))
    s3 = server.client("s3")
    s3.create_bucket(Bucket="cut")
    s3.put_object(Bucket="cut", Key="old", Body=b"old")
    blobs = tmp_path / "store/blobs"
    trailed = chunked(BODY, b"x-amz-checksum-crc32:AAAAAA==")
    announced = {
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length": len(BODY),
        "x-amz-trailer": "x-amz-checksum-crc32",
        "content-encoding": "aws-chunked",
    }
    for body, headers in [(BODY, {}), (BODY[:1000], {}), (trailed, announced)]:
        # In the head, in the first bytes, around a chunk's end, before the trailer, in it, and at the last byte.
        for cut in [-20, 0, 1, 65_535, 65_545, len(body) - 40, len(body) - 10, len(body) - 1]:
            if cut < len(body):
                put(server.address, "cut", "old", body, headers, cut)
    # Whole, but with a checksum that is not the body's.
    put(server.address, "cut", "old", trailed, announced, len(trailed))
    assert s3.get_object(Bucket="cut", Key="old")["Body"].read() == b"old"
    assert s3.list_objects_v2(Bucket="cut")["KeyCount"] == 1
    files = [path for path in pathlib.Path(blobs).rglob("*") if path.is_file()]
    assert files == []


@pytest.mark.parametrize("versions", [False, True])
def test_writers_of_one_key_never_mix(server, bucket, versions):
    s3 = server.client("s3", max_pool_connections=32)
    if versions:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    bodies = [bytes([which]) * size for which, size in enumerate([10, 20_000, 300_000, 6 << 20])]
    known = {hashlib.md5(body).hexdigest(): body for body in bodies}
    part = hashlib.md5(hashlib.md5(bodies[3]).digest()).hexdigest() + "-1"
    known[part] = bodies[3]
    ended, wrong = threading.Event(), []

    def guarded(work):
        def run():
            while not ended.is_set():
                try:
                    work()
                except ClientError as error:
                    if error.response["Error"]["Code"] not in ("NoSuchKey", "404", "InternalError"):
                        wrong.append(error)
                except Exception as error:  # noqa: BLE001 a thread's failure is the test's
                    wrong.append(error)
        return run

    def write(body):
        return guarded(lambda: s3.put_object(Bucket=bucket, Key="key", Body=body))

    def complete():
        upload = s3.create_multipart_upload(Bucket=bucket, Key="key")["UploadId"]
        etag = s3.upload_part(Bucket=bucket, Key="key", UploadId=upload, PartNumber=1, Body=bodies[3])["ETag"]
        parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
        s3.complete_multipart_upload(Bucket=bucket, Key="key", UploadId=upload, MultipartUpload=parts)

    reads = []

    def read():
        answer = s3.get_object(Bucket=bucket, Key="key")
        body, etag = answer["Body"].read(), answer["ETag"].strip('"')
        if known.get(etag) != body:
            wrong.append((etag, len(body)))
        reads.append(etag)
        if len(reads) >= 300:
            ended.set()

    work = [*map(write, bodies[:3]), guarded(complete), guarded(lambda: s3.delete_object(Bucket=bucket, Key="key"))]
    threads = [threading.Thread(target=one) for one in [*work, *[guarded(read)] * 4]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(set(reads)) > 1


KEYS = [
    "a", "é", "日本語/ファイル.txt", "emoji 🦊🌫️", "a b", "a+b", "a%20b", "%", "100%", "a?b=c", "a#b", "a&b", "a=b", "a\\b",
    "'", '"', "<tag>", "]]>", "a//b", "//", "/", "/a", "a/", "..", "../a", "a/../b", "./a", ".", "~", "*", "a:b", "a;b",
    "tab\tin", "line\nin", "\u0001", "\u007f", "\u0085", "\ufffd", "k" * 1024, "é" * 512,
]


@pytest.mark.parametrize("style", ["path", "virtual"])
def test_keys_of_every_kind(server, bucket, style):
    s3 = server.client("s3", s3={"addressing_style": "path"})
    if style == "virtual":
        port = server.address[1]
        import boto3
        from botocore.config import Config

        s3 = boto3.client("s3", endpoint_url=f"http://s3.localhost.localstack.cloud:{port}", region_name="us-east-1",
                          aws_access_key_id="test", aws_secret_access_key="test", config=Config(s3={"addressing_style": "virtual"}))
        try:
            socket.getaddrinfo(f"{bucket}.s3.localhost.localstack.cloud", port)
        except OSError:
            pytest.skip("the domain does not resolve here")
    for key in KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    for key in KEYS:
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode(), repr(key)
    listed = [one["Key"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 7}) for one in page["Contents"]]
    assert listed == sorted(KEYS, key=lambda key: key.encode())
    # Without an encoding, what XML cannot carry must not break the document.
    assert requests.get(f"{server.endpoint}/{bucket}?list-type=2").status_code == 200
    deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in KEYS if key != "\u0001"]})
    assert len(deleted["Deleted"]) == len(KEYS) - 1
    for long in ["k" * 1025, "é" * 513]:
        with pytest.raises(ClientError) as refused:
            s3.put_object(Bucket=bucket, Key=long, Body=b"")
        assert refused.value.response["Error"]["Code"] == "KeyTooLongError"


DOCUMENTS = ["acl", "cors", "delete", "encryption", "lifecycle", "logging", "notification", "object-lock", "ownershipControls",
             "publicAccessBlock", "replication", "requestPayment", "tagging", "versioning", "website", "accelerate",
             "analytics&id=a", "inventory&id=a", "metrics&id=a", "intelligent-tiering&id=a"]
ENTITIES = "".join(f"<!ENTITY a{n} '{('&a' + str(n - 1) + ';') * 10}'>" for n in range(1, 9))
BOMB = f"<!DOCTYPE b [<!ENTITY a0 'aaaaaaaaaa'>{ENTITIES}]><b>&a8;</b>"


@pytest.mark.parametrize("what", DOCUMENTS)
def test_documents_that_are_none_are_refused(server, bucket, what):
    method = "POST" if what == "delete" else "PUT"
    for text in ["<", "not xml", "<a/>", "<a>" * 5000, "<?xml version='1.0'?><Wrong><Element/></Wrong>", BOMB, "\xff\xfe<a/>"]:
        answer = requests.request(method, f"{server.endpoint}/{bucket}?{what}", data=text.encode("latin-1"))
        if what == "notification" and text in ("<a/>", "<?xml version='1.0'?><Wrong><Element/></Wrong>"):
            continue
        assert answer.status_code == 400, (text[:40], answer.status_code, answer.text)
        assert b"<Code>Malformed" in answer.content or b"<Code>Invalid" in answer.content or b"<Code>Illegal" in answer.content, answer.text


def test_limits_of_counts(server, bucket):
    s3 = server.client("s3")
    many = [{"Key": f"k{number}"} for number in range(1001)]
    assert len(s3.delete_objects(Bucket=bucket, Delete={"Objects": many[:1000]})["Deleted"]) == 1000
    with pytest.raises(ClientError) as refused:
        s3.delete_objects(Bucket=bucket, Delete={"Objects": many})
    assert refused.value.response["Error"]["Code"] == "MalformedXML"
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    for number in [0, 10_001]:
        with pytest.raises(ClientError) as refused:
            s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload, PartNumber=number, Body=b"x")
        assert refused.value.response["Error"]["Code"] == "InvalidArgument"
    metadata = {"m": "x" * 2048}
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="m", Body=b"", Metadata=metadata)
    assert refused.value.response["Error"]["Code"] == "MetadataTooLarge"
