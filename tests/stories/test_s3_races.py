"""Many clients at one key, readers overtaken by writers, and a kill in the middle: what is seen is always whole."""

import hashlib
import json
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from conftest import eventually

PART = 5 << 20


def md5(body: bytes) -> str:
    return f'"{hashlib.md5(body).hexdigest()}"'


def body(number: int) -> bytes:
    """Some fit a row, some are blobs, and no byte of one could be one of another."""
    return bytes([number % 251]) * (100 + number % 7 * 30_000)


def is_whole(tag: str, content: bytes) -> bool:
    if "-" in tag:
        return tag == f'"{hashlib.md5(hashlib.md5(content).digest()).hexdigest()}-1"'
    return tag == md5(content)


@pytest.mark.parametrize("versioning", [None, "Enabled", "Suspended"])
def test_many_writers_of_one_key(server, versioning):
    s3, bucket = server.client("s3", max_pool_connections=24), f"race-{versioning}".lower()
    s3.create_bucket(Bucket=bucket)
    if versioning:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": versioning})
    for number in range(5):
        s3.put_object(Bucket=bucket, Key=f"source{number}", Body=body(number))
    writes = threading.Semaphore(0)
    done = threading.Event()

    def put(number):
        assert s3.put_object(Bucket=bucket, Key="key", Body=body(number))["ETag"] == md5(body(number))

    def copy(number):
        source = {"Bucket": bucket, "Key": f"source{number % 5}"}
        answer = s3.copy_object(Bucket=bucket, Key="key", CopySource=source)
        assert answer["CopyObjectResult"]["ETag"] == md5(body(number % 5))

    def delete(_):
        s3.delete_object(Bucket=bucket, Key="key")

    def upload(number):
        id = s3.create_multipart_upload(Bucket=bucket, Key="key")["UploadId"]
        part = s3.upload_part(Bucket=bucket, Key="key", UploadId=id, PartNumber=1, Body=body(number))
        parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        s3.complete_multipart_upload(Bucket=bucket, Key="key", UploadId=id, MultipartUpload=parts)

    def read(_):
        seen = 0
        while not done.is_set():
            try:
                answer = s3.get_object(Bucket=bucket, Key="key")
                content = answer["Body"].read()
                assert answer["ContentLength"] == len(content) and is_whole(answer["ETag"], content)
                seen += 1
            except ClientError as error:
                assert error.response["Error"]["Code"] == "NoSuchKey", error
            for entry in s3.list_objects_v2(Bucket=bucket, Prefix="key").get("Contents", []):
                assert entry["Key"] == "key"
        return seen

    def write(number):
        (put, copy, upload, put, delete)[number % 5](number)
        writes.release()

    with ThreadPoolExecutor(20) as pool:
        readers = [pool.submit(read, number) for number in range(6)]
        try:
            list(pool.map(write, range(300)))
        finally:
            done.set()
        assert sum(reader.result() for reader in readers)

    s3.put_object(Bucket=bucket, Key="key", Body=body(6))
    head, listed = s3.head_object(Bucket=bucket, Key="key"), s3.list_objects_v2(Bucket=bucket, Prefix="key")["Contents"]
    assert [(entry["ETag"], entry["Size"]) for entry in listed] == [(head["ETag"], head["ContentLength"])] == [(md5(body(6)), len(body(6)))]
    pages = list(s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix="key"))
    versions = [version for page in pages for version in page.get("Versions", [])]
    markers = [marker for page in pages for marker in page.get("DeleteMarkers", [])]
    assert [entry["IsLatest"] for entry in versions + markers].count(True) == 1
    # 60 of each kind of write, and the last.
    assert (len(versions), len(markers)) == ((241, 60) if versioning == "Enabled" else (1, 0))
    for version in versions[:40]:
        answer = s3.get_object(Bucket=bucket, Key="key", VersionId=version["VersionId"])
        assert answer["ETag"] == version["ETag"] and is_whole(version["ETag"], answer["Body"].read())


@pytest.mark.parametrize("storage", ["--ephemeral", "--data-dir"])
@pytest.mark.parametrize("how", ["replaced", "deleted"])
def test_readers_keep_what_they_began_to_read(start, tmp_path, storage, how):
    """Many parts and small ones: what is read late is opened late, and must still be there."""
    server = start(storage, *([str(tmp_path)] if storage == "--data-dir" else []))
    s3 = server.client("s3")
    s3.create_bucket(Bucket="readers")
    s3.put_object(Bucket="readers", Key="part", Body=bytes(PART))
    id = s3.create_multipart_upload(Bucket="readers", Key="key")["UploadId"]

    def upload(number):
        content = bytes([number]) * PART
        part = s3.upload_part(Bucket="readers", Key="key", UploadId=id, PartNumber=number, Body=content)
        return {"PartNumber": number, "ETag": part["ETag"]}

    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(upload, range(1, 13)))
    s3.complete_multipart_upload(Bucket="readers", Key="key", UploadId=id, MultipartUpload={"Parts": parts})

    readers = [s3.get_object(Bucket="readers", Key="key")["Body"] for _ in range(2)]
    begun = [reader.read(1000) for reader in readers]
    if how == "deleted":
        s3.delete_object(Bucket="readers", Key="key")
        with pytest.raises(s3.exceptions.NoSuchKey):
            s3.get_object(Bucket="readers", Key="key")
    else:
        s3.put_object(Bucket="readers", Key="key", Body=b"new")
        assert s3.get_object(Bucket="readers", Key="key")["Body"].read() == b"new"
    whole = b"".join(bytes([number]) * PART for number in range(1, 13))
    assert begun[0] + readers[0].read() == whole
    readers[1].close()
    if storage == "--data-dir":
        # The parts go with their last reader, also where that one went away in the middle.
        files = lambda: [path for path in (tmp_path / "store/blobs").rglob("*") if path.is_file()]
        eventually(lambda: len(files()) == 1)


def test_kill_9_under_load_loses_nothing_that_was_acknowledged(start, tmp_path):
    server = start("--data-dir", str(tmp_path))
    sqs, s3 = server.client("sqs"), server.client("s3", max_pool_connections=16)
    url = sqs.create_queue(QueueName="told")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    s3.create_bucket(Bucket="killed")
    rule = {"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(Bucket="killed", NotificationConfiguration={"QueueConfigurations": [rule]})
    acknowledged, enough = {}, threading.Event()

    def write(writer):
        for number in range(10_000):
            key, content = f"{writer}/{number}", body(number)
            try:
                acknowledged[key] = s3.put_object(Bucket="killed", Key=key, Body=content)["ETag"]
            except Exception:
                return
            if len(acknowledged) >= 300:
                enough.set()

    with ThreadPoolExecutor(8) as pool:
        writers = [pool.submit(write, writer) for writer in range(8)]
        assert enough.wait(60)
        server.stop(signal.SIGKILL)
        [writer.result() for writer in writers]

    again = start("--data-dir", str(tmp_path))
    s3, sqs = again.client("s3"), again.client("sqs")
    for key, tag in acknowledged.items():
        answer = s3.get_object(Bucket="killed", Key=key)
        assert (answer["ETag"], md5(answer["Body"].read())) == (tag, tag)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="killed")
    listed = {entry["Key"]: entry["ETag"] for page in pages for entry in page["Contents"]}
    # What was written and not acknowledged may be there, and then it is whole.
    assert acknowledged.items() <= listed.items()
    url, told = sqs.get_queue_url(QueueName="told")["QueueUrl"], set()

    def is_all_told():
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            told.update(record["s3"]["object"]["key"] for record in json.loads(message["Body"]).get("Records", []))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return set(listed) <= told

    eventually(is_all_told, seconds=60)
    blobs = [path for path in (tmp_path / "store/blobs").rglob("*") if path.is_file()]
    assert len(blobs) == sum(entry["Size"] > 16 * 1024 for page in s3.get_paginator("list_objects_v2").paginate(Bucket="killed") for entry in page["Contents"])
