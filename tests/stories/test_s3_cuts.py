"""Uploads that are cut anywhere, and disks that are full: nothing is seen of them, and nothing stays behind."""

import base64
import contextlib
import pathlib
import resource
import socket
import struct
import zlib

import pytest
import requests
from botocore.exceptions import ClientError

from conftest import BINARY, eventually

AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=test/20260102/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00"
# Larger than what is gathered in memory before a file is begun.
CHUNK, CHUNKS = 600_064, 4
BODY = bytes(range(256)) * (CHUNK * CHUNKS // 256)


def files(folder: pathlib.Path) -> list[str]:
    """The blobs of a data folder, finished or not."""
    return sorted(str(path.relative_to(folder)) for path in (folder / "store/blobs").rglob("*") if path.is_file())


def head(target: str, **headers) -> bytes:
    lines = [f"PUT {target} HTTP/1.1", "Host: localhost", f"Authorization: {AUTHORIZATION}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def plain(target: str) -> bytes:
    return head(target, Content_Length=len(BODY), x_amz_content_sha256="UNSIGNED-PAYLOAD") + BODY


def chunked(target: str) -> bytes:
    pieces = [BODY[at : at + CHUNK] for at in range(0, len(BODY), CHUNK)]
    checksum = base64.b64encode(struct.pack(">I", zlib.crc32(BODY))).decode()
    framed = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    framed += f"0\r\nx-amz-checksum-crc32:{checksum}\r\n\r\n".encode()
    return framed_head(target, framed) + framed


def framed_head(target: str, framed: bytes) -> bytes:
    return head(
        target,
        Content_Length=len(framed),
        Content_Encoding="aws-chunked",
        x_amz_content_sha256="STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        x_amz_decoded_content_length=len(BODY),
        x_amz_trailer="x-amz-checksum-crc32",
    )


def send(server, data: bytes, resets: bool) -> bytes:
    """Sends bytes and no more: the connection ends politely, or is torn."""
    with socket.create_connection(server.address, timeout=30) as connection:
        connection.sendall(data)
        if resets:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return b""
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        with contextlib.suppress(OSError):
            while chunk := connection.recv(65536):
                answer += chunk
        return answer


def cuts(whole: bytes) -> list[int]:
    """Places to cut: everywhere in the head's last line and the end, around every chunk's edge, and now and then."""
    start = whole.index(b"\r\n\r\n") + 4
    edges = [start + at for at in range(0, len(whole) - start, CHUNK)]
    near = {place + offset for place in (*edges, len(whole) - 20) for offset in (-3, -2, -1, 0, 1, 2, 3, 5, 8)}
    places = {*near, *range(1, start, 61), *range(start, len(whole), 199_999), *range(len(whole) - 48, len(whole))}
    return sorted(place for place in places if 0 < place < len(whole))


@pytest.mark.parametrize("make", [plain, chunked])
def test_uploads_cut_anywhere_leave_nothing(start, tmp_path, make):
    server = start("--data-dir", str(tmp_path))
    s3 = server.client("s3")
    s3.create_bucket(Bucket="cut")
    upload = s3.create_multipart_upload(Bucket="cut", Key="parts")["UploadId"]
    for target in ("/cut/key", f"/cut/parts?partNumber=1&uploadId={upload}"):
        whole = make(target)
        for at, place in enumerate(cuts(whole)):
            answer = send(server, whole[:place], resets=at % 2 == 1)
            assert b" 200 " not in answer.split(b"\r\n")[0], (target, place)
    assert s3.list_objects_v2(Bucket="cut")["KeyCount"] == 0
    assert "Parts" not in s3.list_parts(Bucket="cut", Key="parts", UploadId=upload)
    eventually(lambda: not files(tmp_path))
    # The whole of it is taken, and is the one blob then.
    assert b" 200 " in send(server, make("/cut/key"), resets=False).split(b"\r\n")[0]
    assert s3.get_object(Bucket="cut", Key="key")["Body"].read() == BODY
    assert len(files(tmp_path)) == 1


def test_uploads_that_are_not_what_they_said_leave_nothing(start, tmp_path):
    server = start("--data-dir", str(tmp_path))
    s3 = server.client("s3")
    s3.create_bucket(Bucket="cut")
    s3.put_object(Bucket="cut", Key="key", Body=b"old")
    wrong = [
        dict(ContentMD5=base64.b64encode(bytes(16)).decode()),
        dict(ChecksumCRC32="AAAAAA=="),
        dict(ChecksumSHA256=base64.b64encode(bytes(32)).decode()),
        dict(IfNoneMatch="*"),
        dict(IfMatch='"00000000000000000000000000000000"'),
        dict(ExpectedBucketOwner="111111111111"),
    ]
    for options in wrong:
        with pytest.raises(ClientError) as caught:
            s3.put_object(Bucket="cut", Key="key", Body=BODY, **options)
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] < 500, options
    assert s3.get_object(Bucket="cut", Key="key")["Body"].read() == b"old"
    eventually(lambda: not files(tmp_path))


def test_a_full_disk_leaves_nothing_half_done(start, tmp_path):
    command = [BINARY, "start", "--listen", "127.0.0.1:0", "--data-dir", str(tmp_path)]
    server = start(command=["env", "--ignore-signal=XFSZ", *command])
    s3 = server.client("s3")
    s3.create_bucket(Bucket="full")
    s3.put_object(Bucket="full", Key="key", Body=BODY)
    there = files(tmp_path)
    # No file may grow beyond this: what follows fails as on a full disk, in the middle of a blob.
    limit = 2 << 20
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    for key in ("key", "other"):
        with pytest.raises(ClientError) as caught:
            s3.put_object(Bucket="full", Key=key, Body=b"x" * (limit * 2))
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
        assert caught.value.response["Error"]["Code"] == "InternalError"
    assert requests.get(server.endpoint + "/_fogbank/health").status_code == 200
    assert s3.get_object(Bucket="full", Key="key")["Body"].read() == BODY
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket="full")["Contents"]] == ["key"]
    eventually(lambda: files(tmp_path) == there)
    # With room again everything goes on.
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    s3.put_object(Bucket="full", Key="other", Body=b"x" * (limit * 2))
    assert s3.head_object(Bucket="full", Key="other")["ContentLength"] == limit * 2
