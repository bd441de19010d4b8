"""Buckets that are folders, and the example `examples/drop-folder` as its README tells it."""

import hashlib
import json
import os
import random
import signal
import subprocess
import threading
import time

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from conftest import ROOT, eventually

EXAMPLE = ROOT / "examples/drop-folder"


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    (folder / "input").mkdir(parents=True)
    return folder


def shell(server, *command, **environment):
    done = subprocess.run(command, env={**server.environment(), **environment}, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def keys(s3, bucket="inbox"):
    return {one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}


def test_files_are_objects_and_objects_files(start, inbox):
    (inbox / "before.txt").write_text("before")
    server = start("--ephemeral", "--mount", f"inbox={inbox}")
    s3, sqs = server.client("s3"), server.client("sqs")
    eventually(lambda: keys(s3) == {"before.txt"})
    queue = sqs.create_queue(QueueName="told")["QueueUrl"]
    target = {"QueueArn": "arn:aws:sqs:us-east-1:000000000000:told", "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]}
    s3.put_bucket_notification_configuration(Bucket="inbox", NotificationConfiguration={"QueueConfigurations": [target]})

    def told():
        while True:
            message = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"][0]
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            for record in json.loads(message["Body"]).get("Records", []):
                return record["eventName"], record["s3"]["object"]["key"], record["s3"]["object"].get("eTag")

    # A file counts when its writer is done with it, and not before.
    with open(inbox / "input/note.json", "w") as writer:
        writer.write("half, ")
        writer.flush()
        os.fsync(writer.fileno())
        (inbox / "other.txt").write_text("meanwhile")
        assert told() == ("ObjectCreated:Put", "other.txt", hashlib.md5(b"meanwhile").hexdigest())
        assert "input/note.json" not in keys(s3)
        writer.write("whole")
    assert told() == ("ObjectCreated:Put", "input/note.json", hashlib.md5(b"half, whole").hexdigest())
    note = s3.get_object(Bucket="inbox", Key="input/note.json")
    assert (note["Body"].read(), note["ContentType"]) == (b"half, whole", "application/json")

    s3.put_object(Bucket="inbox", Key="a/b/c.bin", Body=b"x" * 100_000)
    assert (inbox / "a/b/c.bin").read_bytes() == b"x" * 100_000
    assert told()[:2] == ("ObjectCreated:Put", "a/b/c.bin")
    s3.delete_object(Bucket="inbox", Key="a/b/c.bin")
    assert not (inbox / "a/b/c.bin").exists()
    assert told()[:2] == ("ObjectRemoved:Delete", "a/b/c.bin")

    (inbox / "other.txt").rename(inbox / "input/moved.txt")
    assert {told()[:2], told()[:2]} == {("ObjectRemoved:Delete", "other.txt"), ("ObjectCreated:Put", "input/moved.txt")}
    (inbox / "input").rename(inbox / "output")
    eventually(lambda: keys(s3) == {"before.txt", "output/note.json", "output/moved.txt"})
    (inbox / "output/note.json").unlink()
    eventually(lambda: keys(s3) == {"before.txt", "output/moved.txt"})


def test_what_happened_meanwhile_is_found(start, inbox, tmp_path):
    for name in ["kept", "changed", "removed"]:
        (inbox / name).write_text(name)
    arguments = ["--data-dir", str(tmp_path / "data"), "--mount", f"inbox={inbox}"]
    server = start(*arguments)
    eventually(lambda: len(keys(server.client("s3"))) == 3)
    assert server.stop() == 0
    (inbox / "changed").write_text("changed since")
    (inbox / "removed").unlink()
    (inbox / "added").write_text("added")
    server = start(*arguments)
    s3 = server.client("s3")
    eventually(lambda: keys(s3) == {"kept", "changed", "added"})
    eventually(lambda: s3.get_object(Bucket="inbox", Key="changed")["Body"].read() == b"changed since")


class Writer(threading.Thread):
    """Writes numbers under one key, one after the other, until the server is gone: to the bucket, and some to the file."""

    def __init__(self, server, inbox, key, begin, to_files):
        super().__init__()
        self.s3, self.file, self.key, self.to_files = server.client("s3"), inbox / key, key, to_files
        # What was acknowledged last, and what was begun last.
        self.done = self.begun = begin

    def run(self):
        try:
            while True:
                self.begun += 1
                # Long bodies take their time to become files.
                body = f"{self.begun}:".encode() * random.choice([1, 1000, 100_000])
                if self.to_files and self.begun % 2:
                    self.file.write_bytes(body)
                else:
                    self.s3.put_object(Bucket="inbox", Key=self.key, Body=body, Metadata={"number": str(self.begun)})
                self.done = self.begun
        except (BotoCoreError, ClientError, ConnectionError):
            pass


def test_what_was_acknowledged_outlives_a_kill(start, inbox, tmp_path):
    arguments = ["--data-dir", str(tmp_path / "data"), "--mount", f"inbox={inbox}"]
    last = {"object-1": 0, "object-2": 0, "sub/object-3": 0, "both": 0}
    server = start(*arguments)
    eventually(lambda: server.client("s3").list_buckets()["Buckets"])
    for turn in range(8):
        writers = [Writer(server, inbox, key, number, key == "both") for key, number in last.items()]
        [writer.start() for writer in writers]
        time.sleep(random.uniform(0.05, 0.6))
        server.stop(signal.SIGKILL)
        [writer.join() for writer in writers]
        server = start(*arguments)
        s3 = server.client("s3")
        for writer in writers:

            def settled():
                try:
                    found = s3.get_object(Bucket="inbox", Key=writer.key)
                except s3.exceptions.NoSuchKey:
                    return writer.done == 0 and not writer.file.exists()
                body = found["Body"].read()
                number = int(body.split(b":")[0])
                # What was put keeps what it was put with: it was not taken in again as a file.
                kept = found["Metadata"].get("number") == (None if writer.to_files and number % 2 else str(number))
                agree = writer.file.exists() and writer.file.read_bytes() == body
                state.update(number=number, kept=kept, agree=agree)
                return agree and kept and writer.done <= number <= writer.begun and number or None

            state = {}
            try:
                number = eventually(settled)
            except AssertionError:
                raise AssertionError(f"turn {turn}, {writer.key}: {state}, done {writer.done}, begun {writer.begun}") from None
            last[writer.key] = 0 if number is True else number
    assert all(last.values())


def test_no_key_leaves_the_folder(start, inbox, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    (inbox / "link").symlink_to(outside)
    (inbox / "file-link").symlink_to(outside / "secret")
    server = start("--ephemeral", "--mount", f"inbox={inbox}")
    s3 = server.client("s3")
    for key in ["../evil", "a/../../evil", "/etc/evil", "a//b", ".", "link/evil"]:
        with pytest.raises(ClientError) as refused:
            s3.put_object(Bucket="inbox", Key=key, Body=b"evil")
        assert refused.value.response["Error"]["Code"] in ("InvalidRequest", "InvalidURI"), key
    (inbox / "last").write_text("last")
    eventually(lambda: "last" in keys(s3))
    assert keys(s3) == {"last"}
    assert sorted(path.name for path in outside.iterdir()) == ["secret"]
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("move_to", ["", "done"])
def test_a_dropped_file_is_hashed(start, inbox, tmp_path, move_to):
    server = start("--data-dir", str(tmp_path / "data"), "--mount", f"inbox={inbox}")
    shell(server, str(EXAMPLE / "setup.sh"), BUILD=str(tmp_path / "build"), MOVE_TO=move_to)
    s3, dynamodb, logs = server.client("s3"), server.client("dynamodb"), server.client("logs")

    (inbox / "input/first note.txt").write_text("first words")
    key = {"name": {"S": "input/first note.txt"}}
    item = eventually(lambda: dynamodb.get_item(TableName="files", Key=key).get("Item"))
    assert item["sha256"]["S"] == hashlib.sha256(b"first words").hexdigest()
    assert item["size"]["N"] == "11"
    group = "/aws/lambda/hash-files"
    eventually(lambda: logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"])
    hashed = f"hashed input/first note.txt: 11 bytes, sha256 {item['sha256']['S']}"
    eventually(lambda: any(hashed in event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]))
    if move_to:
        eventually(lambda: not (inbox / "input/first note.txt").exists())
        assert (inbox / "done/first note.txt").read_text() == "first words"
        assert keys(s3) == {"done/first note.txt"}
        return

    (inbox / "input/first note.txt").write_text("better words")
    better = hashlib.sha256(b"better words").hexdigest()
    eventually(lambda: dynamodb.get_item(TableName="files", Key=key)["Item"]["sha256"]["S"] == better)
    versions = s3.list_object_versions(Bucket="inbox", Prefix="input/first")["Versions"]
    assert [version["Size"] for version in versions] == [12, 11]
    shell(server, "aws", "s3api", "get-object", "--bucket", "inbox", "--key", "input/first note.txt",
          "--version-id", versions[1]["VersionId"], str(tmp_path / "old.txt"))
    assert (tmp_path / "old.txt").read_text() == "first words"

    local = tmp_path / "local"
    local.mkdir()
    (local / "report.csv").write_text("synced")
    shell(server, "aws", "s3", "sync", str(local), "s3://inbox/input/")
    assert (inbox / "input/report.csv").read_text() == "synced"
    eventually(lambda: dynamodb.get_item(TableName="files", Key={"name": {"S": "input/report.csv"}}).get("Item"))
    shell(server, "aws", "s3", "sync", "s3://inbox", str(tmp_path / "backup"))
    assert (tmp_path / "backup/input/first note.txt").read_text() == "better words"

    (inbox / "input/first note.txt").unlink()
    markers = eventually(lambda: s3.list_object_versions(Bucket="inbox", Prefix="input/first").get("DeleteMarkers"))
    assert markers[0]["IsLatest"]
